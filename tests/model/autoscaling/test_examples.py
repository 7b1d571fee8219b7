"""Examples of the user guide, played from its words to what operators would see.

Sources: "Dynamic scaling for Amazon EC2 Auto Scaling", "Target tracking scaling policies", "Step
and simple scaling policies", "Set the default instance warmup for an Auto Scaling group".
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from model.autoscaling.resources import ScalingPolicy
from model.cloudwatch.resources import Alarm, Dimension
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    desired,
    feed,
    group_of,
    in_service,
    make_world,
    simple,
    step,
    stepping,
    tracking,
)

PERCENT = "PercentChangeInCapacity"


def cpu_alarm(policy: str, comparison: str, threshold: float, minutes: int) -> Alarm:
    """The group's average CPU, minute by minute."""
    watch = alarm("Cpu", policy, comparison, threshold, "CPUUtilization")
    group = Dimension(name="AutoScalingGroupName", value="Group")
    return evolve(watch, namespace="AWS/EC2", dimensions=(group,), evaluation_periods=minutes)


def test_average_cpu_above_60_percent_for_five_minutes_adds_capacity() -> None:
    """1.3 vCPUs' worth of requests for two instances of two vCPUs each, then as for both."""
    policy = simple("Out", 1)
    above = cpu_alarm("Out", "GreaterThanThreshold", 60, 5)
    options: dict[str, Any] = {"targets": {}, "min_size": 1, "max_size": 4, "desired_capacity": 2}
    calm = make_world(policy, above, rate=130, **options)
    calm.run(1800)
    assert desired(calm) == 2
    busy = make_world(policy, above, rate=260, **options)
    busy.run(1800)
    launches = activities(busy, "Launching")
    assert desired(busy) == 3
    assert 300 <= launches[2].start <= 480, "five datapoints after the group's first"
    assert "monitor alarm Cpu in state ALARM triggered policy Out" in launches[2].cause


def test_two_instances_are_held_near_half_their_cpu() -> None:
    """ "... currently runs on two instances, and you want the CPU to stay at around 50 percent"."""
    policy = tracking("Policy", 50, "ASGAverageCPUUtilization")
    for rate, wanted in ((200, 2), (290, 3), (390, 4)):
        world = make_world(
            policy, targets={}, rate=rate, min_size=2, max_size=8, default_instance_warmup=60
        )
        world.run(1800)
        assert desired(world) == wanted
        assert rate / wanted <= 100, "50 percent of 200 requests a second"


@pytest.mark.parametrize(
    ("policy", "least", "now", "most", "value", "wanted"),
    [
        (stepping("P", step(3, 0)), 1, 2, 3, 90.0, 3),
        (stepping("P", step(-2, None, 0)), 2, 3, 5, 10.0, 2),
        (simple("P", 3), 1, 2, 3, 90.0, 3),
        (simple("P", -2), 2, 3, 5, 10.0, 2),
    ],
)
def test_a_policy_is_held_within_the_size_of_its_group(
    policy: ScalingPolicy, least: int, now: int, most: int, value: float, wanted: int
) -> None:
    comparison = "GreaterThanThreshold" if value > 50 else "LessThanThreshold"
    world = make_world(
        policy,
        alarm("Alarm", "P", comparison, 50),
        feeds=[feed(*[50.0] * 6, value)],
        min_size=least,
        desired_capacity=now,
        max_size=most,
        default_instance_warmup=0,
    )
    world.run(420)
    assert desired(world) == wanted


def test_the_policies_of_the_command_line_examples() -> None:
    """Ten, twenty and thirty percent more from 60, 75 and 85 percent on; two less up to 40."""
    out = stepping(
        "Out",
        step(10, 0, 15),
        step(20, 15, 25),
        step(30, 25),
        kind=PERCENT,
        min_adjustment_magnitude=1,
    )
    inward = stepping("In", step(-2, None, 0))
    for value, wanted in ((59, 20), (60, 22), (74, 22), (75, 24), (85, 26), (100, 26), (40, 18)):
        world = make_world(
            out,
            inward,
            alarm("High", "Out", "GreaterThanOrEqualToThreshold", 60),
            alarm("Low", "In", "LessThanOrEqualToThreshold", 40),
            feeds=[feed(*[50.0] * 5, value)],
            desired_capacity=20,
            max_size=40,
            default_instance_warmup=0,
        )
        world.run(360)
        assert desired(world) == wanted, value


def test_new_instances_count_when_they_are_warm() -> None:
    """A group of three with a warm-up of three minutes: metrics and arithmetic leave them out."""
    world = make_world(
        stepping("Out", step(100, 0, 20), step(200, 20), kind=PERCENT),
        alarm("High", "Out", "GreaterThanThreshold", 50),
        feeds=[feed(*[40.0] * 6, 60, 60, 75, *[40.0] * 9)],
        desired_capacity=3,
        max_size=30,
        default_instance_warmup=180,
    )
    world.run(420)
    assert desired(world) == 6
    world.run(480)
    assert desired(world) == 6, "three warm ones at 100 percent more: six are there"
    assert len(world.autoscaling.aggregates()[0]) == 3
    world.run(540)
    assert desired(world) == 9, "three warm ones at 200 percent more"
    world.run(900)
    assert len(world.autoscaling.aggregates()[0]) == 9


def test_scale_in_while_one_terminates() -> None:
    """ "If the same step is breached again while instances terminate, nothing more is removed"."""
    world = make_world(
        stepping("In", step(-10, None, 0), kind=PERCENT),
        alarm("Low", "In", "LessThanThreshold", 40),
        feeds=[feed(*[50.0] * 6, *[30.0] * 5)],
        targets={"target_group_attributes": ()},
        desired_capacity=10,
        max_size=10,
        default_instance_warmup=0,
    )
    world.run(660)
    assert desired(world) == 9
    assert len(group_of(world).terminating()) == 1
    assert len(in_service(world)) == 9

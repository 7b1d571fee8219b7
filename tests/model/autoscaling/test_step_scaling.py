"""Step scaling at work, by the documentation's worked example.

Source: "Step and simple scaling policies for Amazon EC2 Auto Scaling" and "Dynamic scaling for
Amazon EC2 Auto Scaling" (multiple scaling policies, limits).
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from model.autoscaling.resources import ScalingPolicy
from model.cloudwatch.acting import Invocation
from model.cloudwatch.alarms import AlarmState, Slot
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    desired,
    feed,
    group_of,
    in_service,
    make_world,
    set_desired,
    step,
    stepping,
)

PERCENT = "PercentChangeInCapacity"
OUT = stepping("Out", step(0, 0, 10), step(10, 10, 20), step(30, 20), kind=PERCENT)
IN = stepping("In", step(0, -10, 0), step(-10, -20, -10), step(-30, None, -20), kind=PERCENT)
HIGH = alarm("High", "Out", "GreaterThanThreshold", 50)
LOW = alarm("Low", "In", "LessThanThreshold", 50)
QUIET = [50.0] * 5


def example(*values: float | None, warmup: int = 60, **options: Any) -> World:
    """Ten instances and the documentation's two policies; the values begin with minute five."""
    given: dict[str, Any] = {"desired_capacity": 10, "max_size": 20}
    given |= {"default_instance_warmup": warmup} | options
    return make_world(OUT, IN, HIGH, LOW, feeds=[feed(*QUIET, *values)], **given)


def capacity_after(world: World, minute: int) -> int:
    """The desired capacity once the datapoint of a minute was judged."""
    world.run(60 * (minute + 1))
    return desired(world)


def test_the_walk_of_the_documentation() -> None:
    world = example(60, 55, 55, 70, 50, 40, 30)
    assert capacity_after(world, 4) == 10
    assert capacity_after(world, 5) == 11  # 60: 10 percent of 10
    assert capacity_after(world, 7) == 11  # 55: unchanged
    assert capacity_after(world, 8) == 14  # 70: 30 percent of 11 is 3.3
    assert capacity_after(world, 9) == 14
    assert capacity_after(world, 10) == 13  # 40: 10 percent of 14 is 1.4
    assert capacity_after(world, 11) == 10  # 30: 30 percent of 13 is 3.9


def test_a_second_breach_in_the_same_step_adds_nothing_while_the_first_warms_up() -> None:
    world = example(60, 62)
    assert capacity_after(world, 5) == 11
    assert capacity_after(world, 6) == 11
    assert len(in_service(world)) == 11


def test_a_breach_in_a_higher_step_adds_only_what_is_not_there_yet() -> None:
    world = example(60, 70)
    assert capacity_after(world, 5) == 11
    assert capacity_after(world, 6) == 13  # 10 + 3, of which one is on its way


def test_a_lesser_breach_takes_nothing_back_while_instances_warm_up() -> None:
    world = example(70, 62)
    assert capacity_after(world, 5) == 13
    assert capacity_after(world, 6) == 13


def test_instances_that_are_terminating_still_count_for_scale_in() -> None:
    drains_for_the_default_time = {"target_group_attributes": ()}
    world = example(40, 40, targets=drains_for_the_default_time)
    assert capacity_after(world, 5) == 9
    assert len(group_of(world).terminating()) == 1
    assert capacity_after(world, 6) == 9  # 10 percent of 9 + 1 is what was taken already


def test_nothing_scales_in_while_an_instance_warms_up() -> None:
    world = example(60, *[40.0] * 10, warmup=180)
    assert capacity_after(world, 5) == 11
    world.run(390)
    warm_at = max(member.in_service_at or 0 for member in in_service(world)) + 180
    while world.now + 60 < warm_at:
        world.run(world.now + 60)
        assert desired(world) == 11
    world.run(warm_at + 60)
    assert desired(world) == 10


def test_the_activity_names_alarm_and_policy() -> None:
    world = example(60)
    capacity_after(world, 5)
    assert activities(world, "Launching")[-1].cause == (
        "At 2026-11-25T09:06:00Z a monitor alarm High in state ALARM triggered policy Out changing "
        "the desired capacity from 10 to 11.  At 2026-11-25T09:06:00Z an instance was started in "
        "response to a difference between desired and actual capacity, increasing the capacity "
        "from 10 to 11."
    )


@pytest.mark.parametrize(("change", "value", "wanted"), [(5, 90, 12), (-9, 10, 8)])
def test_policies_are_held_within_min_and_max(change: int, value: float, wanted: int) -> None:
    above = change > 0
    policy = stepping("Policy", step(change, 0) if above else step(change, None, 0))
    comparison = "GreaterThanThreshold" if above else "LessThanThreshold"
    world = make_world(
        policy,
        alarm("Alarm", "Policy", comparison, 50),
        feeds=[feed(*QUIET, value)],
        min_size=8,
        desired_capacity=10,
        max_size=12,
        default_instance_warmup=0,
    )
    assert capacity_after(world, 5) == wanted


@pytest.mark.parametrize(
    ("first", "second", "value", "wanted"),
    [
        (stepping("First", step(1, 0)), stepping("Second", step(2, 0)), 90, 10),
        (stepping("First", step(2, 0)), stepping("Second", step(1, 0)), 90, 10),
        (
            stepping("First", step(-3, None, 0)),
            stepping("Second", step(-25, None, 0), kind=PERCENT),
            10,
            6,
        ),
        (
            stepping("First", step(-25, None, 0), kind=PERCENT),
            stepping("Second", step(-3, None, 0)),
            10,
            6,
        ),
        (
            stepping("First", step(5, 0), kind="ExactCapacity"),
            stepping("Second", step(1, 0)),
            90,
            9,
        ),
    ],
)
def test_of_several_policies_the_largest_capacity_wins_out_and_in(
    first: ScalingPolicy, second: ScalingPolicy, value: float, wanted: int
) -> None:
    comparison = "GreaterThanThreshold" if value > 50 else "LessThanThreshold"
    world = make_world(
        first,
        second,
        alarm("A", "First", comparison, 50),
        alarm("B", "Second", comparison, 50),
        feeds=[feed(*QUIET, value)],
        desired_capacity=8,
        max_size=20,
        default_instance_warmup=0,
    )
    assert capacity_after(world, 5) == wanted


@pytest.mark.parametrize(
    ("aggregation", "wanted"), [("Minimum", 11), ("Average", 12), ("Maximum", 13)]
)
def test_the_aggregation_type_is_applied_to_the_alarms_datapoints(
    aggregation: str, wanted: int
) -> None:
    steps = (step(1, 0, 10), step(2, 10, 20), step(3, 20))
    policy = stepping("Policy", *steps, metric_aggregation_type=aggregation)
    watch = alarm("Alarm", "Policy", "GreaterThanThreshold", 50)
    world = make_world(
        policy,
        evolve(watch, evaluation_periods=2),
        feeds=[feed(*QUIET, 55, 75)],
        desired_capacity=10,
        max_size=20,
        default_instance_warmup=0,
    )
    assert capacity_after(world, 6) == wanted


def test_the_alarm_invokes_its_policy_each_minute_while_it_lasts() -> None:
    policy = stepping("Policy", step(1, 0), estimated_instance_warmup=0)
    high = alarm("High", "Policy", "GreaterThanThreshold", 50)
    world = make_world(policy, high, feeds=[feed(*QUIET, 90, 90, 90)])
    assert [capacity_after(world, minute) for minute in (5, 6, 7)] == [2, 3, 4]


def test_a_manual_change_under_a_breach_is_undone_within_a_minute() -> None:
    policy = stepping("Policy", step(6, 0), kind="ExactCapacity")
    high = alarm("High", "Policy", "GreaterThanThreshold", 50)
    world = make_world(policy, high, feeds=[feed(*[90.0] * 30)], default_instance_warmup=0)
    world.run(300)
    assert desired(world) == 6
    set_desired(world, 2)
    world.run(360)
    assert desired(world) == 6


def test_a_policy_without_an_alarm_never_acts() -> None:
    world = make_world(stepping("Policy", step(1, 0)), feeds=[feed(*[90.0] * 10)])
    world.run(900)
    assert desired(world) == 1


def test_an_alarm_can_only_invoke_a_policy_that_there_is() -> None:
    world = make_world(stepping("Policy", step(1, 0)))
    invocation = Invocation("Alarm", AlarmState.ALARM, (Slot(0.0, 90.0),), 50.0)
    assert world.autoscaling.dynamic.invoke("Policy", invocation)
    assert not world.autoscaling.dynamic.invoke("Other", invocation)


def test_an_unchanged_step_lowers_nothing_while_launches_are_held_back() -> None:
    world = example(*[55.0] * 10, desired_capacity=4)
    world.run(60)
    group_of(world).suspend(("Launch",))
    set_desired(world, 8)
    world.run(900)
    assert desired(world) == 8

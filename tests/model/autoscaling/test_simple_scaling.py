"""Simple scaling and its cooldown.

Sources: "Scaling cooldowns for Amazon EC2 Auto Scaling" and "Step and simple scaling policies for
Amazon EC2 Auto Scaling".
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from model.autoscaling.cooldown import in_the_way
from model.autoscaling.resources import ScalingPolicy
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    desired,
    feed,
    group_of,
    in_service,
    kill,
    make_world,
    set_desired,
    simple,
    step,
    stepping,
)

HIGH = alarm("High", "Out", "GreaterThanOrEqualToThreshold", 60)
LOW = alarm("Low", "In", "LessThanOrEqualToThreshold", 40)
QUIET = [50.0] * 10
"""Until the cooldown after the group's own first launches is over."""


def busy(*policies: ScalingPolicy, values: list[float], **options: Any) -> World:
    """A group whose metric is quiet for ten minutes."""
    given: dict[str, Any] = {"desired_capacity": 4, "max_size": 20, "cooldown": 180} | options
    watching = [HIGH, LOW][: len(policies)]
    return make_world(*policies, *watching, feeds=[feed(*QUIET, *values)], **given)


def changes(world: World, minutes: int) -> list[tuple[float, int]]:
    """Each change of the desired capacity until then: when, and to what."""
    world.run(60 * minutes)
    capacities = world.journal.history("Group", "capacity")
    found: list[tuple[float, int]] = []
    for change in capacities:
        if not found or found[-1][1] != change.value.desired:
            found.append((change.time, change.value.desired))
    return found[1:]


def last_in_service(world: World) -> float:
    return max(member.in_service_at or 0.0 for member in in_service(world))


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (simple("Out", 5), 8),  # 3 and 5 are 8
        (simple("Out", 5, "ExactCapacity"), 5),
        (simple("Out", 50, "PercentChangeInCapacity"), 4),  # 1.5 is 1
        (simple("Out", 10, "PercentChangeInCapacity"), 4),  # 0.3 is 1
        (simple("Out", 10, "PercentChangeInCapacity", min_adjustment_magnitude=2), 5),
        (simple("Out", 99), 20),
    ],
)
def test_one_adjustment(policy: ScalingPolicy, wanted: int) -> None:
    world = busy(policy, values=[70.0], desired_capacity=3)
    world.run(11 * 60)
    assert desired(world) == wanted


def test_it_acts_again_in_the_first_minute_after_the_cooldown() -> None:
    """Two more; then nothing until three minutes after the last of them is in service."""
    world = busy(simple("Out", 2), values=[70.0] * 10)
    world.run(12 * 60)
    assert desired(world) == 6
    begins = last_in_service(world)
    assert 11 * 60 < begins < 12 * 60
    found = changes(world, 16)
    assert found == [(660.0, 6), (900.0, 8)]
    assert begins + 180 < 900 <= begins + 240


def test_what_an_alarm_asks_for_meanwhile_is_not_kept() -> None:
    """ "If two instances were enough ... the group remains at its current size"."""
    world = busy(simple("Out", 2), values=[70.0, 70.0, 70.0, *[50.0] * 10])
    assert changes(world, 25) == [(660.0, 6)]


def test_the_first_launches_of_a_group_have_a_cooldown_too() -> None:
    world = busy(simple("Out", 1), values=[70.0] * 10, cooldown=900)
    ((time, _),) = changes(world, 20)
    assert time == 16 * 60


def test_a_policy_can_have_a_cooldown_of_its_own() -> None:
    inward = simple("In", -1, cooldown=60)
    world = busy(simple("Out", 1), inward, values=[30.0] * 6, desired_capacity=8, cooldown=600)
    (first, _), (second, _) = changes(world, 13)
    ended = activities(world, "Terminating")[0].end
    assert ended is not None
    assert first == 11 * 60
    assert ended + 60 <= second < ended + 120


def test_behind_a_load_balancer_the_cooldown_of_scale_in_starts_with_the_end_of_draining() -> None:
    attributes = {"target_group_attributes": ()}  # 300 s, the default
    options: dict[str, Any] = {"targets": attributes, "desired_capacity": 8}
    world = busy(simple("Out", 1), simple("In", -1), values=[30.0] * 20, **options)
    found = changes(world, 30)
    assert found[0] == (660.0, 7)
    (end,) = activities(world, "Terminating")[:1]
    assert end.drained == 660 + 300
    assert found[1][0] == 660 + 300 + 180


def test_it_waits_while_an_activity_is_under_way() -> None:
    world = busy(simple("Out", 1), values=[70.0] * 3, cooldown=0)
    world.run(10 * 60 + 58)
    set_desired(world, 5)
    assert changes(world, 11) == [(658.0, 5)], "the launch is not over"
    assert changes(world, 12) == [(658.0, 5), (720.0, 6)]


def test_it_waits_for_the_replacement_of_an_unhealthy_instance() -> None:
    world = busy(simple("Out", 1), values=[70.0] * 10)
    world.run(10 * 60 + 30)
    kill(world, in_service(world)[0])
    found = changes(world, 20)
    replaced = [a for a in activities(world, "Launching") if "unhealthy" in a.cause]
    (replacement,) = replaced
    assert replacement.start < 10 * 60 + 120, "which does not wait for any cooldown"
    assert replacement.end is not None
    assert found[0][0] >= replacement.end + 180


def test_a_replacement_does_not_wait_for_the_cooldown() -> None:
    world = busy(simple("Out", 2, cooldown=3600), values=[70.0])
    world.run(12 * 60)
    assert desired(world) == 6
    assert in_the_way(group_of(world), world.now) is not None
    kill(world, in_service(world)[0])
    world.run(15 * 60)
    assert len(in_service(world)) == 6


def test_step_scaling_does_not_wait_for_the_cooldown() -> None:
    stepped = stepping("Step", step(1, 0), estimated_instance_warmup=0)
    world = make_world(
        stepped,
        alarm("High", "Step", "GreaterThanThreshold", 60),
        feeds=[feed(70, 70, 70)],
        cooldown=3600,
    )
    world.run(180)
    assert desired(world) == 4


def test_a_cooldown_of_zero_holds_nothing_back() -> None:
    world = busy(simple("Out", 1), values=[70.0] * 3, cooldown=0)
    assert changes(world, 13) == [(660.0, 5), (720.0, 6), (780.0, 7)]


def test_a_launch_that_is_cancelled_has_no_cooldown() -> None:
    world = make_world(desired_capacity=1, cooldown=600)
    group = group_of(world)
    world.run(700)
    assert in_the_way(group, world.now) is None
    set_desired(world, 2)
    launch = group.activities[-1]
    launch.end, launch.status = world.now, "Failed"
    assert in_the_way(group, world.now) is None


def test_of_simple_and_step_the_largest_capacity_wins() -> None:
    both = [simple("Out", 1), stepping("Step", step(3, 0))]
    second = alarm("Second", "Step", "GreaterThanOrEqualToThreshold", 60)
    world = make_world(
        *both, HIGH, second, feeds=[feed(*QUIET, 70)], max_size=20, default_instance_warmup=0
    )
    world.run(11 * 60)
    assert desired(world) == 4


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"scaling_adjustment": None}, "needs an AdjustmentType and ScalingAdjustment"),
        ({"adjustment_type": None}, "needs an AdjustmentType and ScalingAdjustment"),
        ({"cooldown": -1}, "at least 0"),
        ({"min_adjustment_magnitude": 2}, "goes with PercentChangeInCapacity only"),
        ({"scaling_adjustment": -1, "adjustment_type": "ExactCapacity"}, "must not be negative"),
        ({"step_adjustments": (step(1, 0),)}, "StepAdjustments goes with StepScaling only"),
        ({"metric_aggregation_type": "Average"}, "goes with StepScaling only"),
        ({"estimated_instance_warmup": 60}, "with StepScaling or TargetTrackingScaling only"),
    ],
)
def test_policies_that_are_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evolve(simple("Policy", 1), **properties)


def test_the_type_of_a_policy_is_simple_scaling_unless_given() -> None:
    assert simple("Policy", 1).policy_type == "SimpleScaling"
    with pytest.raises(ValueError, match="Cooldown goes with SimpleScaling only"):
        stepping("Policy", step(1, 0), cooldown=60)

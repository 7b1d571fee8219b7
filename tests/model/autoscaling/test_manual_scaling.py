"""Manual scaling: what calls of the API do to a group.

Sources: "Manual scaling for Amazon EC2 Auto Scaling", "Gracefully handle instance termination";
API SetDesiredCapacity, UpdateAutoScalingGroup, TerminateInstanceInAutoScalingGroup, ExecutePolicy,
PutScalingPolicy, DeletePolicy.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from model.actions import ActionError
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    api,
    desired,
    feed,
    group_of,
    in_service,
    make_world,
    set_desired,
    sicken,
    simple,
    step,
    stepping,
    suspend,
    tracking,
)


def update(world: World, **parameters: Any) -> None:
    api(world, "autoscaling:UpdateAutoScalingGroup", auto_scaling_group_name="Group", **parameters)


def settled(**options: Any) -> World:
    """A group of min 1, max 4 with two instances, a minute old."""
    world = make_world(**({"max_size": 4, "desired_capacity": 2} | options))
    world.run(60)
    return world


def sizes(world: World) -> tuple[int, int, int]:
    group = group_of(world)
    return group.min, group.desired, group.max


# -- SetDesiredCapacity ---------------------------------------------------------------------------


def test_the_group_of_the_documentation() -> None:
    """Minimum 1, desired 2, maximum 4: more up to the maximum, fewer down to the minimum."""
    world = settled()
    assert len(in_service(world)) == 2
    set_desired(world, 4)
    world.run(120)
    assert len(in_service(world)) == 4
    set_desired(world, 1)
    world.run(240)
    assert len(in_service(world)) == 1


def honoring(world: World, capacity: int) -> None:
    api(
        world,
        "autoscaling:SetDesiredCapacity",
        auto_scaling_group_name="Group",
        desired_capacity=capacity,
        honor_cooldown=True,
    )


def test_a_call_may_honor_the_cooldown() -> None:
    world = settled(cooldown=300)
    set_desired(world, 3)  # does not, unless told to
    blocking = group_of(world).activities[-1]
    for time in (61, 300, 360):
        world.run(time)
        with pytest.raises(ActionError) as refused:
            honoring(world, 4)
        assert refused.value.code == "ScalingActivityInProgress"
        assert str(refused.value) == (
            f"Scaling activity {blocking.id} is in progress and blocks this action"
        )
    assert desired(world) == 3
    world.run((blocking.end or 0) + 300)
    honoring(world, 4)
    assert desired(world) == 4


# -- UpdateAutoScalingGroup -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"min_size": 2}, (2, 2, 4)),
        ({"min_size": 3}, (3, 3, 4)),  # a minimum above the group's size sets the desired capacity
        ({"max_size": 1}, (1, 1, 1)),  # and so does a maximum below it
        ({"max_size": 8}, (1, 2, 8)),
        ({"min_size": 1, "max_size": 5, "desired_capacity": 3}, (1, 3, 5)),
        ({"desired_capacity": 4}, (1, 4, 4)),
        ({"min_size": 0, "max_size": 0}, (0, 0, 0)),
    ],
)
def test_new_sizes(parameters: dict[str, int], wanted: tuple[int, int, int]) -> None:
    world = settled()
    update(world, **parameters)
    assert sizes(world) == wanted
    world.run(180)
    assert len(in_service(world)) == wanted[1]
    capacity = world.journal.last("Group", "capacity")
    assert (capacity.min, capacity.desired, capacity.max) == wanted


def test_the_cause_names_the_new_constraints() -> None:
    world = make_world(min_size=0, max_size=4, desired_capacity=0)
    world.run(60)
    update(world, min_size=1, max_size=5, desired_capacity=3)
    launches = activities(world, "Launching")
    assert len(launches) == 3
    assert launches[0].cause.startswith(
        "At 2026-11-25T09:01:00Z a user request update of AutoScalingGroup constraints to min: 1, "
        "max: 5, desired: 3 changing the desired capacity from 0 to 3.  At"
    )


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"desired_capacity": 5},
            "Desired capacity:5 must be between the specified min size:1 and max size:4",
        ),
        (
            {"min_size": 3, "desired_capacity": 2},
            "Desired capacity:2 must be between the specified min size:3 and max size:4",
        ),
        ({"min_size": 5}, "Max bound, 4, must be greater than or equal to min bound, 5"),
        ({"default_instance_warmup": 3601}, "DefaultInstanceWarmup must be from -1 to 3600"),
        ({"health_check_type": "TCP"}, "HealthCheckType must be one of EC2, ELB"),
    ],
)
def test_an_update_that_is_refused_changes_nothing(
    parameters: dict[str, Any], message: str
) -> None:
    world = settled()
    before = group_of(world).resource
    with pytest.raises(ActionError, match=re.escape(message)):
        update(world, **parameters)
    assert sizes(world) == (1, 2, 4)
    assert group_of(world).resource == before


def test_health_checks_and_grace_can_be_changed() -> None:
    quick = {"health_check_interval_seconds": 10}
    world = settled(targets=quick)
    world.run(300)
    sicken(world, in_service(world)[0])
    world.run(600)
    assert not activities(world, "Terminating")
    update(world, health_check_type="ELB", health_check_grace_period=30)
    world.run(800)
    assert len(activities(world, "Terminating")) == 1


def test_cooldown_and_warmup_can_be_changed() -> None:
    world = settled(max_size=10, default_instance_warmup=300)
    world.run(400)
    set_desired(world, 3)
    world.run(460)
    newest = in_service(world)[-1].instance.id
    assert newest not in world.autoscaling.aggregates()[0]
    update(world, default_cooldown=0, default_instance_warmup=0)
    assert newest in world.autoscaling.aggregates()[0]
    honoring(world, 6)
    update(world, default_instance_warmup=-1)
    assert group_of(world).resource.instance_warmup is None


def test_termination_policies_can_be_changed() -> None:
    world = settled(zones=1)
    set_desired(world, 4)
    world.run(120)
    newest = {member.instance.id for member in in_service(world)[2:]}
    update(world, termination_policies=("NewestInstance",))
    set_desired(world, 2)
    assert {end.instance for end in activities(world, "Terminating")} == newest


# -- TerminateInstanceInAutoScalingGroup ----------------------------------------------------------


def terminate(world: World, instance: str, *, decrement: bool) -> None:
    api(
        world,
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        instance_id=instance,
        should_decrement_desired_capacity=decrement,
    )


def test_an_instance_is_ended_and_replaced() -> None:
    world = settled()
    instance = in_service(world)[0].instance.id
    terminate(world, instance, decrement=False)
    (end,) = activities(world, "Terminating")
    assert end.cause == (
        f"At 2026-11-25T09:01:00Z instance {instance} was taken out of service in response to a "
        "user request."
    )
    assert activities(world, "Launching")[-1].cause == (
        "At 2026-11-25T09:01:00Z an instance was started in response to a difference between "
        "desired and actual capacity, increasing the capacity from 1 to 2."
    )
    world.run(180)
    assert (desired(world), len(in_service(world))) == (2, 2)
    assert end.status == "Successful"


def test_an_instance_is_ended_and_the_desired_capacity_goes_with_it() -> None:
    world = settled()
    instance = in_service(world)[0].instance.id
    terminate(world, instance, decrement=True)
    (end,) = activities(world, "Terminating")
    assert end.cause == (
        f"At 2026-11-25T09:01:00Z instance {instance} was taken out of service in response to a "
        "user request, shrinking the capacity from 2 to 1."
    )
    world.run(180)
    assert (desired(world), len(in_service(world))) == (1, 1)
    assert len(activities(world, "Launching")) == 2


def test_the_minimum_is_kept() -> None:
    world = settled(min_size=2)
    with pytest.raises(ActionError, match=r"desiredSize equals minSize \(2\). Terminating"):
        terminate(world, in_service(world)[0].instance.id, decrement=True)


def test_it_takes_an_instance_of_a_group_that_is_not_ending_yet() -> None:
    world = settled()
    with pytest.raises(ActionError, match="No managed instance found for instance ID: i-0"):
        terminate(world, "i-0", decrement=True)
    instance = in_service(world)[0].instance.id
    terminate(world, instance, decrement=False)
    with pytest.raises(ActionError) as refused:
        terminate(world, instance, decrement=False)
    assert refused.value.code == "ScalingActivityInProgress"


# -- policies -------------------------------------------------------------------------------------


def execute(world: World, policy: str, **parameters: Any) -> None:
    api(world, "autoscaling:ExecutePolicy", policy_name=policy, **parameters)


def test_a_simple_policy_is_executed() -> None:
    world = make_world(simple("Out", 2))
    world.run(60)
    execute(world, "Out")
    assert activities(world, "Launching")[-1].cause.startswith(
        "At 2026-11-25T09:01:00Z a user request executed policy Out changing the desired capacity "
        "from 1 to 3.  At"
    )
    execute(world, "Out", auto_scaling_group_name="Group")
    assert desired(world) == 5
    with pytest.raises(ActionError) as refused:
        execute(world, "Out", honor_cooldown=True)
    assert refused.value.code == "ScalingActivityInProgress"
    world.run(600)
    execute(world, "Out", honor_cooldown=True)
    assert desired(world) == 7


def test_a_step_policy_is_executed_with_a_value_of_the_metric() -> None:
    policy = stepping("Out", step(1, 0, 10), step(3, 10))
    world = make_world(policy, default_instance_warmup=0)
    world.run(60)
    execute(world, "Out", metric_value=65.0, breach_threshold=50.0)
    assert desired(world) == 4
    suspend(world, "AlarmNotification")
    world.run(120)
    execute(world, "Out", metric_value=55.0, breach_threshold=50.0)
    assert desired(world) == 5


@pytest.mark.parametrize(
    ("policy", "parameters", "message"),
    [
        ("Steps", {}, "MetricValue and BreachThreshold are needed"),
        ("Steps", {"metric_value": 60.0}, "MetricValue and BreachThreshold are needed"),
        ("Steps", {"metric_value": 40.0, "breach_threshold": 50.0}, "is in no step adjustment"),
        ("Steps", {"honor_cooldown": True}, "HonorCooldown is for policies of type SimpleScaling"),
        ("Simple", {"metric_value": 60.0}, "are for policies of type StepScaling"),
        ("Track", {}, "a policy of type TargetTrackingScaling cannot be executed"),
        ("Other", {}, "there is no scaling policy named Other"),
    ],
)
def test_executions_that_are_refused(policy: str, parameters: dict[str, Any], message: str) -> None:
    world = make_world(stepping("Steps", step(1, 0)), simple("Simple", 1), tracking("Track", 50))
    with pytest.raises(ActionError, match=message):
        execute(world, policy, **parameters)


def put_tracking(world: World, name: str, target: float, **parameters: Any) -> None:
    api(
        world,
        "autoscaling:PutScalingPolicy",
        auto_scaling_group_name="Group",
        policy_name=name,
        policy_type="TargetTrackingScaling",
        target_tracking_configuration=tracking("P", target).target_tracking_configuration,
        **parameters,
    )


def alarms(world: World) -> list[tuple[str, float | None]]:
    views = world.cloudwatch.describe_alarms()
    return [(view.alarm.name.split("-")[2], view.alarm.threshold) for view in views]


def test_target_tracking_is_put_and_deleted_with_its_alarms() -> None:
    world = make_world(feeds=[feed(*[90.0] * 30)], default_instance_warmup=0)
    put_tracking(world, "Mine", 50)
    assert alarms(world) == [("AlarmHigh", 50), ("AlarmLow", 45)]
    world.run(240)
    assert desired(world) > 1
    put_tracking(world, "Mine", 80)
    assert alarms(world) == [("AlarmHigh", 80), ("AlarmLow", 72)]
    api(world, "autoscaling:DeletePolicy", policy_name="Mine")
    assert alarms(world) == []
    before = desired(world)
    world.run(900)
    assert desired(world) == before


def test_a_metric_is_tracked_by_one_policy() -> None:
    world = make_world(tracking("Policy", 50))
    with pytest.raises(ActionError, match="Only one TargetTrackingScaling policy for a given"):
        put_tracking(world, "Mine", 60)
    put_tracking(world, "Policy", 60)


def test_a_policy_that_is_not_enabled_heeds_no_alarm_and_is_not_asked() -> None:
    world = make_world(
        tracking("Load", 50),
        tracking("Queue", 50, "Queue"),
        feeds=[feed(*[10.0] * 40), feed(*[90.0] * 40, metric="Queue")],
        desired_capacity=3,
        max_size=3,
        default_instance_warmup=0,
    )
    world.run(1200)
    assert desired(world) == 3, "the queue does not agree to scale in"
    configuration = tracking("Queue", 50, "Queue").target_tracking_configuration
    api(
        world,
        "autoscaling:PutScalingPolicy",
        auto_scaling_group_name="Group",
        policy_name="Queue",
        policy_type="TargetTrackingScaling",
        target_tracking_configuration=configuration,
        enabled=False,
    )
    world.run(1500)
    assert desired(world) < 3


def test_a_policy_of_the_template_is_replaced_under_its_alarm() -> None:
    world = make_world(
        simple("Out", 1),
        alarm("High", "Out", "GreaterThanThreshold", 50),
        feeds=[feed(*[20.0] * 10, 90)],
        max_size=20,
    )
    api(
        world,
        "autoscaling:PutScalingPolicy",
        auto_scaling_group_name="Group",
        policy_name="Out",
        adjustment_type="PercentChangeInCapacity",
        scaling_adjustment=10,
        min_adjustment_step=4,
    )
    world.run(11 * 60)
    assert desired(world) == 5


def test_a_deleted_policy_is_taken_off_its_alarm_which_stays() -> None:
    world = make_world(
        stepping("Out", step(1, 0)),
        alarm("High", "Out", "GreaterThanThreshold", 50),
        feeds=[feed(*[90.0] * 10)],
    )
    api(world, "autoscaling:DeletePolicy", policy_name="Out", auto_scaling_group_name="Group")
    world.run(600)
    (high,) = world.cloudwatch.describe_alarms()
    assert (high.state, high.alarm.alarm_actions) == ("ALARM", ())
    assert desired(world) == 1

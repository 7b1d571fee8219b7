"""Laws that hold in every small world, whatever policies, operators and faults do to it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.autoscaling.activity import Activity
from model.autoscaling.group import PROCESSES
from model.autoscaling.members import Lifecycle
from model.autoscaling.zones import imbalance
from model.ec2.instances import InstanceState
from model.resources import Resource
from model.world import World
from tests.model.autoscaling.samples import (
    alarm,
    api,
    darken,
    desired,
    feed,
    group_of,
    in_service,
    kill,
    make_world,
    resume,
    set_desired,
    sicken,
    simple,
    step,
    stepping,
    suspend,
    tracking,
    zones_of,
)

HORIZON = 1200
QUIET = 3000.0
ENDED = {"Successful", "Cancelled", "Failed"}
QUICK = {"health_check_interval_seconds": 10}

moves = st.lists(
    st.tuples(
        st.integers(0, HORIZON),
        st.sampled_from(
            [
                *("desired", "suspend", "resume", "kill", "stop", "reboot", "dark", "sicken"),
                *("resize", "end", "execute", "schedule"),
            ]
        ),
        st.integers(0, 8),
    ),
    max_size=8,
).map(sorted)

policies = st.lists(
    st.sampled_from(
        [
            stepping("Out", step(2, 0)),
            stepping("Exact", step(7, 0), kind="ExactCapacity"),
            stepping("In", step(-50, None, 0), kind="PercentChangeInCapacity"),
            tracking("Track", 50, "Load"),
            simple("Simple", 2, cooldown=30),
        ]
    ),
    unique_by=lambda policy: policy.logical_id,
)


def make(chosen: list[Resource], loads: list[float], zones: int, group: dict[str, Any]) -> World:
    alarms = [
        alarm(f"{policy.logical_id}Alarm", policy.logical_id, *condition)
        for policy in chosen
        if (condition := CONDITIONS.get(policy.logical_id)) is not None
    ]
    return make_world(*chosen, *alarms, zones=zones, targets=QUICK, feeds=[feed(*loads)], **group)


CONDITIONS = {
    "Out": ("GreaterThanThreshold", 60.0),
    "Exact": ("GreaterThanThreshold", 90.0),
    "In": ("LessThanThreshold", 20.0),
    "Simple": ("GreaterThanThreshold", 60.0),
}


def carry_out(world: World, kind: str, number: int) -> None:
    members = group_of(world).active()[:number]
    process = PROCESSES[number % len(PROCESSES)]
    match kind:
        case "desired":
            group = group_of(world)
            if group.min <= number <= group.max:
                set_desired(world, number)
            else:
                with pytest.raises(ActionError):
                    set_desired(world, number)
        case "suspend":
            suspend(world, process)
        case "resume":
            resume(world, process)
        case "kill" if members:
            kill(world, *members)
        case "stop":
            world.ec2.stop_instances(*(member.instance.id for member in members))
        case "reboot":
            world.ec2.reboot_instances(*(member.instance.id for member in members))
        case "dark":
            darken(world, group_of(world).zones[number % 2], 60.0 * (number + 1))
        case "sicken":
            sicken(world, *members)
        case _:
            with suppress(ActionError):
                call(world, kind, number)


def call(world: World, kind: str, number: int) -> None:
    """Calls that AWS may refuse; whatever becomes of them, the laws hold."""
    group: dict[str, Any] = {"auto_scaling_group_name": "Group"}
    match kind:
        case "resize":
            sizes = {"min_size": number % 3, "max_size": number}
            api(world, "autoscaling:UpdateAutoScalingGroup", **group, **sizes)
        case "end":
            for member in group_of(world).active()[: number % 3]:
                api(
                    world,
                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                    instance_id=member.instance.id,
                    should_decrement_desired_capacity=number % 2 == 0,
                )
        case "execute":
            api(world, "autoscaling:ExecutePolicy", policy_name="Simple")
        case "schedule":
            moment = world.schedule.utc(world.now + 30).isoformat()
            api(
                world,
                "autoscaling:PutScheduledUpdateGroupAction",
                scheduled_action_name="Action",
                start_time=moment,
                desired_capacity=number,
                **group,
            )


def check(world: World) -> None:
    """What must hold at every instant."""
    group = group_of(world)
    assert group.min <= group.desired <= group.max
    if "Terminate" not in group.suspended:
        assert len(group.active()) <= group.max + 1  # one more at most, and only to rebalance
    for activity in group.activities:
        assert (activity.status in ENDED) == (activity.end is not None), activity
    begun = [a for a in group.activities if a.description.startswith("Launching")]
    ended = [
        activity
        for activity in group.activities
        if activity.description.startswith("Terminating") and activity.end is not None
    ]
    assert len(begun) - len(ended) == len(group.members)  # nothing comes or goes untold
    open_ones = [activity for activity in group.activities if activity.end is None]
    assert {id(a) for a in open_ones} == {id(m.activity) for m in busy(world)}
    for member in in_service(world):
        assert member.instance.group == "Group"


def busy(world: World) -> list[Any]:
    members = group_of(world).members.values()
    return [member for member in members if member.lifecycle is not Lifecycle.IN_SERVICE]


def summary(activity: Activity) -> tuple[Any, ...]:
    return activity.start, activity.end, activity.description, activity.cause


@settings(max_examples=20, deadline=None)
@given(
    policies,
    st.lists(st.sampled_from([5.0, 30.0, 50.0, 70.0, 95.0]), max_size=HORIZON // 60),
    moves,
    st.integers(2, 3),
    st.integers(0, 3),
    st.sampled_from([None, 0, 120]),
    st.sampled_from(["EC2", "ELB"]),
)
def test_capacity_stays_within_limits_and_all_comes_to_rest_in_balance(
    chosen: list[Resource],
    loads: list[float],
    plan: list[tuple[int, str, int]],
    zones: int,
    least: int,
    warmup: int | None,
    checks: str,
) -> None:
    group = {
        "min_size": least,
        "max_size": 6,
        "default_instance_warmup": warmup,
        "health_check_type": checks,
    }
    world = make(chosen, loads, zones, group)
    for time, kind, number in plan:
        while world.now + 20 < time:
            world.run(world.now + 20)
            check(world)
        world.run(time)
        carry_out(world, kind, number)
        check(world)
    resume(world)
    while world.now < HORIZON + QUIET:
        world.run(world.now + 300)
        check(world)
    members = group_of(world).members.values()
    assert len(in_service(world)) == len(members) == desired(world)
    assert all(member.instance.state is InstanceState.RUNNING for member in members)
    assert imbalance(zones_of(world)) <= 1
    assert all(activity.status in ENDED for activity in group_of(world).activities)


@settings(max_examples=5, deadline=None)
@given(policies, moves, st.integers(0, 3))
def test_the_same_seed_and_moves_come_to_the_same_activities(
    chosen: list[Resource], plan: list[tuple[int, str, int]], seed: int
) -> None:
    def play(stops: int) -> list[tuple[Any, ...]]:
        world = make(chosen, [70.0, 95.0, 5.0] * 10, 2, {"max_size": 6, "seed": seed})
        for time, kind, number in plan:
            for stop in range(1, stops + 1):
                world.run(world.now + (time - world.now) * stop / stops)
            world.run(time)
            carry_out(world, kind, number)
        world.run(HORIZON + 600)
        return [summary(activity) for activity in group_of(world).activities]

    assert play(1) == play(3)

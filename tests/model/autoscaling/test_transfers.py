"""Protection, standby, detaching and attaching; target groups that come and go.

Sources: "Use instance scale-in protection", "Temporarily remove instances from your Auto Scaling
group", "Detach or attach instances", "Attach a load balancer to your Auto Scaling group".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.members import Member
from model.billing.instances import instance_costs
from model.ec2.launch_templates import LaunchTemplateData
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    desired,
    group_of,
    in_service,
    kill,
    make_world,
    resume,
    set_desired,
    suspend,
    zones_of,
)
from tests.model.autoscaling.test_hooks import events, states

QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def ids(*members: Member) -> tuple[str, ...]:
    return tuple(member.instance.id for member in members)


def act(world: World, name: str, *members: Member, **more: Any) -> None:
    given = {"auto_scaling_group_name": "Group", "instance_ids": ids(*members)}
    api(world, f"autoscaling:{name}", **given, **more)


def leave(world: World, name: str, *members: Member, decrement: bool) -> None:
    act(world, name, *members, should_decrement_desired_capacity=decrement)


def protect(world: World, *members: Member, protected: bool = True) -> None:
    act(world, "SetInstanceProtection", *members, protected_from_scale_in=protected)


def registered(world: World) -> set[str]:
    return {
        target.instance
        for target in world.elb.describe_target_health("Targets")
        if target.state != "draining"
    }


# -- protection -------------------------------------------------------------------------------


def test_a_protected_instance_is_not_scaled_in() -> None:
    world = make_world(desired_capacity=4)
    world.run(60)
    kept = in_service(world)[:3]
    protect(world, *kept)
    set_desired(world, 1)
    world.run(120)
    assert in_service(world) == kept
    assert desired(world) == 1
    note = group_of(world).activities[-1]
    assert note.description == (
        "Could not scale to desired capacity because all remaining instances are protected from "
        "scale-in."
    )
    assert note.status == "Cancelled"
    protect(world, kept[0], protected=False)
    world.run(200)
    assert in_service(world) == kept[1:]


def test_a_group_can_protect_what_it_launches_from_its_first_moment_in_service() -> None:
    world = make_world(new_instances_protected_from_scale_in=True, desired_capacity=2)
    assert not any(member.protected for member in group_of(world).pending())
    world.run(60)
    set_desired(world, 1)
    world.run(600)
    assert len(in_service(world)) == 2
    notes = [a for a in group_of(world).activities if a.instance is None]
    assert len(notes) == 1


def test_protection_does_not_keep_the_unhealthy() -> None:
    world = make_world(new_instances_protected_from_scale_in=True)
    world.run(60)
    kill(world, in_service(world)[0])
    world.run(200)
    assert len(activities(world, "Terminating")) == 1
    assert len(in_service(world)) == 1


def test_the_fullest_zone_with_an_unprotected_instance_loses_one() -> None:
    world = make_world(desired_capacity=5)
    world.run(60)
    full = [m for m in in_service(world) if m.instance.zone == "us-east-1a"]
    assert len(full) == 3
    protect(world, *full[:2])
    set_desired(world, 4)
    assert full[2] in group_of(world).terminating()
    set_desired(world, 3)
    assert zones_of(world) == {"us-east-1a": 2, "us-east-1b": 1}


# -- standby ----------------------------------------------------------------------------------


def test_standby_leaves_the_load_balancer_and_lowers_the_desired_capacity() -> None:
    world = make_world(targets=QUICK, desired_capacity=4)
    world.run(120)
    member = in_service(world)[0]
    leave(world, "EnterStandby", member, decrement=True)
    (activity,) = activities(world, f"Moving EC2 instance to Standby: {member.instance.id}")
    assert activity.cause.endswith(
        f"instance {member.instance.id} was moved to standby in response to a user request, "
        "shrinking the capacity from 4 to 3."
    )
    assert member.lifecycle == "EnteringStandby"
    assert member.instance.id not in registered(world)
    world.run(151)
    assert (member.lifecycle, activity.status) == ("Standby", "Successful")
    assert (desired(world), len(in_service(world))) == (3, 3)
    (view,) = world.autoscaling.describe_auto_scaling_groups()
    assert view.standby == 1
    act(world, "ExitStandby", member)
    (back,) = activities(world, "Moving EC2 instance out of Standby: i-")
    assert back.status == "PreInService"
    assert (
        "was moved out of standby in response to a user request, increasing the capacity from 3"
        in (back.cause)
    )
    world.run(160)
    assert (desired(world), len(in_service(world))) == (4, 4)
    assert member.instance.id in registered(world)
    assert member.in_service_at == 153
    assert states(world, member.instance.id)[2:] == [
        "EnteringStandby",
        "Standby",
        "Pending",
        "InService",
    ]


def test_without_a_decrement_it_is_replaced_and_its_return_makes_one_too_many() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    member = in_service(world)[0]
    leave(world, "EnterStandby", member, decrement=False)
    assert len(group_of(world).pending()) == 1
    assert activities(world, "Moving")[0].cause.endswith("in response to a user request.")
    world.run(120)
    act(world, "ExitStandby", member)
    assert desired(world) == 2
    assert len(group_of(world).active()) == 2
    world.run(240)
    assert len(in_service(world)) == 2


def test_nobody_checks_an_instance_in_standby_until_it_is_back() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    member = in_service(world)[0]
    leave(world, "EnterStandby", member, decrement=True)
    kill(world, member)
    world.run(600)
    assert (member.lifecycle, member.healthy) == ("Standby", True)
    act(world, "ExitStandby", member)
    world.run(700)
    (end,) = activities(world, "Terminating")
    assert end.instance == member.instance.id
    assert len(in_service(world)) == 2


def test_standby_is_billed_and_meets_no_hook() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    leave(world, "EnterStandby", in_service(world)[0], decrement=True)
    before = instance_costs(world)["Group"]
    world.run(3660)
    assert instance_costs(world)["Group"] - before == pytest.approx(2 * 0.096, rel=0.01)


def test_what_standby_refuses() -> None:
    world = make_world(desired_capacity=1, max_size=1)
    world.run(60)
    (member,) = in_service(world)
    wanted = (
        "AutoScalingGroup Group has min-size=1, max-size=1, and desired-size=1. To place into "
        "standby 1 instance, please update the AutoScalingGroup sizes appropriately."
    )
    with pytest.raises(ActionError, match=wanted):
        leave(world, "EnterStandby", member, decrement=True)
    with pytest.raises(ActionError, match="is not in Standby"):
        act(world, "ExitStandby", member)
    leave(world, "EnterStandby", member, decrement=False)
    suspend(world, "Launch")
    with pytest.raises(ActionError, match="Launch is suspended"):
        act(world, "ExitStandby", member)


# -- in and out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("decrement", [True, False])
def test_a_detached_instance_goes_on_running_and_is_replaced_or_not(decrement: bool) -> None:
    world = make_world(
        targets=QUICK, desired_capacity=4, new_instances_protected_from_scale_in=True
    )
    world.run(120)
    member = in_service(world)[0]
    cost = instance_costs(world)["Group"]
    leave(world, "DetachInstances", member, decrement=decrement)
    (activity,) = activities(world, f"Detaching EC2 instance: {member.instance.id}")
    tail = ", shrinking the capacity from 4 to 3." if decrement else " user request."
    assert activity.cause.endswith(tail)
    assert len(group_of(world).pending()) == (0 if decrement else 1)
    world.run(160)
    assert member.instance.id not in group_of(world).members
    assert member.instance.state == "running"
    assert member.instance.group is None
    assert states(world, member.instance.id)[-2:] == ["Detaching", "Detached"]
    assert instance_costs(world)["Group"] > cost
    world.run(300)
    assert len(in_service(world)) == desired(world) == (3 if decrement else 4)
    act(world, "AttachInstances", member)
    (added,) = activities(world, "Attaching an existing EC2 instance: i-")
    assert added.cause.endswith(f"Keeping the capacity at the new {4 if decrement else 5}.")
    world.run(310)
    assert group_of(world).members[member.instance.id].protected
    assert member.instance.id in registered(world)
    assert len(events(world, "EC2 Instance Launch Successful")) == (5 if decrement else 6)


def test_detaching_below_the_minimum_is_refused() -> None:
    world = make_world(desired_capacity=2, min_size=2)
    world.run(60)
    with pytest.raises(ActionError, match="To detach 1 instance, please update"):
        leave(world, "DetachInstances", in_service(world)[0], decrement=True)


def test_what_cannot_be_attached() -> None:
    world = make_world(desired_capacity=2, max_size=2)
    world.run(60)
    (one, other) = in_service(world)
    with pytest.raises(ActionError, match="already part of AutoScalingGroup Group"):
        act(world, "AttachInstances", one)
    leave(world, "DetachInstances", one, decrement=False)
    world.run(120)
    with pytest.raises(ActionError, match="To attach 1 instance, please update"):
        act(world, "AttachInstances", one)
    set_desired(world, 1)
    stray = world.ec2.run_instance(LaunchTemplateData(instance_type="m5.large"), "Subnet0")
    with pytest.raises(ActionError, match="not in correct state"):
        api(
            world,
            "autoscaling:AttachInstances",
            auto_scaling_group_name="Group",
            instance_ids=(stray.id,),
        )
    suspend(world, "Launch")
    with pytest.raises(ActionError, match="Launch is suspended"):
        act(world, "AttachInstances", one)
    resume(world)
    with pytest.raises(ActionError, match="Invalid Instance ID"):
        api(
            world,
            "autoscaling:AttachInstances",
            auto_scaling_group_name="Group",
            instance_ids=("i-0123456789abcdef0",),
        )
    assert other.lifecycle in ("InService", "Terminating")


def test_detaching_from_one_zone_makes_the_group_rebalance() -> None:
    world = make_world(desired_capacity=4)
    world.run(60)
    there = [m for m in in_service(world) if m.instance.zone == "us-east-1a"]
    leave(world, "DetachInstances", *there, decrement=True)
    world.run(400)
    assert zones_of(world) == {"us-east-1a": 1, "us-east-1b": 1}


# -- target groups --------------------------------------------------------------------------------


def test_target_groups_can_be_detached_and_attached() -> None:
    world = make_world(targets=QUICK, desired_capacity=2)
    world.run(120)
    given = {"auto_scaling_group_name": "Group", "target_group_arns": ("Targets",)}
    api(world, "autoscaling:DetachLoadBalancerTargetGroups", **given)
    assert registered(world) == set()
    set_desired(world, 3)
    world.run(200)
    assert registered(world) == set()
    assert len(in_service(world)) == 3
    api(world, "autoscaling:AttachLoadBalancerTargetGroups", **given)
    assert len(registered(world)) == 3
    set_desired(world, 4)
    world.run(300)
    assert len(registered(world)) == 4
    api(world, "autoscaling:DetachLoadBalancerTargetGroups", **given)
    with pytest.raises(ActionError, match="Targets is not attached to the group"):
        api(world, "autoscaling:DetachLoadBalancerTargetGroups", **given)

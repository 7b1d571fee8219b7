"""Unhealthy instances are found, and replaced at the documented pace.

Sources: "About the health checks for your Auto Scaling group", "Set the health check grace period
for an Auto Scaling group" and "Verify the attachment status of your load balancer".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.autoscaling.health import CHECK_SECONDS
from model.elb.targets import TargetState
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    group_of,
    in_service,
    kill,
    make_world,
    set_desired,
    sicken,
)

QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def healthy_world(**group: Any) -> World:
    """Two minutes old: every target has passed its checks."""
    world = make_world(targets=QUICK, **({"health_check_type": "ELB"} | group))
    world.run(120)
    targets = world.elb.describe_target_health("Targets")
    assert {target.state for target in targets} == {"healthy"}
    return world


def test_an_instance_that_is_terminated_by_hand_is_replaced_at_once() -> None:
    world = make_world(desired_capacity=2, health_check_grace_period=3600)
    world.run(61)
    kill(world, in_service(world)[0])
    (end,) = activities(world, "Terminating")
    assert end.start == 61
    assert end.cause == (
        "At 2026-11-25T09:01:01Z an instance was taken out of service in response to an EC2 health "
        "check that indicated it had been terminated or stopped."
    )
    launch = activities(world, "Launching")[-1]
    assert launch.start == 61
    assert launch.cause == (
        "At 2026-11-25T09:01:01Z an instance was launched in response to an unhealthy instance "
        "needing to be replaced."
    )
    world.run(120)
    assert len(in_service(world)) == 2
    assert end.status == "Successful"


def test_all_instances_that_no_longer_run_are_replaced_at_once_without_throttle() -> None:
    world = make_world(desired_capacity=5)
    world.run(60)
    kill(world, *in_service(world))
    assert len(group_of(world).pending()) == 5


def test_a_stopped_instance_is_unhealthy_even_in_its_grace_period() -> None:
    world = make_world(health_check_grace_period=3600)
    world.run(60)
    (member,) = in_service(world)
    world.ec2.stop_instances(member.instance.id)
    assert not member.healthy
    world.run(180)
    assert member.instance.state == "terminated"
    assert len(in_service(world)) == 1


def test_a_draining_end_of_an_instance_that_was_gone_ends_its_activity_for_good() -> None:
    world = healthy_world(desired_capacity=2)
    kill(world, in_service(world)[0])
    world.run(600)
    (end,) = activities(world, "Terminating")
    assert end.status == "Successful"
    assert end.end is not None
    assert end.end < 120 + 41  # when EC2 had ended it, not when the target had drained


def test_elb_checks_are_ignored_by_default() -> None:
    world = healthy_world(health_check_type="EC2", desired_capacity=2)
    sicken(world, in_service(world)[0])
    world.run(1200)
    assert not activities(world, "Terminating")


def test_with_elb_checks_the_next_periodic_check_replaces() -> None:
    world = healthy_world(desired_capacity=2)
    member = in_service(world)[0]
    sicken(world, member)
    world.run(120 + CHECK_SECONDS)
    (end,) = activities(world, "Terminating")
    assert end.instance == member.instance.id
    assert end.cause.endswith(
        "an instance was taken out of service in response to an ELB system health check failure."
    )
    launch = activities(world, "Launching")[-1]
    assert launch.start == end.start


def test_the_grace_period_begins_with_in_service_and_hides_elb_failures() -> None:
    world = healthy_world(desired_capacity=2, health_check_grace_period=300)
    member = in_service(world)[0]
    sicken(world, member)
    assert member.in_service_at is not None
    over = member.in_service_at + 300
    world.run(over - 1)
    assert member.healthy
    assert not activities(world, "Terminating")
    world.run(over + CHECK_SECONDS)
    (end,) = activities(world, "Terminating")
    assert over <= end.start <= over + CHECK_SECONDS


def test_a_target_group_in_which_nothing_ever_passed_replaces_nothing() -> None:
    world = make_world(
        targets=QUICK, health_check_type="ELB", desired_capacity=2, service={"boot_time": 9999.0}
    )
    world.run(1200)
    states = {target.state for target in world.elb.describe_target_health("Targets")}
    assert states == {TargetState.UNHEALTHY.value}
    assert not activities(world, "Terminating")


def test_unhealthy_instances_are_replaced_a_tenth_at_a_time() -> None:
    world = healthy_world(desired_capacity=20, max_size=30)
    sicken(world, *in_service(world)[:6])
    world.run(180)
    assert len(activities(world, "Terminating")) == 2


def test_less_than_one_is_one() -> None:
    world = healthy_world(desired_capacity=4)
    sicken(world, *in_service(world)[:2])
    world.run(180)
    assert len(activities(world, "Terminating")) == 1


def test_the_next_batch_waits_until_the_first_has_warmed_up() -> None:
    world = healthy_world(desired_capacity=4, default_instance_warmup=200)
    world.run(300)
    sicken(world, *in_service(world)[:2])
    world.run(360)
    assert len(activities(world, "Terminating")) == 1
    world.run(420)
    assert len(in_service(world)) == 4  # the replacement serves, but is not warm
    world.run(540)
    assert len(activities(world, "Terminating")) == 1
    world.run(660)
    assert len(activities(world, "Terminating")) == 2


def test_a_scaling_activity_below_ninety_percent_is_waited_for() -> None:
    world = healthy_world(desired_capacity=4)
    sicken(world, in_service(world)[0])
    world.run(170)
    set_desired(world, 8)
    world.run(181)
    assert not activities(world, "Terminating")
    world.run(300)
    assert len(activities(world, "Terminating")) == 1


@pytest.mark.parametrize("size", [2, 4, 10])
def test_a_group_that_is_unhealthy_as_a_whole_is_not_ended_as_a_whole(size: int) -> None:
    world = healthy_world(desired_capacity=size)
    sicken(world, *in_service(world))
    world.run(180)
    assert len(activities(world, "Terminating")) == 1
    world.run(4000)
    assert all(member.healthy for member in in_service(world))
    assert len(in_service(world)) == size


def test_of_a_group_that_is_unhealthy_as_a_whole_fewer_than_a_tenth_are_replaced() -> None:
    world = healthy_world(desired_capacity=20, max_size=20)
    sicken(world, *in_service(world))
    world.run(180)
    assert len(activities(world, "Terminating")) == 1


def test_what_was_marked_unhealthy_does_not_recover_by_itself() -> None:
    world = healthy_world(desired_capacity=2)
    api(
        world,
        "autoscaling:SuspendProcesses",
        auto_scaling_group_name="Group",
        scaling_processes=("ReplaceUnhealthy",),
    )
    member = in_service(world)[0]
    sicken(world, member)
    world.run(240)
    assert not member.healthy
    member.instance.set_effect(world.now, "sick", None)
    world.run(600)
    assert not member.healthy

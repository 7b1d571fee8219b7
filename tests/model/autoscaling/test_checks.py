"""What makes an instance unhealthy, beside its load balancers' checks.

Sources: "Health checks for instances in an Auto Scaling group", "Set the health check grace
period", "Set up a custom health check" and "Monitor and replace instances with impaired EBS
volumes".
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from model.actions import REGISTER, Action, ActionError, Targets
from model.autoscaling.checks import REPAIR_SECONDS
from model.autoscaling.health import CHECK_SECONDS
from model.autoscaling.members import Member
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    darken,
    group_of,
    in_service,
    make_world,
    resume,
    sicken,
    suspend,
)

A = "us-east-1a"
QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def running(**group: Any) -> World:
    world = make_world(desired_capacity=2, **group)
    world.run(300)
    return world


def pause_volumes(world: World, member: Member) -> None:
    name = "aws:ebs:pause-volume-io"
    targets = Targets(instances=(member.instance.id,))
    action = Action(name=name, targets=targets, parameters=REGISTER[name].parameters())
    world.apply(action)


def mark(world: World, member: Member, status: str = "Unhealthy", **parameters: Any) -> None:
    api(
        world,
        "autoscaling:SetInstanceHealth",
        instance_id=member.instance.id,
        health_status=status,
        **parameters,
    )


def test_a_zone_that_fails_fails_status_checks_which_get_some_minutes_to_mend() -> None:
    world = running()
    darken(world, A, None)
    world.run(300 + REPAIR_SECONDS - 1)
    assert not activities(world, "Terminating")
    world.run(300 + REPAIR_SECONDS + 2 * CHECK_SECONDS)
    (end,) = activities(world, "Terminating")
    assert end.zone == A
    assert end.cause.endswith(
        "an instance was taken out of service in response to an EC2 instance status check failure."
    )


def test_a_zone_that_is_back_in_time_replaces_nothing() -> None:
    world = running()
    darken(world, A, REPAIR_SECONDS - CHECK_SECONDS)
    world.run(2000)
    assert not activities(world, "Terminating")


def test_a_reboot_is_mended_in_time() -> None:
    world = running()
    world.ec2.reboot_instances(in_service(world)[0].instance.id)
    world.run(1200)
    assert not activities(world, "Terminating")


def test_grace_hides_impaired_status_checks() -> None:
    world = running(health_check_grace_period=1800)
    darken(world, A, None)
    world.run(1800)
    assert not activities(world, "Terminating")
    world.run(2000)
    assert len(activities(world, "Terminating")) == 1


@pytest.mark.parametrize(("types", "ends"), [("EC2", 0), ("EBS", 1), ("EC2,ELB,EBS", 1)])
def test_impaired_volumes_count_where_ebs_checks_are_on(types: str, ends: int) -> None:
    world = running(health_check_type=types)
    pause_volumes(world, in_service(world)[0])
    world.run(300 + CHECK_SECONDS)
    found = activities(world, "Terminating")
    assert len(found) == ends
    assert all(end.cause.endswith("to an EBS volume health check failure.") for end in found)


def test_what_a_user_marks_is_replaced_at_once() -> None:
    world = running()
    for member in in_service(world):
        mark(world, member)
    ends = activities(world, "Terminating")
    assert [end.start for end in ends] == [300, 300]
    assert ends[0].cause.endswith("in response to a user health-check.")
    assert len(group_of(world).pending()) == 2


def test_a_user_s_mark_respects_the_grace_period_unless_told_otherwise() -> None:
    world = running(health_check_grace_period=600)
    member = in_service(world)[0]
    mark(world, member)
    assert member.healthy
    mark(world, member, should_respect_grace_period=False)
    assert len(activities(world, "Terminating")) == 1


def test_a_user_s_mark_counts_while_health_checks_are_suspended() -> None:
    world = running()
    suspend(world, "HealthCheck")
    mark(world, in_service(world)[0])
    assert len(activities(world, "Terminating")) == 1


def test_a_user_can_call_an_instance_healthy_again_before_it_is_replaced() -> None:
    world = running()
    suspend(world, "ReplaceUnhealthy")
    member = in_service(world)[0]
    mark(world, member)
    assert not member.healthy
    mark(world, member, "Healthy")
    resume(world)
    world.run(600)
    assert not activities(world, "Terminating")


def test_an_instance_of_no_group_cannot_be_marked() -> None:
    world = running()
    with pytest.raises(ActionError, match="No managed instance found for instance ID i-0"):
        api(world, "autoscaling:SetInstanceHealth", instance_id="i-0", health_status="Unhealthy")


def test_a_grace_period_shorter_than_the_boot_is_an_endless_loop_of_launches() -> None:
    """The first instances boot in peace, since nothing was ever healthy; their successors never."""
    world = make_world(
        targets=QUICK,
        health_check_type="ELB",
        desired_capacity=2,
        service={"boot_time": 240.0},
    )
    world.run(600)
    assert not activities(world, "Terminating")
    sicken(world, in_service(world)[0])
    world.run(3600)
    ends = activities(world, "Terminating")
    assert len(ends) > 10
    assert all("ELB system health check failure" in end.cause for end in ends)
    suspend(world, "HealthCheck")
    resume(world, "HealthCheck")
    world.run(4000)
    assert len(activities(world, "Terminating")) > len(ends)


def test_the_same_with_enough_grace_heals() -> None:
    world = make_world(
        targets=QUICK,
        health_check_type="ELB",
        health_check_grace_period=300,
        desired_capacity=2,
        service={"boot_time": 240.0},
    )
    world.run(900)
    sicken(world, in_service(world)[0])
    world.run(3600)
    assert len(activities(world, "Terminating")) == 1


def test_the_group_ends_good_instances_while_the_balancer_fails_open() -> None:
    """Every check fails, the load balancer sends to all of them all the same, and the group
    replaces them one by one, however healthy they are for users."""
    world = make_world(targets=QUICK, rate=20, health_check_type="ELB", desired_capacity=10)
    world.run(300)
    before = dict(world.elb.books["Balancer"].by_status)
    sicken(world, *in_service(world))
    world.run(359)
    after = world.elb.books["Balancer"].by_status
    assert {status for status in after if after[status] != before.get(status)} <= {"200"}
    counts = []
    for minute in range(6, 12):
        world.run(60.0 * minute)
        counts.append(len(activities(world, "Terminating")))
        assert len(group_of(world).active()) == 10
    assert counts[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(counts))

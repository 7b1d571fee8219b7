"""What a group leaves undone while a process is suspended, and takes up when it is resumed.

Sources: "Suspend and resume Amazon EC2 Auto Scaling processes" and "How suspended processes affect
other processes".
"""

from __future__ import annotations

import pytest

from model.autoscaling.group import PROCESSES
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
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
    step,
    stepping,
    suspend,
    zones_of,
)

QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def suspended(world: World) -> tuple[str, ...]:
    (view,) = world.autoscaling.describe_auto_scaling_groups()
    return view.suspended


def test_naming_none_means_all() -> None:
    world = make_world()
    suspend(world)
    assert set(suspended(world)) == set(PROCESSES)
    resume(world, "Launch", "Terminate")
    assert set(suspended(world)) == set(PROCESSES) - {"Launch", "Terminate"}
    resume(world)
    assert suspended(world) == ()


def test_without_launch_desired_changes_but_nothing_starts_until_it_is_resumed() -> None:
    world = make_world()
    world.run(60)
    suspend(world, "Launch")
    set_desired(world, 3)
    world.run(600)
    assert desired(world) == 3
    assert len(in_service(world)) == 1
    resume(world, "Launch")
    assert len(group_of(world).pending()) == 2


def test_without_launch_the_unhealthy_are_still_ended_and_replaced_on_resume() -> None:
    world = make_world(desired_capacity=3)
    world.run(60)
    suspend(world, "Launch")
    kill(world, in_service(world)[0])
    world.run(600)
    assert len(activities(world, "Terminating")) == 1
    assert len(group_of(world).active()) == 2
    resume(world, "Launch")
    assert len(group_of(world).pending()) == 1


def test_without_terminate_nothing_scales_in_until_it_is_resumed() -> None:
    world = make_world(desired_capacity=3)
    world.run(60)
    suspend(world, "Terminate")
    set_desired(world, 1)
    world.run(600)
    assert desired(world) == 1
    assert len(in_service(world)) == 3
    resume(world, "Terminate")
    assert len(in_service(world)) == 1


@pytest.mark.parametrize("process", ["Terminate", "ReplaceUnhealthy"])
def test_the_unhealthy_are_marked_but_stay(process: str) -> None:
    world = make_world(targets=QUICK, health_check_type="ELB", desired_capacity=2)
    world.run(120)
    suspend(world, process)
    member = in_service(world)[0]
    sicken(world, member)
    world.run(600)
    assert not member.healthy
    assert not activities(world, "Terminating")
    resume(world, process)
    (end,) = activities(world, "Terminating")
    assert (end.start, end.instance) == (600, member.instance.id)
    assert "ELB system health check failure" in end.cause
    assert activities(world, "Launching")[-1].start == 600


def test_resumed_replacement_says_what_was_wrong() -> None:
    world = make_world()
    world.run(60)
    suspend(world, "ReplaceUnhealthy")
    kill(world, in_service(world)[0])
    world.run(600)
    assert not activities(world, "Terminating")
    resume(world, "ReplaceUnhealthy")
    (end,) = activities(world, "Terminating")
    assert "an EC2 health check that indicated it had been terminated or stopped" in end.cause
    world.run(660)
    assert end.status == "Successful"
    assert len(in_service(world)) == 1


def test_without_health_checks_nothing_is_marked_until_the_check_after_they_are_resumed() -> None:
    world = make_world(targets=QUICK, health_check_type="ELB", desired_capacity=3)
    world.run(120)
    suspend(world, "HealthCheck")
    sick, dead = in_service(world)[:2]
    sicken(world, sick)
    kill(world, dead)
    world.run(600)
    assert sick.healthy
    assert dead.healthy
    assert len(group_of(world).activities) == 3
    resume(world, "HealthCheck")
    world.run(661)
    assert {end.instance for end in activities(world, "Terminating")} >= {dead.instance.id}
    world.run(1200)
    assert len(in_service(world)) == 3
    assert {sick, dead}.isdisjoint(in_service(world))


def test_an_instance_that_died_pending_without_health_checks_is_replaced_later() -> None:
    world = make_world()
    suspend(world, "HealthCheck")
    kill(world, group_of(world).pending()[0])
    world.run(120)
    assert len(in_service(world)) == 0
    resume(world)
    world.run(240)
    assert len(in_service(world)) == 1
    assert [a.status for a in activities(world, "Launching")] == ["Cancelled", "Successful"]


def test_without_alarm_notification_no_policy_acts_and_a_breach_counts_on_resume() -> None:
    policy = stepping("Policy", step(1, 0))
    high = alarm("High", "Policy", "GreaterThanThreshold", 50)
    world = make_world(policy, high, feeds=[feed(*[90.0] * 30)])
    suspend(world, "AlarmNotification")
    world.run(600)
    assert world.journal.last("High", "alarm").state == "ALARM"
    assert desired(world) == 1
    resume(world, "AlarmNotification")
    world.run(660)
    assert desired(world) == 2


def test_what_launches_without_add_to_load_balancer_is_never_registered_by_itself() -> None:
    world = make_world(targets=QUICK)
    world.run(60)
    suspend(world, "AddToLoadBalancer")
    set_desired(world, 2)
    world.run(120)
    stranger = in_service(world)[1].instance.id
    resume(world, "AddToLoadBalancer")
    set_desired(world, 3)
    world.run(1200)
    registered = {target.instance for target in world.elb.describe_target_health("Targets")}
    assert len(registered) == 2
    assert stranger not in registered
    set_desired(world, 1)
    world.run(1300)
    assert len(group_of(world).members) == 1


def lopsided() -> World:
    """Two zones, all four instances in one of them."""
    world = make_world(desired_capacity=2)
    world.run(60)
    darken(world, "us-east-1b", 120)
    set_desired(world, 5)
    suspend(world, "AZRebalance")
    kill(world, *(m for m in in_service(world) if m.instance.zone == "us-east-1b"))
    world.run(240)
    set_desired(world, 4)
    return world


def test_without_az_rebalance_zones_stay_uneven_but_launches_still_choose_the_emptiest() -> None:
    world = lopsided()
    world.run(1200)
    assert zones_of(world) == {"us-east-1a": 4, "us-east-1b": 0}
    set_desired(world, 5)
    assert zones_of(world) == {"us-east-1a": 4, "us-east-1b": 1}


def test_az_rebalance_resumes_with_launch_then_terminate() -> None:
    world = lopsided()
    before = len(group_of(world).activities)
    world.run(600)
    resume(world, "AZRebalance")
    world.run(1200)
    assert zones_of(world) == {"us-east-1a": 2, "us-east-1b": 2}
    new = [activity.description[:5] for activity in group_of(world).activities[before:]]
    assert new == ["Launc", "Termi"] * 2


def test_without_launch_az_rebalance_stops() -> None:
    world = lopsided()
    suspend(world, "Launch")
    resume(world, "AZRebalance")
    world.run(1200)
    assert zones_of(world) == {"us-east-1a": 4, "us-east-1b": 0}


def test_without_terminate_az_rebalance_launches_and_the_group_is_a_tenth_too_large() -> None:
    world = lopsided()
    suspend(world, "Terminate")
    resume(world, "AZRebalance")
    world.run(1200)
    assert zones_of(world) == {"us-east-1a": 4, "us-east-1b": 1}
    resume(world, "Terminate")
    assert zones_of(world) == {"us-east-1a": 3, "us-east-1b": 1}

"""Deregistration: draining, its end, and registering again ("Edit target group attributes for your
Application Load Balancer", "Register targets with your Application Load Balancer target group")."""

from __future__ import annotations

from typing import Any

import pytest

from model.ec2.instances import Instance
from model.services import Service
from tests.model.elb.samples import ELSEWHERE, GROUP, A, B, Cloud

DELAY = "deregistration_delay.timeout_seconds"
LONG = Service(name="long", runs_on=("Group",), cpu_time=0.0, wait_time=10.0, workers=1000)
"""A request takes ten seconds, and so does a health check."""
PATIENT: dict[str, Any] = {
    "health_check_interval_seconds": 300,
    "health_check_timeout_seconds": 120,
}


def deregister(cloud: Cloud, *targets: Instance) -> float:
    return cloud.world.elb.deregister_targets("Targets", targets)


def test_a_deregistered_target_drains_for_the_delay_even_when_idle() -> None:
    """The state is shown until the delay is over, though the work is done at once."""
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.run(60)
    assert deregister(cloud, target) == 300
    view = cloud.view(target)
    assert (view.state, view.reason) == ("draining", "Target.DeregistrationInProgress")
    assert view.description == "Target deregistration is in progress"
    cloud.run(359.9)
    assert cloud.view(target).state == "draining"
    cloud.run(360)
    assert cloud.states(target)[-2:] == [
        (60.0, "draining", "Target.DeregistrationInProgress"),
        (360.0, "unused", "Target.NotRegistered"),
    ]
    assert cloud.world.elb.describe_target_health("Targets") == ()


def test_draining_takes_no_new_requests_and_finishes_those_in_flight() -> None:
    cloud = Cloud(10, **PATIENT)
    target, other = cloud.add(A, 2, LONG)
    cloud.run(60)
    assert cloud.view(target).in_flight == pytest.approx(5 * 10, rel=0.1)
    deregister(cloud, target)
    cloud.run(200)
    assert cloud.view(target).rate == 0
    assert cloud.view(target).in_flight < 1
    assert cloud.shares([other]) == [1.0]
    cloud.run(600)
    assert set(cloud.books.by_status) == {"200", "504"}, "504: the longest, by the idle timeout"


def test_requests_that_outlast_the_delay_get_502() -> None:
    """ "Troubleshoot your Application Load Balancers": HTTP 502."""
    cloud = Cloud(10, {DELAY: "5"}, **PATIENT)
    target, _ = cloud.add(A, 2, LONG)
    cloud.run(60)
    inside = cloud.view(target).in_flight
    deregister(cloud, target)
    cloud.run(120)
    broken = cloud.books.by_status["502"]
    assert inside * 0.5 < broken < inside * 0.7, "exp(-5/10) of them"
    assert cloud.metric("HTTPCode_ELB_502_Count") == [broken]
    assert cloud.metric("TargetConnectionErrorCount") == []


def test_with_no_delay_the_target_is_gone_at_once() -> None:
    cloud = Cloud(10, {DELAY: "0"}, **PATIENT)
    target, _ = cloud.add(A, 2, LONG)
    cloud.run(60)
    inside = cloud.view(target).in_flight
    assert deregister(cloud, target) == 0
    cloud.run(60)
    assert cloud.states(target)[-1] == (60.0, "unused", "Target.NotRegistered")
    cloud.run(120)
    assert cloud.books.by_status["502"] == pytest.approx(inside, abs=1)


def test_draining_lowers_the_healthy_hosts_and_raises_no_unhealthy_ones() -> None:
    cloud = Cloud(10)
    target, *_ = cloud.add(A, 2) + cloud.add(B, 1)
    cloud.run(60)
    deregister(cloud, target)
    cloud.run(180)
    assert cloud.metric("HealthyHostCount", GROUP, "Minimum", start=60) == [2, 2]
    assert cloud.metric("UnHealthyHostCount", GROUP, "Maximum", start=60) == [0, 0]


def test_with_all_targets_draining_requests_get_503() -> None:
    cloud = Cloud(10)
    targets = cloud.add(A, 2)
    cloud.run(60)
    deregister(cloud, *targets)
    cloud.run(120)
    assert cloud.books.by_status["503"] == 600


def test_a_target_registered_again_while_draining_stays() -> None:
    cloud = Cloud(10, {DELAY: "60"})
    (target,) = cloud.add()
    cloud.run(60)
    deregister(cloud, target)
    cloud.run(90)
    cloud.world.elb.register_targets("Targets", [target])
    assert cloud.view(target).reason == "Elb.RegistrationInProgress"
    cloud.run(600)
    assert [state for _, state, _ in cloud.states(target)] == [
        *("initial", "healthy", "draining", "initial", "healthy")
    ]
    assert cloud.shares([target]) == [1.0]


def test_a_target_deregistered_and_registered_again_later_starts_anew() -> None:
    cloud = Cloud(10, {DELAY: "0"})
    (target,) = cloud.add()
    cloud.run(60)
    deregister(cloud, target)
    cloud.run(90)
    cloud.world.elb.register_targets("Targets", [target])
    cloud.run(120)
    assert cloud.states(target)[-2:] == [
        (90.0, "initial", "Elb.RegistrationInProgress"),
        (94.0, "healthy", ""),
    ]


def test_unused_targets_go_without_draining() -> None:
    cloud = Cloud()
    (outside,) = cloud.add(ELSEWHERE)
    (stopped,) = cloud.add(A)
    cloud.run(60)
    cloud.world.ec2.stop_instances(stopped.id)
    cloud.run(120)
    assert deregister(cloud, outside, stopped) == 0
    cloud.run(120)
    assert cloud.group.targets == {}


def test_a_check_in_flight_does_not_touch_a_target_that_left_or_came_back() -> None:
    """Sent at 34, timed out at 39; deregistered at 35 and registered again at 36."""
    cloud = Cloud(unhealthy_threshold_count=2)
    (target,) = cloud.add()
    cloud.later(10, lambda: cloud.ail(target, unreachable=True))
    cloud.later(35, deregister, cloud, target)
    cloud.later(35, cloud.ail, target)
    cloud.later(36, cloud.world.elb.register_targets, "Targets", [target])
    cloud.run(600)
    assert cloud.states(target)[-1] == (40.0, "healthy", "")
    assert "unhealthy" not in [state for _, state, _ in cloud.states(target)]

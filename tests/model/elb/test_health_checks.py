"""Health checks: when a target changes its state ("Health checks for Application Load Balancer
target groups")."""

from __future__ import annotations

from typing import Any

import pytest

from model.elb.resources.target_groups import REGISTRATION_SECONDS
from model.services import Service
from model.traffic.shapes import Stage, Stages
from tests.model.elb.samples import A, B, Cloud

FIRST = REGISTRATION_SECONDS
"""When the first check of a target is that was registered at 0."""
TIMEOUT = 5.0
BROKEN: list[tuple[dict[str, Any], str, float]] = [
    ({"unreachable": True}, "Target.Timeout", TIMEOUT),
    ({"failing_checks": True}, "Target.ResponseCodeMismatch", 0.0),
    ({"latency": 6.0}, "Target.Timeout", TIMEOUT),
]


def test_one_passed_check_is_enough_for_a_new_target() -> None:
    """Whatever HealthyThresholdCount is."""
    cloud = Cloud(healthy_threshold_count=10)
    (target,) = cloud.add()
    cloud.run(600)
    assert cloud.states(target) == [
        (0.0, "initial", "Elb.RegistrationInProgress"),
        (FIRST, "healthy", ""),
    ]


def test_a_new_target_that_fails_is_initial_until_it_passes() -> None:
    cloud = Cloud(unhealthy_threshold_count=10)
    (target,) = cloud.add()
    cloud.ail(target, failing_checks=True)
    cloud.later(FIRST + 3 * 30 - 1, cloud.ail, target)
    cloud.run(600)
    assert cloud.states(target) == [
        (0.0, "initial", "Elb.RegistrationInProgress"),
        (FIRST, "initial", "Elb.InitialHealthChecking"),
        (FIRST + 3 * 30, "healthy", ""),
    ]


@pytest.mark.parametrize(("effect", "reason", "late"), BROKEN)
@pytest.mark.parametrize("threshold", [2, 5])
def test_a_healthy_target_is_unhealthy_after_so_many_failures_in_a_row(
    effect: dict[str, Any], reason: str, late: float, threshold: int
) -> None:
    """A check that gets no answer fails when its timeout is over."""
    cloud = Cloud(unhealthy_threshold_count=threshold)
    (target,) = cloud.add()
    cloud.later(FIRST + 1, lambda: cloud.ail(target, **effect))
    cloud.run(600)
    when = FIRST + threshold * 30 + late
    assert cloud.states(target)[1:] == [(FIRST, "healthy", ""), (when, "unhealthy", reason)]


def test_nothing_on_the_port_fails_health_checks() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.later(FIRST + 1, cloud.kill, target)
    cloud.run(600)
    last = (FIRST + 2 * 30, "unhealthy", "Target.FailedHealthChecks")
    assert cloud.states(target)[-1] == last


@pytest.mark.parametrize("threshold", [2, 5, 10])
def test_an_unhealthy_target_is_healthy_after_so_many_passes_in_a_row(threshold: int) -> None:
    cloud = Cloud(healthy_threshold_count=threshold)
    (target,) = cloud.add()
    cloud.ail(target, failing_checks=True)
    cloud.later(FIRST + 65, cloud.ail, target)
    cloud.run(600)
    assert cloud.states(target)[-2:] == [
        (FIRST + 30, "unhealthy", "Target.ResponseCodeMismatch"),
        (FIRST + 60 + threshold * 30, "healthy", ""),
    ]


def test_one_pass_resets_the_failures() -> None:
    """Two of every three checks fail, and it takes three in a row."""
    cloud = Cloud(unhealthy_threshold_count=3)
    (target,) = cloud.add()
    for number in range(1, 20, 3):
        cloud.later(FIRST + number * 30 - 1, lambda: cloud.ail(target, failing_checks=True))
        cloud.later(FIRST + number * 30 + 31, cloud.ail, target)
    cloud.run(600)
    assert len(cloud.states(target)) == 2


def test_one_failure_resets_the_passes() -> None:
    cloud = Cloud(healthy_threshold_count=3)
    (target,) = cloud.add()
    cloud.ail(target, failing_checks=True)
    for number in range(3, 20, 3):
        cloud.later(FIRST + number * 30 - 31, cloud.ail, target)
        cloud.later(FIRST + number * 30 + 1, lambda: cloud.ail(target, failing_checks=True))
    cloud.run(600)
    assert cloud.view(target).state == "unhealthy"
    assert len(cloud.states(target)) == 3


@pytest.mark.parametrize(("interval", "timeout"), [(5, 2), (10, 5), (300, 120)])
def test_checks_keep_their_interval_however_long_an_answer_takes(
    interval: int, timeout: int
) -> None:
    cloud = Cloud(
        health_check_interval_seconds=interval,
        health_check_timeout_seconds=timeout,
        unhealthy_threshold_count=4,
    )
    (target,) = cloud.add()
    cloud.later(FIRST + 1, lambda: cloud.ail(target, unreachable=True))
    cloud.run(FIRST + 5 * interval)
    when = FIRST + 4 * interval + timeout
    assert cloud.states(target)[-1] == (when, "unhealthy", "Target.Timeout")


def test_the_reason_follows_the_failure() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    cloud.ail(target, failing_checks=True)
    cloud.later(100, cloud.kill, target)
    cloud.later(200, lambda: cloud.ail(target, unreachable=True))
    cloud.run(600)
    assert cloud.states(target)[-3:] == [
        (34.0, "unhealthy", "Target.ResponseCodeMismatch"),
        (124.0, "unhealthy", "Target.FailedHealthChecks"),
        (214.0 + TIMEOUT, "unhealthy", "Target.Timeout"),
    ]


def test_errors_for_users_do_not_fail_a_check() -> None:
    """A health check has a path of its own."""
    cloud = Cloud(50)
    (target,) = cloud.add()
    cloud.ail(target, error_rate=1.0)
    cloud.run(600)
    assert cloud.view(target).state == "healthy"
    assert cloud.books.by_status["500"] > 20_000


def test_targets_of_a_dark_zone_are_unhealthy_after_threshold_intervals_and_timeout() -> None:
    cloud = Cloud(100)
    near, far = cloud.add(A, 2), cloud.add(B, 2)
    cloud.run(FIRST + 1)
    cloud.lose_zone(B, duration=300)
    cloud.run(900)
    for target in far:
        assert cloud.states(target)[1:] == [
            (FIRST, "healthy", ""),
            (FIRST + 2 * 30 + TIMEOUT, "unhealthy", "Target.Timeout"),
            (FIRST + (11 + 4) * 30, "healthy", ""),
        ]
    assert all(len(cloud.states(target)) == 2 for target in near)


def jump(rate: float) -> Stages:
    """Ten requests a second for a minute, then so many."""
    return Stages(10.0, (Stage(60.0, 10.0), Stage(0.0, rate)))


def test_a_target_behind_on_its_backlog_times_out() -> None:
    """Its workers finish 128 a second of 160: within a minute a new request waits 15 s."""
    slow = Service(name="slow", runs_on=("G",), cpu_time=0.001, wait_time=0.5, backlog=100_000)
    cloud = Cloud(jump(160.0))
    (target,) = cloud.add(A, 1, slow)
    cloud.run(300)
    assert cloud.states(target)[-1][1:] == ("unhealthy", "Target.Timeout")


def test_a_check_that_a_full_backlog_lets_in_waits_there_like_any_request() -> None:
    """One of five is refused, and the others wait 39 s: none can pass."""
    slow = Service(name="slow", runs_on=("G",), cpu_time=0.001, wait_time=0.5, backlog=5000)
    cloud = Cloud(jump(160.0), healthy_threshold_count=2)
    (target,) = cloud.add(A, 1, slow)
    cloud.run(1200)
    assert cloud.world.elb.groups["Targets"].targets[f"{target.id}:80"].passes == 0
    assert cloud.view(target).state == "unhealthy"
    reasons = {reason for time, _, reason in cloud.states(target) if time > 300}
    assert reasons == {"Target.Timeout", "Target.FailedHealthChecks"}


def test_a_full_short_backlog_refuses_health_checks_too() -> None:
    """Nothing waits long here, but nine connections of ten are refused."""
    busy = Service(name="busy", runs_on=("G",), cpu_time=0.020, workers=2, backlog=1)
    cloud = Cloud(jump(1000.0))
    (target,) = cloud.add(A, 1, busy)
    cloud.run(300)
    assert cloud.states(target)[-1][1:] == ("unhealthy", "Target.FailedHealthChecks")

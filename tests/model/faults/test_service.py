"""Faults of the service itself: failing checks, errors, slowness, a memory leak."""

from __future__ import annotations

from typing import Any

import pytest

from model.ec2.instances import InstanceState
from tests.model.faults.samples import calm, do, lift, metric, set_desired, view
from tests.model.samples import CAPACITY, instances

WEB: dict[str, Any] = {"services": ("web",)}


def test_checks_fail_while_users_are_served_well() -> None:
    world = calm(2)
    one, other = instances(world)
    do(world, "spillover:fail-health-checks", instances=(one.id,))
    world.run(240.0)
    failing = view(world, one)
    assert (failing.state, failing.reason) == ("unhealthy", "Target.ResponseCodeMismatch")
    assert failing.description == "Health checks failed with these codes: [503]"
    assert view(world, other).state == "healthy"
    assert metric(world, "HTTPCode_Target_5XX_Count", 0, 240) == []
    world.note_totals()
    assert set(world.elb.books["Balancer"].by_status) == {"200"}
    lift(world)
    world.run(320.0)
    assert view(world, one).state == "healthy"


def test_so_many_percent_are_answered_with_a_500() -> None:
    world = calm(1, rate=80.0)
    do(world, "spillover:error-rate", **WEB, percent=25.0)
    world.run(360.0)
    errors = sum(metric(world, "HTTPCode_Target_5XX_Count", 60, 360))
    assert errors == pytest.approx(0.25 * 80 * 300, rel=0.05)
    assert view(world, instances(world)[0]).state == "healthy"


def test_slow_responses_take_so_many_times_as_long_and_leave_so_much_less_capacity() -> None:
    world = calm(1, rate=1.0)
    (one,) = instances(world)
    assert one.capability().service_time == pytest.approx(0.05)
    do(world, "spillover:slow-responses", **WEB, factor=4.0)
    assert one.capability().service_time == pytest.approx(0.2)
    assert one.capability().capacity == pytest.approx(CAPACITY / 4)
    world.run(70.0)
    assert view(world, one).response_time == pytest.approx(0.2, rel=0.05)


def test_slow_faults_multiply_and_each_is_lifted_alone() -> None:
    world = calm(1)
    (one,) = instances(world)
    do(world, "spillover:slow-responses", id="a", **WEB, factor=2.0)
    do(world, "spillover:slow-responses", id="b", **WEB, factor=3.0)
    assert one.ailing.slowdown == pytest.approx(6.0)
    lift(world, "a")
    assert one.ailing.slowdown == pytest.approx(3.0)


def test_errors_of_two_faults_strike_independently() -> None:
    world = calm(1)
    for _ in range(2):
        do(world, "spillover:error-rate", **WEB, percent=50.0)
    assert instances(world)[0].ailing.error_rate == pytest.approx(0.75)


def test_a_leak_slows_the_service_down_and_ends_it_when_the_memory_is_gone() -> None:
    world = calm(1)
    (one,) = instances(world)
    do(world, "spillover:memory-leak", **WEB, time_to_exhaust=100.0)
    seen = []
    for time in range(60, 160, 10):
        world.run(float(time))
        seen.append(one.ailing.slowdown)
        assert one.service_up
    assert seen == sorted(seen)
    assert seen[0] == 1.0
    assert 1.5 < seen[-1] < 2.0
    world.run(160.0)
    assert not one.service_up
    assert one.state is InstanceState.RUNNING


def test_a_service_that_leaked_starts_afresh_and_leaks_again() -> None:
    world = calm(1)
    (one,) = instances(world)
    do(world, "spillover:memory-leak", **WEB, time_to_exhaust=100.0)
    world.run(180.0)  # killed at 160 s, up again 20 s later
    assert one.service_up
    assert one.ailing.slowdown == pytest.approx(1.0, abs=0.01)
    world.run(270.0)
    assert one.service_up
    assert one.ailing.slowdown > 1.5
    world.run(290.0)
    assert not one.service_up


@pytest.mark.parametrize("time_to_exhaust", [20.0, 100.0, 400.0])
def test_newcomers_leak_from_their_own_start(time_to_exhaust: float) -> None:
    world = calm(1)
    do(world, "spillover:memory-leak", **WEB, time_to_exhaust=time_to_exhaust)
    (new,) = set_desired(world, 2)
    while not new.service_up:
        world.run(world.now + 0.5)
    up = world.now
    world.run(up + 0.8 * time_to_exhaust)
    assert new.service_up
    assert new.ailing.slowdown > 1.3
    while new.service_up:
        world.run(world.now + 0.5)
    assert world.now - up == pytest.approx(time_to_exhaust, rel=0.1)


def test_a_reboot_gives_a_leaking_service_its_memory_back() -> None:
    world = calm(1)
    (one,) = instances(world)
    do(world, "spillover:memory-leak", **WEB, time_to_exhaust=400.0)
    world.run(300.0)
    full = one.ailing.slowdown
    do(world, "aws:ec2:reboot-instances", **WEB)
    world.run(410.0)
    assert one.service_up
    assert 1.0 <= one.ailing.slowdown < full


def test_a_leak_that_is_lifted_does_not_come_back_with_another_of_its_name() -> None:
    world = calm(1)
    (one,) = instances(world)
    do(world, "spillover:memory-leak", id="it", **WEB, time_to_exhaust=100.0)
    world.run(130.0)
    lift(world, "it")
    assert one.ailing.slowdown == 1.0
    do(world, "spillover:memory-leak", id="it", **WEB, time_to_exhaust=10_000.0)
    world.run(300.0)
    assert one.service_up

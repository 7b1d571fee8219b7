"""A function's environments ("Understanding Lambda function scaling")."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow.capability import Answering, Capability
from model.flow.latency import LOWEST, PER_OCTAVE
from model.flow.mixture import Mixture
from model.flow.waiting import Discipline
from model.functions.concurrency import (
    AT_ONCE,
    KEPT,
    SCALING,
    Environments,
    FunctionStation,
    lost,
    needed,
)


def station(time: float = 0.1, limit: float = 1000.0, cold_start: float = 0.5) -> FunctionStation:
    can = Capability(Answering.SERVING, wait_time=time, workers=max(limit, 1), vcpus=1e9)
    return FunctionStation(can, 60.0, pool=Environments(limit), timeout=3.0, cold_start=cold_start)


def play(own: FunctionStation, rate: float, seconds: float, dt: float = 1.0) -> Mixture:
    mixture = Mixture()
    for step in range(round(seconds / dt)):
        own.expect(rate, ())
        own.step(step * dt, dt, rate * dt, Discipline.ROUND_ROBIN, 1, mixture)
    return mixture


def test_erlangs_loss_formula_between_whole_numbers() -> None:
    assert lost(0.0, 5.0) == 1.0
    assert lost(1.0, 2.0) == pytest.approx(2 / 3)
    assert lost(2.0, 2.0) == pytest.approx(0.4)
    assert lost(1.5, 2.0) == pytest.approx((2 / 3 + 0.4) / 2)


def test_an_idle_function_starts_cold_and_then_is_warm() -> None:
    own = station()
    play(own, 10.0, 60.0)
    early = own.cold
    assert 1.0 <= early <= 10.0
    play(own, 10.0, 600.0)
    assert own.cold - early < 5.0
    assert own.in_service == pytest.approx(1.0, rel=0.05)


def test_rare_requests_find_no_environment() -> None:
    """One request an hour always starts cold: nobody keeps the environment that long."""
    own = station()
    play(own, 1 / 3600, 100 * 3600.0, 60.0)
    assert own.cold == pytest.approx(100.0 * math.exp(-KEPT / 3600), rel=0.1)


def test_what_is_more_than_the_limit_is_throttled() -> None:
    own = station(time=1.0, limit=10.0, cold_start=0.0)
    play(own, 100.0, 120.0)
    before = own.totals.refused
    play(own, 100.0, 60.0)
    # 10 environments for a second each: Erlang's loss formula of ten servers under a load of 100
    assert (own.totals.refused - before) / 6000 == pytest.approx(0.9, abs=0.02)
    assert own.pool.number <= 10.0


def test_reserved_concurrency_of_zero_throttles_everything() -> None:
    own = station(limit=0.0)
    play(own, 5.0, 60.0)
    assert own.totals.refused == pytest.approx(300.0)


def test_a_thousand_environments_at_once_and_a_thousand_more_in_ten_seconds() -> None:
    own = station(time=2.0, limit=10_000.0, cold_start=0.0)
    own.timeout = 30.0
    play(own, 2000.0, 10.0)
    assert own.pool.number == pytest.approx(AT_ONCE + 10 * SCALING, rel=0.03)
    burst = station(time=0.9)
    play(burst, 900.0, 60.0)  # 810 at a time
    assert burst.totals.refused == pytest.approx(0.0, abs=1.0)


def test_a_lower_limit_counts_at_once() -> None:
    own = station(time=1.0, limit=100.0, cold_start=0.0)
    play(own, 60.0, 120.0)
    own.pool.limit = 10.0
    play(own, 60.0, 20.0)
    before = own.totals.refused
    play(own, 60.0, 60.0)
    assert own.totals.refused - before == pytest.approx(50 * 60, rel=0.1)
    assert own.in_service <= 10.0


def test_two_target_groups_share_one_function() -> None:
    one = station(time=1.0, limit=10.0, cold_start=0.0)
    can = one.capability
    other = FunctionStation(can, 60.0, pool=one.pool, timeout=3.0, cold_start=0.0)
    mixture = Mixture()
    for second in range(180):
        for own in (one, other):
            own.expect(30.0, ())
        for own in (one, other):
            own.step(float(second), 1.0, 30.0, Discipline.ROUND_ROBIN, 1, mixture)
    assert one.in_service + other.in_service <= 10.0 + 1e-6
    assert one.in_service == pytest.approx(other.in_service, rel=0.05)


def test_an_invocation_ends_with_its_time_out() -> None:
    """It holds its environment until then, and that is its duration."""
    own = station(time=20.0)
    own.timeout = 3.0
    mixture = play(own, 10.0, 600.0)
    # of exponential services of 20 s, the mean of those cut at 3 s
    held = 20 * (1 - math.exp(-3 / 20))
    assert own.in_service == pytest.approx(10 * held, rel=0.02)
    assert own.seconds / own.totals.arrived == pytest.approx(held, rel=1e-6)
    done = own.totals.finished
    assert own.totals.late / done == pytest.approx(math.exp(-3 / 20), rel=0.02)
    assert len(np.nonzero(mixture.histogram(60.0))[0]) > 0
    longest = 2.0 ** (np.nonzero(mixture.histogram(60.0))[0][-1] / PER_OCTAVE + LOWEST)
    assert longest <= 3.5 * 1.1


def test_environments_that_nobody_needs_are_taken_away() -> None:
    own = station()
    play(own, 500.0, 300.0)
    many = own.pool.number
    assert many > 50
    play(own, 5.0, 3 * KEPT)
    assert own.pool.number < 0.2 * many
    assert own.pool.number >= needed(5.0, 0.5) - 1


def test_against_every_request_simulated() -> None:
    """Cold starts of a function under Poisson requests: environments taken the freshest first."""
    rate, time, cold_start, end = 20.0, 0.2, 0.5, 3600.0
    generator = np.random.default_rng(5)
    cold = []
    for _ in range(5):
        free: list[float] = []  # when each was last freed, the freshest last
        busy: list[float] = []
        now, number = 0.0, 0
        while (now := now + generator.exponential(1 / rate)) < end:
            free += sorted(done for done in busy if done <= now)
            busy = [done for done in busy if done > now]
            free = [since for since in free if since > now - KEPT]
            service = generator.exponential(time)
            if free:
                free.pop()
            else:
                number += 1
                service += cold_start
            busy.append(now + service)
        cold.append(number)
    own = station(time=time, cold_start=cold_start)
    play(own, rate, end)
    assert own.cold == pytest.approx(np.mean(cold), rel=0.35)


@settings(max_examples=30, deadline=None)
@given(
    rates=st.lists(st.floats(0.0, 2000.0), min_size=1, max_size=5),
    time=st.floats(0.001, 5.0),
    limit=st.floats(0.0, 500.0),
)
def test_no_invocation_is_lost(rates: list[float], time: float, limit: float) -> None:
    own = station(time=time, limit=limit)
    for rate in rates:
        play(own, rate, 20.0)
        assert own.totals.finished + own.in_flight == pytest.approx(own.totals.arrived, rel=1e-6)
        assert 0.0 <= own.pool.number <= max(limit, 0.0) + 1e-9

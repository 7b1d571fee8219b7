"""The queueing formulas against closed forms and other ways to the same number."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.flow.formulas import blocking, erlang_c, kimura, residual
from model.flow.latency import service_cdf

RHO = st.floats(0.01, 0.99)


def erlang_c_by_sums(servers: int, rho: Fraction) -> float:
    """The chance to wait in M/M/c, straight from the state probabilities and in exact numbers."""
    load = servers * rho
    waiting = load**servers / math.factorial(servers) / (1 - rho)
    free = sum(load**k / math.factorial(k) for k in range(servers))
    return float(waiting / (free + waiting))


@given(RHO)
def test_one_server_makes_wait_with_the_chance_that_it_is_busy(rho: float) -> None:
    assert erlang_c(1, rho) == pytest.approx(rho, rel=1e-12)


@given(RHO)
def test_two_servers_follow_their_closed_form(rho: float) -> None:
    assert erlang_c(2, rho) == pytest.approx(2 * rho**2 / (1 + rho), rel=1e-12)


@pytest.mark.parametrize(
    ("servers", "load", "chance"),
    [(2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (5, 4.0, 0.5541), (10, 8.0, 0.4092)],
)
def test_erlang_c_has_the_values_of_the_tables(servers: int, load: float, chance: float) -> None:
    assert erlang_c(servers, load / servers) == pytest.approx(chance, abs=5e-5)


@pytest.mark.parametrize("servers", [1, 2, 4, 16, 64, 200])
@pytest.mark.parametrize("percent", [5, 50, 70, 90, 99])
def test_erlang_c_equals_the_sum_over_states(servers: int, percent: int) -> None:
    expected = erlang_c_by_sums(servers, Fraction(percent, 100))
    assert erlang_c(servers, percent / 100) == pytest.approx(expected, rel=1e-9)


@given(st.floats(1, 30), st.floats(0, 10), RHO)
def test_more_servers_at_the_same_utilisation_make_wait_less(
    servers: float, more: float, rho: float
) -> None:
    assert erlang_c(servers + more, rho) <= erlang_c(servers, rho) * (1 + 1e-12)


@given(st.floats(0.1, 100))
def test_nobody_waits_at_an_idle_server_and_everybody_at_a_full_one(servers: float) -> None:
    assert erlang_c(servers, 0.0) == 0.0
    assert erlang_c(servers, 1.0) == erlang_c(servers, 1.7) == 1.0


@given(st.floats(1, 100), RHO)
def test_exponential_service_needs_no_correction(servers: float, rho: float) -> None:
    assert kimura(servers, rho, 1.0) == pytest.approx(1.0, rel=1e-12)


@given(RHO, st.floats(0, 9))
def test_one_server_follows_pollaczek_and_khinchine(rho: float, cs2: float) -> None:
    assert kimura(1, rho, cs2) == pytest.approx((1 + cs2) / 2, rel=1e-12)


def md_wait(servers: int, rho: float) -> float:
    """The mean wait in M/D/c with a service time of 1, by the number of requests in the system at
    instants one service time apart: those in service then are all gone, those that came are not."""
    rate, size = servers * rho, 400
    came = np.exp([k * math.log(rate) - rate - math.lgamma(k + 1) for k in range(size)])
    states = np.zeros(size)
    states[0] = 1.0
    for _ in range(1500):
        left = np.concatenate([[states[: servers + 1].sum()], states[servers + 1 :]])
        states = np.convolve(left, came)[:size]
    return float((states * np.arange(size)).sum()) / rate - 1.0


@pytest.mark.parametrize("servers", [1, 2, 4, 16])
@pytest.mark.parametrize("rho", [0.5, 0.7, 0.9])
def test_fixed_service_times_wait_as_in_m_d_c(servers: int, rho: float) -> None:
    exponential = erlang_c(servers, rho) / (servers * (1 - rho))
    assert kimura(servers, rho, 0.0) * exponential == pytest.approx(md_wait(servers, rho), rel=0.05)


def mmck_loss(servers: int, room: int, rho: float) -> float:
    """The share of arrivals that find M/M/c/c+room full, by its birth-death chain."""
    load = servers * rho
    weights = [1.0]
    for n in range(1, servers + room + 1):
        weights.append(weights[-1] * load / min(n, servers))
    return weights[-1] / sum(weights)


@pytest.mark.parametrize(("servers", "room"), [(1, 0), (1, 5), (2, 8), (4, 20), (16, 10)])
@pytest.mark.parametrize("rho", [0.3, 0.7, 0.95, 1.0, 1.5])
def test_the_loss_of_a_finite_waiting_room_is_exact_for_mmck(
    servers: int, room: int, rho: float
) -> None:
    assert blocking(servers, rho, room) == pytest.approx(mmck_loss(servers, room, rho))


@pytest.mark.parametrize("variation", [0.0, 0.5, 1.0, 2.0])
def test_residual_lives_are_the_integral_of_the_service_times_tail(variation: float) -> None:
    times = np.linspace(0.0, 400.0, 400_001)
    survival = 1 - service_cdf(times, 2.0, variation)
    steps = (survival[1:] + survival[:-1]) / 2 * np.diff(times)
    for moment in (0.0, 0.5, 1.0, 1.9, 4.0, 10.0):
        left = float(steps[times[:-1] >= moment - 1e-9].sum()) / 2.0
        assert residual(moment, 2.0, variation) == pytest.approx(left, abs=2e-3)

"""How long requests wait, by routing: laws between the disciplines, and exact special cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.flow.formulas import erlang_c
from model.flow.waiting import Discipline, Wait, wait_for

ROUND_ROBIN = Discipline.ROUND_ROBIN
LEAST_OUTSTANDING = Discipline.LEAST_OUTSTANDING
RANDOM = Discipline.RANDOM

SERVERS = st.sampled_from([1, 2, 4, 16, 64])
PEERS = st.sampled_from([1, 2, 3, 10, 50])
RHO = st.floats(0.05, 0.98)
NOBODY = 1e-300
"""A wait that is too rare for double precision."""


def wait(
    discipline: Discipline,
    servers: int = 4,
    rho: float = 0.7,
    peers: int = 10,
    variation: float = 1.0,
    service_time: float = 0.05,
) -> Wait:
    rate = rho * servers / service_time
    return wait_for(servers, service_time, variation, rate, discipline, peers)


@pytest.mark.parametrize("variation", [1.0, 2.0])
@pytest.mark.parametrize("rho", [0.5, 0.7, 0.9])
@pytest.mark.parametrize("peers", [2, 3, 10, 50])
@pytest.mark.parametrize("servers", [1, 4, 16])
def test_least_outstanding_waits_no_longer_than_round_robin_and_that_than_random(
    servers: int, peers: int, rho: float, variation: float
) -> None:
    least, turns, chance = (
        wait(discipline, servers, rho, peers, variation).overall
        for discipline in (LEAST_OUTSTANDING, ROUND_ROBIN, RANDOM)
    )
    assert least <= turns <= chance


@given(SERVERS, RHO, st.floats(0, 3), st.sampled_from(list(Discipline)))
def test_to_a_single_target_all_routing_is_the_same(
    servers: int, rho: float, variation: float, discipline: Discipline
) -> None:
    alone = wait(discipline, servers, rho, 1, variation)
    assert alone == wait(RANDOM, servers, rho, 1, variation)


@given(RHO, st.floats(0.001, 10))
def test_one_worker_with_exponential_service_is_m_m_1(rho: float, service_time: float) -> None:
    waited = wait(RANDOM, servers=1, rho=rho, peers=1, service_time=service_time)
    assert waited.chance == pytest.approx(rho, rel=1e-4)
    response = service_time + waited.overall
    assert response == pytest.approx(service_time / (1 - rho), rel=1e-4)


@given(SERVERS, RHO, PEERS)
def test_random_routing_makes_each_target_an_m_m_c_queue(
    servers: int, rho: float, peers: int
) -> None:
    waited = wait(RANDOM, servers, rho, peers)
    assert waited.chance == pytest.approx(erlang_c(servers, rho), rel=2e-4, abs=1e-5)
    assert waited.mean == pytest.approx(0.05 / (servers * (1 - rho)), rel=1e-4)


@given(SERVERS, RHO, PEERS, st.floats(0, 3), st.sampled_from(list(Discipline)))
def test_twice_the_service_time_at_half_the_rate_waits_twice_as_long(
    servers: int, rho: float, peers: int, variation: float, discipline: Discipline
) -> None:
    once = wait(discipline, servers, rho, peers, variation, 0.05)
    twice = wait(discipline, servers, rho, peers, variation, 0.1)
    assert twice.chance == pytest.approx(once.chance, rel=1e-9)
    assert twice.mean == pytest.approx(2 * once.mean, rel=1e-9)


@given(SERVERS, st.tuples(RHO, RHO), PEERS, st.sampled_from(list(Discipline)))
def test_more_load_never_waits_less(
    servers: int, loads: tuple[float, float], peers: int, discipline: Discipline
) -> None:
    less, more = (wait(discipline, servers, rho, peers).overall for rho in sorted(loads))
    assert less <= more * (1 + 1e-9) + NOBODY


@given(SERVERS, PEERS, st.sampled_from(list(Discipline)))
def test_without_load_or_service_nobody_waits(
    servers: int, peers: int, discipline: Discipline
) -> None:
    assert wait(discipline, servers, 0.0, peers).overall == 0.0
    assert wait_for(servers, 0.0, 1.0, 100.0, discipline, peers).overall == 0.0

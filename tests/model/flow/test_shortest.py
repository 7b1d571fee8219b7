"""Waits where the shortest line is joined, beside what the theory knows exactly."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.flow.waiting import Discipline, wait_for


def shortest_of_two(rho: float, longest: int = 40) -> float:
    """Mean wait (in service times) at two exponential servers whose shorter line is joined.

    The Markov chain of the two lengths, cut at `longest`, solved for its equilibrium.
    """
    states = {pair: i for i, pair in enumerate(product(range(longest + 1), repeat=2))}
    flow = np.zeros((len(states), len(states)))

    def move(here: tuple[int, int], there: tuple[int, int], rate: float) -> None:
        if there in states:
            flow[states[there], states[here]] += rate
            flow[states[here], states[here]] -= rate

    for a, b in states:
        move((a, b), (a + 1, b), 2 * rho * (1.0 if a < b else 0.5 if a == b else 0.0))
        move((a, b), (a, b + 1), 2 * rho * (1.0 if b < a else 0.5 if a == b else 0.0))
        move((a, b), (a - 1, b), 1.0)
        move((a, b), (a, b - 1), 1.0)
    flow[-1, :] = 1.0
    right = np.zeros(len(states))
    right[-1] = 1.0
    chances = np.linalg.solve(flow, right)
    present = sum(chance * (a + b) for (a, b), chance in zip(states, chances, strict=True))
    return float(present) / (2 * rho) - 1


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.7, 0.85])
def test_two_lines_are_joined_as_the_markov_chain_says(rho: float) -> None:
    wait = wait_for(1.0, 1.0, 1.0, rho, Discipline.LEAST_OUTSTANDING, 2)
    known = shortest_of_two(rho)
    assert 1 + wait.overall == pytest.approx(1 + known, rel=0.02)


@given(
    servers=st.sampled_from([1.0, 2.0, 4.0, 16.0]),
    rho=st.floats(0.1, 0.95),
    variation=st.sampled_from([0.5, 1.0, 2.0]),
    peers=st.sampled_from([2, 10, 50]),
)
def test_the_shortest_line_is_between_one_pool_and_chance(
    servers: float, rho: float, variation: float, peers: int
) -> None:
    """Who can take any free server waits least, who is sent anywhere waits longest."""
    rate = rho * servers
    pool = wait_for(peers * servers, 1.0, variation, peers * rate, Discipline.RANDOM, 1)
    chance = wait_for(servers, 1.0, variation, rate, Discipline.RANDOM, peers)
    shortest = wait_for(servers, 1.0, variation, rate, Discipline.LEAST_OUTSTANDING, peers)
    assert pool.overall <= shortest.overall * (1 + 1e-4) + 1e-9
    assert shortest.overall <= chance.overall * (1 + 1e-4) + 1e-9

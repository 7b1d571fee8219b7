"""Response times of a steady load against a simulation of every request, for each routing."""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from model.flow import latency
from model.flow.latency import Mixture
from model.flow.waiting import Discipline
from tests.model.flow.samples import CAPACITY, station

TARGETS, WORKERS, MEAN = 3, 4, 0.05
REQUESTS = 150_000


def response_times(discipline: Discipline, load: float) -> np.ndarray:
    """Poisson arrivals to three targets of four workers each, first come first served."""
    generator = np.random.default_rng(7)
    arrivals = generator.exponential(1 / (load * TARGETS * CAPACITY), REQUESTS).cumsum().tolist()
    services = generator.exponential(MEAN, REQUESTS).tolist()
    chosen = generator.integers(0, TARGETS, REQUESTS).tolist()
    free = [[0.0] * WORKERS for _ in range(TARGETS)]
    inside: list[list[float]] = [[] for _ in range(TARGETS)]
    times = []
    for number, (came, service) in enumerate(zip(arrivals, services, strict=True)):
        match discipline:
            case Discipline.ROUND_ROBIN:
                target = number % TARGETS
            case Discipline.RANDOM:
                target = chosen[number]
            case Discipline.LEAST_OUTSTANDING:
                for done in inside:
                    while done and done[0] <= came:
                        heapq.heappop(done)
                first = chosen[number]  # among equals, any
                order = (*range(first, TARGETS), *range(first))
                target = min(order, key=lambda index: len(inside[index]))
        end = max(came, heapq.heappop(free[target])) + service
        heapq.heappush(free[target], end)
        heapq.heappush(inside[target], end)
        times.append(end - came)
    return np.array(times)


@pytest.mark.parametrize("load", [0.5, 0.7])
@pytest.mark.parametrize("discipline", list(Discipline))
def test_a_steady_load_takes_as_long_as_request_by_request(
    discipline: Discipline, load: float
) -> None:
    exact = response_times(discipline, load)
    fed, mixture = station(), Mixture()
    for second in range(300):
        fed.step(float(second), 1.0, load * CAPACITY, discipline, TARGETS, mixture)
    counts = mixture.histogram()
    assert latency.mean(counts) == pytest.approx(exact.mean(), rel=0.03)
    for percent, tolerance in ((50, 0.04), (90, 0.04), (99, 0.06)):
        found = latency.percentile(counts, percent)
        assert found == pytest.approx(np.percentile(exact, percent), rel=tolerance)

"""A spike above capacity: the backlog it leaves, how that drains, and how long requests take.

The load is 70 % of capacity, 130 % for two minutes, then 70 % again.
"""

from __future__ import annotations

import heapq

import numpy as np
import pytest

from model.flow import latency
from tests.model.flow.samples import CAPACITY, Line, station

CALM, SPIKE = 0.7 * CAPACITY, 1.3 * CAPACITY
BEGINS, ENDS, OVER = 120.0, 240.0, 600.0


def spiked(step: float = 1.0, until: float = OVER) -> Line:
    line = Line(station())
    line.run(BEGINS, CALM, step)
    line.run(ENDS - BEGINS, SPIKE, step)
    line.run(until - ENDS, CALM, step)
    return line


@pytest.mark.parametrize("step", [0.5, 1.0, 5.0])
def test_the_backlog_is_what_capacity_could_not_serve(step: float) -> None:
    assert spiked(step, until=ENDS).station.backlog == pytest.approx(0.3 * CAPACITY * 120)


def test_the_last_in_line_will_have_waited_backlog_over_capacity() -> None:
    line = spiked(until=ENDS)
    assert line.station.delay == pytest.approx(0.3 * 120 / 1.3, abs=1.0)


@pytest.mark.parametrize("step", [0.5, 1.0, 5.0])
def test_it_drains_in_as_long_as_the_spare_capacity_needs(step: float) -> None:
    assert spiked(step, until=ENDS + 115).station.backlog == pytest.approx(0.3 * CAPACITY * 5)
    assert spiked(step, until=ENDS + 120).station.backlog == pytest.approx(0.0, abs=1e-6)


def test_while_a_backlog_drains_no_more_are_in_service_than_there_are_workers() -> None:
    line = spiked(until=ENDS + 60)
    assert 4 * 0.99 <= line.station.in_service <= 4 + CALM * line.station.chance.mean * 2 + 0.1


def test_all_that_waited_is_answered_within_the_idle_timeout() -> None:
    line = spiked()
    assert line.totals.late == pytest.approx(0.0, abs=1e-4)
    assert line.totals.succeeded == pytest.approx(line.totals.arrived, rel=1e-3)


def response_times(seed: int) -> np.ndarray:
    """The same spike request by request: Poisson arrivals, first come first served."""
    generator = np.random.default_rng(seed)
    spans = ((0.0, BEGINS, CALM), (BEGINS, ENDS, SPIKE), (ENDS, OVER, CALM))
    arrivals = np.concatenate(
        [
            np.sort(generator.uniform(start, end, generator.poisson(rate * (end - start))))
            for start, end, rate in spans
        ]
    )
    services = generator.exponential(0.05, len(arrivals))
    free, times = [0.0] * 4, []
    for came, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        done = max(came, heapq.heappop(free)) + service
        heapq.heappush(free, done)
        times.append(done - came)
    return np.array(times)


def test_response_times_are_those_of_a_simulation_of_every_request() -> None:
    exact = np.concatenate([response_times(seed) for seed in range(10)])
    counts = spiked().mixture.histogram()
    assert latency.mean(counts) == pytest.approx(exact.mean(), rel=0.02)
    for percent, tolerance in ((25, 0.1), (75, 0.06), (90, 0.04), (99, 0.04)):
        found = latency.percentile(counts, percent)
        assert found == pytest.approx(np.percentile(exact, percent), rel=tolerance)

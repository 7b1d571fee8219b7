"""A backlog that is full holds requests up for as long as it takes to serve it, no longer."""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.flow.latency import BUCKETS, LOWEST, PER_OCTAVE
from tests.model.flow.samples import Line, station

SERVERS, RATE = 10, 30.0
"""Ten services of a second each, and three times as many requests as they can do."""


def response(backlog: int) -> float:
    """The mean response time of those who are let in, in M/M/c/c+backlog."""
    weights: list[float] = [
        RATE**n / (math.factorial(min(n, SERVERS)) * SERVERS ** max(n - SERVERS, 0))
        for n in range(SERVERS + backlog + 1)
    ]
    whole = sum(weights)
    held: float = sum(n * weight for n, weight in enumerate(weights)) / whole
    return held / (RATE * (1 - weights[-1] / whole))


@pytest.mark.parametrize("backlog", [0, 10, 100])
def test_against_the_exact_queue(backlog: int) -> None:
    line = Line(station(wait_time=1.0, cpu_time=0.0, workers=SERVERS, backlog=backlog))
    line.run(120, RATE)
    line.mixture.clear()
    line.run(60, RATE)
    times = line.mixture.histogram()
    middles = 2.0 ** ((np.arange(BUCKETS) + 0.5) / PER_OCTAVE + LOWEST)
    assert (times * middles).sum() / times.sum() == pytest.approx(response(backlog), rel=0.1)
    assert line.station.in_service <= SERVERS * 1.05

"""Response times of a steady load against a simulation of every request, for each routing."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.exact import Case, simulate
from model.flow import latency
from model.flow.mixture import Mixture
from model.flow.waiting import Discipline
from tests.model.flow.samples import CAPACITY, station

TARGETS, WORKERS, MEAN = 3, 4, 0.05
REQUESTS = 150_000


def response_times(discipline: Discipline, load: float) -> np.ndarray:
    """Poisson arrivals to three targets of four workers each, first come first served."""
    case = Case(TARGETS, WORKERS, load, 1.0, discipline.value)
    return MEAN * simulate(case, REQUESTS, seed=7)


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

"""Requests of several kinds on one target."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow import latency
from model.flow.capability import Work, mixed, together
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from tests.model.flow.samples import serving

SHORT, LONG = Work(0.0, 0.02, 1.0), Work(0.0, 0.2, 1.0)
BOTH = ((0, 0.75), (1, 0.25))


def test_mean_and_variation_of_a_mixture() -> None:
    # hyperexponential: E[S] = 0.065, E[S2] = 2 (0.75 0.02^2 + 0.25 0.2^2)
    mean, variation = together([(0.75, 0.02, 1.0), (0.25, 0.2, 1.0)])
    assert mean == pytest.approx(0.065)
    assert variation**2 == pytest.approx(2 * 0.0103 / 0.065**2 - 1, rel=1e-3)


def test_capacity_follows_what_comes() -> None:
    can = serving(works=(SHORT, LONG), workers=4)
    assert mixed(can, ((0, 1.0),)).capacity == pytest.approx(200.0)
    assert mixed(can, ((1, 1.0),)).capacity == pytest.approx(20.0)
    assert mixed(can, BOTH).capacity == pytest.approx(4 / 0.065)


def test_one_server_waits_as_pollaczek_and_khinchine_say() -> None:
    station = Station(serving(works=(SHORT, LONG), workers=1), 60.0)
    mixture, rate = Mixture(), 10.0
    for step in range(100):
        mixture.clear()
        station.expect(rate, BOTH)
        station.step(step * 60.0, 60.0, rate * 60, Discipline.RANDOM, 1, mixture)
    wait = rate * 0.0206 / 2 / (1 - rate * 0.065)
    assert station.response_time == pytest.approx(0.065 + wait, rel=0.01)
    assert latency.mean(mixture.histogram()) == pytest.approx(0.065 + wait, rel=0.02)


def test_each_kind_has_its_own_response_times() -> None:
    """Where nobody waits, three in four are done within short times."""
    station, mixture = Station(serving(works=(SHORT, LONG), workers=500), 60.0), Mixture()
    station.expect(10.0, BOTH)
    station.step(0.0, 60.0, 600.0, Discipline.RANDOM, 1, mixture)
    histogram = mixture.histogram()
    late = latency.share_above(histogram, 0.2) / float(histogram.sum())
    assert late == pytest.approx(0.25 * 2.718**-1 + 0.75 * 2.718**-10, rel=0.02)


MIXES = st.sampled_from([((0, 1.0),), BOTH, ((1, 1.0),)])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(MIXES, st.sampled_from([0.0, 10.0, 100.0])), min_size=1, max_size=20))
def test_what_arrived_is_finished_or_inside(
    steps: list[tuple[tuple[tuple[int, float], ...], float]],
) -> None:
    station, mixture = Station(serving(works=(SHORT, LONG), backlog=50), 2.0), Mixture()
    for number, (mix, rate) in enumerate(steps):
        station.expect(rate, mix if rate else ())
        station.step(float(number), 1.0, rate, Discipline.RANDOM, 1, mixture)
        totals = station.totals
        assert totals.finished + station.in_flight == pytest.approx(totals.arrived)

"""How time is cut into steps changes nothing, while the rate is constant."""

from __future__ import annotations

from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from tests.model.flow.samples import CAPACITY, IDLE_TIMEOUT, serving

DT = st.floats(0.1, 30.0)
SHARE = st.floats(0.05, 0.95)


def made(backlog: float = 0.0, in_service: float = 0.0, limit: float = 1e6) -> Station:
    station = Station(serving(backlog=limit), IDLE_TIMEOUT)
    station.backlog, station.in_service = backlog, in_service
    station.totals.arrived = backlog + in_service
    return station


def step(station: Station, dt: float, rate: float, *cuts: float) -> Station:
    """One step, or several that add up to it."""
    places = [0.0, *(dt * cut for cut in cuts), dt]
    for start, end in pairwise(places):
        span = end - start
        station.step(start, span, rate * span, Discipline.ROUND_ROBIN, 3, Mixture())
    return station


@settings(deadline=None, max_examples=60)
@given(DT, SHARE, st.floats(0.0, 0.8), st.floats(0.0, 50.0))
def test_two_steps_leave_what_one_leaves(
    dt: float, cut: float, load: float, in_service: float
) -> None:
    whole = step(made(0.0, in_service), dt, load * CAPACITY)
    parts = step(made(0.0, in_service), dt, load * CAPACITY, cut)
    assert parts.in_flight == pytest.approx(whole.in_flight, rel=1e-9, abs=1e-9)
    assert parts.busy == pytest.approx(whole.busy, rel=1e-9)
    assert attrs.astuple(parts.totals) == pytest.approx(
        attrs.astuple(whole.totals), rel=1e-9, abs=1e-9
    )


@settings(deadline=None, max_examples=60)
@given(DT, SHARE, st.floats(0.0, 3.0), st.floats(0.0, 500.0), st.sampled_from([500.0, 1e6]))
def test_two_steps_leave_the_same_backlog_and_refuse_the_same(
    dt: float, cut: float, load: float, backlog: float, limit: float
) -> None:
    whole = step(made(backlog, limit=limit), dt, load * CAPACITY)
    parts = step(made(backlog, limit=limit), dt, load * CAPACITY, cut)
    assert parts.backlog == pytest.approx(whole.backlog, rel=1e-9, abs=1e-7)
    assert parts.totals.refused == pytest.approx(whole.totals.refused, rel=1e-9, abs=1e-7)
    assert parts.totals.arrived == pytest.approx(whole.totals.arrived, rel=1e-9, abs=1e-7)
    started = [item.totals.arrived - item.totals.refused - item.backlog for item in (whole, parts)]
    assert started[0] == pytest.approx(started[1], rel=1e-9, abs=1e-7)

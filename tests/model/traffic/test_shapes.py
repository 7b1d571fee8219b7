"""Shapes of traffic: the integral of a rate over time, however time is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.fields import FieldError
from model.traffic.shapes import Constant, Pattern, Shape, Stage, Stages, Trace

RATE = st.floats(0.0, 1000.0)
STAGES = st.builds(
    Stages,
    RATE,
    st.lists(st.builds(Stage, st.sampled_from([0.0, 10.0, 90.0]), RATE), max_size=6).map(tuple),
)
TRACES = st.builds(
    Trace,
    st.lists(st.floats(0.0, 1e5), max_size=12).map(tuple),
    st.sampled_from([1.0, 60.0]),
    st.sampled_from([0.5, 1.0, 10.0]),
)
PATTERNS = st.builds(
    Pattern,
    RATE,
    RATE,
    st.floats(0, 24),
    st.lists(st.floats(0, 2), min_size=7, max_size=7).map(tuple),
    offset=st.floats(0, 6e5),
    factors=st.lists(st.floats(0.5, 2), min_size=1, max_size=4).map(tuple),
)
SHAPES = st.one_of(st.builds(Constant, RATE), STAGES, TRACES, PATTERNS)


@settings(deadline=None, max_examples=40)
@given(SHAPES, st.floats(0, 500), st.floats(1, 300))
def test_requests_are_the_integral_of_the_rate(shape: Shape, start: float, span: float) -> None:
    slices = 2000
    middles = start + (np.arange(slices) + 0.5) * span / slices
    rates = [shape.rate(time) for time in middles.tolist()]
    # each jump of the rate may fall anywhere within one slice
    slack = (6 + span) * max(rates) * span / slices
    assert shape.requests(start, start + span) == pytest.approx(
        sum(rates) * span / slices, rel=1e-4, abs=slack / 10 + 1e-9
    )


@given(SHAPES, st.lists(st.floats(-100, 800), min_size=2, max_size=6))
def test_cuts_in_time_change_nothing(shape: Shape, times: list[float]) -> None:
    times.sort()
    parts = [shape.requests(start, end) for start, end in pairwise(times)]
    whole = shape.requests(times[0], times[-1])
    assert sum(parts) == pytest.approx(whole, rel=1e-9, abs=1e-6)
    assert min(parts) >= -1e-6


@given(SHAPES)
def test_nothing_comes_before_the_beginning(shape: Shape) -> None:
    assert shape.rate(-0.001) == 0.0
    assert shape.requests(-500.0, 0.0) == 0.0


def test_stages_are_straight_lines_from_rate_to_rate_and_the_last_holds() -> None:
    shape = Stages(50.0, (Stage(600.0, 200.0), Stage(1200.0, 200.0), Stage(100.0, 0.0)))
    rates = [shape.rate(time) for time in (0, 300, 600, 1000, 1850, 1900, 9999)]
    assert rates == pytest.approx([50, 125, 200, 200, 100, 0, 0])
    assert shape.requests(0, 1900) == pytest.approx(600 * 125 + 1200 * 200 + 100 * 100)


def test_a_stage_without_duration_is_a_jump() -> None:
    shape = Stages(10.0, (Stage(60.0, 10.0), Stage(0.0, 90.0), Stage(60.0, 30.0)))
    assert shape.rate(59.999) == pytest.approx(10.0)
    assert shape.rate(60.0) == pytest.approx(90.0)
    assert shape.requests(59.0, 61.0) == pytest.approx(10 + 89.5)


def test_without_stages_the_first_rate_holds() -> None:
    assert Stages(7.0, ()).requests(0.0, 100.0) == pytest.approx(700.0)
    assert Stages(7.0, (Stage(0.0, 3.0),)).rate(0.0) == 3.0


def test_a_trace_spreads_each_periods_requests_evenly_and_then_is_silent() -> None:
    shape = Trace((300.0, 60.0), 60.0)
    assert [shape.rate(time) for time in (0, 59.9, 60, 119.9, 120)] == [5, 5, 1, 1, 0]
    assert shape.requests(0, 120) == pytest.approx(360.0)
    assert shape.requests(30, 90) == pytest.approx(150 + 30)
    assert shape.requests(100, 1000) == pytest.approx(20.0)


def test_a_trace_is_scaled() -> None:
    shape = Trace((300.0, 60.0), 60.0, scale=10.0)
    assert shape.rate(0.0) == 50.0
    assert shape.requests(0, 120) == pytest.approx(3600.0)


@pytest.mark.parametrize("make", [Constant, lambda rate: Stage(1.0, rate)])
def test_no_rate_is_below_zero(make: type[Constant]) -> None:
    with pytest.raises(FieldError, match="at least 0"):
        make(-1.0)

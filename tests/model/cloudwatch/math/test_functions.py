"""The functions of metric math: the documentation's examples and laws."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cloudwatch.math.series import Series, Span
from model.cloudwatch.math.syntax import MathError, Node
from tests.model.cloudwatch.math.samples import Points, arrays, evaluate, values

SPARSE: Points = [4, None, 1, 9]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("ABS(m1-m2)", [4, 1, 0, 6]),
        ("MIN(ABS([m1, m2]))", [4, 1, 1, 3]),
        ("CEIL(m1/2)", [2, None, 1, 5]),
        ("FLOOR(m1/2)", [2, None, 0, 4]),
        ("LOG(m1)", [math.log(4), None, 0, math.log(9)]),
        ("LOG10(m1*0+100)", [2, None, 2, 2]),
        ("LOG(m1-4)", [None, None, None, math.log(5)]),
        ("DIFF(m1)", [None, None, -3, 8]),
        ("DIFF_TIME(m1)", [None, None, 120, 60]),
        ("RATE(m1)", [None, None, -3 / 120, 8 / 60]),
        ("RUNNING_SUM(m1)", [4, None, 5, 14]),
        ("m1-AVG(m1)", [0.5, None, -2.5, 5.5]),
        ("SUM(m1) / DATAPOINT_COUNT(m1) * m1 / m1", [14 / 3, None, 14 / 3, 14 / 3]),
        ("MAX(m1)/m1", [9 / 4, None, 9, 1]),
        ("m1-MIN(m1)", [3, None, 0, 8]),
        ("m1/STDDEV(m1)", [v and v / statistics.pstdev([4, 1, 9]) for v in SPARSE]),
        ("SUM(METRICS())", [4, 1, 2, 12]),
        ("MAX(METRICS())", [4, 1, 1, 9]),
        ("MIN(METRICS())", [4, 1, 1, 3]),
        ("AVG(METRICS())", [2, 0.5, 1, 6]),
        ("STDDEV(METRICS())", [0, 0, 0, 3]),
        ("DATAPOINT_COUNT(METRICS())", [1, 1, 2, 2]),
        ("m1/METRIC_COUNT(METRICS())", [2, None, 0.5, 4.5]),
        ('SUM(METRICS("2"))', [None, 1, 1, 3]),
        ("SUM([METRICS('1'), METRICS(\"2\")])", [4, 1, 2, 12]),
        ("FIRST(SORT(METRICS(), AVG, DESC))", [4, None, 1, 9]),
        ("LAST(SORT(METRICS(), SUM, DESC))", [None, 1, 1, 3]),
        ("IF(FIRST(SORT(METRICS(), AVG, DESC))>3, 1, 0)", [1, None, 0, 1]),
        ("TIME_SERIES(MAX(m1))", [9, 9, 9, 9]),
        ("TIME_SERIES(5*AVG(m1))", [17.5] * 4),
        ("TIME_SERIES(10)", [10] * 4),
        ("FILL(m1, 0)", [4, 0, 1, 9]),
        ("FILL(m1, MIN(m1))", [4, 1, 1, 9]),
        ("FILL(m1, REPEAT)", [4, 4, 1, 9]),
        ("FILL(m1, LINEAR)", [4, 2.5, 1, 9]),
        ("FILL(m1, m2)", [4, 1, 1, 9]),
        ("FILL(m2, m1)", [4, 1, 1, 3]),
        ("FILL(m2, REPEAT)", [None, 1, 1, 3]),
        ("FILL(m2, LINEAR)", [None, 1, 1, 3]),
        ("SUM(FILL(METRICS(), 0))", [4, 1, 2, 12]),
    ],
)
def test_the_table_of_functions(text: str, points: Points) -> None:
    assert values(text, m1=SPARSE, m2=[None, 1, 1, 3]) == pytest.approx(points)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("IF(metric1, metric2, metric3)", [30, 0, 20, None, None]),
        ("IF(metric1, 5, metric3)", [5, 5, 20, None, None]),
        ("IF(metric1, metric2, 5)", [30, 0, 5, 5, None]),
        ("IF(metric1, metric2)", [30, 0, None, None, None]),
        ("IF(metric1 == 0, 1, 2)", [2, 2, 1, 1, None]),
        ("IF(1, metric2, metric3)", [30, None, 0, 0, 30]),
        ("IF(-1, metric2)", [30, None, 0, 0, 30]),
        ("IF(0, metric2, metric3)", [0, 0, 20, None, 20]),
        ("IF(0, metric2)", [None] * 5),
        ("IF(metric2<20, metric2)", [None, None, 0, 0, None]),
        ("IF(metric2<20, 10, 2)", [2, None, 10, 10, 2]),
    ],
)
def test_the_tables_of_if(text: str, points: Points) -> None:
    series: dict[str, Points] = {
        "metric1": [1, 1, 0, 0, None],
        "metric2": [30, None, 0, 0, 30],
        "metric3": [0, 0, 20, None, 20],
    }
    assert values(text, **series) == points


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("MINUTE(m1)", 30),
        ("HOUR(m1)", 9),
        ("DAY(m1)", 1),
        ("DATE(m1)", 23),
        ("MONTH(m1)", 11),
        ("YEAR(m1)", 2026),
        ("EPOCH(m1)", 1795426200),
    ],
)
def test_parts_of_the_date_have_no_gaps(text: str, first: float) -> None:
    points = values(text, m1=[None, 1])
    step = {"MINUTE(m1)": 1, "EPOCH(m1)": 60}.get(text, 0)
    assert points == [first, first + step]


def test_weekdays_only() -> None:
    """IF(DAY(m1)<6,m1) on a Monday, which is day 1; where it is true, what is missing is 0."""
    assert values("IF(DAY(m1)<6,m1)", m1=SPARSE) == [4, 0, 1, 9]
    assert values("IF(DAY(m1)>5,m1)", m1=SPARSE) == [None] * 4


def test_arrays() -> None:
    series: dict[str, Points] = {"m1": [1, 2], "m2": [5, 5], "m3": [None, None], "m4": [3, 0]}
    m1, m2, m3, m4 = series.values()
    assert arrays("SORT(METRICS(), SUM, DESC)", **series) == [m2, m1, m4, m3]
    assert arrays("SORT(METRICS(), MAX, ASC)", **series) == [m1, m4, m2, m3]
    assert arrays("SORT(METRICS(), MIN, ASC, 2)", **series) == [m4, m1]
    assert arrays("SLICE(SORT(METRICS(), SUM, DESC), 0, 1)", **series) == [m2]
    assert arrays("SLICE(METRICS(), 2)", **series) == [m3, m4]
    assert arrays("SLICE(METRICS(), 9)", **series) == []
    assert arrays("REMOVE_EMPTY(METRICS())", **series) == [m1, m2, m4]
    assert arrays("DIFF([m1, m2])", **series) == [[None, 1], [None, 0]]
    assert arrays("[m4, [m1, m2]]", **series) == [m4, m1, m2]


def test_nothing_comes_of_nothing() -> None:
    series: dict[str, Points] = {"m1": [None, None], "m2": [1, 2]}
    assert values("m2 * AVG(m1)", **series) == [None, None]
    assert values("m2 * MAX(m1)", **series) == [None, None]
    assert values("m2 + SUM(m1)", **series) == [1, 2]
    assert values("TIME_SERIES(STDDEV(m1))", **series) == [None, None]
    assert values("FIRST(METRICS('x'))", **series) == [None, None]
    assert values("SUM(METRICS('x'))", **series) == [None, None]
    assert values("FILL(m1, REPEAT)", **series) == [None, None]
    assert values("FILL(m1, 7)", **series) == [7, 7]


def test_what_is_too_large_for_a_number_is_no_point() -> None:
    huge: Points = [1.7e308, 1.7e308, -1.7e308]
    for text in ("m1 * 10", "m1 ^ 2", "SUM([m1, m1])", "TIME_SERIES(SUM(ABS(m1)))"):
        assert values(text, m1=huge) == [None, None, None]
    assert values("DIFF(m1)", m1=huge) == [None, 0, None]
    assert values("RUNNING_SUM(m1)", m1=huge)[1] is None


def test_what_does_not_vary_has_no_deviation() -> None:
    constant: Points = [699050.7468471897] * 3
    assert values("TIME_SERIES(STDDEV(m1))", m1=constant) == [0, 0, 0]
    assert values("m1 / STDDEV(m1)", m1=constant) == [None, None, None]


def test_a_band_is_asked_for_from_outside() -> None:
    def band(node: Node, series: Series, deviations: float, span: Span) -> tuple[Series, Series]:
        return series.map(lambda v: v + deviations), series.map(lambda v: v - deviations)

    upper, lower = (
        evaluate(f"{name}(ANOMALY_DETECTION_BAND(m1, 4))", band=band, m1=[10])
        for name in ("FIRST", "LAST")
    )
    assert isinstance(upper, Series)
    assert isinstance(lower, Series)
    assert (list(upper.points.values()), list(lower.points.values())) == ([14], [6])
    both = evaluate("ANOMALY_DETECTION_BAND(m1)", band=band, m1=[10])
    assert isinstance(both, tuple)
    assert [list(series.points.values()) for series in both] == [[12], [8]]
    with pytest.raises(MathError, match="there is no anomaly detection to ask"):
        evaluate("ANOMALY_DETECTION_BAND(m1)", m1=[10])


gappy = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=12)
full = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12)


@settings(deadline=None)
@given(gappy, st.sampled_from(["0", "-3.5", "MAX(m1)"]))
def test_a_filled_series_has_no_gaps(points: Points, filler: str) -> None:
    filled = values(f"FILL(m1, {filler})", m1=points)
    assert None not in filled or (filler != "0" and not any(p is not None for p in points))
    assert all(p in (None, f) for p, f in zip(points, filled, strict=True))


@settings(deadline=None)
@given(gappy)
def test_repeat_and_linear_leave_no_gap_inside(points: Points) -> None:
    known = [place for place, value in enumerate(points) if value is not None]
    if known:
        repeated = values("FILL(m1, REPEAT)", m1=points)
        assert None not in repeated[known[0] :]
        linear = values("FILL(m1, LINEAR)", m1=points)
        assert None not in linear[known[0] : known[-1] + 1]
        assert set(linear[known[-1] + 1 :]) <= {None}


@settings(deadline=None)
@given(full)
def test_rate_undoes_a_running_sum(points: list[float]) -> None:
    rates = values("RATE(RUNNING_SUM(m1))*PERIOD(m1)", m1=list(points))
    assert rates == pytest.approx([None, *points[1:]], abs=1e-6)


@settings(deadline=None)
@given(full)
def test_numbers_of_a_full_series(points: list[float]) -> None:
    known: dict[str, Callable[[list[float]], float]] = {
        "AVG": statistics.fmean,
        "SUM": math.fsum,
        "MAX": max,
        "MIN": min,
        "STDDEV": statistics.pstdev,
        "DATAPOINT_COUNT": len,
    }
    for name, function in known.items():
        assert evaluate(f"{name}(m1)", m1=list(points)) == pytest.approx(function(points))

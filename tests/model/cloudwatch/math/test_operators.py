"""Operators: AWS's own tables, precedence, and laws on full series."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cloudwatch.math.series import Series
from tests.model.cloudwatch.math.samples import Points, arrays, evaluate, values

FIRST: Points = [30, 20, 0, 0]
SECOND: Points = [20, None, 20, None]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("(m1 < m2)", [0, 0, 1, 0]),
        ("(m1 >= 30)", [1, 0, 0, 0]),
        ("(m1 > 15 AND m2 > 15)", [1, 0, 0, 0]),
        ("m1 > 15 && m2 > 15", [1, 0, 0, 0]),
        ("m1 > 15 OR m2 > 15", [1, 1, 1, 0]),
        ("m1 > 15 || m2 > 15", [1, 1, 1, 0]),
        ("m1 == m2", [0, 0, 0, 1]),
        ("m1 != m2", [1, 1, 1, 0]),
        ("m2 <= 20", [1, None, 1, None]),
    ],
)
def test_the_table_of_comparisons(text: str, points: Points) -> None:
    assert values(text, m1=FIRST, m2=SECOND) == points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("m1 + m2", [50, 20, 20, 0]),
        ("m1 - m2", [10, 20, -20, 0]),
        ("m1 * m2", [600, 0, 0, 0]),
        ("m1 / m2", [1.5, None, 0, None]),
        ("m2 / m1", [20 / 30, 0, None, None]),
        ("5 * m2", [100, None, 100, None]),
        ("100 / m1", [100 / 30, 5, None, None]),
        ("-m2", [-20, None, -20, None]),
        ("m1 ^ 2", [900, 400, 0, 0]),
        ("m1 ^ -1", [1 / 30, 1 / 20, None, None]),
        ("(m1 - 25) ^ 0.5", [5**0.5, None, None, None]),
        ("10 ^ (m1 * 100)", [None, None, 1, 1]),
        ("m1/PERIOD(m1)", [0.5, 20 / 60, 0, 0]),
        ("m1/(5-5)", [None, None, None, None]),
    ],
)
def test_missing_points_count_as_0_and_division_by_0_drops_the_point(
    text: str, points: Points
) -> None:
    assert values(text, m1=FIRST, m2=SECOND) == pytest.approx(points)


def test_where_no_series_has_a_point_there_is_none() -> None:
    assert values("m1 + m2", m1=[None, 1.0], m2=[None, 2.0]) == [None, 3.0]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ^ 3 ^ 2", 512),
        ("-2 ^ 2", -4),
        ("2 ^ -1", 0.5),
        ("10 - 4 - 3", 3),
        ("24 / 4 / 3", 2),
        ("1 + 1 == 2", 1),
        ("1 < 2 AND 2 < 1", 0),
        ("0 AND 0 OR 1", 1),
        ("1 OR 0 AND 0", 1),
        ("--3", 3),
        (".5 + 1e1", 10.5),
    ],
)
def test_precedence(text: str, number: float) -> None:
    assert evaluate(text) == number


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("SUM(100/[m1, m2])", [15.0, 5.0]),
        ("SUM(-[m1, m2])", [-30.0, -20.0]),
        ("AVG(METRICS())", [15.0, 10.0]),
    ],
)
def test_the_examples_with_arrays(text: str, points: Points) -> None:
    assert values(text, m1=[10, 20], m2=[20, None]) == points


def test_an_array_with_a_number_or_a_series_is_an_array() -> None:
    assert arrays("METRICS()*100", m1=[1, 2], m2=[3, None]) == [[100, 200], [300, None]]
    assert arrays("[m1, m2] - m1", m1=[1, 2], m2=[3, None]) == [[0, 0], [2, -2]]
    assert arrays("m1 - [m1, m2]", m1=[1, 2], m2=[3, None]) == [[0, 0], [-2, 2]]


def test_arrays_keep_the_labels_of_their_series() -> None:
    value = evaluate("100 / METRICS()", m1=[1], m2=[2])
    assert isinstance(value, tuple)
    assert [series.label for series in value] == ["m1", "m2"]


full = st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=8)


@settings(deadline=None)
@given(full, full, st.sampled_from(["+", "-", "*", "<", "<=", "==", "!=", ">", ">="]))
def test_on_full_series_operators_are_those_of_python(
    left: list[float], right: list[float], sign: str
) -> None:
    signs: dict[str, Callable[[float, float], float]] = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "<": operator.lt,
        "<=": operator.le,
        "==": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
        ">=": operator.ge,
    }
    pairs = list(zip(left, right, strict=False))
    m1: Points = [a for a, _ in pairs]
    m2: Points = [b for _, b in pairs]
    wanted = [float(signs[sign](a, b)) for a, b in pairs]
    assert values(f"m1 {sign} m2", m1=m1, m2=m2) == wanted


gappy = st.lists(st.none() | st.integers(-50, 50).map(float), min_size=1, max_size=8)


@settings(deadline=None)
@given(gappy, gappy)
def test_laws_of_gappy_series(left: Points, right: Points) -> None:
    def told(text: str) -> Points:
        return values(text, m1=left, m2=right)

    assert told("m1 + m2") == told("m2 + m1") == told("SUM([m1, m2])")
    assert told("m1 - m2") == told("-(m2 - m1)")
    assert told("m1 < m2") == told("1 - (m1 >= m2)")
    assert told("m1 - m1") == [None if value is None else 0 for value in told("m1")]
    assert told("m1 AND m2") == told("m2 AND m1")


def test_two_periods() -> None:
    """A minute without a point of the longer period counts as 0 there."""
    slow = Series(120.0, {0.0: 10.0, 120.0: 20.0})
    value = evaluate("m1 + m2", m1=slow, m2=[1, 1, 1, 1])
    assert isinstance(value, Series)
    assert value.period == 60.0
    assert list(value.points.values()) == [11.0, 1.0, 21.0, 1.0]

"""Scales, ticks and the words for numbers and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.charts.axis import NICE, clock, format_labels, format_value, nice_scale, time_ticks
from tui.charts.views import Unit

EPOCH = datetime(2026, 11, 25, 22, 15)


def is_nice(step: float) -> bool:
    mantissa, _, exponent = f"{step:e}".partition("e")
    return any(abs(float(mantissa) - nice) < 1e-6 for nice in NICE) and bool(exponent)


@given(st.floats(0.001, 1e9), st.integers(2, 60))
def test_limits_hold_the_data_and_are_round(greatest: float, rows: int) -> None:
    scale = nice_scale(0.0, greatest, rows)
    assert scale.low == 0.0
    assert scale.high >= greatest * (1 - 1e-9)
    assert is_nice(scale.step)
    assert len(scale.labels()) >= 2


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.integers(3, 60))
def test_a_free_lower_limit_is_round_too(one: float, two: float, rows: int) -> None:
    least, greatest = min(one, two), max(one, two)
    assume(greatest - least > 1e-3 * max(abs(least), abs(greatest), 1e-3))
    scale = nice_scale(least, greatest, rows, low=None)
    slack = (greatest - least) * 1e-6
    assert scale.low <= least + slack
    assert scale.high >= greatest - slack
    ratio = scale.low / scale.step
    assert abs(ratio - round(ratio)) < 1e-6


@given(st.floats(0.001, 1e9), st.integers(3, 60))
def test_labels_stand_an_equal_number_of_rows_apart(greatest: float, rows: int) -> None:
    labelled = list(nice_scale(0.0, greatest, rows).labels())
    assert labelled[0] == rows - 1
    assert len({one - two for one, two in pairwise(labelled)}) <= 1


def test_fixed_limits_are_kept() -> None:
    scale = nice_scale(3.0, 250.0, 11, low=0.0, high=100.0)
    assert (scale.low, scale.high) == (0.0, 100.0)
    assert list(scale.labels().values()) == [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    assert scale.row(250.0) is None


@pytest.mark.parametrize("low", [0.0, None])
@pytest.mark.parametrize("value", [0.0, 7.0, -3.0])
def test_flat_data_has_a_scale(value: float, low: float | None) -> None:
    scale = nice_scale(value, value, 8, low=low)
    assert scale.high > scale.low


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (63.24, "Percent", "63.2 %"),
        (1243.0, "Count", "1.24 k"),
        (999.9, "Count", "1 k"),
        (0.2123, "Seconds", "212 ms"),
        (0.9999, "Seconds", "1 s"),
        (0.0, "Seconds", "0 s"),
        (0.00003, "Seconds", "30 µs"),
        (9100.0, "Count/Second", "9.1 k/s"),
        (12.0, "Count", "12"),
        (2_500_000.0, "Bytes", "2.5 MB"),
        (-0.001, "None", "0"),
        (float("nan"), "Percent", "-"),
    ],
)
def test_current_values(value: float, unit: Unit, text: str) -> None:
    assert format_value(value, unit) == text


@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ([0.0, 50.0, 100.0], "Percent", ["0", "50%", "100%"]),
        ([0.0, 500.0, 1000.0, 1500.0], "Count", ["0", "0.5k", "1.0k", "1.5k"]),
        ([0.0, 0.25, 0.5], "Seconds", ["0", "250ms", "500ms"]),
        ([0.0, 0.5, 1.0], "Seconds", ["0", "0.5s", "1.0s"]),
        ([], "Count", []),
    ],
)
def test_labels_share_a_unit(values: list[float], unit: Unit, texts: list[str]) -> None:
    assert format_labels(values, unit) == texts


def test_ticks_are_round_and_name_the_new_day() -> None:
    ticks = time_ticks(0.0, 3 * 3600.0, 40, EPOCH)
    assert [tick.label for tick in ticks] == ["23:00", "Nov 26", "01:00"]
    assert [tick.label for tick in time_ticks(0.0, 60.0, 40, EPOCH)] == [
        "22:15:00",
        "22:15:30",
        "22:16:00",
    ]


def test_clock_time_is_utc() -> None:
    assert clock(EPOCH, 90.0, seconds=True) == "22:16:30"
    tokyo = EPOCH.replace(tzinfo=UTC).astimezone(timezone(timedelta(hours=9)))
    assert clock(tokyo, 90.0) == "22:16"


@given(st.floats(0, 1e7), st.floats(1, 1e7), st.integers(0, 240))
def test_tick_labels_never_overlap(start: float, length: float, columns: int) -> None:
    ticks = time_ticks(start, start + length, columns, EPOCH)
    for tick in ticks:
        assert 0 <= tick.at <= tick.end <= columns
        assert 0 <= tick.column < columns
    for one, two in pairwise(ticks):
        assert one.end < two.at

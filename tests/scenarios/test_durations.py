"""Durations are read as people write them, and written as they are read."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("250ms", 0.25),
        ("1.5s", 1.5),
        ("90s", 90.0),
        ("10m", 600.0),
        ("2h", 7200.0),
        ("1d12h", 129_600.0),
        ("1h30m", 5400.0),
        ("0s", 0.0),
        ("45", 45.0),
        (45, 45.0),
        (0.5, 0.5),
        (" 10m ", 600.0),
    ],
)
def test_reads(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "wrong",
    ["", "m", "10 m", "-5s", "5x", "1h-30m", "PT10M", -1, True, None, [], math.nan, math.inf],
)
def test_refuses(wrong: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(wrong)


def test_refuses_what_no_number_can_hold() -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration("9" * 400 + "s")


def test_the_message_says_what_would_be_right() -> None:
    with pytest.raises(ValueError, match=r"250ms, 1\.5s, 90s, 10m, 2h, 1d12h, or plain seconds"):
        parse_duration("ten minutes")


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(5400, "1h30m"), (0, "0s"), (86_400, "1d"), (0.25, "0.25s"), (61.5, "61.5s")],
)
def test_writes(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
@example(1.23456789e-13)
@example(5e-324)
@example(1e22)
@example(float(2**53 + 2))
def test_what_is_written_reads_as_the_very_same_number(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(min_value=0, max_value=10**9))
def test_whole_seconds_too(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds

"""Traces of real systems are late, doubled and holed; what is repaired is said."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.mistakes import ScenarioError
from scenarios.traces import Series, read_trace
from tests.scenarios.samples import EXAMPLES, needs_examples


def trace(folder: Path, *rows: str, period: float = 60, signed: bool = False) -> Series:
    file = folder / "t.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return read_trace(file, period, signed=signed)


def at(minute: int, value: object, second: int = 0) -> str:
    return f"2026-01-01T00:{minute:02}:{second:02}Z,{value}"


def test_plain(tmp_path: Path) -> None:
    assert trace(tmp_path, at(0, 1), at(1, 2.5), at(2, 0)) == Series((1.0, 2.5, 0.0), "")


@pytest.mark.parametrize(
    "first",
    ["2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "2026-01-01T01:00:00+01:00", "2026-01-01"],
)
def test_timestamps(tmp_path: Path, first: str) -> None:
    series = trace(tmp_path, "timestamp,value", f"{first},1", "", "2026-01-01 00:01:00,2")
    assert series == Series((1.0, 2.0), "")


def test_rows_of_one_period_are_added_up(tmp_path: Path) -> None:
    series = trace(tmp_path, at(0, 1), at(1, 2), at(1, 3))
    assert series == Series((1.0, 5.0), "1 rows added to another of their period")


def test_missing_periods_lie_on_the_straight_line(tmp_path: Path) -> None:
    series = trace(tmp_path, at(0, 10), at(4, 30))
    assert series.values == (10.0, None, None, None, 30.0)
    assert series.filled() == (10.0, 15.0, 20.0, 25.0, 30.0)
    assert series.remark == "3 missing periods filled"


def test_late_rows_are_sorted_in(tmp_path: Path) -> None:
    series = trace(tmp_path, at(0, 1), at(2, 3), at(1, 2), at(3, 4))
    assert series == Series((1.0, 2.0, 3.0, 4.0), "1 late rows sorted in")


def test_values_below_zero_only_for_metrics(tmp_path: Path) -> None:
    assert trace(tmp_path, at(0, -1), signed=True).values == (-1.0,)
    with pytest.raises(ScenarioError, match="'-1' cannot be counted"):
        trace(tmp_path, at(0, -1))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2026-01-01T00:01:00Z", "a row is timestamp,value; this has 1 columns"),
        (at(1, "x"), "'x' is no number"),
        (at(1, "nan"), "'nan' cannot be counted"),
        ("noon,1", "'noon' is no date and time such as"),
        ("timestamp,value", "'timestamp' is no date and time such as"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_its_line(
    tmp_path: Path, row: str, words: str
) -> None:
    with pytest.raises(ScenarioError) as error:
        trace(tmp_path, at(0, 1), row)
    (mistake,) = error.value.mistakes
    assert (Path(mistake.mark.file).name, mistake.mark.line) == ("t.csv", 2)
    assert words in mistake.message


def test_files_without_sense(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="there is no such trace"):
        read_trace(tmp_path / "none.csv", 60)
    with pytest.raises(ScenarioError, match="the trace has no rows"):
        trace(tmp_path, "timestamp,value")
    with pytest.raises(ScenarioError, match="a timestamp or the period may be wrong"):
        trace(tmp_path, "1970-01-01T00:00:00Z,1", at(0, 1), period=1)


@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 10**6)), min_size=1, max_size=60),
    st.randoms(use_true_random=False),
)
def test_nothing_counted_is_lost_and_order_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int]], random: object
) -> None:
    folder = tmp_path_factory.mktemp("trace")
    lines = [at(minute, value) for minute, value in rows]
    series = trace(folder, *lines)
    assert math.fsum(value or 0.0 for value in series.values) == sum(v for _, v in rows)
    assert trace(folder, *reversed(lines)).values == series.values
    assert len(series.filled()) == len(series.values)


@needs_examples
def test_the_shared_trace() -> None:
    series = read_trace(EXAMPLES.parent / "data" / "elb-request-count.csv", 300)
    assert len(series.filled()) == len(series.values)
    assert min(series.filled()) >= 0

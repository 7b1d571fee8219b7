"""Traces: what a real system counted or measured, made into periods.

Real exports are late, doubled and holed. Rows are put into the period they fall in, counted from
the first timestamp, and late rows are sorted in. What was counted in one period is added up, and
missing periods lie on the straight line between their neighbours; measurements are kept as they
are: several in one period are several samples, and a period without one has no datapoint. What was
repaired is said in one remark.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

from attrs import field, frozen

from model.cloudwatch.statistics import Datapoint, union
from scenarios.mistakes import Mark, error
from scenarios.trace_files import Rows, Value, Which, read_rows

MOST_PERIODS = 5_000_000
"""Beyond this a timestamp is taken to be wrong (ten years of minutes fit in)."""


@frozen
class Series:
    """A value for each period from the first row on; None where the file says nothing."""

    values: tuple[float | None, ...]
    remark: str
    """What was repaired; empty if nothing was."""
    first: float = field(default=0.0, eq=False)
    """When the first period begins, in seconds since 1970."""

    def filled(self) -> tuple[float, ...]:
        """The values with the straight line between neighbours where there is none."""
        known = [index for index, value in enumerate(self.values) if value is not None]
        filled: list[float] = []
        after = 0
        for index, value in enumerate(self.values):
            if value is not None:
                filled.append(value)
                continue
            while known[after] < index:
                after += 1
            low, high = known[after - 1], known[after]
            first, last = self.values[low], self.values[high]
            assert first is not None
            assert last is not None
            filled.append(first + (last - first) * (index - low) / (high - low))
        return tuple(filled)


@frozen
class Samples:
    """What was measured in each period from the first row on; None: nothing."""

    values: tuple[Value | None, ...]
    remark: str
    """What is odd about it; empty if nothing is."""
    unit: str | None
    """That of the values, where the file tells."""
    first: float
    """When the first period begins, in seconds since 1970."""


def read_trace(
    path: Path, period: float, *, signed: bool = False, which: Which | None = None
) -> Series:
    """Read a trace of what was counted. Raises `ScenarioError` with what cannot be read.

    `signed` allows values below zero, which a count of requests cannot be.
    """
    rows = read_rows(path, which or Which(), signed=signed, sets=False)
    slots = _slots(path, rows, period)
    counts = {slot: sum(map(_number, found)) for slot, found in slots.items()}
    length = max(slots) + 1
    remark = _remark(
        (length - len(slots), "missing periods filled"),
        (len(rows.rows) - len(slots), "rows added to another of their period"),
        (_late(rows), "late rows sorted in"),
    )
    return Series(tuple(counts.get(slot) for slot in range(length)), remark, _first(rows))


def read_samples(path: Path, period: float, which: Which | None = None) -> Samples:
    """Read a trace of what was measured. Raises `ScenarioError` with what cannot be read."""
    rows = read_rows(path, which or Which(), signed=True, sets=True)
    slots = _slots(path, rows, period)
    remark = _remark(
        (len(rows.rows) - len(slots), "rows beside another of their period"),
        (_late(rows), "late rows sorted in"),
    )
    values = tuple(
        _together(slots[slot]) if slot in slots else None for slot in range(max(slots) + 1)
    )
    return Samples(values, remark, rows.unit, _first(rows))


def _number(value: Value) -> float:
    assert isinstance(value, float)  # statistic sets were not asked for
    return value


def _first(rows: Rows) -> float:
    return min(time for time, _ in rows.rows)


def _slots(path: Path, rows: Rows, period: float) -> dict[int, list[Value]]:
    """What was found in each period, counted from the first timestamp."""
    start = _first(rows)
    slots: dict[int, list[Value]] = {}
    for time, value in rows.rows:
        # a row a little early or late still belongs to the period it is nearest to
        slots.setdefault(math.floor((time - start) / period + 0.5), []).append(value)
    length = max(slots) + 1
    if length > MOST_PERIODS:
        raise error(
            Mark(str(path)),
            f"from the first timestamp to the last there are {length} periods of {period:g} s",
            "a timestamp or the period may be wrong",
        )
    return slots


def _together(values: list[Value]) -> Value:
    """Several measurements of one period are its samples."""
    if len(values) == 1:
        return values[0]
    return union([v if isinstance(v, Datapoint) else Datapoint.single(v) for v in values])


def _late(rows: Rows) -> int:
    times = [time for time, _ in rows.rows]
    return sum(after < before for before, after in pairwise(times)) if rows.ordered else 0


def _remark(*repairs: tuple[int, str]) -> str:
    return ", ".join(f"{count} {what}" for count, what in repairs if count)

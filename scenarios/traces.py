"""Traces: `timestamp,value` files of what a real system counted, made into periods.

Real exports are late, doubled and holed. Rows are put into the period they fall in, counted from
the first timestamp; rows of one period are added up, late rows are sorted in, and missing periods
lie on the straight line between their neighbours. What was repaired is said in one remark.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from attrs import frozen

from scenarios.mistakes import Mark, Mistake, ScenarioError, error

MOST_PERIODS = 5_000_000
"""Beyond this a timestamp is taken to be wrong (ten years of minutes fit in)."""


@frozen
class Series:
    """A value for each period from the first row on; None where the file says nothing."""

    values: tuple[float | None, ...]
    remark: str
    """What was repaired; empty if nothing was."""

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


def read_trace(path: Path, period: float, *, signed: bool = False) -> Series:
    """Read a trace. Raises `ScenarioError` with the line of a row that cannot be read.

    `signed` allows values below zero, which a count of requests cannot be.
    """
    rows = list(_rows(path, signed))
    if not rows:
        raise error(Mark(str(path)), "the trace has no rows")
    start = min(time for time, _ in rows)
    slots: dict[int, float] = {}
    for time, value in rows:
        # a row a little early or late still belongs to the period it is nearest to
        slot = math.floor((time - start) / period + 0.5)
        slots[slot] = slots.get(slot, 0.0) + value
    length = max(slots) + 1
    if length > MOST_PERIODS:
        raise error(
            Mark(str(path)),
            f"from the first timestamp to the last there are {length} periods of {period:g} s",
            "a timestamp or the period may be wrong",
        )
    late = sum(after < before for (before, _), (after, _) in pairwise(rows))
    doubled, missing = len(rows) - len(slots), length - len(slots)
    repairs = [
        f"{count} {what}"
        for count, what in (
            (missing, "missing periods filled"),
            (doubled, "rows added to another of their period"),
            (late, "late rows sorted in"),
        )
        if count
    ]
    return Series(tuple(slots.get(slot) for slot in range(length)), ", ".join(repairs))


def _rows(path: Path, signed: bool) -> Iterator[tuple[float, float]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(Mark(str(path)), "there is no such trace") from None
    except (OSError, ValueError) as problem:  # not UTF-8, or a name that no file can have
        raise error(Mark(str(path)), f"the trace cannot be read: {problem}") from None
    mistakes: list[Mistake] = []
    for number, row in enumerate(csv.reader(text.splitlines()), start=1):
        if not row or not "".join(row).strip():
            continue
        if number == 1 and row[0].strip().lower() in ("timestamp", "time", "date"):
            continue
        try:
            if len(row) != 2:
                raise ValueError(f"a row is timestamp,value; this has {len(row)} columns")
            yield _timestamp(row[0].strip()), _value(row[1].strip(), signed)
        except ValueError as problem:
            mistakes.append(Mistake(Mark(str(path), number, 1), str(problem)))
            if len(mistakes) == 5:
                break
    if mistakes:
        raise ScenarioError(mistakes)


def _timestamp(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text!r} is no date and time such as 2026-11-25T09:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _value(text: str, signed: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not math.isfinite(value) or (value < 0 and not signed):
        raise ValueError(f"{text!r} cannot be counted")
    return value

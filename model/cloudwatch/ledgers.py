"""Ledgers: what a service counted in each of its periods, and how long that is remembered.

Services do not hand over a datapoint for each of their metrics every minute: most are never looked
at. They enter a record of what they counted into a ledger, and a metric is a column of it, whose
datapoints are made when somebody reads them.

Source of the retention: "Metrics retention" in "CloudWatch metrics concepts". What has become too
old for its period goes on as part of a longer one, with all its statistics.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar

from attrs import define, field

from model.clock import HOUR, MINUTE

SECOND = 1.0
DAY = 24 * HOUR
RETENTION = {
    SECOND: 3 * HOUR,
    MINUTE: 15 * DAY,
    5 * MINUTE: 63 * DAY,
    HOUR: 455 * DAY,
}
"""How long datapoints of a period are kept (s), by the period (s)."""

REMEMBERED = 100
"""Corrections of which it is remembered what they touched."""

Record = TypeVar("Record")


@define(eq=False)
class _Shelf(Generic[Record]):
    """What has gone on to longer periods: the records that each of them holds."""

    period: float
    kept: float
    groups: dict[float, list[Record]] = field(factory=dict)


@define(eq=False)
class Ledger(Generic[Record]):
    """What a service counted in each of its periods, by their start (seconds since start)."""

    period: float = MINUTE
    merge: Callable[[list[Record]], Record] | None = None
    """Makes one record of those of a longer period; None: they are kept side by side."""
    offset: float = 0.0
    """Seconds from a full hour of the calendar until time 0."""
    records: dict[float, Record] = field(factory=dict)
    changes: int = 0
    """How often a record was entered or corrected."""
    corrections: int = 0
    """How often a record was replaced or came late."""
    _corrected: deque[float] = field(factory=lambda: deque(maxlen=REMEMBERED))
    """The periods of the latest corrections, by their start."""
    newest: float = -math.inf
    """The latest period entered, by its start."""
    _kept: float = field(init=False)
    _shelves: list[_Shelf[Record]] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self._kept = max(kept for period, kept in RETENTION.items() if period <= self.period)

    def enter(self, start: float, record: Record) -> None:
        """Note the record of the period that begins at `start`.

        One that is longer than a minute comes late: its first minutes were missing until now.
        """
        if start <= self.newest or self.period > MINUTE:
            self.correct(start)
        self.newest = max(self.newest, start)
        self.records[start] = record
        self.changes += 1
        if next(iter(self.records)) < self.newest - self._kept:
            self._age()

    def correct(self, start: float) -> None:
        """What is known of the period that begins at `start` is not what it was."""
        self.changes += 1
        self.corrections += 1
        self._corrected.append(start)

    def corrected(self, since: int) -> list[float] | None:
        """The periods corrected since there were so many `corrections`, by their start; None: they
        are too many to tell."""
        number = self.corrections - since
        if number > len(self._corrected):
            return None
        return list(islice(reversed(self._corrected), number))

    def within(self, start: float, period: float) -> Sequence[Record]:
        """The records of the periods that begin within `period` seconds of `start`.

        What is too old for such short periods is not given.
        """
        step = min(self.period, MINUTE)
        records = self.records
        if period <= step:
            record = records.get(start)
            found = [] if record is None else [record]
        else:
            times = (start + step * number for number in range(math.ceil(period / step)))
            found = [record for time in times if (record := records.get(time)) is not None]
        for shelf in self._shelves:
            if period >= shelf.period and start < self.newest - self._kept + shelf.period:
                found += self._on_shelf(shelf, start, start + period)
        return found

    def _on_shelf(self, shelf: _Shelf[Record], start: float, end: float) -> Iterator[Record]:
        """In whole periods, from the first that begins at `start` or after."""
        time = self._block(start, shelf.period)
        time += shelf.period * (time < start)
        while time < end:
            yield from shelf.groups.get(time, ())
            time += shelf.period

    def periods(self) -> Iterator[tuple[float, float, Sequence[Record]]]:
        """All that is kept: start, length and records of each period, oldest first."""
        for shelf in reversed(self._shelves):
            for start in sorted(shelf.groups):
                yield start, shelf.period, shelf.groups[start]
        for start in sorted(self.records):
            yield start, self.period, (self.records[start],)

    # -- growing old --------------------------------------------------------------------------

    def _age(self) -> None:
        """Have what is too old for its period go on to a longer one."""
        if not self._shelves:
            longer = ((p, k) for p, k in RETENTION.items() if p > self.period)
            self._shelves = [_Shelf(period, kept) for period, kept in longer]
        oldest = next(iter(self.records))
        period = self._shelves[0].period if self._shelves else self.period
        block = self._block(oldest, period)
        if block + period > self.newest - self._kept:
            return
        step = min(self.period, period)
        times = [block + step * number for number in range(round(period / step))]
        gone = [self.records.pop(time) for time in times if time in self.records]
        for shelf in self._shelves:
            self._put_on(shelf, self._block(block, shelf.period), gone)
            first = next(iter(shelf.groups))
            if first + shelf.period > self.newest - shelf.kept:
                return
            block, gone = first, shelf.groups.pop(first)

    def _put_on(self, shelf: _Shelf[Record], start: float, records: list[Record]) -> None:
        group = [*shelf.groups.get(start, ()), *records]
        shelf.groups[start] = group if self.merge is None else [self.merge(group)]

    def _block(self, time: float, period: float) -> float:
        """The start of the period of the calendar that a moment lies in."""
        return math.floor((time + self.offset) / period) * period - self.offset

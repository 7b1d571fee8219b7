"""Ledgers: what a service counted in each of its periods, and how long that is remembered.

Services do not hand over a datapoint for each of their metrics every minute: most are never looked
at. They enter a record of what they counted into a ledger, and a metric is a column of it, whose
datapoints are made when somebody reads them.

What has become too old for its period goes on as part of a longer one (see `past.py`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic

from attrs import define, field

from model.clock import MINUTE
from model.cloudwatch.past import RETENTION, Kept, Merged, Packed, Past, Record, block_of, longer

REMEMBERED = 100
"""Corrections of which it is remembered what they touched."""


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
    _full: float = field(default=-math.inf, init=False)
    """From which newest period on the oldest records are too old."""
    _aged: bool = field(default=False, init=False)
    _next_period: float = field(init=False)
    """Of what records go on to."""
    past: Past[Record] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._kept = max(kept for period, kept in RETENTION.items() if period <= self.period)
        self._next_period = min(longer(self.period), default=self.period)
        self.past = Packed() if self.merge is None else Merged(self.period, self.merge)

    def enter(self, start: float, record: Record) -> None:
        """Note the record of the period that begins at `start`.

        One that is longer than a minute comes late: its first minutes were missing until now.
        """
        if start <= self.newest or self.period > MINUTE:
            self.correct(start)
        if start > self.newest:
            self.newest = start
        self.records[start] = record
        self.changes += 1
        if self.newest >= self._full:
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
        if self._aged and start < self.newest - self._kept + self._next_period:
            found += self.past.within(start, period, self.newest, self.offset)
        return found

    def periods(self) -> Iterator[Kept[Record]]:
        """All that is kept: start, length and records of each period, oldest first."""
        yield from self.past.periods(self.newest, self.offset)
        for start in sorted(self.records):
            yield start, self.period, (self.records[start],)

    def _age(self) -> None:
        """Have the oldest go on to a longer period, if all of that is too old for its own."""
        oldest, period = next(iter(self.records)), self._next_period
        block = block_of(oldest, period, self.offset)
        self._full = block + period + self._kept
        if self.newest < self._full:
            return
        step = min(self.period, period)
        times = [block + step * number for number in range(round(period / step))]
        gone = {time: self.records.pop(time) for time in times if time in self.records}
        if longer(self.period):
            self.past.take(gone, self.newest, self.offset)
            self._aged = True
        self._full = -math.inf

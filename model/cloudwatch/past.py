"""What has become too old for its period, and goes on as part of longer ones.

Source of the retention: "Metrics retention" in "CloudWatch metrics concepts". Of datapoints one is
made; other records stay side by side and are packed, an hour together, into a tenth of the memory.
"""

from __future__ import annotations

import math
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from attrs import define, field

from model.clock import DAY, HOUR, MINUTE

SECOND = 1.0
FIVE_MINUTES = 5 * MINUTE
RETENTION = {
    SECOND: 3 * HOUR,
    MINUTE: 15 * DAY,
    FIVE_MINUTES: 63 * DAY,
    HOUR: 455 * DAY,
}
"""How long datapoints of a period are kept (s), by the period (s)."""
SWIFT = 1
"""How hard zlib tries: more takes twice the time for a tenth less memory."""

Record = TypeVar("Record")
Kept = tuple[float, float, Sequence[Record]]
"""Start and length of a period, and its records."""


def block_of(time: float, period: float, offset: float) -> float:
    """The start of the period of the calendar that a moment lies in; `offset` is the seconds from a
    full hour until time 0."""
    return math.floor((time + offset) / period) * period - offset


class Past(Protocol[Record]):
    """The records of a ledger that are older than its own period is kept."""

    hour: float
    """The one that the last of it came from, if it is packed by the hour."""

    def take(self, records: Mapping[float, Record], newest: float, offset: float) -> None:
        """Keep records by the start of their periods, all of one period of the next length."""

    def within(self, start: float, period: float, newest: float, offset: float) -> Iterable[Record]:
        """Those of the whole periods that begin within `period` seconds of `start`, and are not
        longer than that."""

    def periods(self, newest: float, offset: float) -> Iterator[Kept[Record]]:
        """All that is kept, the longest periods first, and these by time."""

    def since(self, hour: float) -> Iterator[Record]:
        """What is kept of an hour that begins then or later."""

    def keep_at_hand(self, wanted: bool) -> None:
        """Whether somebody is about to read all of it, many times."""


def longer(period: float) -> list[float]:
    """The periods that records of this one go on to."""
    return [other for other in RETENTION if other > period]


@define(eq=False)
class Merged(Generic[Record]):
    """Records of which one can be made."""

    period: float
    merge: Callable[[list[Record]], Record]
    _shelves: dict[float, dict[float, Record]] = field(init=False)
    """By period, and by its start."""
    hour: float = -math.inf

    def __attrs_post_init__(self) -> None:
        self._shelves = {period: {} for period in longer(self.period)}

    def take(self, records: Mapping[float, Record], newest: float, offset: float) -> None:
        """Have the oldest of each length make room for what comes, one step a time."""
        gone, first = list(records.values()), min(records)
        for period, shelf in self._shelves.items():
            start = block_of(first, period, offset)
            before = [shelf[start]] if start in shelf else []
            shelf[start] = self.merge([*before, *gone])
            first = next(iter(shelf))
            if first + period > newest - RETENTION[period]:
                return
            gone = [shelf.pop(first)]

    def within(self, start: float, period: float, newest: float, offset: float) -> Iterator[Record]:
        for length, shelf in self._shelves.items():
            if period >= length:
                time = _first(start, length, offset)
                while time < start + period:
                    if time in shelf:
                        yield shelf[time]
                    time += length

    def periods(self, newest: float, offset: float) -> Iterator[Kept[Record]]:
        for length, shelf in reversed(self._shelves.items()):
            for start in sorted(shelf):
                yield start, length, (shelf[start],)

    def since(self, hour: float) -> Iterator[Record]:
        for shelf in self._shelves.values():
            yield from (record for start, record in shelf.items() if start >= hour)

    def keep_at_hand(self, wanted: bool) -> None:
        """It is."""


@define(eq=False)
class Packed(Generic[Record]):
    """Records of a minute or more that stay what they are."""

    _packed: dict[float, bytes] = field(factory=dict)
    """Hours by their start."""
    hour: float = -math.inf
    """The one that is being filled."""
    _filling: dict[float, Record] = field(factory=dict)
    _read: dict[float, dict[float, Record]] = field(factory=dict)
    """Hours that were unpacked, to be read again: the last one, or all while `_at_hand`."""
    _at_hand: bool = False

    def take(self, records: Mapping[float, Record], newest: float, offset: float) -> None:
        """Pack an hour when another begins, and forget the oldest."""
        hour = block_of(min(records), HOUR, offset)
        if hour != self.hour:
            if self._filling:
                packed = pickle.dumps(self._filling, pickle.HIGHEST_PROTOCOL)
                self._packed[self.hour] = zlib.compress(packed, SWIFT)
            before = self._records(hour)  # what comes late may be of an hour that was packed
            self._read.pop(hour, None)
            self.hour, self._filling = hour, dict(before)
            for old in list(self._packed):
                if old + HOUR > newest - RETENTION[HOUR]:
                    break
                del self._packed[old]
        self._filling.update(records)

    def within(self, start: float, period: float, newest: float, offset: float) -> Iterator[Record]:
        if period < FIVE_MINUTES:
            return
        time = block_of(start, HOUR, offset)
        while time < start + period:
            for first, length, records in self._blocks(time, newest, offset):
                if start <= first < start + period and length <= period:
                    yield from records
            time += HOUR

    def periods(self, newest: float, offset: float) -> Iterator[Kept[Record]]:
        hours = sorted({*self._packed, self.hour})
        for wanted in (HOUR, FIVE_MINUTES):
            for hour in hours:
                for kept in self._blocks(hour, newest, offset):
                    if kept[1] == wanted:
                        yield kept

    def since(self, hour: float) -> Iterator[Record]:
        for each in sorted({*self._packed, self.hour}):
            if each >= hour:
                yield from self._records(each).values()

    def keep_at_hand(self, wanted: bool) -> None:
        """Hours stay unpacked once they are read."""
        self._at_hand = wanted
        self._read.clear()

    def _blocks(self, hour: float, newest: float, offset: float) -> list[Kept[Record]]:
        """What is kept of an hour, in the periods that it is kept by."""
        blocks: dict[tuple[float, float], list[Record]] = {}
        young = newest - RETENTION[FIVE_MINUTES]
        for time, record in self._records(hour).items():
            start, length = block_of(time, FIVE_MINUTES, offset), FIVE_MINUTES
            if start + length <= young:
                start, length = hour, HOUR
            blocks.setdefault((start, length), []).append(record)
        return [(*key, records) for key, records in blocks.items()]

    def _records(self, hour: float) -> dict[float, Record]:
        if hour == self.hour:
            return self._filling
        if hour not in self._packed:
            return {}
        if hour not in self._read:
            if not self._at_hand:
                self._read.clear()
            self._read[hour] = pickle.loads(zlib.decompress(self._packed[hour]))
        return self._read[hour]


def _first(start: float, period: float, offset: float) -> float:
    """The first period of the calendar that begins at `start` or after."""
    time = block_of(start, period, offset)
    return time + period * (time < start)

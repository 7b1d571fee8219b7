"""Simulated time: the schedule of what happens when, and the random streams under one seed.

Times are seconds since the scenario's start (negative while its history is played). Nothing here
or anywhere in the model reads the wall clock.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import numpy as np
from attrs import define

MINUTE = 60.0
HOUR = 3600.0
DAY = 24 * HOUR


class Phase(IntEnum):
    """Who goes first when several things happen at the same instant."""

    CHANGE = 0
    """What changes by itself: instances boot, faults end, connections drain."""
    PROBE = 1
    """Health checks look at what there is now."""
    DATAPOINT = 2
    """A period ends and its metrics are published."""
    ALARM = 3
    """Alarms judge what was published, and their actions run."""
    CONTROL = 4
    """Groups compare what they have with what they should have."""
    ACTION = 9
    """Operators and faults act last, whether a timeline or a key says so."""


@define(eq=False)
class Event:
    """One entry of the schedule; ties in time and phase go by the order of scheduling."""

    time: float
    phase: Phase
    callback: Callable[..., None] | None
    arguments: tuple[Any, ...] = ()

    def cancel(self) -> None:
        """Take it off the schedule (it is skipped when its time comes)."""
        self.callback = None


class Schedule:
    """A clock and the events to come, in order.

    Callbacks are bound methods of the world's own objects, so that the schedule can be copied and
    stored with the world it belongs to.
    """

    def __init__(self, now: float, epoch: datetime) -> None:
        self.now = now
        self.epoch = epoch
        """The date and time (UTC) of second 0, the scenario's start."""
        self._offset = epoch.timestamp()
        """Seconds since the calendar's beginning then."""
        self.phase = Phase.CHANGE
        """What is going on at this instant."""
        self._events: list[tuple[float, Phase, int, Event]] = []
        self._number = 0

    def at(
        self, time: float, phase: Phase, callback: Callable[..., None], *arguments: Any
    ) -> Event:
        """Call `callback(*arguments)` at `time` (not before now)."""
        if time < self.now:
            time = self.now
        event = Event(time, phase, callback, arguments)
        heapq.heappush(self._events, (time, phase, self._number, event))
        self._number += 1
        return event

    def after(
        self, delay: float, phase: Phase, callback: Callable[..., None], *arguments: Any
    ) -> Event:
        """Call `callback(*arguments)` in `delay` seconds."""
        return self.at(self.now + delay, phase, callback, *arguments)

    def utc(self, time: float | None = None) -> datetime:
        """The date and time of an instant (of now, if none is given)."""
        return self.epoch + timedelta(seconds=self.now if time is None else time)

    def boundary(self, period: float, time: float | None = None) -> float:
        """The first whole `period` of the calendar that ends after `time` (after now)."""
        time = self.now if time is None else time
        offset = self._offset % period
        return ((time + offset) // period + 1) * period - offset

    def next_time(self) -> float | None:
        """When the next event is due; None if there is none."""
        while self._events and self._events[0][-1].callback is None:
            heapq.heappop(self._events)
        return self._events[0][0] if self._events else None

    def due(self, time: float) -> Iterator[Event]:
        """Move the clock to `time`, and take the events of this instant in order, those that are
        scheduled for it meanwhile too; call after `next_time`."""
        self.now, events = time, self._events
        while events and events[0][0] <= time:
            event = heapq.heappop(events)[-1]
            if event.callback is not None:
                self.phase = event.phase
                yield event


class Streams:
    """Named random streams under one seed: adding one does not shift another."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, np.random.Generator] = {}

    def __getitem__(self, name: str) -> np.random.Generator:
        if name not in self._streams:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            bits = np.random.PCG64(int.from_bytes(digest[:16], "big"))
            self._streams[name] = np.random.Generator(bits)
        return self._streams[name]

    def hexadecimal(self, name: str, digits: int) -> str:
        """A random identifier of so many hexadecimal digits."""
        return "".join(f"{digit:x}" for digit in self[name].integers(0, 16, digits))

    def uuid(self, name: str) -> str:
        """A random identifier as AWS gives them to activities."""
        digits = self.hexadecimal(name, 32)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

"""How a group's capacity went: levels that hold from change to change, for the group or a zone.

The journal notes a group's sizes and its instances by zone. Nobody notes that an instance has
warmed up: that follows from when it came into service.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from model.autoscaling.zonal import ZoneCapacity
from model.journal import Change, Journal

STATES: dict[str, Callable[[ZoneCapacity], int]] = {
    "in service": lambda zone: zone.in_service,
    "pending": lambda zone: zone.pending,
    "standby": lambda zone: zone.standby,
    "protected": lambda zone: zone.protected,
    "terminating": lambda zone: zone.terminating,
}
"""What the instances of a zone are counted by; those that warm up are counted by the time."""


@frozen
class Level:
    """A number that holds from each of the times until the next (seconds since start)."""

    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def at(self, time: float) -> float:
        """The value at a time; 0 before the first."""
        index = bisect_right(self.times, time) - 1
        return self.values[index] if index >= 0 else 0.0

    @property
    def used(self) -> bool:
        """Whether it ever was more than nothing."""
        return any(self.values)


@frozen
class CapacityHistory:
    """A group's sizes and instances over a time."""

    min: Level
    max: Level
    desired: Level
    warmed: Level
    """What is ready in the warm pool."""
    states: dict[str, Level]
    """In service, warming, pending, standby, protected and terminating; of one zone, if asked."""
    zones: dict[str, Level]
    """What is in service in each zone."""


def capacity_history(
    journal: Journal, group: str, start: float, end: float, zone: str | None = None
) -> CapacityHistory:
    """How a group's capacity went from `start` to `end`; `zone`: its instances in that one only."""
    sizes = within(journal.history(group, "capacity"), start, end)
    zones = within(journal.history(group, "zones"), start, end)

    def size(name: str) -> Level:
        return level((change.time, getattr(change.value, name)) for change in sizes)

    def state(count: Callable[[ZoneCapacity], int], only: str | None) -> Level:
        return level((change.time, total(change.value, count, only)) for change in zones)

    names = sorted({own.zone for change in zones for own in change.value})
    states = {name: state(count, zone) for name, count in STATES.items()}
    return CapacityHistory(
        size("min"),
        size("max"),
        size("desired"),
        size("warmed"),
        {"in service": states.pop("in service"), "warming": _warming(zones, end, zone), **states},
        {name: state(STATES["in service"], name) for name in names},
    )


def total(
    zones: Iterable[ZoneCapacity], count: Callable[[ZoneCapacity], int], only: str | None
) -> int:
    """The count of all zones, or of one."""
    return sum(count(zone) for zone in zones if only in (None, zone.zone))


def within(history: Sequence[Change], start: float, end: float) -> Sequence[Change]:
    """The changes from `start` to `end`, after what held at `start`."""
    first = bisect_right(history, start, key=lambda change: change.time) - 1
    last = bisect_right(history, end, key=lambda change: change.time)
    return history[max(first, 0) : last]


def level(points: Iterable[tuple[float, float]]) -> Level:
    """A level of these points, without those that change nothing."""
    times: list[float] = []
    values: list[float] = []
    for time, value in points:
        if not values or values[-1] != value:
            times.append(time)
            values.append(value)
    return Level(tuple(times), tuple(values))


def _warming(zones: Sequence[Change], end: float, only: str | None) -> Level:
    """How many warm up: less by one as each of them is warm."""
    points: list[tuple[float, float]] = []
    for number, change in enumerate(zones):
        until = zones[number + 1].time if number + 1 < len(zones) else end
        ends = sorted(
            warm for own in change.value if only in (None, own.zone) for warm in own.warming
        )
        points.append((change.time, len(ends)))
        points += [
            (warm, len(ends) - count) for count, warm in enumerate(ends, start=1) if warm < until
        ]
    return level(points)

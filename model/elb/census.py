"""How many targets of a group are in which state, zone by zone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from model.clock import Schedule
from model.cloudwatch.statistics import Datapoint, Gauge
from model.ec2.machines import ANYWHERE
from model.elb.targets import AILING, IN_ROTATION, REGISTERED, TargetState

Points = dict[str | None, tuple[Datapoint, Datapoint]]
"""Healthy and unhealthy targets in a minute, by zone and (None) in all."""


class Census:
    """The count at present, and what host counts were in the minute."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self.states: defaultdict[str, Counter[TargetState]] = defaultdict(Counter)
        """How many targets are in which state, by zone."""
        self.healthy: dict[str, Gauge] = {}
        """By zone, of those that the load balancer is enabled in and of `ANYWHERE`."""
        self.unhealthy: dict[str, Gauge] = {}
        self.healthy_total = Gauge(schedule.now)
        self.unhealthy_total = Gauge(schedule.now)
        self._changed = True
        """Whether anything did in this minute."""
        self._calm: Points | None = None
        """What every minute is in which nothing changes, while there are such."""
        self._until = schedule.now
        """The end of the last of them."""
        self._reports = 0.0

    def begin(self, zones: Iterable[str]) -> None:
        """Host counts of these zones are reported from now on."""
        self._catch_up()
        self._changed = True
        for zone in (*zones, ANYWHERE):
            self.healthy[zone] = Gauge(self._schedule.now)
            self.unhealthy[zone] = Gauge(self._schedule.now)

    def note(self, zone: str) -> None:
        """Bring a zone's host counts up to date."""
        self._catch_up()
        self._changed = True
        now, states = self._schedule.now, self.states[zone]
        self.healthy[zone].set(now, states[TargetState.HEALTHY])
        self.unhealthy[zone].set(now, sum([states[state] for state in AILING]))
        self.healthy_total.set(now, sum(gauge.level for gauge in self.healthy.values()))
        self.unhealthy_total.set(now, sum(gauge.level for gauge in self.unhealthy.values()))

    def gauges(self, zone: str | None) -> tuple[Gauge, Gauge]:
        """The counts of healthy and of unhealthy targets in a zone (None: in all)."""
        if zone is None:
            return self.healthy_total, self.unhealthy_total
        return self.healthy[zone], self.unhealthy[zone]

    def close(self, end: float, reports: float) -> Points:
        """End the minute: its healthy and its unhealthy targets by zone and (None) in all; the very
        same answer for all the minutes in which nothing changes."""
        if self._calm is None or reports != self._reports:
            self._catch_up()
            points: Points = {
                zone: (healthy.close(end, reports), self.unhealthy[zone].close(end, reports))
                for zone, healthy in self.healthy.items()
            }
            totals = self.healthy_total, self.unhealthy_total
            points[None] = totals[0].close(end, reports), totals[1].close(end, reports)
            if self._changed:
                self._changed = False
                return points
            self._calm, self._reports = points, reports
        self._until = end
        return self._calm

    def _catch_up(self) -> None:
        """Something changes, after minutes that were not closed one by one."""
        if self._calm is not None:
            totals = self.healthy_total, self.unhealthy_total
            for gauge in (*self.healthy.values(), *self.unhealthy.values(), *totals):
                gauge.begin(self._until)
            self._calm = None

    def sharing(self, zone: str | None) -> int:
        """The healthy targets in a zone, or all registered ones if none is (None: in all)."""
        healthy = int(self.gauges(zone)[0].level)
        zones = list(self.healthy) if zone is None else [zone]
        return healthy or sum(self._registered(other) for other in zones)

    def standing(self, zone: str | None) -> tuple[int, int]:
        """Healthy and registered targets in a zone (None: in all)."""
        zones = list(self.states) if zone is None else [zone]
        healthy = sum(self.states[other][state] for other in zones for state in IN_ROTATION)
        return healthy, sum(self._registered(other) for other in zones)

    def _registered(self, zone: str) -> int:
        states = self.states[zone]
        return sum(states[state] for state in REGISTERED)

"""How many targets of a group are in which state, zone by zone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from model.clock import Schedule
from model.cloudwatch.statistics import Gauge
from model.ec2.machines import ANYWHERE
from model.elb.targets import AILING, IN_ROTATION, REGISTERED, TargetState


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

    def begin(self, zones: Iterable[str]) -> None:
        """Host counts of these zones are reported from now on."""
        for zone in (*zones, ANYWHERE):
            self.healthy[zone] = Gauge(self._schedule.now)
            self.unhealthy[zone] = Gauge(self._schedule.now)

    def note(self, zone: str) -> None:
        """Bring a zone's host counts up to date."""
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

"""A target group: who is registered, who is healthy, and who gets the next requests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from attrs import define, field

from model.clock import Phase, Schedule, Streams
from model.cloudwatch.statistics import Gauge
from model.ec2.instances import Instance, InstanceState
from model.elb.health import HealthChecker
from model.elb.resources import TargetGroup
from model.elb.targets import HealthStatus, Reason, Target, TargetState
from model.flow.latency import BUCKETS, Histogram, Mixture
from model.flow.station import (
    CONNECT_TIMEOUT,
    SLOWEST_START,
    Answering,
    Discipline,
    Station,
)
from model.journal import Journal

FAST_FAILURE = 0.001
"""Seconds a refused connection takes: what least outstanding requests sees of a dead target."""


@define(eq=False)
class Scope:
    """The targets that some nodes share out their requests to, and what has become of these.

    With cross-zone load balancing there is one scope for all nodes, without it one for each zone.
    """

    zones: tuple[str, ...]
    """Zones of the nodes."""
    mixture: Mixture = field(factory=Mixture)
    """Response times since the last settlement."""
    latencies: Histogram = field(factory=lambda: np.zeros(BUCKETS))
    """What the last settlement left over of the response times."""
    incoming: dict[str, float] = field(factory=dict)
    """Requests of the present step, by the zone of the node they came through."""
    received: dict[str, float] = field(factory=dict)
    """Requests since the last settlement, by the zone of the node."""
    received_in_failover: dict[str, float] = field(factory=dict)
    """Those of `received` that unhealthy targets might get too (routing failover)."""
    fail_open: bool = False

    def take_in(self) -> float:
        """Count what came in this step; returns how many requests that is."""
        total = 0.0
        for zone, requests in self.incoming.items():
            total += requests
            self.received[zone] = self.received.get(zone, 0.0) + requests
            if self.fail_open:
                before = self.received_in_failover.get(zone, 0.0)
                self.received_in_failover[zone] = before + requests
        self.incoming.clear()
        return total

    def failover_share(self, zone: str) -> float:
        """The share of what came through a zone's node that unhealthy targets might get too."""
        received = self.received.get(zone, 0.0)
        return self.received_in_failover.get(zone, 0.0) / received if received > 0 else 0.0


class TargetGroupState:
    """One target group of a load balancer at work."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        journal: Journal,
        group: TargetGroup,
        zones: tuple[str, ...],
        idle_timeout: float,
        on_health: Callable[[TargetGroupState], None],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._on_health = on_health
        self.idle_timeout = idle_timeout
        self.resource = group
        self.zones = zones
        """Zones enabled on the load balancer; targets elsewhere are unused."""
        self.cross_zone = group.cross_zone is not False
        self.targets: dict[str, Target] = {}
        """Registered and draining targets by id, in order of registration."""
        self.requests: dict[str, int] = {}
        """Requests that ended on each target since the books were opened, by the target's id."""
        self.gone: list[Target] = []
        """Targets deregistered since the last settlement."""
        self.scopes = [Scope(zones)] if self.cross_zone else [Scope((zone,)) for zone in zones]
        self.healthy: dict[str, Gauge] = {zone: Gauge(schedule.now) for zone in zones}
        self.unhealthy: dict[str, Gauge] = {zone: Gauge(schedule.now) for zone in zones}
        self.healthy_total = Gauge(schedule.now)
        self.unhealthy_total = Gauge(schedule.now)
        self.ever_healthy = False
        """Whether any target ever passed: until then the group replaces nothing for it."""
        self.checker = HealthChecker(schedule, streams, group, self._enter)

    @property
    def id(self) -> str:
        return self.resource.logical_id

    # -- the API ------------------------------------------------------------------------------

    def register(self, instance: Instance) -> None:
        """RegisterTargets for one instance, on the group's port; again means anew."""
        target = self.targets.get(f"{instance.id}:{self.resource.port}")
        if target is not None and target.state is not TargetState.DRAINING:
            return
        if target is None:
            port = self.resource.port or 80
            station = Station(instance.capability(), self.idle_timeout)
            target = Target(self.id, instance, port, station)
            self.targets[target.id] = target
            instance.stations.append(station)
            instance.watchers.append(self._instance_changed)
        if instance.zone not in self.zones:
            self._enter(target, TargetState.UNUSED, Reason.NOT_IN_USE)
            return
        self._enter(target, TargetState.INITIAL, Reason.REGISTRATION_IN_PROGRESS)
        self.checker.begin(target)

    def deregister(self, instance: Instance) -> float:
        """DeregisterTargets for one instance; returns the seconds it may drain."""
        target = self.targets.get(f"{instance.id}:{self.resource.port}")
        if target is None or target.state is TargetState.DRAINING:
            return 0.0
        unused = target.state is TargetState.UNUSED
        self.checker.end(target)
        delay = 0.0 if unused else float(self.resource.deregistration_delay)
        if delay > 0:
            self._enter(target, TargetState.DRAINING, Reason.DEREGISTRATION_IN_PROGRESS)
        target.next_check = self._schedule.after(delay, Phase.CHANGE, self._remove, target)
        return delay

    def _remove(self, target: Target) -> None:
        if self.targets.get(target.id) is not target:
            return
        target.next_check = None
        target.station.cut_off()
        self._enter(target, TargetState.UNUSED, Reason.NOT_REGISTERED)
        del self.targets[target.id]
        self.gone.append(target)
        target.instance.detach_station(target.station)
        target.instance.watchers.remove(self._instance_changed)
        self._count()

    # -- health -------------------------------------------------------------------------------

    def _enter(self, target: Target, state: TargetState, reason: Reason) -> None:
        changed = target.state is not state
        target.state, target.reason = state, reason
        status = HealthStatus(state.value, reason.value)
        resource = f"{self.id}/{target.id}"
        self._journal.write(self._schedule.now, resource, "health", status)
        if state is TargetState.HEALTHY:
            self.ever_healthy = True
        if changed:
            self._count()

    def _instance_changed(self, instance: Instance) -> None:
        target = self.targets[f"{instance.id}:{self.resource.port}"]
        capability = instance.capability()
        if capability != target.station.capability:
            target.station.change(self._schedule.now, capability)
        off = instance.state in (InstanceState.STOPPED, InstanceState.TERMINATED)
        if off and target.registered:
            self.checker.end(target)
            self._enter(target, TargetState.UNUSED, Reason.INVALID_STATE)
        elif (
            instance.state is InstanceState.RUNNING
            and target.state is TargetState.UNUSED
            and target.reason is Reason.INVALID_STATE
        ):
            self._enter(target, TargetState.INITIAL, Reason.REGISTRATION_IN_PROGRESS)
            self.checker.begin(target)
        else:
            self.checker.wake(target)

    def _count(self) -> None:
        """Bring the host counts up to date, and tell the load balancer."""
        now = self._schedule.now
        for zone in self.zones:
            here = [target for target in self.targets.values() if target.zone == zone]
            self.healthy[zone].set(now, sum(t.state is TargetState.HEALTHY for t in here))
            self.unhealthy[zone].set(now, sum(t.state is TargetState.UNHEALTHY for t in here))
        self.healthy_total.set(now, sum(gauge.level for gauge in self.healthy.values()))
        self.unhealthy_total.set(now, sum(gauge.level for gauge in self.unhealthy.values()))
        self._on_health(self)

    def dns_healthy(self, zone: str) -> bool:
        """Whether the group meets its requirement for the zone's address to stay in DNS."""
        healthy, registered = self._standing(zone)
        return not _below(
            healthy,
            registered,
            self.resource.dns_failover_count,
            self.resource.dns_failover_percentage,
        )

    def serves(self, zone: str) -> bool:
        """Whether a zone's node has registered targets to send to."""
        return self._standing(zone)[1] > 0

    def _standing(self, zone: str) -> tuple[int, int]:
        """Healthy and registered targets in the scope of a zone's node."""
        scope = [
            target
            for target in self.targets.values()
            if target.registered and (self.cross_zone or target.zone == zone)
        ]
        return sum(target.state is TargetState.HEALTHY for target in scope), len(scope)

    # -- traffic ------------------------------------------------------------------------------

    def receive(self, zone: str, requests: float) -> bool:
        """A node hands over requests of the present step; False: no target is registered (503)."""
        scope = next(scope for scope in self.scopes if zone in scope.zones)
        if not self._eligible(scope):
            return False
        scope.incoming[zone] = scope.incoming.get(zone, 0.0) + requests
        return True

    def step(self, now: float, dt: float) -> None:
        """Let `dt` seconds pass from `now`, in which what was received comes evenly."""
        discipline = (
            Discipline.LEAST_OUTSTANDING
            if self.resource.algorithm == "least_outstanding_requests"
            else Discipline.ROUND_ROBIN
        )
        for scope in self.scopes:
            eligible = self._eligible(scope)
            total = scope.take_in()
            shares, peers = self._shares(eligible, discipline), max(len(eligible), 1)
            for target in self._members(scope):
                arrivals = total * shares.get(target.id, 0.0)
                target.station.step(now, dt, arrivals, discipline, peers, scope.mixture)
                if target.next_check is None and self.checker.loaded(target):
                    self.checker.wake(target, now + dt)

    def _members(self, scope: Scope) -> list[Target]:
        return [target for target in self.targets.values() if target.zone in scope.zones]

    def _eligible(self, scope: Scope) -> list[Target]:
        """The healthy targets, or all registered ones where too few are healthy (fail open)."""
        registered = [target for target in self._members(scope) if target.registered]
        healthy = [target for target in registered if target.state is TargetState.HEALTHY]
        scope.fail_open = _below(
            len(healthy),
            len(registered),
            self.resource.unhealthy_state_routing_count,
            self.resource.unhealthy_state_routing_percentage,
        )
        return registered if scope.fail_open else healthy

    def _shares(self, eligible: list[Target], discipline: Discipline) -> dict[str, float]:
        if discipline is not Discipline.LEAST_OUTSTANDING:
            return {target.id: 1 / len(eligible) for target in eligible}
        for target in eligible:
            target.weight = (target.weight + 1 / _holding_time(target.station)) / 2
        total = sum(target.weight for target in eligible)
        return {target.id: target.weight / total for target in eligible}

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed."""
        return any(target.station.unsettled for target in self.targets.values())

    @property
    def in_flight(self) -> float:
        """Requests inside its targets."""
        return sum(target.station.in_flight for target in self.targets.values())


def _holding_time(station: Station) -> float:
    """How long a request stays outstanding on a target, as its load balancer sees it."""
    can = station.capability
    match can.answering:
        case Answering.REFUSING:
            return FAST_FAILURE
        case Answering.SILENT:
            return CONNECT_TIMEOUT
    return max(can.service_time + can.latency + station.wait.overall + station.delay, SLOWEST_START)


def _below(healthy: int, registered: int, count: int | None, percentage: int | None) -> bool:
    """Whether the healthy targets fall below a count or a percentage of the registered ones."""
    if count is not None and healthy < count:
        return True
    return percentage is not None and healthy * 100 < percentage * registered

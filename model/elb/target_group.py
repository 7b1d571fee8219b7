"""A target group: who is registered, who is healthy, and who gets the next requests."""

from __future__ import annotations

from collections.abc import Callable

from model.clock import Phase, Schedule, Streams
from model.cloudwatch.statistics import Gauge
from model.ec2.instances import Instance, InstanceState
from model.elb.health import HealthChecker
from model.elb.resources import TargetGroup
from model.elb.scope import Scope, below
from model.elb.targets import HealthStatus, Reason, Target, TargetState
from model.flow.station import Station
from model.flow.waiting import Discipline
from model.journal import Journal


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
        least = group.unhealthy_state_routing_count, group.unhealthy_state_routing_percentage
        parts = [zones] if self.cross_zone else [(zone,) for zone in zones]
        self.scopes = [Scope(part, *least) for part in parts]
        self._scopes = {zone: scope for scope in self.scopes for zone in scope.zones}
        self._discipline = (
            Discipline.LEAST_OUTSTANDING
            if group.algorithm == "least_outstanding_requests"
            else Discipline.ROUND_ROBIN
        )
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
            instance.attach_station(station)
            instance.watchers.append(self._instance_changed)
            if instance.zone in self._scopes:
                self._scopes[instance.zone].add(target)
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
        self._enter(target, TargetState.UNUSED, Reason.NOT_REGISTERED)
        if target.zone in self._scopes:
            self._scopes[target.zone].remove(target)
        target.station.cut_off()
        del self.targets[target.id]
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
            if target.zone in self._scopes:
                self._scopes[target.zone].stands(target)
            self._count()

    def _instance_changed(self, instance: Instance) -> None:
        target = self.targets[f"{instance.id}:{self.resource.port}"]
        capability = instance.capability()
        if capability != target.station.capability:
            if target.zone in self._scopes:
                self._scopes[target.zone].apart(target)
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
        return not below(
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
        return self._scopes[zone].receive(zone, requests)

    def step(self, now: float, dt: float) -> None:
        """Let `dt` seconds pass from `now`, in which what was received comes evenly."""
        for scope in self.scopes:
            scope.step(now, dt, self._discipline)
            for cohort in scope.cohorts:
                if self.checker.loaded(cohort.station):
                    for target in cohort.targets:
                        self.checker.wake(target, now + dt)

    def join_alike(self) -> None:
        """Have targets that nothing tells apart computed once."""
        for scope in self.scopes:
            scope.join_alike()

    @property
    def requests(self) -> dict[str, int]:
        """Requests that ended on each target since the books were opened, by the target's id."""
        return {name: number for scope in self.scopes for name, number in scope.counted()}

    def gauges(self, zone: str | None) -> tuple[Gauge, Gauge]:
        """The counts of healthy and of unhealthy targets in a zone (None: in all)."""
        if zone is None:
            return self.healthy_total, self.unhealthy_total
        return self.healthy[zone], self.unhealthy[zone]

    def sharing(self, zone: str | None) -> int:
        """The healthy targets in a zone, or all registered ones if none is (None: in all)."""
        healthy = int(self.gauges(zone)[0].level)
        return healthy or sum(
            target.registered and zone in (None, target.zone) and target.zone in self.zones
            for target in self.targets.values()
        )

    def forget_requests(self) -> None:
        """The books are opened."""
        for scope in self.scopes:
            scope.forget()

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed."""
        return any(scope.unsettled for scope in self.scopes)

    @property
    def utilisation(self) -> float:
        """Of the busiest target, at present."""
        return max((scope.utilisation for scope in self.scopes), default=0.0)

    @property
    def in_flight(self) -> float:
        """Requests inside its targets."""
        return sum(scope.in_flight for scope in self.scopes)

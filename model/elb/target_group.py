"""A target group: who is registered, who is healthy, and who gets the next requests."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from model.clock import Phase, Schedule, Streams
from model.ec2.instances import Instance, InstanceState
from model.elb.anomalies import Mitigation
from model.elb.census import Census
from model.elb.health import HealthChecker
from model.elb.ports import Ports
from model.elb.resources.shapes import Pool
from model.elb.scope import Scope, below
from model.elb.scopes import Scopes
from model.elb.statuses import OF_FLOWS, OF_FUNCTIONS, OF_REQUESTS, OF_SLOW_FUNCTIONS, Statuses
from model.elb.surge import SurgeQueue
from model.elb.targets import (
    GROUP_NOT_IN_USE,
    Reason,
    Target,
    TargetState,
)
from model.flow.capability import SILENT, Answering, Others
from model.flow.waiting import Discipline
from model.journal import Journal

if TYPE_CHECKING:
    from model.elb.load_balancer import LoadBalancerState

DISCIPLINES = {
    "round_robin": Discipline.ROUND_ROBIN,
    "least_outstanding_requests": Discipline.LEAST_OUTSTANDING,
    "weighted_random": Discipline.RANDOM,
    "flow_hash": Discipline.RANDOM,
}
"""Routing algorithms; without anomaly mitigation, weighted random has equal weights. The hash of a
flow (its addresses, ports and sequence number) falls on any target alike."""


class TargetGroupState:
    """One target group of a load balancer at work."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        journal: Journal,
        group: Pool,
        on_health: Callable[[TargetGroupState], None],
    ) -> None:
        self._schedule = schedule
        self._journal = journal
        self._on_health = on_health
        self._hashes = streams[f"elb/{group.logical_id}/flows"]
        self.idle_timeout = 0.0
        self.resource = group
        self.balancer: str | None = None
        """Whose target group it is: nobody's until a listener or a rule forwards to it."""
        self.in_use = False
        """Whether one does at present."""
        self._reaches: Callable[[Instance, int], bool] | None = None
        """Whether requests come to a port of an instance."""
        self._checks_reach: Callable[[Instance, int], bool] | None = None
        self._followed = True
        """Whether nodes use targets of other zones, where the group itself does not say it."""
        self.zones: tuple[str, ...] = ()
        """Zones enabled on the load balancer; targets elsewhere are unused."""
        self.targets: dict[str, Target] = {}
        """Registered and draining targets by id, in order of registration."""
        self._on: dict[str, list[Target]] = {}
        """The same by instance."""
        self._leaving: list[Target] = []
        """Targets that left, while flows go on inside them."""
        self.scopes = Scopes()
        self.census = Census(schedule)
        self.shifted: set[str] = set()
        """Zones that a zonal shift leads traffic away from."""
        self._fitness: dict[str | None, tuple[int, int, int, int]] | None = None
        """What `fitness` is, while nothing changes."""
        self.ever_healthy = False
        """Whether any target ever passed: until then the group replaces nothing for it."""
        self.checker = HealthChecker(schedule, streams, group, self._conclude)
        self.leader: TargetGroupState | None = None
        """Whose targets are the same instances and whose checks are for these too; None: this has
        checks of its own."""
        self.followers: list[TargetGroupState] = []
        self.mitigation: Mitigation | None = None
        """Keeps requests from targets that fail more than their peers, where that is wanted."""
        self._arrange()

    # -- whose it is, and how it is configured ------------------------------------------------

    def attach(self, balancer: LoadBalancerState) -> None:
        """A load balancer begins to use it: its targets are checked from now on."""
        self.balancer, self.zones, self.in_use = balancer.id, tuple(balancer.nodes), True
        if self.resource.walled:
            self._checks_reach = self._reaches = balancer.reaches
            if self.resource.preserves_client_ip:
                self._reaches = balancer.forwards
        self._followed = balancer.resource.cross_zone
        self.review_network()
        self.give_up_after(balancer.idle_timeout)
        self.census.begin(self.zones)
        self.shifted = {zone for zone, node in balancer.nodes.items() if node.shifted}
        self._arrange()

    def review_network(self) -> None:
        """Firewalls may let other things through now."""
        for target in self.targets.values():
            self._look_for_firewalls(target)
            self._host_changed(target)

    def _look_for_firewalls(self, target: Target) -> None:
        if self._reaches is not None and self._checks_reach is not None:
            target.blocked = not self._reaches(target.instance, target.port)
            check = self.checker.port(target)
            target.checks_blocked = not self._checks_reach(target.instance, check)

    def use(self, *, in_use: bool) -> None:
        """A listener or a rule forwards to it again, or none does any more."""
        if in_use is not self.in_use:
            self.in_use = in_use
            for target in self.targets.values():
                if target.state is not TargetState.DRAINING:
                    self._begin(target)

    def follow(self, cross_zone: bool) -> None:
        """The load balancer's own cross-zone attribute is another now."""
        if cross_zone is not self._followed:
            self._followed = cross_zone
            self._arrange()

    @property
    def longest(self) -> float:
        """Seconds that an answer may take at most."""
        return math.inf if self.resource.network else self.idle_timeout

    @property
    def statuses(self) -> Statuses:
        """What clients see of its requests."""
        if not self.resource.invokes:
            return OF_FLOWS if self.resource.network else OF_REQUESTS
        longest = max((target.station.longest for target in self.targets.values()), default=0.0)
        return OF_FUNCTIONS if longest < self.idle_timeout else OF_SLOW_FUNCTIONS

    def give_up_after(self, idle_timeout: float) -> None:
        """The load balancer's idle time-out (seconds) is another now."""
        self.idle_timeout = idle_timeout
        for target in self.targets.values():
            target.station.idle_timeout = idle_timeout
        self.scopes.wait_for(idle_timeout)

    def modify(self, resource: Pool) -> None:
        """ModifyTargetGroup, ModifyTargetGroupAttributes: it is configured otherwise."""
        self.resource = resource
        self.checker.modify(resource, self.targets.values())
        self._arrange()
        self._on_health(self)

    def shift(self, zone: str, *, away: bool) -> None:
        """A zonal shift begins or ends: with cross-zone load balancing targets there get no new
        requests from any node."""
        (self.shifted.add if away else self.shifted.discard)(zone)
        self._arrange()
        self._on_health(self)

    def description(self, target: Target) -> str:
        """What DescribeTargetHealth adds to a target's reason, for a person."""
        if target.reason is Reason.NOT_IN_USE and not self.in_use:
            return GROUP_NOT_IN_USE
        instance = target.instance.state.value
        return self.resource.description(target.state, target.reason, instance)

    def override(self, target: Target) -> str:
        """AdministrativeOverride of DescribeTargetHealth."""
        if target.zone not in self.shifted:
            return "no_override"
        return "zonal_shift_active" if self.cross_zone else "zonal_shift_delegated_to_dns"

    def _arrange(self) -> None:
        """Scopes as the configuration wants them, with what the present ones hold."""
        group, self._fitness = self.resource, None
        self.cross_zone = self._followed if group.cross_zone is None else group.cross_zone
        self._discipline = DISCIPLINES[group.algorithm]
        least = group.unhealthy_state_routing_count, group.unhealthy_state_routing_percentage
        if self.scopes.lay_out(self.zones, self._scope, cross_zone=self.cross_zone):
            self._take_in()
        for scope in self.scopes:
            hashes = self._hashes if group.sticky_by == "source_ip" else None
            hidden = group.algorithm == "flow_hash" and not group.preserves_client_ip
            ports = Ports() if hidden else None
            scope.configure(*least, group.slow_start, group.session, hashes, ports)
            scope.renewed = group.renews_sessions
        for target in self.targets.values():
            shifted = self.cross_zone and target.zone in self.shifted
            if target.shifted is not shifted and self.scopes.cover(target.zone):
                target.shifted = shifted
                self.scopes[target.zone].stands(target)
        if group.mitigates and self.mitigation is None:
            self.mitigation = Mitigation(self._schedule, self)
        elif not group.mitigates and self.mitigation is not None:
            self.mitigation.end()
            self.mitigation = None
        if self.mitigation is not None:
            self.mitigation.wake()

    def reweighed(self) -> None:
        """Targets are sent other shares from now on."""
        self._on_health(self)

    def _scope(self, zones: tuple[str, ...]) -> Scope:
        scope, most = Scope(zones), self.resource.surge
        if most:
            scope.surge = SurgeQueue(len(zones), float(most * len(zones)), self.idle_timeout)
        return scope

    @property
    def id(self) -> str:
        return self.resource.logical_id

    # -- the API ------------------------------------------------------------------------------

    def _take_in(self) -> None:
        """Have targets in a scope that were in none."""
        held = {id(t) for scope in self.scopes for c in scope.cohorts for t in c.targets}
        for target in self.targets.values():
            if self.scopes.cover(target.zone) and id(target) not in held:
                self.scopes[target.zone].add(target)
                if target.state is not TargetState.DRAINING:
                    self._begin(target)

    def register(self, instance: Instance, port: int | None = None) -> None:
        """RegisterTargets for a port of an instance (None: the group's own); again means anew."""
        port = 0 if self.resource.invokes else port or self.resource.port
        target = self.targets.get(f"{instance.id}:{port}")
        if target is not None and target.state is not TargetState.DRAINING:
            return
        if target is None:
            capability = instance.capability(port)
            station = instance.station(
                capability,
                self.idle_timeout,
                patient=self.resource.network,
                overflowing=bool(self.resource.surge),
            )
            target = Target(self.id, instance, port, station)
            self._look_for_firewalls(target)
            if target.blocked:
                station.change(self._schedule.now, SILENT)
            target.eager = not self.census.healthy_total.level
            target.shifted = self.cross_zone and instance.zone in self.shifted
            self.targets[target.id] = target
            self._on.setdefault(instance.id, []).append(target)
            self.census.states[target.zone][target.state] += 1
            self._fitness = None
            instance.attach_station(station)
            if self._instance_changed not in instance.watchers:
                instance.watchers.append(self._instance_changed)
            if self.scopes.cover(instance.zone):
                self.scopes[instance.zone].add(target)
        self._begin(target)

    def _begin(self, target: Target) -> None:
        """A target is registered, perhaps anew: is it in use?"""
        self.checker.end(target)
        if not self.scopes.cover(target.zone) or not self.in_use:
            self._enter(target, TargetState.UNUSED, Reason.NOT_IN_USE)
            return
        if target.instance.state in (InstanceState.STOPPED, InstanceState.TERMINATED):
            self._enter(target, TargetState.UNUSED, Reason.INVALID_STATE)
            return
        if not self.resource.health_check_enabled:
            self._enter(target, TargetState.UNAVAILABLE, Reason.HEALTH_CHECK_DISABLED)
            return
        self._enter(target, TargetState.INITIAL, Reason.REGISTRATION_IN_PROGRESS)
        if self.leader is None:
            self.checker.begin(target)

    def deregister(self, instance: Instance, port: int | None = None) -> float:
        """DeregisterTargets for a port of an instance (None: for all); returns the seconds that it
        may drain."""
        own = [target for target in self.on(instance) if port in (None, target.port)]
        return max((self._deregister(target) for target in own), default=0.0)

    def on(self, instance: Instance) -> list[Target]:
        """The targets on an instance: one for each port that is registered."""
        return self._on.get(instance.id, [])

    def registers(self, instance: Instance) -> bool:
        """Whether a port of an instance is registered, and not about to leave."""
        return any(target.state is not TargetState.DRAINING for target in self.on(instance))

    def _deregister(self, target: Target) -> float:
        if target.state is TargetState.DRAINING:
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
        del self.targets[target.id]
        self._on[target.instance.id].remove(target)
        self.census.states[target.zone][target.state] -= 1
        self._fitness = None
        going_on = not self.resource.ends_flows_of_deregistered and self.scopes.cover(target.zone)
        if self.scopes.cover(target.zone):
            self.scopes[target.zone].remove(target, going_on=going_on)
        if going_on:
            self._leaving.append(target)
        else:
            target.station.cut_off()
            self._let_go(target)
        self._on_health(self)

    def _let_go(self, target: Target) -> None:
        """Nothing is inside any more: its instance has nothing to do with the group."""
        instance = target.instance
        instance.detach_station(target.station)
        if not self.on(instance) and all(t.instance is not instance for t in self._leaving):
            self._on.pop(instance.id, None)
            instance.watchers.remove(self._instance_changed)

    # -- health -------------------------------------------------------------------------------

    def _conclude(self, target: Target, state: TargetState, reason: Reason) -> None:
        """Its health checks say that a target is in a state."""
        interval = self.resource.draining_interval
        if state is TargetState.UNHEALTHY and interval:
            if target.state is TargetState.UNHEALTHY_DRAINING:
                return  # until the interval is over
            if target.state is TargetState.HEALTHY:
                state = TargetState.UNHEALTHY_DRAINING
                target.failed_at = now = self._schedule.now
                self._schedule.after(interval, Phase.CHANGE, self._drained, target, now)
        self._enter(target, state, reason)

    def _drained(self, target: Target, since: float) -> None:
        if target.state is TargetState.UNHEALTHY_DRAINING and target.failed_at == since:
            self._enter(target, TargetState.UNHEALTHY, target.reason)

    def _enter(self, target: Target, state: TargetState, reason: Reason) -> None:
        before, target.state, target.reason = target.state, state, reason
        status = self.resource.health_status(state, reason)
        resource = f"{self.id}/{target.id}"
        self._journal.write(self._schedule.now, resource, "health", status)
        if state is TargetState.HEALTHY:
            self.ever_healthy = True
        if state is not before:
            self.census.states[target.zone][before] -= 1
            self.census.states[target.zone][state] += 1
            self._fitness = None
            if self.scopes.cover(target.zone):
                self.scopes[target.zone].stands(target, self._schedule.now)
                self.census.note(target.zone)
                if state is TargetState.UNHEALTHY and self.resource.ends_flows_of_unhealthy:
                    self._end_flows(target)
            if self.mitigation is not None:
                self.mitigation.wake()
            self._on_health(self)
        for other in self.followers:
            other.follow_check(target)

    def follow_check(self, leading: Target) -> None:
        """The checks of an instance, which are another group's, have a result."""
        for target in self.on(leading.instance):
            if target.registered and leading.registered:
                self._enter(target, leading.state, leading.reason)

    def _end_flows(self, target: Target) -> None:
        """A Network Load Balancer resets the flows to an unhealthy target, unless it fails open."""
        scope = self.scopes[target.zone]
        if not scope.fail_open:
            scope.apart(target)
            target.station.cut_off()

    def _instance_changed(self, instance: Instance) -> None:
        for target in tuple(self.on(instance)):
            self._host_changed(target)
        for target in self._leaving:
            if target.instance is instance:
                capability = instance.capability(target.port)
                target.station.change(self._schedule.now, capability)

    def _host_changed(self, target: Target) -> None:
        instance = target.instance
        capability = SILENT if target.blocked else instance.capability(target.port)
        others = target.station.capability.others
        if others is not None and capability.answering is Answering.SERVING:
            capability = evolve(capability, others=others)
        if capability != target.station.capability:
            if self.scopes.cover(target.zone):
                self.scopes[target.zone].apart(target)
            target.station.change(self._schedule.now, capability)
            if self.mitigation is not None:
                self.mitigation.wake()
            self._on_health(self)
        off = instance.state in (InstanceState.STOPPED, InstanceState.TERMINATED)
        if off and target.registered:
            self.checker.end(target)
            self._enter(target, TargetState.UNUSED, Reason.INVALID_STATE)
        elif (
            instance.state is InstanceState.RUNNING
            and target.state is TargetState.UNUSED
            and target.reason is Reason.INVALID_STATE
        ):
            self._begin(target)
        else:
            self.checker.wake(target)

    def dns_healthy(self, zone: str) -> bool:
        """Whether the group meets its requirement for the zone's address to stay in DNS."""
        healthy, registered = self._standing(zone)
        return not below(
            healthy,
            registered,
            self.resource.dns_failover_count,
            self.resource.dns_failover_percentage,
        )

    @property
    def fitness(self) -> dict[str | None, tuple[int, int, int, int]]:
        """Of each zone and (None) of all: the targets that requests per target are an average over,
        how many zones that is, in how many the group meets its requirement to stay in DNS, and in
        how many nodes send to healthy targets only."""
        if self._fitness is None:
            zones = {
                zone: (int(self.dns_healthy(zone)), int(not self.scopes[zone].fail_open))
                for zone in self.zones
            }
            dns, routing = (
                sum(own[0] for own in zones.values()),
                sum(own[1] for own in zones.values()),
            )
            sharing = self.census.sharing
            self._fitness = {zone: (sharing(zone), 1, *own) for zone, own in zones.items()}
            self._fitness[None] = sharing(None), len(zones), dns, routing
        return self._fitness

    def shifted_targets(self) -> dict[str | None, int]:
        """How many targets a zonal shift keeps requests away from, by zone and (None) in all."""
        if not self.shifted:
            return {}
        zones = [target.zone for target in self.targets.values() if target.shifted]
        return {**Counter(zones), None: len(zones)}

    @property
    def serves_well(self) -> bool:
        """Whether any target is healthy."""
        return self.census.standing(None)[0] > 0

    def serves(self, zone: str) -> bool:
        """Whether a zone's node has registered targets to send to."""
        return self._standing(zone)[1] > 0

    def _standing(self, zone: str) -> tuple[int, int]:
        """Healthy and registered targets in the scope of a zone's node."""
        return self.census.standing(None if self.cross_zone else zone)

    # -- traffic ------------------------------------------------------------------------------

    def share_out(self, now: float, dt: float) -> None:
        """Decide which target is sent how much in the `dt` seconds from `now`."""
        self.scopes.share_out(now, dt, self._discipline)

    def set_apart(self, target: Target, others: Others | None) -> None:
        """A target's instance is loaded unlike those of its cohort."""
        if self.scopes.cover(target.zone):
            self.scopes[target.zone].apart(target)
        target.station.share_cpu(others)

    def step(self, now: float, dt: float) -> None:
        """Let those seconds pass."""
        for scope in self.scopes:
            scope.step(now, dt, self._discipline)
            for cohort in scope.cohorts:
                if self.checker.loaded(cohort.station):
                    for target in cohort.targets:
                        self.checker.wake(target, now + dt)
                    if self.mitigation is not None:
                        self.mitigation.wake()
        if self._leaving:
            self._let_go_of_empty()

    def _let_go_of_empty(self) -> None:
        for target in [t for t in self._leaving if t.station.in_flight <= 0.0]:
            self._leaving.remove(target)
            self._let_go(target)

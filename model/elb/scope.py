"""The targets that some nodes of a load balancer share out their requests to.

With cross-zone load balancing there is one scope for all nodes, without it one for each zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from attrs import define, field

from model.elb import flow_hash, stickiness
from model.elb.cohorts import Cohort, Standing, joined
from model.elb.ports import Ports
from model.elb.shares import least_outstanding, mitigated, mix_of, slow_starting
from model.elb.surge import SurgeQueue
from model.elb.targets import Target
from model.flow.latency import BUCKETS, Histogram
from model.flow.mixture import Mixture
from model.flow.waiting import Discipline
from model.traffic.source import Sizes

TRIFLE = 1e-6
"""Less than this of a request is none."""


@define(eq=False)
class Scope:
    """Targets in their cohorts, and what has become of the requests they were sent."""

    zones: tuple[str, ...]
    """Zones of the nodes."""
    least_healthy: int | None = None
    """With fewer healthy targets the nodes send to all registered ones (fail open); None: off."""
    least_healthy_percentage: int | None = None
    """The same as a share of the registered targets."""
    session: float | None = None
    """Seconds that a cookie keeps a client at its target; None: sessions are not sticky."""
    known: float = 0.0
    """Clients who have come since flows stick to targets by their address."""
    hashes: np.random.Generator | None = None
    """Draws where clients fall, while flows stick to their addresses; None: they do not."""
    ports: Ports | None = None
    """Of the nodes towards the targets; None: they need none."""
    renewed: bool = True
    """Whether each answer begins that time anew."""
    silent: float = 0.0
    """Seconds since anybody asked, while sessions are sticky."""
    unbound: float = 0.0
    """Requests of the present step whose client had no cookie of use."""
    slow_start: float = 0.0
    """Seconds in which the share of a new target grows."""
    cohorts: list[Cohort] = field(factory=list)
    gone: list[Cohort] = field(factory=list)
    """Targets that left, while there is something to count of them."""
    leaving: list[Cohort] = field(factory=list)
    """Targets that left, while something goes on inside them."""
    requests: dict[str, int] = field(factory=dict)
    """Whole requests that were dealt out, by the target's id, those of targets that left too."""
    mixture: Mixture = field(factory=Mixture)
    """Response times since the last settlement."""
    latencies: Histogram = field(factory=lambda: np.zeros(BUCKETS))
    """What the last settlement left over of the response times."""
    incoming: dict[str, float] = field(factory=dict)
    """Requests of the present step, by the zone of the node they came through."""
    asked: dict[int, float] = field(factory=dict)
    """The same by kind."""
    clients: float = 0.0
    """Clients whom those come from."""
    bytes_in: float = 0.0
    """Bytes of those requests."""
    bytes_out: float = 0.0
    """Bytes that their answers will have."""
    sizes: Sizes = (0.0, 0.0)
    """Bytes of a request and of its answer, on average of the last step in which any came."""
    received: dict[str, float] = field(factory=dict)
    """Requests since the last settlement, by the zone of the node."""
    received_in_failover: dict[str, float] = field(factory=dict)
    """Those of `received` that unhealthy targets might get too (routing failover)."""
    fail_open: bool = False
    eligible: list[Cohort] = field(factory=list)
    """The cohorts that requests are sent to at present."""
    peers: int = 0
    """The targets in them."""
    mitigating: bool = False
    """Whether some have less than their share, for being anomalous."""
    torn: bool = False
    """Whether there are new cohorts since like ones were joined."""
    surge: SurgeQueue | None = None
    """Where requests wait that no target accepts; None: they are refused."""
    _converging: bool = False
    """Whether some cohorts may become alike by themselves."""

    # -- who is in it -------------------------------------------------------------------------

    def add(self, target: Target) -> None:
        """A target was registered."""
        self.cohorts.append(Cohort(target.station, [target], Standing.of(target)))
        self.torn = True
        self._review()

    def configure(
        self,
        least: int | None,
        percentage: int | None,
        slow_start: float,
        session: float | None,
        hashes: np.random.Generator | None,
        ports: Ports | None,
    ) -> None:
        """Be as the target group's attributes say from now on."""
        self.session, self.hashes, self.ports = session, hashes, ports
        if hashes is None:
            self.known = 0.0
        if session is None and hashes is None:
            for cohort in self.cohorts:
                cohort.clients = 0.0
        self.least_healthy, self.least_healthy_percentage = least, percentage
        if not slow_start or slow_start < self.slow_start:
            for cohort in self.cohorts:
                cohort.since = None
        self.slow_start = slow_start
        self._review()

    def hand_over(self, others: dict[str, Scope]) -> None:
        """Leave all that it holds to other scopes, by the zones of targets and of nodes."""
        heir = next(iter(others.values()))
        for cohort in self.cohorts:
            self._deal(cohort)
            while cohort.targets:
                target = cohort.targets[0]
                alone = cohort if cohort.size == 1 else cohort.without(target)
                others[target.zone].cohorts.append(alone)
                if alone is cohort:
                    break
        heir.gone += self.gone
        heir.leaving += self.leaving
        if self.surge is not None and heir.surge is not None:
            heir.surge.join(self.surge)
        for name, number in self.requests.items():
            heir.requests[name] = heir.requests.get(name, 0) + number
        heir.latencies = heir.latencies + self.latencies
        for zone, amount in self.received.items():
            others[zone].received[zone] = others[zone].received.get(zone, 0.0) + amount
        for scope in others.values():
            scope.torn = True
            scope._review()

    def apart(self, target: Target) -> Cohort:
        """Something happens to a target alone: the cohort that it now is by itself."""
        cohort = self._cohort_of(target)
        self.torn = True
        if cohort.size == 1:
            return cohort
        self._deal(cohort)
        alone = cohort.without(target)
        self.cohorts.append(alone)
        self._review()
        return alone

    def stands(self, target: Target, now: float | None = None) -> None:
        """A target may be in another state of health (since `now`, if it is its own that
        changed)."""
        standing = Standing.of(target)
        if self._cohort_of(target).standing is not standing:
            cohort = self.apart(target)
            cohort.standing = standing
            slowly = now is not None and self._starts_slowly(target, cohort)
            cohort.since = now if slowly else None
            self._review()

    def _starts_slowly(self, target: Target, own: Cohort) -> bool:
        """Whether a target begins its slow start: another one must be healthy and not in it."""
        if not self.slow_start or own.standing is not Standing.HEALTHY:
            return False
        eager, target.eager = target.eager, False
        return not eager and any(
            cohort.standing is Standing.HEALTHY and cohort.since is None
            for cohort in self.cohorts
            if cohort is not own
        )

    def remove(self, target: Target, *, going_on: bool = False) -> None:
        """A target was deregistered for good; what is inside may go on to its end."""
        cohort = self.apart(target)
        self.cohorts.remove(cohort)
        cohort.arrivals = 0.0
        (self.leaving if going_on else self.gone).append(cohort)
        self._review()

    def weigh(self, weight: Callable[[Cohort], float]) -> bool:
        """Weights under weighted random are reviewed; returns whether any changed."""
        changed = False
        for cohort in self.cohorts:
            before, cohort.trust = cohort.trust, weight(cohort)
            changed |= cohort.trust != before
        self.torn |= changed
        self._review()
        return changed

    def join_alike(self) -> None:
        """Make like cohorts one again."""
        if len(self.cohorts) > 1 and (self.torn or self._converging):
            for cohort in self.cohorts:
                self._deal(cohort)
            self.cohorts, self._converging = joined(self.cohorts)
            self._review()
        self.torn = False

    def _cohort_of(self, target: Target) -> Cohort:
        return next(cohort for cohort in self.cohorts if target in cohort.targets)

    def _review(self) -> None:
        """Find out anew whom requests are sent to."""
        healthy = [c for c in self.cohorts if c.standing is Standing.HEALTHY]
        registered = [c for c in self.cohorts if c.standing is not Standing.OUT]
        up, all_of_them = count(healthy), count(registered)
        least, percentage = self.least_healthy, self.least_healthy_percentage
        self.fail_open = below(up, all_of_them, least, percentage)
        self.eligible = registered if self.fail_open else healthy
        self.peers = all_of_them if self.fail_open else up
        self.mitigating = any(cohort.trust < 1.0 for cohort in self.eligible)

    # -- traffic ------------------------------------------------------------------------------

    def receive(
        self,
        zone: str,
        kind: int,
        requests: float,
        clients: float,
        sizes: Sizes = (0.0, 0.0),
    ) -> bool:
        """A node hands over requests of the present step, of so many clients and of such sizes;
        False: there is no target (503)."""
        if not self.eligible:
            return False
        self.bytes_in += requests * sizes[0]
        self.bytes_out += requests * sizes[1]
        self.incoming[zone] = self.incoming.get(zone, 0.0) + requests
        self.asked[kind] = self.asked.get(kind, 0.0) + requests
        self.clients += clients
        return True

    def share_out(self, now: float, dt: float, discipline: Discipline) -> None:
        """Decide who is sent how much of what was received for the `dt` seconds from `now`."""
        mix = mix_of(self.asked)
        came = None if self.ports is None else dict(self.incoming)
        clients, total = self.clients, self._take_in()
        if self.surge is not None:
            total += self.surge.waiting
        if self.hashes is not None and total > 0.0:
            self.known = flow_hash.known(self.known, clients, total)
            self._hash(self.hashes, self.known)
        shares = self._shares(discipline, now, dt)
        if self.session is not None and clients > 0.0:
            others = [cohort for cohort in self.cohorts if cohort not in self.eligible]
            kind = (clients, self.session, self.eligible, others, shares)
            sent, self.unbound = stickiness.arrivals(total, dt, *kind, renewed=self.renewed)
            self.silent = 0.0
        else:
            self._be_silent(dt)
            self.unbound = 0.0
            sent = {name: total * share for name, share in shares.items()}
        if self.surge is not None:
            self.surge.pass_on(now, dt, total, sent, self.eligible)
        if self.ports is not None and came is not None:
            self._allocate(self.ports, sent, came, dt)
        for cohort in self.cohorts:
            cohort.arrivals = sent.get(id(cohort), 0.0)
            cohort.station.expect(cohort.arrivals / dt, mix, self.sizes)

    def wait_for(self, seconds: float) -> None:
        """Requests in its surge queue are given up after so long."""
        if self.surge is not None:
            self.surge.patience = seconds

    def _hash(self, generator: np.random.Generator, clients: float) -> None:
        """Have each of so many clients bound to a target: those of targets that are not eligible
        any more and new ones fall anywhere."""
        for cohort in self.cohorts:
            if cohort.clients and cohort not in self.eligible:
                cohort.clients = 0.0
        held = [(target, cohort) for cohort in self.eligible for target in cohort.targets]
        bound = [cohort.clients for _, cohort in held]
        drawn = flow_hash.changes(generator, clients, bound)
        for (target, _), number in zip(held, drawn, strict=True):
            if number:
                self.apart(target).clients += number  # who has others is another cohort

    def _allocate(
        self, ports: Ports, sent: dict[int, float], came: dict[str, float], dt: float
    ) -> None:
        """Take what finds no port out of what targets are sent, of what came to the nodes."""
        ports.allocate(self.eligible, sent, came, dt)
        for zone, flows in ports.missing.items():
            self.received[zone] -= flows
            if self.fail_open:
                self.received_in_failover[zone] -= flows

    def _be_silent(self, dt: float) -> None:
        """Nobody asks: after the duration of a cookie all have run out."""
        self.silent += dt
        if self.session is not None and self.silent >= self.session:
            for cohort in self.cohorts:
                cohort.clients = 0.0

    def step(self, now: float, dt: float, discipline: Discipline) -> None:
        """Let those `dt` seconds pass."""
        peers, mixture = max(self.peers, 1), self.mixture
        for cohort in [*self.cohorts, *self.leaving] if self.leaving else self.cohorts:
            step = cohort.station.step
            step(now, dt, cohort.arrivals, discipline, peers, mixture, cohort.size)
        for cohort in [c for c in self.leaving if c.station.in_flight <= TRIFLE]:
            cohort.station.cut_off()
            self.leaving.remove(cohort)
            self.gone.append(cohort)

    def _take_in(self) -> float:
        """Count what came in this step; returns how many requests that is."""
        total = 0.0
        for zone, requests in self.incoming.items():
            total += requests
            self.received[zone] = self.received.get(zone, 0.0) + requests
            if self.fail_open:
                before = self.received_in_failover.get(zone, 0.0)
                self.received_in_failover[zone] = before + requests
        if total > 0.0:
            self.sizes = self.bytes_in / total, self.bytes_out / total
        self.incoming.clear()
        self.asked.clear()
        self.clients = self.bytes_in = self.bytes_out = 0.0
        return total

    def _shares(self, discipline: Discipline, now: float, dt: float) -> dict[int, float]:
        """The share of the requests that each target of an eligible cohort gets."""
        if self.hashes is not None:
            bound = sum(cohort.clients * cohort.size for cohort in self.eligible)
            return {id(cohort): cohort.clients / max(bound, 1.0) for cohort in self.eligible}
        if self.mitigating:
            return mitigated(self.eligible)
        if discipline is not Discipline.LEAST_OUTSTANDING:
            if any(cohort.since is not None for cohort in self.eligible):
                shares, over = slow_starting(self.eligible, self.slow_start, now + dt / 2)
                self.torn |= over
                return shares
            return {id(cohort): 1 / self.peers for cohort in self.eligible}
        return least_outstanding(self.eligible, dt)

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed."""
        if self.surge is not None and self.surge.waiting > 0.0:
            return True
        if self.ports is not None and self.ports.missing:
            return True
        return any(c.since is not None or c.station.unsettled for c in self.cohorts)

    @property
    def utilisation(self) -> float:
        """Of the busiest target, at present."""
        return max([cohort.station.utilisation for cohort in self.cohorts], default=0.0)

    @property
    def in_flight(self) -> float:
        """Requests inside its targets, and those that wait for one."""
        held = (*self.cohorts, *self.leaving)
        inside = sum([cohort.station.in_flight * cohort.size for cohort in held])
        return inside if self.surge is None else inside + self.surge.waiting

    # -- counting -----------------------------------------------------------------------------

    def to_count(self) -> list[Cohort]:
        """Everything that may have requests to count, those of targets that left too."""
        return [*self.cohorts, *self.leaving, *self.gone]

    def failover_share(self, zone: str) -> float:
        """The share of what came through a zone's node that unhealthy targets might get too."""
        received = self.received.get(zone, 0.0)
        return self.received_in_failover.get(zone, 0.0) / received if received > 0 else 0.0

    def shares_by_zone(self) -> dict[str, float]:
        """How what was received since the last settlement falls to the zones of the nodes."""
        received = [self.received.get(zone, 0.0) for zone in self.zones]
        total = sum(received)
        if total <= 0.0:
            return dict.fromkeys(self.zones, 1 / len(self.zones))
        return {zone: own / total for zone, own in zip(self.zones, received, strict=True)}

    def counted(self) -> Iterator[tuple[str, int]]:
        """The whole requests of each target since they were last forgotten, by its id."""
        counts = dict(self.requests)
        for cohort in self.to_count():
            for target, number in cohort.dealt():
                counts[target.id] = counts.get(target.id, 0) + number
        yield from counts.items()

    def deal_by_chance(self, generator: np.random.Generator) -> None:
        """Have what was counted of cohorts fall on any of their targets."""
        for cohort in self.to_count():
            numbers = flow_hash.fall(generator, cohort.counted, cohort.size)
            for target, number in zip(cohort.targets, numbers, strict=True):
                self.requests[target.id] = self.requests.get(target.id, 0) + number
            cohort.counted = 0

    def forget(self) -> None:
        """Count from nothing again."""
        self.requests.clear()
        for cohort in self.to_count():
            cohort.counted = 0

    def drop_counted(self, least: float) -> None:
        """Forget targets that left once less than `least` of a request is to be counted."""
        for cohort in [cohort for cohort in self.gone if sum(cohort.uncounted()) <= least]:
            self._deal(cohort)
            self.gone.remove(cohort)

    def _deal(self, cohort: Cohort) -> None:
        for target, number in cohort.dealt():
            if number:
                self.requests[target.id] = self.requests.get(target.id, 0) + number
        cohort.counted = 0


def count(cohorts: list[Cohort]) -> int:
    """How many targets are in them."""
    return sum(cohort.size for cohort in cohorts)


def below(healthy: int, registered: int, least: int | None, percentage: int | None) -> bool:
    """Whether the healthy targets fall below a count or a percentage of the registered ones."""
    if least is not None and healthy < least:
        return True
    return percentage is not None and healthy * 100 < percentage * registered

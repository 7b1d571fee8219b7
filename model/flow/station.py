"""A target as a queueing station: what it holds, and what becomes of what it is sent.

A station is a queue (the backlog) before a service (its workers and vCPUs). Between two instants
its load is a flow: Lindley's recursion with two reflecting walls moves the backlog, and what is in
service leaves at a rate inverse to the response time (the fluid limit of M/G/infinity), so that
cutting a step in two changes nothing. Conservation is exact: what arrived is answered, failed,
or still inside.
"""

from __future__ import annotations

import math
from collections import deque

from attrs import define, evolve, field, frozen

from model.flow.capability import SLOWEST_START, Answering, Capability, Mix, Others, mixed
from model.flow.chance import Chance
from model.flow.formulas import blocking, residual
from model.flow.mixture import Mixture
from model.flow.waiting import Discipline
from model.traffic.source import Sizes

CONNECT_TIMEOUT = 10.0
"""Seconds until an Application Load Balancer gives up connecting to a target (504)."""
FULL_LOAD = 0.99
"""The utilisation above which a line hardly comes to rest."""
NEVER = 60.0
"""A chance of exp(-NEVER) is none."""

OUTCOMES = ("succeeded", "errors", "refused", "broken", "cut", "connect_timeouts", "late")
"""What can become of a request at a target: the fields of `Totals` but the first."""


@define
class Totals:
    """What became of a station's requests since it was made (requests, as a flow)."""

    arrived: float = 0.0
    succeeded: float = 0.0
    errors: float = 0.0
    """Answered with a 5xx by the service."""
    refused: float = 0.0
    """Connection refused or reset before service (502)."""
    broken: float = 0.0
    """Broken off by the target while waiting or in service (502)."""
    cut: float = 0.0
    """Ended by the load balancer while waiting or in service (502)."""
    connect_timeouts: float = 0.0
    """No connection within `CONNECT_TIMEOUT` (504)."""
    late: float = 0.0
    """No answer within the idle time-out (504)."""

    @property
    def finished(self) -> float:
        return sum(self.outcomes())

    def outcomes(self) -> tuple[float, ...]:
        """The fields in the order of `OUTCOMES`."""
        return (
            self.succeeded,
            self.errors,
            self.refused,
            self.broken,
            self.cut,
            self.connect_timeouts,
            self.late,
        )


@frozen
class Doomed:
    """Requests whose time-out runs: at `due` they fail."""

    due: float
    requests: float
    connecting: bool


@define(eq=False)
class Station:
    """The load of one target, or of each of several like ones."""

    capability: Capability
    idle_timeout: float
    """Seconds without data after which what is inside is given up."""
    patient: bool = False
    """Whether data flows all the time, so that nothing is given up that goes on."""
    overflowing: bool = False
    """Whether what it has no room for waits elsewhere: then it refuses nothing."""
    totals: Totals = field(factory=Totals)
    backlog: float = 0.0
    """Requests waiting because the target cannot keep up."""
    in_service: float = 0.0
    """Requests in service, or waiting their short turn before it."""
    response_time: float = 0.0
    """Mean response time at present, seconds."""
    rate: float = 0.0
    """Requests per second sent to it at present."""
    busy: float = 0.0
    """vCPU seconds used since it was made."""
    received: float = 0.0
    """Bytes of the requests that came in since then."""
    sent: float = 0.0
    """Bytes of the answers."""
    sizes: Sizes = (0.0, 0.0)
    """Bytes of a request that it is sent at present and of its answer, on average."""
    chance: Chance = field(factory=Chance)
    delay: float = 0.0
    """Seconds that the next request in the backlog will have waited."""
    refusing: float = 0.0
    """Share of what it is sent at present that its full backlog refuses."""
    _mix: Mix = ()
    """The kinds of requests that it was last sent, where that matters."""
    can: Capability = field(init=False)
    """The capability for those."""
    _parcels: deque[tuple[float, float]] = field(factory=deque)
    _doomed: deque[Doomed] = field(factory=deque)
    _ending: tuple[float, float] | None = None
    """What was in service when the last one began, and how many seconds ago that was."""

    @can.default
    def _for_mix(self) -> Capability:
        return mixed(self.capability, self._mix) if self._mix else self.capability

    @property
    def longest(self) -> float:
        """Seconds that an answer may take at most."""
        return math.inf if self.patient else self.idle_timeout

    @property
    def in_flight(self) -> float:
        """Requests inside: sent to it, neither answered nor failed."""
        return self.backlog + self.in_service + sum([doomed.requests for doomed in self._doomed])

    @property
    def waiting_time(self) -> float:
        """Mean seconds that a request sent now will wait."""
        return self.delay + self.chance.mean

    @property
    def utilisation(self) -> float:
        """Rate over capacity; above 1 a backlog grows."""
        return self.rate / self.can.capacity if self.capability.serving else 0.0

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed: something is building up or draining."""
        if self.backlog > 1e-6 or self._doomed:
            return True
        return not self.chance.settled or self.utilisation > FULL_LOAD

    def copy(self) -> Station:
        """Another one in the same state."""
        return evolve(
            self,
            totals=evolve(self.totals),
            chance=self.chance.copy(),
            parcels=deque(self._parcels),
            doomed=deque(self._doomed),
        )

    def is_like(self, other: Station, tolerance: float) -> bool:
        """Whether it will fare like another one of equal capability, given the same requests."""
        busy = self._parcels or self._doomed or self._ending
        busy = busy or other._parcels or other._doomed or other._ending
        if busy or not self.chance.is_like(other.chance, tolerance):
            return False
        difference = abs(self.in_service - other.in_service)
        return difference <= tolerance * max(self.in_service, 1.0)

    def blend(self, share: float, other: Station, rest: float) -> None:
        """Hold the mean of what a like one and itself hold, by their shares.

        `busy` goes on, and what tells of the present is told anew by the next step.
        """
        self._ending = None
        for name in ("arrived", *OUTCOMES):
            both = share * getattr(self.totals, name) + rest * getattr(other.totals, name)
            setattr(self.totals, name, both)
        for name in ("backlog", "in_service"):
            setattr(self, name, share * getattr(self, name) + rest * getattr(other, name))

    def change(self, now: float, capability: Capability) -> None:
        """The target is now capable of something else; what it holds fares accordingly."""
        before, self.capability = self.can, capability
        if not capability.works:
            self._mix = ()
        self.can = self._for_mix()
        if capability.answering is not Answering.SERVING:
            inside = self.backlog + self.in_service
            if inside > 0 and capability.answering is Answering.REFUSING:
                self.totals.broken += inside
            elif inside > 0:
                self._doomed.append(Doomed(now + self.idle_timeout, inside, connecting=False))
            self.backlog = self.in_service = self.delay = self.refusing = 0.0
            self.chance = Chance()
            self.response_time = 0.0
            self._parcels.clear()
            self._ending = None
        elif before.answering is Answering.SERVING:
            self.chance.stretch(before.capacity / self.can.capacity)

    def expect(self, rate: float, mix: Mix, sizes: Sizes = (0.0, 0.0)) -> None:
        """In the next step it is sent so many requests a second, of these kinds and sizes."""
        self.rate, self.sizes = rate, sizes
        if self.capability.works and mix and mix != self._mix:
            self._mix = mix
            self._pace(self.capability)

    def share_cpu(self, others: Others | None) -> None:
        """Others of its instance ask for so much of the vCPUs."""
        if self.capability.answering is Answering.SERVING and others != self.capability.others:
            self._pace(evolve(self.capability, others=others))

    def _pace(self, capability: Capability) -> None:
        """It serves slower or faster from now on."""
        before, self.capability = self.can.capacity, capability
        self.can = self._for_mix()
        self.chance.stretch(before / self.can.capacity)

    @property
    def wanted(self) -> float:
        """The vCPUs that it would keep busy at present if it had all to itself."""
        can = self.can
        if can.answering is not Answering.SERVING or can.cpu_time <= 0.0:
            return 0.0
        most = min(can.workers / can.service_time * can.cpu_time, can.vcpus)
        return most if self.backlog > 0.0 else min(self.rate * can.cpu_time, most)

    def cut_off(self) -> None:
        """The load balancer ends all that is inside (the deregistration delay ran out)."""
        self.totals.cut += self.in_flight
        self.backlog = self.in_service = self.delay = 0.0
        self._parcels.clear()
        self._doomed.clear()

    def step(
        self,
        now: float,
        dt: float,
        arrivals: float,
        discipline: Discipline,
        peers: int,
        mixture: Mixture,
        like: int = 1,
    ) -> None:
        """Let `dt` seconds pass from `now`, in which `arrivals` requests come evenly.

        Response times of what is answered are added to `mixture`, for as many targets as it stands
        for (`like`). `peers` are the targets that requests are shared out among.
        """
        self.rate = arrivals / dt
        self.totals.arrived += arrivals
        end = now + dt
        if self.capability.serving:
            self._serve(now, dt, arrivals, discipline, peers, mixture, like)
        elif self.capability.answering is Answering.REFUSING:
            self.totals.refused += arrivals
        elif arrivals > 0:
            self._doomed.append(Doomed(end + CONNECT_TIMEOUT, arrivals, connecting=True))
        if self._doomed:
            self._expire(end)

    def _expire(self, now: float) -> None:
        for doomed in [doomed for doomed in self._doomed if doomed.due <= now]:
            self._doomed.remove(doomed)
            if doomed.connecting:
                self.totals.connect_timeouts += doomed.requests
            else:
                self.totals.late += doomed.requests

    def _serve(
        self,
        now: float,
        dt: float,
        arrivals: float,
        discipline: Discipline,
        peers: int,
        mixture: Mixture,
        like: int,
    ) -> None:
        can, totals, chance = self.can, self.totals, self.chance
        possible = can.capacity * dt
        waiting = refused = 0.0
        at_rest = 1.0
        if self.backlog > 0.0 or arrivals >= possible:
            waiting = max(self.backlog + arrivals - possible, 0.0)
            refused = max(waiting - can.backlog, 0.0)
            waiting -= refused
            at_rest = self._at_rest(arrivals - possible)
        admitted = arrivals - refused
        chance.step(can, dt, arrivals / dt, (self.backlog, waiting), discipline, peers)
        if at_rest > 0.0 and not self.overflowing:
            refused = max(refused, at_rest * self._lost(arrivals, dt, discipline, peers))
            admitted = arrivals - refused
        started = max(self.backlog + admitted - waiting, 0.0)
        totals.refused += refused
        self.refusing = refused / arrivals if arrivals > 0 else 0.0
        delay = self._queue(now, dt, admitted, started)
        self.backlog = waiting
        self.busy += started * can.cpu_time
        self.received += admitted * self.sizes[0]
        self.response_time = can.service_time + can.latency + chance.mean
        before = self.in_service
        self._pass_service(dt, started)
        answered = before + started - self.in_service
        if answered <= 0.0:
            return
        kinds, longest, late = self._kinds(), self.longest, 0.0
        for share, mean, fixed in chance.parts(delay):
            requests, held_up = like * answered * share, can.latency + fixed
            for part, time, variation in kinds:
                amount = requests * part
                late += mixture.add(amount, time, variation, mean, held_up, longest)
        late = min(late / like, answered) if late > 0.0 else 0.0
        in_time = answered - late
        errors = in_time * can.error_rate
        totals.late += late
        totals.errors += errors
        totals.succeeded += in_time - errors
        self.sent += in_time * self.sizes[1]

    def _kinds(self) -> list[tuple[float, float, float]]:
        """Each kind of requests: its share, the mean service time and its variation."""
        if not self._mix:
            return [(1.0, self.can.service_time, self.can.variation)]
        works = self.capability.works
        parts = [(share, works[kind]) for kind, share in self._mix]
        return [(share, work.service_time, work.variation) for share, work in parts]

    def _at_rest(self, excess: float) -> float:
        """The share of a step after which the backlog has been emptied, or has been filled, while
        so many more arrive than can be served."""
        left = self.capability.backlog - self.backlog if excess >= 0.0 else self.backlog
        if left <= 0.0:
            return 1.0
        return max(1 - left / abs(excess), 0.0) if excess else 0.0

    def _lost(self, arrivals: float, dt: float, discipline: Discipline, peers: int) -> float:
        """Requests that a line by chance has no room for, while it neither grows nor drains.

        Room for r requests is as good as r 2 / (ca2 + cs2) would be for Poisson arrivals and
        exponential services (the scaling of heavy traffic).
        """
        can = self.can
        if arrivals <= 0.0:
            return 0.0
        rho = arrivals / dt / can.capacity
        smooth = discipline is Discipline.ROUND_ROBIN
        ca2, cs2 = 1 / peers if smooth else 1.0, can.variation * can.variation
        room = can.backlog * 2 / max(ca2 + cs2, 0.1)
        if room * (1 - rho) > NEVER:
            return 0.0  # each place less is a chance rho less
        servers = can.workers
        if can.cpu_bound:
            # the CPU sets the pace: who has a worker may wait for it as well
            servers, room = can.vcpus, room + can.workers - can.vcpus
        return arrivals * blocking(servers, rho, room)

    def _pass_service(self, dt: float, started: float) -> None:
        """What is in service after `dt` in which so many began.

        It tends to Little's law at a rate inverse to the response time. Where none begin any more,
        what is left follows the residual lives of services, so that short ones all come to an end.
        """
        time = max(self.response_time, SLOWEST_START)
        if started > 0.0:
            level = started / dt * time
            self.in_service = level + (self.in_service - level) * math.exp(-dt / time)
            self._ending = None
            return
        held, since = self._ending or (self.in_service, 0.0)
        self._ending = held, since + dt
        left = held * residual(since + dt, time, self.can.variation)
        self.in_service = min(left, self.in_service)

    def _queue(self, now: float, dt: float, admitted: float, started: float) -> float:
        """Pass the backlog on in order; returns the mean seconds that what started had waited."""
        if self.backlog <= 1e-9 and admitted - started <= 1e-9:
            if self._parcels:
                self._parcels.clear()
            self.delay = 0.0
            return 0.0
        middle = now + dt / 2
        self._parcels.append((middle, admitted))
        left, waited = started, 0.0
        while left > 1e-12 and self._parcels:
            came, requests = self._parcels[0]
            taken = min(requests, left)
            waited += taken * max(middle - came, 0.0)
            left -= taken
            if taken >= requests - 1e-12:
                self._parcels.popleft()
            else:
                self._parcels[0] = (came, requests - taken)
        self.delay = max(now + dt - self._parcels[0][0], 0.0) if self._parcels else 0.0
        return waited / started if started > 0 else 0.0

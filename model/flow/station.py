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

from attrs import astuple, define, evolve, field, frozen

from model.flow.capability import SLOWEST_START, Answering, Capability
from model.flow.formulas import blocking, phases, residual
from model.flow.line import SHORTEST, Line
from model.flow.mixture import Mixture
from model.flow.waiting import FULLEST, IDLE, NO_WAIT, Discipline, Wait, wait_for

CONNECT_TIMEOUT = 10.0
"""Seconds until an Application Load Balancer gives up connecting to a target (504)."""
HEAVY_LOAD = 0.8
"""The utilisation above which a queue's age matters."""
FULL_LOAD = 0.99
"""The utilisation above which a line hardly comes to rest."""
NEARLY_FULL = 0.97
"""The utilisation whose waits tell how much chance there is in a line that is loaded more."""
AT_REST = 0.01
"""By which share a line may differ from that of the steady state to be as good as at rest."""
AS_NORMAL = 1 / 3
"""The squared coefficient of variation up to which a wait is as good as normally distributed."""
NORMAL = ((2 / 3, 0.0), (1 / 6, -math.sqrt(3)), (1 / 6, math.sqrt(3)))
"""Three points, as shares and in standard deviations, that stand for a normal distribution: they
have its first five moments (Gauss and Hermite)."""
SURE = ((1.0, 0.0),)
NEVER = 60.0
"""A chance of exp(-NEVER) is none."""

OUTCOMES = ("succeeded", "errors", "refused", "broken", "connect_timeouts", "late")
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
    """Cut off while waiting or in service (502)."""
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
    wait: Wait = NO_WAIT
    delay: float = 0.0
    """Seconds that the next request in the backlog will have waited."""
    refusing: float = 0.0
    """Share of what it is sent at present that its full backlog refuses."""
    _parcels: deque[tuple[float, float]] = field(factory=deque)
    _doomed: deque[Doomed] = field(factory=deque)
    _line: Line | None = None
    """While the load is heavy: what a request finds before it."""
    _shift: float = 0.0
    """Seconds by which the surest part of the wait differs from `delay`, on account of chance."""
    _sway: float = 0.0
    """How many seconds the surest part of the wait swings around its mean, where a long line is as
    likely to be longer as shorter (standard deviation)."""
    _settled: bool = True
    """Whether the line is as long as it will stay."""
    _ending: tuple[float, float] | None = None
    """What was in service when the last one began, and how many seconds ago that was."""

    @property
    def in_flight(self) -> float:
        """Requests inside: sent to it, neither answered nor failed."""
        return self.backlog + self.in_service + sum(doomed.requests for doomed in self._doomed)

    @property
    def utilisation(self) -> float:
        """Rate over capacity; above 1 a backlog grows."""
        if self.capability.answering is not Answering.SERVING:
            return 0.0
        return self.rate / self.capability.capacity

    @property
    def unsettled(self) -> bool:
        """Whether short steps are needed: something is building up or draining."""
        if self.backlog > 1e-6 or self._doomed:
            return True
        return not self._settled or self.utilisation > FULL_LOAD

    def copy(self) -> Station:
        """Another one in the same state."""
        return evolve(
            self,
            totals=evolve(self.totals),
            line=None if self._line is None else evolve(self._line),
            parcels=deque(self._parcels),
            doomed=deque(self._doomed),
        )

    def is_like(self, other: Station, tolerance: float) -> bool:
        """Whether it will fare like another one of equal capability, given the same requests."""
        busy = self._parcels or self._doomed or self._ending
        busy = busy or other._parcels or other._doomed or other._ending
        if busy or (self._line is None) is not (other._line is None):
            return False
        if self._line is not None and other._line is not None:
            both = zip(astuple(self._line), astuple(other._line), strict=True)
            if any(abs(mine - theirs) > tolerance * mine for mine, theirs in both):
                return False
        difference = abs(self.in_service - other.in_service)
        return difference <= tolerance * max(self.in_service, 1.0)

    def blend(self, share: float, other: Station, rest: float) -> None:
        """Hold the mean of what a like one and itself hold, by their shares; `busy` goes on."""
        self._ending = None
        for name in ("arrived", *OUTCOMES):
            both = share * getattr(self.totals, name) + rest * getattr(other.totals, name)
            setattr(self.totals, name, both)
        for name in ("backlog", "in_service"):
            setattr(self, name, share * getattr(self, name) + rest * getattr(other, name))

    def change(self, now: float, capability: Capability) -> None:
        """The target is now capable of something else; what it holds fares accordingly."""
        if capability.answering is not Answering.SERVING:
            inside = self.backlog + self.in_service
            if inside > 0 and capability.answering is Answering.REFUSING:
                self.totals.broken += inside
            elif inside > 0:
                self._doomed.append(Doomed(now + self.idle_timeout, inside, connecting=False))
            self.backlog = self.in_service = self.delay = self.refusing = 0.0
            self.wait = NO_WAIT
            self.response_time = 0.0
            self._parcels.clear()
            self._line = self._ending = None
            self._shift, self._sway, self._settled = 0.0, 0.0, True
        elif self._line is not None and self.capability.answering is Answering.SERVING:
            self._line.stretch(self.capability.capacity / capability.capacity)
        self.capability = capability

    def cut_off(self) -> None:
        """End all that is inside at once with a 502 (the deregistration delay ran out)."""
        self.totals.broken += self.in_flight
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
        match self.capability.answering:
            case Answering.SERVING:
                self._serve(now, dt, arrivals, discipline, peers, mixture, like)
            case Answering.REFUSING:
                self.totals.refused += arrivals
            case Answering.SILENT if arrivals > 0:
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
        can = self.capability
        possible = can.capacity * dt
        waiting = refused = 0.0
        if self.backlog > 0.0 or arrivals > possible:
            waiting = max(self.backlog + arrivals - possible, 0.0)
            refused = max(waiting - can.backlog, 0.0)
            waiting -= refused
        admitted = arrivals - refused
        self.wait = self._stochastic_wait(dt, arrivals / dt, waiting, discipline, peers)
        at_rest = self._at_rest(dt, arrivals - possible)
        if at_rest > 0.0:
            refused = max(refused, at_rest * self._lost(arrivals, dt, discipline, peers))
            admitted = arrivals - refused
        started = max(self.backlog + admitted - waiting, 0.0)
        self.totals.refused += refused
        self.refusing = refused / arrivals if arrivals > 0 else 0.0
        delay = self._queue(now, dt, admitted, started)
        self.backlog = waiting
        self.busy += started * can.cpu_time
        self.response_time = can.service_time + can.latency + self.wait.overall + self._shift
        before = self.in_service
        self._pass_service(dt, started)
        answered = max(before + started - self.in_service, 0.0)
        if answered <= 0.0:
            return
        kind = (can.service_time, can.variation)
        fixed = can.latency + max(delay + self._shift, 0.0)
        waited = like * answered * self.wait.chance
        straight = like * answered - waited
        late = 0.0
        for share, swing in NORMAL if self._sway > 0.0 else SURE:
            at = fixed + swing * self._sway
            late += mixture.add(straight * share, *kind, 0.0, at, self.idle_timeout)
        for share, mean, extra in phases(self.wait.mean, self.wait.scv):
            late += mixture.add(waited * share, *kind, mean, fixed + extra, self.idle_timeout)
        late = min(late / like, answered)
        in_time = answered - late
        errors = in_time * can.error_rate
        self.totals.late += late
        self.totals.errors += errors
        self.totals.succeeded += in_time - errors

    def _at_rest(self, dt: float, excess: float) -> float:
        """The share of a step after which the backlog has been emptied, or has been filled."""
        left = self.capability.backlog - self.backlog if excess >= 0.0 else self.backlog
        if left <= 0.0:
            return 1.0
        return max(1 - left / abs(excess), 0.0) if excess else 0.0

    def _lost(self, arrivals: float, dt: float, discipline: Discipline, peers: int) -> float:
        """Requests that a line by chance has no room for, while it neither grows nor drains.

        Room for r requests is as good as r 2 / (ca2 + cs2) would be for Poisson arrivals and
        exponential services (the scaling of heavy traffic).
        """
        can = self.capability
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
        left = held * residual(since + dt, time, self.capability.variation)
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

    def _stochastic_wait(
        self, dt: float, rate: float, waiting: float, discipline: Discipline, peers: int
    ) -> Wait:
        """What chance and variability add to the backlog, of which `waiting` is left by now.

        The rate is that of arrivals: a backlog that drains keeps every worker busy, but who waits
        for it to drain is told by `delay`.
        """
        can = self.capability
        rho, fluid = rate / can.capacity, max(waiting, self.backlog)
        self._shift = self._sway = 0.0
        steady = self._steady_wait(min(rate, FULLEST * can.capacity), discipline, peers)
        if self._line is None:
            if rho <= HEAVY_LOAD and fluid <= 0.0:
                return steady
            self._line = Line.steady(self.wait.overall)
        line, before = self._line, self._line.mean
        near = min(max(rho, IDLE), NEARLY_FULL)
        law = self._steady_wait(near * can.capacity, discipline, peers)
        variance = 2 * (1 - near) * law.overall * rho / near
        line.advance(dt, rho, variance)
        room = (can.backlog + can.workers) / can.capacity
        line.limit(room, variance / (2 * abs(rho - 1)) if rho != 1.0 else room)
        rest = variance / (2 * (1 - rho)) if rho < 1.0 else math.inf
        self._settled = abs(line.mean - rest) <= AT_REST * rest + SHORTEST
        if rho <= HEAVY_LOAD and fluid <= 0.0 and self._settled:
            self._line = None
            return steady
        mean, sure = (before + line.mean) / 2, (waiting + self.backlog) / 2 / can.capacity
        if fluid <= 0.0:
            # how many wait at all goes with how long they do, as in the steady state
            spare = law.overall * (1 - law.chance) / law.chance
            chance = mean / (mean + spare)
            return Wait(chance, mean / chance, law.scv * line.spread)
        deviation = math.sqrt(line.variance)
        if line.spread <= AS_NORMAL:
            self._shift, self._sway = mean - sure, deviation
            return NO_WAIT
        if deviation > mean:
            self._shift = -sure
            return Wait(1.0, mean, line.spread)
        self._shift = mean - deviation - sure
        return Wait(1.0, deviation)

    def _steady_wait(self, rate: float, discipline: Discipline, peers: int) -> Wait:
        """The wait at a rate that lasts: for a turn at a vCPU, and for one at a worker."""
        can = self.capability
        kind = (can.variation, rate, discipline, peers)
        cpu = wait_for(can.vcpus, can.cpu_time, *kind)
        # who waits for the vCPUs holds a worker, unless it is them that all wait for
        held = can.service_time + (0.0 if can.cpu_bound else cpu.overall)
        pool = wait_for(can.workers, held, *kind)
        chance = cpu.chance + pool.chance - cpu.chance * pool.chance
        if chance <= 0.0:
            return NO_WAIT
        # a wait is no longer than it takes to serve all that finds room before it
        longest = (max(can.backlog - self.backlog, 0.0) + can.workers) / can.capacity
        scv = cpu.scv if cpu.overall > pool.overall else pool.scv
        return Wait(chance, min((cpu.overall + pool.overall) / chance, longest), scv)

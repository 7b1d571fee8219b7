"""A Lambda function as a station: each request has an environment to itself.

A request that finds no warm environment free waits for a new one (a cold start); one that comes
when no more are allowed is throttled. Sources: "Understanding Lambda function scaling", "Lambda
execution environment lifecycle", "Lambda quotas".

With Poisson arrivals of rate r that each hold an environment for s seconds, n = r s are busy on
average, and the share that finds all of E environments busy is Erlang's loss formula B(E, n). So
environments are made at the rate r B(E, n). They are used in order of freshness, the last one
hardly ever; those that nobody needed for a time are taken away. What is kept in the long run is the
E at which the last one is needed about once in that time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import define, field

from model.flow.capability import SLOWEST_START, Answering, Mix
from model.flow.formulas import residual
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from model.traffic.source import Sizes

KEPT = 600.0
"""Seconds that an environment that nobody needs is kept; AWS does not publish it."""
AT_ONCE = 1000.0
"""New environments that one function may have at an instant."""
SCALING = 100.0
"""And how many more each second: 1,000 every 10 seconds."""
FINEST = 4.0
"""Steps in the time that a request takes, while environments are made."""
MOST_STEPS = 400
SETTLED = 1e-3
"""A change of less than this share of what is busy is none."""


@define(eq=False)
class Environments:
    """Those of one function, whoever invokes it."""

    limit: float
    """Requests that it may have at once."""
    number: float = 0.0
    """How many are there, busy or free."""
    budget: float = AT_ONCE
    """How many may be made at this instant."""
    loads: list[tuple[float, float]] = field(factory=list)
    """Requests per second and those under way, of each station that invokes it."""
    highest: float = 0.0
    """The most that were busy at a time since this was last read."""

    def seat(self) -> int:
        """Where a new station's load is noted."""
        self.loads.append((0.0, 0.0))
        return len(self.loads) - 1

    @property
    def rate(self) -> float:
        """Requests per second of all stations together."""
        return sum([rate for rate, _ in self.loads])

    @property
    def busy(self) -> float:
        """Requests under way, of all stations together."""
        return sum([busy for _, busy in self.loads])

    def read_highest(self) -> float:
        """The most requests under way at a time since the last reading."""
        highest, self.highest = max(self.highest, self.busy), self.busy
        return highest

    def pass_time(self, share: float, wanted: float, held: float, dt: float) -> float:
        """Let `dt` seconds pass for a station that has a share of all requests, of which so many
        find no environment free; returns for how many of those one is made. Each holds one for
        `held` seconds."""
        self.number = min(self.number, self.limit)
        self.budget = min(self.budget + SCALING * dt * share, AT_ONCE)
        made = min(wanted, max(self.limit - self.number, 0.0), self.budget)
        self.number += made
        self.budget -= made
        rate = self.rate
        over = self.number - max(needed(rate, rate * held), self.busy)
        if over > 0.0:
            self.number -= over * share * -math.expm1(-dt / KEPT)
        return made


@define(eq=False, kw_only=True)
class FunctionStation(Station):
    """The invocations of one function by one target group."""

    pool: Environments
    timeout: float
    """Seconds after which an invocation is ended."""
    cold_start: float
    """Seconds until a new environment is ready."""
    cold: float = 0.0
    """Requests that had to wait for a new one since it was made."""
    seconds: float = 0.0
    """Duration of all invocations since it was made, cold starts left out."""
    rising: bool = False
    """Whether more are busy each second, or fewer."""
    seat: int = field()
    """Of the pool's loads, which is its own."""

    @seat.default
    def _sit(self) -> int:
        return self.pool.seat()

    @property
    def longest(self) -> float:
        """Seconds that an answer may take at most."""
        return min(self.timeout, self.idle_timeout)

    @property
    def unsettled(self) -> bool:
        return bool(self._doomed) or self.rising

    @property
    def held(self) -> float:
        """Seconds that a request has its environment for, if that is warm: until it is answered, or
        out of time."""
        before = min(self.can.latency, self.timeout)
        left = self.timeout - before
        means = [
            part * time * (1 - residual(left, time, variation))
            for part, time, variation in self._kinds()
        ]
        return max(before + sum(means), SLOWEST_START)

    def expect(self, rate: float, mix: Mix, sizes: Sizes = (0.0, 0.0)) -> None:
        super().expect(rate, mix, sizes)
        serving = self.capability.answering is Answering.SERVING
        self.pool.loads[self.seat] = rate if serving else 0.0, self.in_service

    def cut_off(self) -> None:
        super().cut_off()
        self.pool.loads[self.seat] = 0.0, 0.0

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
        rate, before, held = arrivals / dt, self.in_service, self.held
        cold, throttled = self._pass(rate, held, dt)
        self.cold += cold
        self.totals.refused += throttled
        self.refusing = throttled / arrivals if arrivals > 0 else 0.0
        admitted = arrivals - throttled
        self.seconds += admitted * held
        self.response_time = held
        busiest = self.pool.limit if throttled > 0.0 else self.pool.busy
        self.pool.highest = max(self.pool.highest, busiest)
        change = abs(self.in_service - before)
        self.rising = change > SETTLED * max(self.in_service, 1.0) or cold > 0.01 * arrivals > 1.0
        answered = max(before + admitted - self.in_service, 0.0)
        if answered <= 0.0:
            return
        chilled = cold / admitted if admitted > 0 else 0.0
        late = 0.0
        for part, time, variation in self._kinds():
            for share, fixed in ((1 - chilled, 0.0), (chilled, self.cold_start)):
                amount = like * answered * part * share
                if amount > 0.0:
                    held_up = self.can.latency + fixed
                    limit = self.longest + fixed
                    late += mixture.add(amount, time, variation, 0.0, held_up, limit, own=True)
        late = min(late / like, answered)
        errors = (answered - late) * self.can.error_rate
        self.totals.late += late
        self.totals.errors += errors
        self.totals.succeeded += answered - late - errors

    def _pass(self, rate: float, held: float, dt: float) -> tuple[float, float]:
        """Let time pass; returns how many started cold, and how many were throttled."""
        pool, cold, throttled = self.pool, 0.0, 0.0
        share = rate / pool.rate if pool.rate > 0.0 else 1 / max(len(pool.loads), 1)
        for step in self._steps(rate, held, dt):
            full = rate * step * lost(min(pool.number, pool.limit), pool.rate * held)
            made = pool.pass_time(share, full, held, step)
            cold += made
            throttled += full - made
            # who starts cold holds its environment for longer
            came = rate * step
            longer = held + (self.cold_start * made / came if came > 0.0 else 0.0)
            self._settle(rate - (full - made) / step, longer, step)
            pool.loads[self.seat] = rate, self.in_service
        return cold, min(throttled, rate * dt)

    def _settle(self, rate: float, time: float, dt: float) -> None:
        """What is under way tends to what Little's law says."""
        level = rate * time
        self.in_service = level + (self.in_service - level) * math.exp(-dt / time)

    def _steps(self, rate: float, time: float, dt: float) -> Iterator[float]:
        """Short steps while what is under way changes, a long one for the rest."""
        pool, left, level = self.pool, dt, rate * time
        for _ in range(MOST_STEPS):
            moving = abs(self.in_service - level) > SETTLED * max(level, 1.0)
            number = min(pool.number, pool.limit)
            short = rate * lost(number, pool.rate * time) * left > 0.1
            if left <= 0.0 or not (moving or short):
                break
            step = min(max(time / FINEST, dt / MOST_STEPS), left)
            left -= step
            yield step
        if left > 0.0:
            yield left


def lost(servers: float, load: float) -> float:
    """Erlang's loss formula for a number of servers that need not be whole: with 1.3 of them there
    is one at times, and two at others. `load` is in servers."""
    if load <= 0.0:
        return 1.0 if servers <= 0.0 else 0.0
    below, blocked = math.floor(servers), 1.0
    for number in range(1, below + 1):
        blocked = load * blocked / (number + load * blocked)
        if blocked < 1e-12:
            return 0.0
    after = load * blocked / (below + 1 + load * blocked)
    share = servers - below
    return (1 - share) * blocked + share * after


def needed(rate: float, load: float) -> float:
    """The environments of which the last one is needed once in the time that it is kept."""
    if rate <= 0.0 or load <= 0.0:
        return 0.0
    enough, number, blocked = 1 / (rate * KEPT), 0, 1.0
    while blocked > enough:
        number += 1
        blocked = load * blocked / (number + load * blocked)
    return float(number)

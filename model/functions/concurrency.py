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

from attrs import define

from model.flow.capability import SLOWEST_START
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline

KEPT = 600.0
"""Seconds that an environment that nobody needs is kept; AWS does not publish it."""
SCALING = 100.0
"""New environments per second of one function at most: 1,000 every 10 seconds."""
FINEST = 4.0
"""Steps in the time that a request takes, while environments are made."""
MOST_STEPS = 400
SETTLED = 1e-3
"""A change of less than this share of what is busy is none."""


@define(eq=False, kw_only=True)
class FunctionStation(Station):
    """The invocations of one function."""

    limit: float
    """Requests that it may have at once."""
    timeout: float
    """Seconds after which an invocation is ended."""
    cold_start: float
    """Seconds until a new environment is ready."""
    environments: float = 0.0
    """Those that are there, busy or free."""
    cold: float = 0.0
    """Requests that had to wait for a new one since it was made."""
    seconds: float = 0.0
    """Duration of all invocations since it was made, cold starts left out."""
    highest: float = 0.0
    """The most that were busy at a time since this was last read."""
    rising: bool = False
    """Whether more are busy each second, or fewer."""

    @property
    def longest(self) -> float:
        """Seconds that an answer may take at most."""
        return min(self.timeout, self.idle_timeout)

    @property
    def unsettled(self) -> bool:
        return bool(self._doomed) or self.rising

    @property
    def _held(self) -> float:
        """Seconds that a request has its environment for, if that is warm."""
        return max(self.can.service_time + self.can.latency, SLOWEST_START)

    def read_highest(self) -> float:
        """The most requests under way at a time since the last reading."""
        highest, self.highest = max(self.highest, self.in_service), self.in_service
        return highest

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
        rate, before = arrivals / dt, self.in_service
        cold, throttled = self._pass(rate, dt)
        self.cold += cold
        self.totals.refused += throttled
        self.refusing = throttled / arrivals if arrivals > 0 else 0.0
        admitted = arrivals - throttled
        self.seconds += admitted * self._held
        self.response_time = self.can.service_time + self.can.latency
        busiest = self.limit if throttled > 0.0 else self.in_service
        self.highest = max(self.highest, busiest)
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
                    late += mixture.add(amount, time, variation, 0.0, held_up, self.longest + fixed)
        late = min(late / like, answered)
        errors = (answered - late) * self.can.error_rate
        self.totals.late += late
        self.totals.errors += errors
        self.totals.succeeded += answered - late - errors

    def _pass(self, rate: float, dt: float) -> tuple[float, float]:
        """Let time pass; returns how many started cold, and how many were throttled."""
        most, time = self.limit, self._held
        cold = throttled = 0.0
        for step in self._steps(rate, time, dt):
            if most < 1.0:
                throttled += rate * step
                self._settle(0.0, time, step)
                continue
            full = rate * lost(self.environments, rate * time)
            allowed = max(min(most - self.environments, SCALING * step), 0.0)
            made = min(full * step, allowed)
            refused = full * step - made
            self.environments += made
            cold += made
            throttled += refused
            # who starts cold holds its environment for longer
            held = time + (self.cold_start * made / (rate * step) if rate > 0.0 else 0.0)
            self._settle(rate - refused / step, held, step)
            self._let_go(rate, step)
        return cold, min(throttled, rate * dt)

    def _settle(self, rate: float, time: float, dt: float) -> None:
        """What is under way tends to what Little's law says."""
        level = rate * time
        self.in_service = level + (self.in_service - level) * math.exp(-dt / time)

    def _let_go(self, rate: float, dt: float) -> None:
        """Environments that nobody needs are taken away one by one."""
        kept = needed(rate, rate * self._held)
        over = self.environments - max(kept, self.in_service)
        if over > 0.0:
            self.environments -= over * -math.expm1(-dt / KEPT)

    def _steps(self, rate: float, time: float, dt: float) -> Iterator[float]:
        """Short steps while what is under way changes, a long one for the rest."""
        left, level = dt, rate * time
        for _ in range(MOST_STEPS):
            moving = abs(self.in_service - level) > SETTLED * max(level, 1.0)
            short = rate * lost(self.environments, level) * left > 0.1
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

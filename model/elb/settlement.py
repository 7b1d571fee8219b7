"""Where flow becomes requests: once a minute, whole numbers are drawn from it.

Between two settlements a load balancer moves amounts of requests that need not be whole. Here they
are counted: how many ended is the flow rounded down, which outcome each had and how long each
answer took is drawn at random with the flow's shares, and of every part of the flow the same share
is left over for the next time. So small rates look as grainy as they are, counts always add up, no
target is favoured, and nothing depends on the length of a step.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate
from typing import TypeVar

import numpy as np
from attrs import define, field

from model.cloudwatch.statistics import Datapoint
from model.elb.cohorts import Cohort
from model.elb.load_balancer import Ending, LoadBalancerState
from model.elb.scope import Scope
from model.elb.target_group import TargetGroupState
from model.flow.buckets import NO_BUCKETS, Buckets, together
from model.flow.latency import BUCKETS, Histogram, cut_above
from model.flow.station import OUTCOMES

Key = TypeVar("Key")

ROUNDING = 1e-6
"""How far below a whole number a sum of flows may fall by rounding errors."""

NOTHING: Histogram = np.zeros(BUCKETS)
IMPROBABLE = 1e-6
"""Of a request: what is expected less often in a minute is not drawn."""

ANSWERED = OUTCOMES[:2]
FAILED = OUTCOMES[2:]
STATUS = {
    "succeeded": "200",
    "errors": "500",
    "refused": "502",
    "broken": "502",
    "connect_timeouts": "504",
    "late": "504",
}
"""The HTTP status a client sees for each outcome at a target."""


@define(eq=False, slots=False)
class Tally:
    """Requests counted by what became of them."""

    received: int = 0
    """Requests that a target was chosen for."""
    outcomes: dict[str, int] = field(factory=lambda: dict.fromkeys(OUTCOMES, 0))
    latencies: Buckets = NO_BUCKETS
    """Response times of those that a target answered."""
    fail_open: int = 0
    """Those of `received` that came while the node sent to unhealthy targets too."""

    @cached_property
    def response_times(self) -> Datapoint:
        """The datapoint of `latencies`; there must be one at least."""
        return Datapoint.latencies(self.latencies)

    @property
    def answered(self) -> int:
        return sum(self.outcomes[outcome] for outcome in ANSWERED)

    @classmethod
    def of(cls, parts: Iterable[Tally]) -> Tally:
        """The sum of several."""
        parts = list(parts)
        if len(parts) == 1:
            return parts[0]
        return cls(
            sum(part.received for part in parts),
            {outcome: sum(part.outcomes[outcome] for part in parts) for outcome in OUTCOMES},
            together([part.latencies for part in parts]),
            sum(part.fail_open for part in parts),
        )


@define(eq=False)
class Settlement:
    """The requests of one load balancer since the settlement before."""

    ended: dict[Ending, int] = field(factory=dict)
    """Those that no target was chosen for."""
    groups: dict[tuple[str, str], Tally] = field(factory=dict)
    """Those of each target group, by its logical id and the zone of the node."""
    _sums: dict[tuple[str | None, str | None], Tally] = field(factory=dict)

    def tally(self, group: str | None = None, zone: str | None = None) -> Tally:
        """The sum over the target groups and zones that fit; None: all of them."""
        if (group, zone) not in self._sums:
            self._sums[group, zone] = Tally.of(
                tally
                for place, tally in self.groups.items()
                if group in (None, place[0]) and zone in (None, place[1])
            )
        return self._sums[group, zone]

    @classmethod
    def of(cls, parts: list[Settlement]) -> Settlement:
        """The sum of several."""
        if len(parts) == 1:
            return parts[0]
        total = cls()
        for part in parts:
            for ending, number in part.ended.items():
                total.ended[ending] = total.ended.get(ending, 0) + number
        for place in dict.fromkeys(place for part in parts for place in part.groups):
            total.groups[place] = Tally.of(p.groups[place] for p in parts if place in p.groups)
        return total


class Settler:
    """Counts one load balancer's requests."""

    def __init__(self, balancer: LoadBalancerState, generator: np.random.Generator) -> None:
        self._balancer = balancer
        self._generator = generator
        self._seen: dict[Ending, float] = {}
        """What of the load balancer's `ended` was taken up already."""
        self._ended: dict[tuple[str, bool], dict[Ending, float]] = {}
        """What of that waits to be counted, by cause."""
        self._received: dict[str, dict[str, float]] = {}
        """What waits to be counted of each group's `received`, by zone of the node."""

    def settle(self) -> Settlement:
        """Count all that ended since the last time."""
        result = Settlement()
        for ending, amount in self._balancer.ended.items():
            waiting = self._ended.setdefault((ending.status, ending.fixed), {})
            waiting[ending] = waiting.get(ending, 0.0) + amount - self._seen.get(ending, 0.0)
            self._seen[ending] = amount
        for waiting in self._ended.values():
            result.ended |= self._count(waiting)
        for group in self._balancer.groups.values():
            received = self._count_received(group)
            for scope in group.scopes:
                for zone, tally in self._settle_scope(group, scope).items():
                    tally.received = received.get(zone, 0)
                    if share := scope.failover_share(zone):
                        tally.fail_open = int(self._generator.binomial(tally.received, share))
                    result.groups[group.id, zone] = tally
                scope.received.clear()
                scope.received_in_failover.clear()
                scope.drop_counted(ROUNDING)
        return result

    def _count_received(self, group: TargetGroupState) -> dict[str, int]:
        waiting = self._received.setdefault(group.id, {})
        for scope in group.scopes:
            for zone, amount in scope.received.items():
                waiting[zone] = waiting.get(zone, 0.0) + amount
        return self._count(waiting)

    def _count(self, waiting: dict[Key, float]) -> dict[Key, int]:
        """Make whole requests of amounts; the same share of each goes on waiting."""
        flow = sum(waiting.values())
        count = math.floor(flow + ROUNDING)
        if count <= 0:
            return {}
        numbers = self._spread(count, list(waiting.values()))
        counted = {key: number for key, number in zip(waiting, numbers, strict=True) if number}
        left_over = max(1 - count / flow, 0.0)
        for key in waiting:
            waiting[key] *= left_over
        return counted

    def _settle_scope(self, group: TargetGroupState, scope: Scope) -> dict[str, Tally]:
        cohorts = scope.to_count()
        amounts = [cohort.uncounted() for cohort in cohorts]
        weights = [sum(own) * cohort.size for own, cohort in zip(amounts, cohorts, strict=True)]
        flow = sum(weights)
        count = math.floor(flow + ROUNDING)
        outcomes, latencies = dict.fromkeys(OUTCOMES, 0), NOTHING
        if count > 0:
            left_over = max(1 - count / flow, 0.0)
            numbers = self._spread(count, weights)
            for cohort, own, number in zip(cohorts, amounts, numbers, strict=True):
                self._settle_cohort(cohort, own, number, left_over, outcomes)
            latencies = scope.latencies + cut_above(scope.mixture.histogram(), group.idle_timeout)
            scope.latencies = latencies * left_over
            scope.mixture.clear()
        return self._by_zone(scope, outcomes, latencies)

    def _spread(self, count: int, weights: list[float]) -> list[int]:
        """Deal so many requests out, to each within one of its share, and fairly (systematic
        sampling with a random start)."""
        if len(weights) == 1:
            return [count]
        ends = list(accumulate(weights))
        scale, start = count / ends[-1], float(self._generator.random())
        numbers, dealt = [], 0
        for end in ends:
            place = count if end >= ends[-1] else math.floor(end * scale + start)
            numbers.append(place - dealt)
            dealt = place
        return numbers

    def _settle_cohort(
        self,
        cohort: Cohort,
        amounts: tuple[float, ...],
        count: int,
        left_over: float,
        outcomes: dict[str, int],
    ) -> None:
        totals = cohort.station.totals.outcomes()
        both = zip(totals, amounts, strict=True)
        cohort.settled = tuple(now - amount * left_over for now, amount in both)
        cohort.counted += count
        if count > 0:
            for outcome, number in zip(OUTCOMES, self._share(count, amounts), strict=True):
                outcomes[outcome] += number

    def _by_zone(
        self, scope: Scope, outcomes: dict[str, int], latencies: Histogram
    ) -> dict[str, Tally]:
        """Spread the scope's requests over the nodes they came through."""
        weights = np.array([scope.received.get(zone, 0.0) for zone in scope.zones])
        whole = weights.sum()
        shares = weights / whole if whole > 0.0 else np.full(len(weights), 1 / len(weights))
        answered = sum(outcomes[name] for name in ANSWERED)
        buckets = self._draw(answered, latencies, shares)
        failed = {
            name: self._generator.multinomial(outcomes[name], shares)
            for name in FAILED
            if outcomes[name]
        }
        succeeded, errors = outcomes["succeeded"], outcomes["errors"]
        tallies = {}
        for number, zone in enumerate(scope.zones):
            tally = tallies[zone] = Tally(latencies=buckets[number])
            answered = tally.latencies.number
            wrong = self._errors_among(answered, succeeded, errors)
            tally.outcomes["errors"], tally.outcomes["succeeded"] = wrong, answered - wrong
            errors, succeeded = errors - wrong, succeeded - (answered - wrong)
            for name, numbers in failed.items():
                tally.outcomes[name] = int(numbers[number])
        return tallies

    def _errors_among(self, answered: int, succeeded: int, errors: int) -> int:
        if errors == 0 or answered == 0:
            return 0
        if succeeded == 0:
            return answered
        return int(self._generator.hypergeometric(errors, succeeded, answered))

    def _share(self, count: int, amounts: tuple[float, ...]) -> list[int]:
        if sum(amount > 0.0 for amount in amounts) == 1:
            return [count if amount > 0.0 else 0 for amount in amounts]
        total = sum(amounts)
        shares = [amount / total for amount in amounts]
        return [int(number) for number in self._generator.multinomial(count, shares)]

    def _draw(self, count: int, expected: Histogram, shares: Histogram) -> list[Buckets]:
        """Draw so many response times, for each of the parts that have these shares."""
        filled = np.flatnonzero(expected > IMPROBABLE)
        if count <= 0 or not len(filled):
            return [NO_BUCKETS] * len(shares)
        likely = expected[filled]
        chances = np.outer(shares, likely / likely.sum()).ravel()
        drawn = self._generator.multinomial(count, chances / chances.sum())
        indices = filled.astype(np.uint8)
        return [Buckets(indices, part) for part in drawn.reshape(len(shares), len(filled))]

"""Where flow becomes requests: once a minute, whole numbers are drawn from it.

Between two settlements a load balancer moves amounts of requests that need not be whole. Here they
are counted: how many ended is the flow rounded down, which outcome each had and how long each
answer took is drawn at random with the flow's shares, and of every part of the flow the same share
is left over for the next time. So small rates look as grainy as they are, counts always add up, no
target is favoured, and nothing depends on the length of a step. Who is sent how many requests an
Application Load Balancer decides, to within one; the flows of a Network Load Balancer fall on
targets by chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

import numpy as np

from model.elb.cohorts import Cohort
from model.elb.endings import Cause, Ending
from model.elb.inspection import Fault
from model.elb.load_balancer import LoadBalancerState
from model.elb.marks import Mark
from model.elb.routing import Route
from model.elb.scope import Scope
from model.elb.tallies import Part, Settlement, Tally
from model.elb.target_group import TargetGroupState
from model.flow.buckets import NO_BUCKETS, Buckets
from model.flow.latency import Histogram
from model.flow.station import OUTCOMES

Key = TypeVar("Key")

ROUNDING = 1e-6
"""How far below a whole number a sum of flows may fall by rounding errors."""


class Settler:
    """Counts one load balancer's requests."""

    def __init__(self, balancer: LoadBalancerState, generator: np.random.Generator) -> None:
        self._balancer = balancer
        self._generator = generator
        self._seen: dict[Ending, float] = {}
        """What of the load balancer's `ended` was taken up already."""
        self._matched: dict[Route, float] = {}
        """What of its `matched` was taken up already."""
        self._evaluations: dict[Route, float] = {}
        """What of that waits to be counted."""
        self._marked: dict[tuple[Mark, str], float] = {}
        """What of its `marked` was taken up already."""
        self._marks: dict[Mark, dict[tuple[Mark, str], float]] = {}
        """What of that waits to be counted, by mark."""
        self._ended: dict[tuple[str, Cause | Fault | None], dict[Ending, float]] = {}
        """What of that waits to be counted, by cause."""
        self._received: dict[str, dict[str, float]] = {}
        """What waits to be counted of each group's `received`, by zone of the node."""
        self._seed = int(generator.integers(1 << 63)), 0

    def settle(self) -> Settlement:
        """Count all that ended since the last time."""
        result = Settlement()
        for ending, amount in self._balancer.ended.items():
            if amount == self._seen.get(ending):
                continue
            waiting = self._ended.setdefault((ending.status, ending.cause), {})
            waiting[ending] = waiting.get(ending, 0.0) + amount - self._seen.get(ending, 0.0)
            self._seen[ending] = amount
        for waiting in self._ended.values():
            result.ended |= self._count(waiting)
        result.matched = self._count_matched()
        result.statuses = self._balancer.statuses()
        if self._balancer.marked:
            result.marked = self._count_marked()
        for group in self._balancer.groups.values():
            received = self._count_received(group)
            result.parts[group.id] = [
                self._settle_scope(group, scope, received) for scope in group.scopes
            ]
        return result

    def _count_matched(self) -> dict[Route, int]:
        for route, amount in self._balancer.matched.items():
            new = amount - self._matched.get(route, 0.0)
            if new > 0.0:
                self._evaluations[route] = self._evaluations.get(route, 0.0) + new
                self._matched[route] = amount
        return self._count(self._evaluations)

    def _count_marked(self) -> dict[tuple[Mark, str], int]:
        counted: dict[tuple[Mark, str], int] = {}
        for key, amount in self._balancer.marked.items():
            waiting = self._marks.setdefault(key[0], {})
            waiting[key] = waiting.get(key, 0.0) + amount - self._marked.get(key, 0.0)
            self._marked[key] = amount
        for waiting in self._marks.values():
            counted |= self._count(waiting)
        return counted

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
        if len(waiting) == 1:
            (key,) = waiting
            waiting[key] *= max(1 - count / flow, 0.0)
            return {key: count}
        numbers = self._spread(count, list(waiting.values()))
        counted = {key: number for key, number in zip(waiting, numbers, strict=True) if number}
        left_over = max(1 - count / flow, 0.0)
        for key in waiting:
            waiting[key] *= left_over
        return counted

    def _settle_scope(
        self, group: TargetGroupState, scope: Scope, received: dict[str, int]
    ) -> Part:
        total = Tally(received=sum([received.get(zone, 0) for zone in scope.zones]))
        cohorts = scope.to_count()
        amounts = [cohort.uncounted() for cohort in cohorts]
        weights = [sum(own) * cohort.size for own, cohort in zip(amounts, cohorts, strict=True)]
        flow = sum(weights)
        count = math.floor(flow + ROUNDING)
        if count > 0:
            left_over = max(1 - count / flow, 0.0)
            hashed = group.resource.algorithm == "flow_hash"
            numbers = (self._share if hashed else self._spread)(count, weights)
            for cohort, own, number in zip(cohorts, amounts, numbers, strict=True):
                self._settle_cohort(cohort, own, number, left_over, total)
            if hashed:
                scope.deal_by_chance(self._generator)
            latencies = scope.latencies + scope.mixture.histogram(group.longest)
            total.latencies = self._draw(total.answered, latencies)
            scope.latencies = latencies * left_over
            scope.mixture.clear()
        fail_open: dict[str, int] = {}
        for zone in scope.received_in_failover:
            share = scope.failover_share(zone)
            fail_open[zone] = int(self._generator.binomial(received.get(zone, 0), share))
            total.fail_open += fail_open[zone]
        part = Part(total, received, fail_open, scope.shares_by_zone(), self._next_seed())
        scope.received.clear()
        scope.received_in_failover.clear()
        if scope.gone:
            scope.drop_counted(ROUNDING)
        return part

    def _next_seed(self) -> tuple[int, int]:
        self._seed = self._seed[0], self._seed[1] + 1
        return self._seed

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
        total: Tally,
    ) -> None:
        cohort.settle(amounts, left_over)
        cohort.counted += count
        if count > 0:
            for outcome, number in zip(OUTCOMES, self._share(count, amounts), strict=True):
                if number:
                    total.outcomes[outcome] += number

    def _share(self, count: int, amounts: Sequence[float]) -> list[int]:
        """Have so many requests fall by chance, in the shares of the amounts."""
        if amounts.count(0.0) == len(amounts) - 1:
            return [count if amount > 0.0 else 0 for amount in amounts]
        total = sum(amounts)
        shares = [amount / total for amount in amounts]
        return [int(number) for number in self._generator.multinomial(count, shares)]

    def _draw(self, count: int, expected: Histogram) -> Buckets:
        weight = np.add.reduce(expected)
        if count <= 0 or weight <= 0.0:
            return NO_BUCKETS
        drawn = self._generator.multinomial(count, expected / weight)
        return Buckets.of(drawn, number=count)

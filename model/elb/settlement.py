"""Where flow becomes requests: once a minute, whole numbers are drawn from it.

Between two settlements a load balancer moves amounts of requests that need not be whole. Here they
are counted: how many ended is the flow rounded down (what is left over waits for the next time),
which outcome each had and how long each answer took is drawn at random with the flow's shares. So
small rates look as grainy as they are, counts always add up, and nothing depends on the length of
a step.
"""

from __future__ import annotations

import math

import numpy as np
from attrs import define, field

from model.elb.load_balancer import LoadBalancerState
from model.elb.target_group import Scope, TargetGroupState
from model.elb.targets import Target
from model.flow.latency import Counts, Histogram, cut_above, no_latencies

ROUNDING = 1e-6
"""How far below a whole number a sum of flows may fall by rounding errors."""

OUTCOMES = ("succeeded", "errors", "refused", "broken", "connect_timeouts", "late")
ANSWERED = OUTCOMES[:2]
STATUS = {
    "succeeded": "200",
    "errors": "500",
    "refused": "502",
    "broken": "502",
    "connect_timeouts": "504",
    "late": "504",
}
"""The HTTP status a client sees for each outcome at a target."""


@define(eq=False)
class Tally:
    """Requests counted by what became of them."""

    received: int = 0
    """Requests that a target was chosen for."""
    outcomes: dict[str, int] = field(factory=lambda: dict.fromkeys(OUTCOMES, 0))
    latencies: Counts = field(factory=no_latencies)
    """Response times of those that a target answered."""
    fail_open: int = 0
    """Received while the node sent to unhealthy targets too."""

    @property
    def answered(self) -> int:
        return sum(self.outcomes[outcome] for outcome in ANSWERED)

    def add(self, other: Tally) -> None:
        self.received += other.received
        self.fail_open += other.fail_open
        for outcome in OUTCOMES:
            self.outcomes[outcome] += other.outcomes[outcome]
        self.latencies += other.latencies


@define(eq=False)
class Settlement:
    """The requests of one load balancer since the settlement before."""

    ended: dict[tuple[str, str], int] = field(factory=dict)
    """Those that reached no target, by zone of the node and status."""
    groups: dict[tuple[str, str], Tally] = field(factory=dict)
    """Those of each target group, by its logical id and the zone of the node."""


class Settler:
    """Counts one load balancer's requests."""

    def __init__(self, balancer: LoadBalancerState, generator: np.random.Generator) -> None:
        self._balancer = balancer
        self._generator = generator
        self._ended: dict[tuple[str, str], int] = {}
        self._received: dict[tuple[str, str], float] = {}

    def settle(self) -> Settlement:
        """Count all that ended since the last time."""
        result = Settlement()
        for key, amount in self._balancer.ended.items():
            whole = math.floor(amount + ROUNDING)
            if whole > self._ended.get(key, 0):
                result.ended[key] = whole - self._ended.get(key, 0)
                self._ended[key] = whole
        for group in self._balancer.groups.values():
            for scope in group.scopes:
                for zone, tally in self._settle_scope(group, scope).items():
                    result.groups[group.id, zone] = tally
            group.gone.clear()
        return result

    def _settle_scope(self, group: TargetGroupState, scope: Scope) -> dict[str, Tally]:
        targets = [t for t in group.targets.values() if t.zone in scope.zones]
        targets += [target for target in group.gone if target.zone in scope.zones]
        total = Tally()
        place = scope.carry
        for target in targets:
            amounts = _unsettled(target)
            before = math.floor(place + ROUNDING)
            place += sum(amounts)
            count = math.floor(place + ROUNDING) - before
            if count <= 0:
                continue
            group.requests[target.id] = group.requests.get(target.id, 0) + count
            for outcome, number in zip(OUTCOMES, self._share(count, amounts), strict=True):
                total.outcomes[outcome] += number
        scope.carry = place - math.floor(place + ROUNDING)
        if total.answered > 0:
            expected = cut_above(scope.mixture.histogram(), group.idle_timeout)
            total.latencies = self._draw(total.answered, expected)
        scope.mixture.clear()
        return self._by_zone(group, scope, total)

    def _by_zone(self, group: TargetGroupState, scope: Scope, total: Tally) -> dict[str, Tally]:
        """Spread the scope's requests over the nodes they came through."""
        tallies = {zone: Tally() for zone in scope.zones}
        for zone, amount in scope.received.items():
            key = (group.id, zone)
            place = self._received.get(key, 0.0) + amount
            tallies[zone].received = math.floor(place + ROUNDING)
            self._received[key] = place - tallies[zone].received
            if scope.fail_open:
                tallies[zone].fail_open = tallies[zone].received
        weights = [scope.received.get(zone, 0.0) for zone in scope.zones]
        scope.received.clear()
        if sum(weights) <= 0.0:
            weights = [1.0] * len(weights)
        latencies, left = total.latencies.copy(), dict(total.outcomes)
        remaining = sum(weights)
        for zone, weight in zip(scope.zones, weights, strict=True):
            share = 1.0 if weight >= remaining else weight / remaining
            remaining -= weight
            tally = tallies[zone]
            tally.latencies = self._generator.binomial(latencies, share)
            latencies -= tally.latencies
            answered = int(tally.latencies.sum())
            errors = self._errors_among(answered, left["succeeded"], left["errors"])
            tally.outcomes["errors"], tally.outcomes["succeeded"] = errors, answered - errors
            for outcome in OUTCOMES[2:]:
                tally.outcomes[outcome] = int(self._generator.binomial(left[outcome], share))
            for outcome in OUTCOMES:
                left[outcome] -= tally.outcomes[outcome]
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

    def _draw(self, count: int, expected: Histogram) -> Counts:
        weight = float(expected.sum())
        filled = np.flatnonzero(expected > 0.0)
        counts = no_latencies()
        if weight > 0.0:
            shares = expected[filled] / weight
            counts[filled] = self._generator.multinomial(count, shares / shares.sum())
        return counts


def _unsettled(target: Target) -> tuple[float, ...]:
    """What became of the target's requests since the last settlement, in order of `OUTCOMES`."""
    amounts = []
    for outcome in OUTCOMES:
        now = getattr(target.station.totals, outcome)
        amounts.append(max(now - target.settled.get(outcome, 0.0), 0.0))
        target.settled[outcome] = now
    return tuple(amounts)

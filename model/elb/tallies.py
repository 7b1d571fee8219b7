"""What was counted of a load balancer's requests, together and by zone.

How the requests of a scope fall to its zones is drawn when somebody asks, as few do: from a seed
that was drawn when they were counted, so that it does not matter who asks, or when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import define, field, frozen

from model.cloudwatch.statistics import Datapoint
from model.elb.endings import Ending
from model.elb.marks import Mark
from model.elb.routing import Route
from model.elb.statuses import ANSWERED, FAILED, Statuses
from model.flow.buckets import NO_BUCKETS, Buckets, together
from model.flow.station import OUTCOMES


@define(eq=False)
class Tally:
    """Requests counted by what became of them."""

    received: int = 0
    """Requests that a target was chosen for."""
    outcomes: dict[str, int] = field(factory=lambda: dict.fromkeys(OUTCOMES, 0))
    latencies: Buckets = NO_BUCKETS
    """Response times of those that a target answered."""
    fail_open: int = 0
    """Those of `received` that came while the node sent to unhealthy targets too."""
    _response_times: Datapoint | None = None

    @property
    def response_times(self) -> Datapoint:
        """The datapoint of `latencies`; there must be one at least."""
        if self._response_times is None:
            self._response_times = Datapoint.latencies(self.latencies)
        return self._response_times

    @property
    def answered(self) -> int:
        return self.outcomes["succeeded"] + self.outcomes["errors"]

    @classmethod
    def of(cls, parts: Sequence[Tally]) -> Tally:
        """The sum of several."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            sum(part.received for part in parts),
            {outcome: sum(part.outcomes[outcome] for part in parts) for outcome in OUTCOMES},
            together([part.latencies for part in parts]),
            sum(part.fail_open for part in parts),
        )


@frozen(eq=False)
class Part:
    """The requests of one scope since the settlement before."""

    total: Tally
    received: dict[str, int]
    """Those that a target was chosen for, by the zone of the node."""
    fail_open: dict[str, int]
    """Those of `received` that came while the node sent to unhealthy targets too."""
    shares: dict[str, float]
    """How the requests fall to the nodes, by their zone."""
    seed: tuple[int, int]
    """Of the draws that tell how the rest of the total falls to zones: the load balancer's own
    number, and that of the settlement."""
    _tallies: dict[str, Tally] = field(factory=dict)

    def of(self, zone: str) -> Tally:
        """What came through the node of a zone."""
        if not self._tallies:
            self._tallies.update(_by_zone(self))
        return self._tallies[zone]


@define(eq=False)
class Settlement:
    """The requests of one load balancer since the settlement before."""

    ended: dict[Ending, int] = field(factory=dict)
    """Those that no target was chosen for."""
    matched: dict[Route, int] = field(factory=dict)
    """Requests that took each route through the listeners."""
    statuses: Mapping[str, Statuses] = field(factory=dict)
    """What clients see of the requests to each target group."""
    marked: dict[tuple[Mark, str], int] = field(factory=dict)
    """Requests with a mark, by that and the zone of the node."""
    parts: dict[str, list[Part]] = field(factory=dict)
    """Those of each target group by its logical id, a part for each of its scopes."""
    _sums: dict[tuple[str | None, str | None], Tally] = field(factory=dict)

    def tally(self, group: str | None = None, zone: str | None = None) -> Tally:
        """The sum over the target groups and zones that fit; None: all of them."""
        tally = self._sums.get((group, zone))
        if tally is None:
            groups = self.parts if group is None else (group,)
            parts = [part for name in groups for part in self.parts.get(name, ())]
            if zone is None:
                tally = Tally.of([part.total for part in parts])
            else:
                tally = Tally.of([part.of(zone) for part in parts if zone in part.shares])
            self._sums[group, zone] = tally
        return tally

    def with_mark(self, mark: Mark, zone: str | None) -> int:
        """The requests with a mark that came through the node of a zone (None: of any)."""
        own = self.marked.items()
        return sum(n for (name, place), n in own if name is mark and zone in (None, place))

    @classmethod
    def of(cls, settlements: list[Settlement]) -> Settlement:
        """The sum of several of one load balancer."""
        if len(settlements) == 1:
            return settlements[0]
        total = cls()
        for settlement in settlements:
            for ending, number in settlement.ended.items():
                total.ended[ending] = total.ended.get(ending, 0) + number
            for route, number in settlement.matched.items():
                total.matched[route] = total.matched.get(route, 0) + number
            total.statuses = settlement.statuses
            for key, number in settlement.marked.items():
                total.marked[key] = total.marked.get(key, 0) + number
            for group, parts in settlement.parts.items():
                total.parts.setdefault(group, []).extend(parts)
        return total


def _by_zone(part: Part) -> dict[str, Tally]:
    """Spread the requests of a scope over the nodes they came through."""
    if len(part.shares) == 1:
        return dict.fromkeys(part.shares, part.total)
    generator = np.random.default_rng(part.seed)
    shares = list(part.shares.values())
    buckets = part.total.latencies
    latencies = generator.multinomial(buckets.counts, shares).T
    left = dict(part.total.outcomes)
    failed = {name: generator.multinomial(left[name], shares) for name in FAILED if left[name]}
    tallies = {}
    for number, zone in enumerate(part.shares):
        tally = tallies[zone] = Tally(
            received=part.received.get(zone, 0),
            latencies=Buckets.of(latencies[number], buckets.indices),
            fail_open=part.fail_open.get(zone, 0),
        )
        answered, errors = tally.latencies.number, 0
        if answered and left["errors"]:
            errors = int(generator.hypergeometric(left["errors"], left["succeeded"], answered))
        tally.outcomes["errors"], tally.outcomes["succeeded"] = errors, answered - errors
        for name in ANSWERED:
            left[name] -= tally.outcomes[name]
        for name, numbers in failed.items():
            tally.outcomes[name] = int(numbers[number])
    return tallies

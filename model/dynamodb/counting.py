"""Whole requests out of the flow: how many ended, what became of each, and how long they took.

How many ended and how many of them were throttled is the flow rounded down; the rest is carried
over. Nothing is drawn here: capacity is a limit, which chance does not exceed. Latencies are drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

import numpy as np
from attrs import define, field, frozen

from model.dynamodb.requests import READS, TRANSACTIONS, Place
from model.dynamodb.table import Demand, Lack
from model.flow.buckets import NO_BUCKETS, Buckets, together
from model.flow.latency import Histogram, row

READ_LATENCY, WRITE_LATENCY = 0.0025, 0.0045
"""Seconds that a request takes inside DynamoDB on average; AWS says "single-digit milliseconds"."""
VARIATION = 0.5
"""Their coefficient of variation."""
TRANSACTION = 2.0
"""How many times longer a transaction takes: it has two phases."""


@frozen(eq=False)
class Tally:
    """Whole requests of one source in a while."""

    operation: str
    units: Mapping[Place, float]
    succeeded: int
    throttled: Mapping[Lack, int]
    latencies: Buckets = NO_BUCKETS

    @property
    def failed(self) -> int:
        """Those that were throttled."""
        return sum(self.throttled.values())


@define(eq=False)
class RequestCounter:
    """Counts the requests of one source."""

    demand: Demand
    generator: np.random.Generator
    _ended: int = 0
    _throttled: Counter[Lack] = field(factory=Counter)

    def count(self) -> Tally:
        """What ended since this was last called."""
        demand = self.demand
        number = _whole(demand.sent) - self._ended
        self._ended += number
        throttled, left = {}, number
        for lack, requests in demand.throttled.items():
            many = min(_whole(requests) - self._throttled[lack], left)
            if many > 0:
                throttled[lack] = many
                self._throttled[lack] += many
                left -= many
        operation = demand.item.operation
        latencies = _draw(operation, left, self.generator) if left else NO_BUCKETS
        return Tally(operation, demand.units, left, throttled, latencies)


def _whole(requests: float) -> int:
    return int(requests + 1e-6)


def _draw(operation: str, number: int, generator: np.random.Generator) -> Buckets:
    return Buckets.of(generator.multinomial(number, _latencies(operation)))


@cache
def _latencies(operation: str) -> Histogram:
    """The shares of an operation's latencies."""
    mean = READ_LATENCY if operation in READS else WRITE_LATENCY
    if operation in TRANSACTIONS:
        mean *= TRANSACTION
    expected = row(mean, VARIATION, 0.0, 0.0)
    shares: Histogram = expected / np.add.reduce(expected)
    return shares


@frozen(eq=False)
class Minute:
    """What a table counted in a minute."""

    consumed: Mapping[Place, Mapping[float, int]]
    """Requests that were served, by where they took units and how many each."""
    throttled: Mapping[Lack, int]
    """Events that were throttled."""
    failed: Mapping[str, int]
    """Requests that were throttled, by operation."""
    latencies: Mapping[str, Buckets]
    """Of those that were served, by operation."""

    @classmethod
    def of(cls, tallies: list[Tally]) -> Minute:
        """Several tallies together."""
        consumed: dict[Place, Counter[float]] = {}
        throttled, failed = Counter[Lack](), Counter[str]()
        latencies: dict[str, list[Buckets]] = {}
        for tally in tallies:
            throttled.update(tally.throttled)
            if tally.failed:
                failed[tally.operation] += tally.failed
            if tally.succeeded:
                latencies.setdefault(tally.operation, []).append(tally.latencies)
                for place, units in tally.units.items():
                    consumed.setdefault(place, Counter())[units] += tally.succeeded
        told = {
            operation: parts[0] if len(parts) == 1 else together(parts)
            for operation, parts in latencies.items()
        }
        return cls(consumed, throttled, failed, told)

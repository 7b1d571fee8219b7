"""Whole statements out of the flow: how many ended, what became of each, how long they took.

How many ended is the flow rounded down; what became of them is drawn at random with the flow's
shares, and so are the response times of those that were answered.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import define, field

from model.books import Books
from model.flow.buckets import Buckets
from model.flow.latency import BUCKETS
from model.rds.deployment import Deployment

COMPLETED = "completed"
STATUS = {
    "succeeded": COMPLETED,
    "errors": COMPLETED,
    "refused": "connection_refused",
    "broken": "connection_reset",
    "cut": "connection_reset",
    "connect_timeouts": "connection_timeout",
    "late": "connection_timeout",
}
"""What clients see of each outcome."""


@define(eq=False)
class StatementCounter:
    """Counts the statements of one deployment."""

    deployment: Deployment
    generator: np.random.Generator
    _counted: int = 0
    _seen: Mapping[str, float] = field(factory=dict)

    def count(self, books: Books) -> None:
        """Enter in the books what ended since this was last called."""
        outcomes = self.deployment.outcomes()
        number = int(sum(outcomes.values()) + 1e-6) - self._counted
        new = {name: max(n - self._seen.get(name, 0.0), 0.0) for name, n in outcomes.items()}
        histogram = np.zeros(BUCKETS)
        for instance in [*self.deployment.instances, *self.deployment.gone]:
            histogram += instance.read_latencies()
        self._seen = outcomes
        if number <= 0:
            return
        self._counted += number
        flow = sum(new.values())
        shares = [amount / flow for amount in new.values()] if flow > 0.0 else [1.0]
        drawn = self.generator.multinomial(number, shares).tolist()
        answered = 0
        for name, many in zip(new, drawn, strict=False):
            books.count(STATUS[name], many)
            answered += many * (STATUS[name] == COMPLETED)
        whole = np.add.reduce(histogram)
        if answered and whole > 0.0:
            times = self.generator.multinomial(answered, histogram / whole)
            Buckets.of(times).add_to(books.latencies)

"""Response times that were counted, kept as the few buckets of a histogram that hold any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from model.flow.latency import MIDDLES, Counts, no_latencies, percentile


@frozen(eq=False)
class Buckets:
    """Counts in some buckets of `model.flow.latency`, in order; they may be zero."""

    indices: NDArray[np.uint8]
    """Which buckets (there are no more than 256); several histograms may share the array."""
    counts: NDArray[np.int64]
    _known: dict[float, float] = field(factory=dict, init=False, repr=False)
    """Percentiles that were asked for already: an alarm asks again every minute."""

    @classmethod
    def of(cls, counts: Counts) -> Buckets:
        """Those of a whole histogram that hold any."""
        indices = np.flatnonzero(counts)
        return cls(indices.astype(np.uint8), counts[indices])

    @property
    def number(self) -> int:
        """How many response times there are."""
        return int(self.counts.sum())

    @property
    def seconds(self) -> float:
        """Their sum, each bucket standing at its middle."""
        return float(self.counts @ MIDDLES[self.indices])

    @property
    def limits(self) -> tuple[float, float]:
        """The shortest and the longest, in seconds; there must be one at least."""
        filled = self.indices[self.counts > 0]
        return float(MIDDLES[filled[0]]), float(MIDDLES[filled[-1]])

    def percentile(self, percent: float) -> float:
        """The value that so many percent of the samples do not exceed."""
        if percent not in self._known:
            self._known[percent] = percentile(self.counts, percent, self.indices)
        return self._known[percent]

    def add_to(self, counts: Counts) -> None:
        """Count them in a whole histogram."""
        counts[self.indices] += self.counts

    def full(self) -> Counts:
        """The whole histogram."""
        counts = no_latencies()
        self.add_to(counts)
        return counts


NO_BUCKETS = Buckets(np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.int64))


def together(parts: Sequence[Buckets]) -> Buckets:
    """The sum of several histograms."""
    if not parts:
        return NO_BUCKETS
    indices = parts[0].indices
    if all(part.indices is indices for part in parts):
        return Buckets(indices, np.add.reduce([part.counts for part in parts]))
    counts = no_latencies()
    for part in parts:
        part.add_to(counts)
    return Buckets.of(counts)

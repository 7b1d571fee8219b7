"""Response times that were counted, kept as the few buckets of a histogram that hold any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from model.flow.latency import MIDDLES, Counts, no_latencies, percentile

_MIDDLES: list[float] = MIDDLES.tolist()


@frozen(eq=False)
class Buckets:
    """Counts in the buckets of `model.flow.latency` that hold any, in order."""

    indices: NDArray[np.uint8]
    """Which buckets they are (there are no more than 256)."""
    counts: NDArray[np.int64]
    number: int
    """How many response times that is."""
    _known: dict[float, float] = field(factory=dict, init=False, repr=False)
    """Percentiles that were asked for already: an alarm asks again every minute."""

    @classmethod
    def of(
        cls,
        counts: Counts,
        indices: NDArray[np.uint8] | None = None,
        number: int | None = None,
    ) -> Buckets:
        """Those that hold any, of a whole histogram or of the buckets `indices`; `number` is their
        sum, where it is known."""
        (filled,) = counts.nonzero()
        which = filled.astype(np.uint8) if indices is None else indices[filled]
        kept = counts[filled]
        return cls(which, kept, int(kept.sum()) if number is None else number)

    @property
    def seconds(self) -> float:
        """Their sum, each bucket standing at its middle."""
        return float(self.counts.astype(np.float64) @ MIDDLES.take(self.indices))

    @property
    def limits(self) -> tuple[float, float]:
        """The shortest and the longest, in seconds; there must be one at least."""
        return _MIDDLES[self.indices[0]], _MIDDLES[self.indices[-1]]

    def percentile(self, percent: float) -> float:
        """The value that so many percent of the samples do not exceed."""
        if percent not in self._known:
            self._known[percent] = percentile(self.counts, percent, self.indices)
        return self._known[percent]

    def add_to(self, counts: Counts) -> None:
        """Count them in a whole histogram."""
        counts[self.indices.astype(np.intp)] += self.counts


NO_BUCKETS = Buckets(np.zeros(0, dtype=np.uint8), np.zeros(0, dtype=np.int64), 0)


def together(parts: Sequence[Buckets]) -> Buckets:
    """The sum of several histograms."""
    counts = no_latencies()
    for part in parts:
        part.add_to(counts)
    return Buckets.of(counts)

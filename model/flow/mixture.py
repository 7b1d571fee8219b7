"""Response times of many kinds together: how much there is of each row."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from model.flow.latency import BUCKETS, PER_OCTAVE, Histogram, cut_above, row, tail

LONGEST = 500.0
"""How many times its mean a service or a wait may last; hardly one in ten million lasts longer."""
TRIFLE = 1e-6
"""Seconds that nobody waits."""
NONE = ((0.0, 1.0),)
FEW, MANY = 6, 64
"""More than so few kinds are summed at once, so many at a time (as fit into a processor's cache);
where there are more, they are never the same again."""
Kind = tuple[float, float, float, float]
"""Service time, its variation, the wait and the delay, as `latency.row` takes them."""


class Mixture:
    """A weighted sum of rows, gathered cheaply and summed when it is asked for."""

    __slots__ = ("_late", "_limits", "_weights")

    STEPS = 4
    """Waits are kept on a grid of so many values to the octave."""
    DELAY_STEPS = PER_OCTAVE
    """Delays are kept on a finer one: each in the middle of a bucket, so that a delay longer than
    all that comes on top of it stands at its own value."""

    def __init__(self) -> None:
        self._weights: dict[Kind, float] = {}
        self._late = False
        """Whether any exceeded their limit."""
        self._limits: dict[Kind, float] = {}
        """The limits of their own that were exceeded, by what exceeded them."""

    def add(
        self,
        requests: float,
        service_time: float,
        variation: float,
        wait: float,
        delay: float,
        limit: float,
        *,
        own: bool = False,
    ) -> float:
        """Add so many requests of one kind; returns how many of them exceed `limit` seconds (their
        `own`, where others may have another).

        Waits and delays between two grid values are split over both on a straight line, which
        keeps their mean.
        """
        late, weights = 0.0, self._weights
        waits = NONE if wait <= TRIFLE else _split(wait, self.STEPS)
        for delay_value, delay_share in (
            NONE if delay <= TRIFLE else _split(delay, self.DELAY_STEPS)
        ):
            for wait_value, wait_share in waits:
                weight = requests * wait_share * delay_share
                if weight > 0.0:
                    key = (service_time, variation, wait_value, delay_value)
                    weights[key] = weights.get(key, 0.0) + weight
                    if delay_value + LONGEST * (service_time + wait_value) > limit:
                        beyond = weight * tail(*key, limit)
                        late += beyond
                        if own and beyond > 0.0:
                            self._limits[key] = limit
        if late > 0.0:
            self._late = True
        return late

    def histogram(self, limit: float = math.inf) -> Histogram:
        """The sum of all rows by their weights, without what exceeds `limit` seconds (or a limit of
        its own)."""
        weights = self._weights
        if not weights:
            return np.zeros(BUCKETS)
        if self._limits:
            parts = [
                weight * cut_above(row(*kind), self._limits.get(kind, limit))
                for kind, weight in weights.items()
            ]
            cut: Histogram = np.add.reduce(np.stack(parts), axis=0)
            return cut
        total = np.zeros(BUCKETS)
        if len(weights) <= FEW:
            for kind, weight in weights.items():
                total += weight * row(*kind)
        else:
            kinds, own = list(weights), np.array(list(weights.values()))[:, None]
            for first in range(0, len(kinds), MANY):
                some = tuple(kinds[first : first + MANY])
                rows = _rows(some) if len(kinds) <= MANY else _stacked(some)
                # row by row: a matrix product adds in another order on another machine
                total += np.add.reduce(own[first : first + MANY] * rows, axis=0)
        return cut_above(total, limit) if self._late else total

    def clear(self) -> None:
        self._weights.clear()
        self._limits.clear()
        self._late = False


@lru_cache(maxsize=64)
def _rows(kinds: tuple[Kind, ...]) -> Histogram:
    """The rows of several kinds of response: mostly the same ones minute after minute."""
    return _stacked(kinds)


def _stacked(kinds: tuple[Kind, ...]) -> Histogram:
    return np.concatenate([row(*kind) for kind in kinds]).reshape(len(kinds), BUCKETS)


def _split(value: float, steps: int) -> tuple[tuple[float, float], ...]:
    """The two grid values around a value, each with its share."""
    first = steps / (2 * PER_OCTAVE)
    place = math.floor(math.log2(value) * steps - first) + first
    low, high = 2.0 ** (place / steps), 2.0 ** ((place + 1) / steps)
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return ((low, 1.0 - share), (high, share))

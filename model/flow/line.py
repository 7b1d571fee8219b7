"""A line before a target whose load is heavy: how its wait grows, settles and drains.

Near what a target can do, a line takes minutes to become as long as the steady state has it, or
has none. Its wait V moves then like a Brownian motion with the drift rho - 1 that is reflected at
zero (heavy traffic: Kingman 1962; Harrison, *Brownian Motion and Stochastic Flow Systems*, 1985).
Its first two moments follow

    d E[V] / dt  = rho - 1 + variance / 2 * f(0)
    d E[V^2] / dt = 2 (rho - 1) E[V] + variance

where f(0) is how densely V lies at zero. The moments do not tell it; the known solution for a line
that begins empty does, as a function of how spread V is (`REFLECTION`). So it is exact where the
line comes to rest, where it grows from nothing under any load, and where it is long.
"""

from __future__ import annotations

import math
from bisect import bisect_right

from attrs import define

REFLECTION = (
    (0.0, 0.0),
    (0.0528, 0.0001),
    (0.0911, 0.0024),
    (0.1643, 0.0382),
    (0.2265, 0.1066),
    (0.3138, 0.2375),
    (0.4299, 0.4276),
    (0.5708, 0.6366),
    (0.7195, 0.8103),
    (0.8486, 0.9198),
    (0.9788, 0.9921),
    (1.0, 1.0),
)
"""The squared coefficient of variation of V, and f(0) E[V], of reflected Brownian motion that began
at zero: from a normal distribution far from zero to the exponential one of the steady state."""
MOST_PARTS = 60
"""In how many parts a step is taken, at most: a line that would need more has long come to rest."""
SHORTEST = 1e-4
"""Seconds that a line waits at least; it keeps divisions finite."""


def reflection(spread: float) -> float:
    """f(0) E[V] for a squared coefficient of variation."""
    if spread >= 1.0:
        return 1.0
    place = bisect_right(REFLECTION, (spread, math.inf))
    (low, first), (high, second) = REFLECTION[place - 1], REFLECTION[place]
    return first + (second - first) * (spread - low) / (high - low)


def at_rest(rho: float, variance: float) -> float:
    """The mean wait (s) at which a line neither grows nor drains; infinite at full load."""
    return variance / (2 * (1 - rho)) if rho < 1.0 else math.inf


@define
class Line:
    """The wait that a request finds: its mean (s), and the mean of its square."""

    mean: float
    square: float

    @classmethod
    def steady(cls, mean: float) -> Line:
        """A line that is at rest: its wait is exponential."""
        mean = max(mean, SHORTEST)
        return cls(mean, 2 * mean * mean)

    @property
    def variance(self) -> float:
        """Of the wait, in seconds squared."""
        return self.square - self.mean * self.mean

    @property
    def spread(self) -> float:
        """The squared coefficient of variation."""
        return self.variance / (self.mean * self.mean)

    def advance(self, dt: float, rho: float, variance: float) -> None:
        """Let `dt` seconds pass at the utilisation `rho`; `variance` is that of the work which
        comes in a second (in seconds of the target's time)."""
        drift, left = rho - 1, dt
        if variance < SHORTEST * SHORTEST:
            variance = 0.0
        rest = at_rest(rho, variance)
        for _ in range(MOST_PARTS):
            mean = self.mean
            if mean > rest and self.square > 2 * mean * mean:
                self._drain_tail(left, drift, rest)
                break
            # no longer than the moments stay much the same; a line at rest may need no more
            part = min(left, mean * mean / (2 * variance) if variance > 0.0 else left)
            if drift < 0.0:
                part = min(part, mean / (4 * -drift))
            going = 2 * drift * part * mean
            if drift > 0.0:
                going += (drift * part) ** 2  # all of the line moves: that is exact
            own = mean * mean + going + variance * part * reflection(self.spread)
            self.mean = math.sqrt(max(own, SHORTEST * SHORTEST))
            self.square = max(self.square + going + variance * part, self.mean * self.mean)
            left -= part
            if left <= 0.0:
                break

    def _drain_tail(self, dt: float, drift: float, rest: float) -> None:
        """Most of the line has come to rest, and what has not is a long tail: an exponential one of
        the same moments drains at a rate that is constant."""
        above = self.square - 2 * rest * rest
        left = math.exp(2 * drift * dt * (self.mean - rest) / above)
        self.square = 2 * rest * rest + above * left
        self.mean = max(rest + (self.mean - rest) * left, SHORTEST)
        self.square = max(self.square, self.mean * self.mean)

    def stretch(self, factor: float) -> None:
        """What waits is served slower (or faster): the wait is so many times longer."""
        self.mean *= factor
        self.square *= factor * factor

    def limit(self, longest: float, gap: float) -> None:
        """It can be no longer than `longest`, and varies below that by `gap` or so (s)."""
        if self.mean > longest:
            variance = min(self.variance, gap * gap)
            self.mean, self.square = longest, longest * longest + variance

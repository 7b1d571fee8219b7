"""What an expression is computed with: numbers, time series and arrays of them.

A number that cannot be told (an average of nothing, a division by zero) is NaN, and where it would
give a datapoint there is none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, field, frozen


@frozen
class Span:
    """What is asked for: from `start` until before `end` (seconds since start)."""

    start: float
    end: float

    def times(self, period: float) -> list[float]:
        """The starts of all periods within it."""
        return [
            self.start + step * period for step in range(int((self.end - self.start) // period))
        ]


@frozen(eq=False)
class Series:
    """Values by the start of their period; a time that is not there has no datapoint."""

    period: float
    """Seconds."""
    points: Mapping[float, float] = field(factory=dict)
    """Oldest first."""
    label: str = ""
    quota: float | None = None
    """Of a metric that tells how much of a service quota is used: the quota."""

    def but(self, points: Mapping[float, float]) -> Series:
        """The same with other points, without those that are no numbers."""
        return evolve(self, points={t: v for t, v in points.items() if math.isfinite(v)})

    def map(self, function: Callable[[float], float]) -> Series:
        """Every point through a function."""
        return self.but({time: function(value) for time, value in self.points.items()})


Array = tuple[Series, ...]
Value = float | Series | Array | str


def times_of(array: Iterable[Series]) -> list[float]:
    """All times at which any of the series has a point, in order."""
    return sorted({time for series in array for time in series.points})

"""Datapoints and the statistics that can be read from them.

A datapoint keeps the four sums that every statistic but the percentiles needs, and a distribution
where its samples differ. The statistics of several datapoints together equal those of the union of
their samples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from model.cloudwatch.extended import STATISTICS, Extended, extended, read_extended
from model.flow.buckets import Buckets, together

__all__ = ["STATISTICS", "Datapoint", "Gauge", "union"]


@frozen(eq=False)
class Datapoint:
    """The samples of one metric in one period.

    `distribution` holds the samples themselves (value to number), or buckets of them. Without one,
    percentiles are known only where all samples have one value, as with CloudWatch's statistic
    sets.
    """

    count: float
    total: float
    minimum: float
    maximum: float
    distribution: Buckets | Mapping[float, float] | None = None

    @classmethod
    def single(cls, value: float, count: float = 1.0) -> Datapoint:
        """`count` samples of one value."""
        return cls(count, value * count, value, value)

    @classmethod
    def samples(cls, values: Iterable[float]) -> Datapoint:
        """One sample for each value; there must be one at least."""
        values = list(values)
        low, high = min(values), max(values)
        if low == high:
            return cls.single(low, float(len(values)))
        tally = {value: float(number) for value, number in Counter(values).items()}
        total = sum(value * number for value, number in tally.items())
        return cls(float(len(values)), total, low, high, tally)

    @classmethod
    def gauge(cls, average: float, minimum: float, maximum: float, count: float) -> Datapoint:
        """`count` reports of a level whose mean over the period was `average`."""
        return cls(count, average * count, minimum, maximum)

    @classmethod
    def latencies(cls, buckets: Buckets) -> Datapoint:
        """Response times in buckets (seconds); there must be one at least."""
        return cls(float(buckets.number), buckets.seconds, *buckets.limits, buckets)

    def statistic(self, name: str) -> float:
        """The value of a statistic: one of `STATISTICS`, or an extended one such as p99.9 or tm99.

        Percentiles take the nearest rank (AWS does not publish its interpolation), inside a bucket
        of response times a straight line in the logarithm. NaN: the datapoint does not tell it, as
        it never does where a sample is negative ("CloudWatch statistics definitions").
        """
        match name:
            case "SampleCount":
                return self.count
            case "Sum":
                return self.total
            case "Average":
                return self.total / self.count
            case "Minimum":
                return self.minimum
            case "Maximum":
                return self.maximum
        if self.minimum < 0:
            return math.nan
        wanted = read_extended(name)
        if wanted.kind == "p":
            return self._percentile(wanted.high or 0.0)
        return self._extended(wanted)

    def _extended(self, wanted: Extended) -> float:
        if self.minimum == self.maximum:
            return extended(wanted, {self.minimum: self.count})
        return math.nan if self.distribution is None else extended(wanted, self.distribution)

    def _percentile(self, percent: float) -> float:
        if isinstance(self.distribution, Buckets):
            value = self.distribution.percentile(percent)
            return min(max(value, self.minimum), self.maximum)
        if self.distribution is None:
            return self.minimum if self.minimum == self.maximum else math.nan
        rank = max(math.ceil(percent / 100 * self.count - 1e-9), 1)
        passed = 0.0
        for value in sorted(self.distribution):
            passed += self.distribution[value]
            if passed >= rank:
                return value
        return self.maximum


def union(points: list[Datapoint]) -> Datapoint:
    """All samples of several datapoints as one; there must be one at least."""
    if len(points) == 1:
        return points[0]
    return Datapoint(
        sum(point.count for point in points),
        sum(point.total for point in points),
        min(point.minimum for point in points),
        max(point.maximum for point in points),
        _union_of_distributions(points),
    )


def _union_of_distributions(points: list[Datapoint]) -> Buckets | Mapping[float, float] | None:
    """What is known of all samples: nothing, if nothing is known of some."""
    buckets = [p.distribution for p in points if isinstance(p.distribution, Buckets)]
    if len(buckets) == len(points):
        return together(buckets)
    tally: dict[float, float] = {}
    for point in points:
        known = point.distribution
        if known is None and point.minimum == point.maximum:
            known = {point.minimum: point.count}
        if known is None or isinstance(known, Buckets):
            return None
        for value, count in known.items():
            tally[value] = tally.get(value, 0.0) + count
    return tally if len(tally) > 1 else None


class Gauge:
    """A level that changes at instants: its mean, minimum and maximum over each period."""

    def __init__(self, now: float, level: float = 0.0) -> None:
        self.level = level
        self._since = self._from = now
        self._area = 0.0
        self._low = self._high = level
        self._steady: Datapoint | None = None
        """The datapoint of every period in which nothing changes."""

    def set(self, now: float, level: float) -> None:
        """The level is another from now on."""
        self._area += self.level * (now - self._since)
        self._since = now
        if level != self.level:
            self.level, self._steady = level, None
            self._low, self._high = min(self._low, level), max(self._high, level)

    def begin(self, now: float) -> None:
        """Begin a period now: the level has not changed since that of the last one ended."""
        self._since = self._from = now
        self._area = 0.0

    def close(self, now: float, reports: float = 1.0) -> Datapoint:
        """End the period now and begin the next; `reports` is the number of samples to claim."""
        self.set(now, self.level)
        if self._low == self._high:
            if self._steady is None or self._steady.count != reports:
                self._steady = Datapoint.single(self.level, reports)
            point = self._steady
        else:
            length = now - self._from
            average = self._area / length if length > 0 else self.level
            point = Datapoint.gauge(average, self._low, self._high, reports)
        self._from, self._area = now, 0.0
        self._low = self._high = self.level
        return point

"""CloudWatch metrics: where datapoints are kept and read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from attrs import define, field, frozen

from model.clock import MINUTE
from model.cloudwatch.statistics import Datapoint, union

_SIZES = (
    *("Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"),
    *("Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Count"),
)
UNITS = (
    *("None", "Percent", "Seconds", "Milliseconds", "Microseconds"),
    *_SIZES,
    *(f"{size}/Second" for size in _SIZES),
)
"""Every unit there is (StandardUnit)."""
RETENTION = 15 * 24 * 3600.0
"""Seconds that one-minute datapoints are kept."""


@frozen(cache_hash=True)
class MetricKey:
    """What makes a metric one metric: namespace, name and the exact set of dimensions."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()
    """Pairs of name and value, sorted by name."""

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> MetricKey:
        return cls(namespace, name, tuple(sorted(dimensions.items())))


@define(eq=False)
class Metric:
    """The datapoints of one metric by the start of their period (seconds since start)."""

    key: MetricKey
    unit: str
    points: dict[float, Datapoint] = field(factory=dict)
    lengths: dict[float, float] = field(factory=dict)
    """Periods of datapoints that are not a minute long, by their start."""
    corrections: int = 0
    """How often something was added to a period that was there or past already."""
    _newest: float = -math.inf

    def add(self, start: float, point: Datapoint, length: float) -> None:
        """Add samples to the period that begins at `start`; the oldest ones are forgotten."""
        if start > self._newest:
            self._newest = start
        else:
            self.corrections += 1
            before = self.points.get(start)
            point = point if before is None else union([before, point])
        self.points[start] = point
        if length != MINUTE:
            self.lengths[start] = length
        oldest = next(iter(self.points))
        if oldest < start - RETENTION:
            del self.points[oldest]
            self.lengths.pop(oldest, None)

    def read(self, start: float, period: float) -> Datapoint | None:
        """All samples whose minutes begin within `period` seconds of `start`; None: there are none.

        `start` must be a whole minute.
        """
        if period == MINUTE:
            return self.points.get(start)
        times = (start + MINUTE * step for step in range(max(round(period / MINUTE), 1)))
        points = [self.points[time] for time in times if time in self.points]
        return union(points) if points else None


@frozen
class MetricData:
    """One statistic of one metric over time, as GetMetricData gives it, oldest first."""

    key: MetricKey
    statistic: str
    unit: str
    period: float
    times: tuple[float, ...] = field(repr=False)
    """Starts of the periods that have a datapoint, seconds since start."""
    values: tuple[float, ...] = field(repr=False)


class MetricStore:
    """All metrics of the account."""

    def __init__(self) -> None:
        self._metrics: dict[MetricKey, Metric] = {}

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._metrics.values())

    def __len__(self) -> int:
        return len(self._metrics)

    def get(self, key: MetricKey) -> Metric | None:
        return self._metrics.get(key)

    def put(
        self, key: MetricKey, unit: str, start: float, point: Datapoint, length: float = MINUTE
    ) -> None:
        """Add samples to the period that begins at `start`; it can be read from now on."""
        metric = self._metrics.get(key)
        if metric is None:
            metric = self._metrics[key] = Metric(key, unit)
        metric.add(start, point, length)

    def read(self, key: MetricKey, start: float, end: float) -> Datapoint | None:
        """All samples whose periods begin in [start, end); None if there are none."""
        metric = self._metrics.get(key)
        return None if metric is None else metric.read(start, end - start)

    def get_metric_data(
        self, key: MetricKey, statistic: str, period: float, start: float, end: float
    ) -> MetricData:
        """GetMetricData for one metric: aligned to `start`, which must be a whole minute."""
        metric = self._metrics.get(key)
        times: list[float] = []
        values: list[float] = []
        if metric is not None:
            steps = range(int((end - start) // period))
            for begin in (start + step * period for step in steps):
                point = metric.read(begin, period)
                value = math.nan if point is None else point.statistic(statistic)
                if not math.isnan(value):
                    times.append(begin)
                    values.append(value)
        unit = metric.unit if metric is not None else "None"
        return MetricData(key, statistic, unit, period, tuple(times), tuple(values))

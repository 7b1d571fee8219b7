"""CloudWatch metrics: where datapoints are kept and read.

Services do not hand over a datapoint for each of their metrics every minute: most are never looked
at. They enter a record of what they counted into a ledger, and a metric is a column of it, whose
datapoints are made when somebody reads them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar

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

Record = TypeVar("Record")


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
class Ledger(Generic[Record]):
    """What a service counted in each of its periods, by their start (seconds since start)."""

    period: float = MINUTE
    records: dict[float, Record] = field(factory=dict)
    corrections: int = 0
    """How often a record was replaced or came late."""
    _newest: float = -math.inf

    def enter(self, start: float, record: Record) -> None:
        """Note the record of the period that begins at `start`; the first ones are forgotten.

        One that is longer than a minute comes late: its first minutes were missing until now.
        """
        if start <= self._newest or self.period > MINUTE:
            self.corrections += 1
        self._newest = max(self._newest, start)
        self.records[start] = record
        oldest = next(iter(self.records))
        if oldest < start - RETENTION:
            del self.records[oldest]


Column = Callable[[Any], Datapoint | None]
"""Makes the datapoint of a metric of a ledger's record; None: it has none for the period."""


def as_it_is(point: Datapoint) -> Datapoint:
    """The column of a ledger that keeps datapoints themselves."""
    return point


@define(eq=False)
class Metric:
    """The datapoints of one metric."""

    key: MetricKey
    unit: str
    _columns: list[tuple[Ledger[Any], Column]] = field(factory=list)
    _own: Ledger[Datapoint] | None = None

    def add_column(self, ledger: Ledger[Any], column: Column) -> None:
        """Have it tell what a column of a ledger tells."""
        self._columns.append((ledger, column))

    def add(self, start: float, point: Datapoint, *, late: bool = False) -> None:
        """Add samples to the minute that begins at `start` (and was over before, if `late`)."""
        if self._own is None:
            self._own = Ledger()
            self.add_column(self._own, as_it_is)
        before = self._own.records.get(start)
        self._own.enter(start, point if before is None else union([before, point]))
        self._own.corrections += late

    @property
    def corrections(self) -> int:
        """How often something was added to a period that was there or past already."""
        if len(self._columns) == 1:
            return self._columns[0][0].corrections
        return sum([ledger.corrections for ledger, _ in self._columns])

    @property
    def points(self) -> dict[float, Datapoint]:
        """All datapoints by the start of their period, oldest first."""
        times = sorted({start for ledger, _ in self._columns for start in ledger.records})
        found = ((start, self.at(start)) for start in times)
        return {start: point for start, point in found if point is not None}

    @property
    def silent(self) -> bool:
        """Whether it has no datapoint at all."""
        return all(
            column(record) is None
            for ledger, column in self._columns
            for record in ledger.records.values()
        )

    def length(self, start: float) -> float:
        """How many seconds the period is long that began at `start`."""
        periods = [
            ledger.period
            for ledger, column in self._columns
            if start in ledger.records and column(ledger.records[start]) is not None
        ]
        return max(periods, default=MINUTE)

    def at(self, start: float) -> Datapoint | None:
        """The samples of the period that began at `start`; None: there are none."""
        if len(self._columns) == 1:
            ledger, column = self._columns[0]
            record = ledger.records.get(start)
            return None if record is None else column(record)
        found = [
            point
            for ledger, column in self._columns
            if start in ledger.records and (point := column(ledger.records[start])) is not None
        ]
        return union(found) if found else None

    def read(self, start: float, period: float) -> Datapoint | None:
        """All samples whose minutes begin within `period` seconds of `start`; None: there are none.

        `start` must be a whole minute.
        """
        if period == MINUTE:
            return self.at(start)
        minutes = (start + MINUTE * step for step in range(max(round(period / MINUTE), 1)))
        points = [point for time in minutes if (point := self.at(time)) is not None]
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
        """Every metric that has a datapoint."""
        return (metric for metric in self._metrics.values() if not metric.silent)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, key: MetricKey) -> Metric | None:
        return self._metrics.get(key)

    def metric(self, key: MetricKey, unit: str) -> Metric:
        """The metric of that key, made if there was none."""
        metric = self._metrics.get(key)
        if metric is None:
            metric = self._metrics[key] = Metric(key, unit)
        return metric

    def put(
        self, key: MetricKey, unit: str, start: float, point: Datapoint, *, late: bool = False
    ) -> None:
        """Add samples to the minute that begins at `start`; it can be read from now on."""
        self.metric(key, unit).add(start, point, late=late)

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

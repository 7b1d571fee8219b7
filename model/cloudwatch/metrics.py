"""CloudWatch metrics: where datapoints are kept and read.

A metric is a column of the ledgers that services keep, or has one of its own for what is put into
it from outside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from attrs import define, field, frozen

from model.clock import MINUTE
from model.cloudwatch.ledgers import Ledger
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
PERIODS = (1.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds of the periods under a minute by which high-resolution metrics are read."""


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
    _offset: float = 0.0
    """Seconds from a full hour of the calendar until time 0."""
    _columns: list[tuple[Ledger[Any], Column]] = field(factory=list)
    _own: dict[float, Ledger[Datapoint]] = field(factory=dict)
    """What was put into it, by the period that is kept (s)."""
    _heard: bool = False
    """Whether it had a datapoint when somebody asked."""
    _searched: float = -math.inf
    """From which hour on its past was not yet searched for one."""

    def add_column(self, ledger: Ledger[Any], column: Column) -> None:
        """Have it tell what a column of a ledger tells."""
        ledger.offset = self._offset
        self._columns.append((ledger, column))

    def add(
        self, start: float, point: Datapoint, *, period: float = MINUTE, late: bool = False
    ) -> None:
        """Add samples to the period (of a minute, or a second) that begins at `start`; `late` if it
        was over before."""
        own = self._own.get(period)
        if own is None:
            own = self._own[period] = Ledger(period, union)
            self.add_column(own, as_it_is)
        before = own.records.get(start)
        own.enter(start, point if before is None else union([before, point]))
        if late:
            own.correct(start)

    @property
    def changes(self) -> int:
        """How often anything was entered or corrected in what it is a column of."""
        if len(self._columns) == 1:
            return self._columns[0][0].changes
        return sum([ledger.changes for ledger, _ in self._columns])

    @property
    def corrections(self) -> int:
        """How often something was added to a period that was there or past already."""
        if len(self._columns) == 1:
            return self._columns[0][0].corrections
        return sum([ledger.corrections for ledger, _ in self._columns])

    @property
    def ledgers(self) -> list[Ledger[Any]]:
        """What it is a column of."""
        return [ledger for ledger, _ in self._columns]

    @property
    def points(self) -> dict[float, Datapoint]:
        """All datapoints by the start of their period, oldest first."""
        found: dict[float, list[Datapoint]] = {}
        for ledger, column in self._columns:
            for start, _, records in ledger.periods():
                points = [point for record in records if (point := column(record)) is not None]
                if points:
                    found.setdefault(start, []).extend(points)
        return {start: union(found[start]) for start in sorted(found)}

    @property
    def silent(self) -> bool:
        """Whether it has no datapoint at all."""
        self._heard = self._heard or any(
            column(record) is not None
            for ledger, column in self._columns
            for records in (ledger.records.values(), ledger.past.since(self._searched))
            for record in records
        )
        if not self._heard:
            self._searched = min([own.past.hour for own in self.ledgers], default=-math.inf)
        return not self._heard

    def length(self, start: float) -> float:
        """How many seconds the period is long that began at `start`."""
        periods = [
            ledger.period
            for ledger, column in self._columns
            if start in ledger.records and column(ledger.records[start]) is not None
        ]
        return max(periods, default=MINUTE)

    def read(self, start: float, period: float) -> Datapoint | None:
        """All samples whose periods begin within `period` seconds of `start`; None: there are none.

        What is kept by the minute is found by its whole minute, what is kept by the second by its
        second. Old data are kept by longer periods, and found by those.
        """
        if len(self._columns) == 1:
            ledger, column = self._columns[0]
            if period == MINUTE <= ledger.period:
                record = ledger.records.get(start)
                return None if record is None else column(record)
        points = [
            point
            for ledger, column in self._columns
            for record in ledger.within(start, period)
            if (point := column(record)) is not None
        ]
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

    def __init__(self, offset: float = 0.0) -> None:
        """`offset` is the seconds from a full hour of the calendar until time 0."""
        self._offset = offset
        self._metrics: dict[MetricKey, Metric] = {}

    def __iter__(self) -> Iterator[Metric]:
        """Every metric that has a datapoint."""
        with self.at_hand():
            found = [metric for metric in self._metrics.values() if not metric.silent]
        return iter(found)

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """For reading much that is old: it is unpacked once."""
        ledgers = {
            id(ledger): ledger for metric in self._metrics.values() for ledger in metric.ledgers
        }
        pasts = [ledger.past for ledger in ledgers.values()]
        for past in pasts:
            past.keep_at_hand(True)
        try:
            yield
        finally:
            for past in pasts:
                past.keep_at_hand(False)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def get(self, key: MetricKey) -> Metric | None:
        return self._metrics.get(key)

    def metric(self, key: MetricKey, unit: str) -> Metric:
        """The metric of that key, made if there was none."""
        metric = self._metrics.get(key)
        if metric is None:
            metric = self._metrics[key] = Metric(key, unit, self._offset)
        return metric

    def put(
        self,
        key: MetricKey,
        unit: str,
        start: float,
        point: Datapoint,
        *,
        period: float = MINUTE,
        late: bool = False,
    ) -> None:
        """Add samples to the minute (or the second, by `period`) that begins at `start`; they can
        be read from now on."""
        self.metric(key, unit).add(start, point, period=period, late=late)

    def read(self, key: MetricKey, start: float, end: float) -> Datapoint | None:
        """All samples whose periods begin in [start, end); None if there are none."""
        metric = self._metrics.get(key)
        return None if metric is None else metric.read(start, end - start)

    def get_metric_data(
        self, key: MetricKey, statistic: str, period: float, start: float, end: float
    ) -> MetricData:
        """GetMetricData for one metric: aligned to `start`, which must be a whole minute (a whole
        second, for periods under a minute)."""
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

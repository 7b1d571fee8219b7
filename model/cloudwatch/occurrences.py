"""Metrics of what happens now and then: a sample for each occurrence, nothing while nothing occurs.

Services that are told things (rules, topics, queues) count them as they happen; what happened in a
minute is one record, and each metric is a column of it, made when something first occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import define, field

from model.clock import MINUTE, Schedule
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint

Dimensions = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""
Record = dict[tuple[str, Dimensions], list[float]]
"""The samples of a minute, by metric."""


@define(eq=False)
class Occurrences:
    """Counts for the metrics of one namespace."""

    namespace: str
    schedule: Schedule
    units: Mapping[str, str] = field(factory=dict)
    """The units of metrics that are no counts."""
    _metrics: MetricStore | None = None
    _ledger: Ledger[Record] = field(factory=Ledger)
    _minutes: dict[float, Record] = field(factory=dict)
    """What was noted and not entered yet, by the start of its minute."""
    _known: set[tuple[str, Dimensions]] = field(factory=set)

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read what is noted."""
        self._metrics = metrics

    def note(self, name: str, dimensions: Dimensions = (), value: float = 1.0) -> None:
        """Something happens now; at a full minute it belongs to the one that begins."""
        self.sample(self.schedule.boundary(MINUTE) - MINUTE, name, dimensions, value)

    def sample(self, start: float, name: str, dimensions: Dimensions, value: float) -> None:
        """Something was found of the minute that began at `start`."""
        record = self._minutes.setdefault(start, {})
        record.setdefault((name, dimensions), []).append(value)

    def publish(self, start: float) -> None:
        """The minute from `start` is over."""
        if not self._minutes or self._metrics is None:
            return
        record = self._minutes.pop(start, None)
        if record is not None:
            self._ledger.enter(start, record)
            for key in record:
                if key not in self._known:
                    self._known.add(key)
                    self._add(self._metrics, *key)

    def _add(self, metrics: MetricStore, name: str, dimensions: Dimensions) -> None:
        metric = metrics.metric(
            MetricKey(self.namespace, name, dimensions), self.units.get(name, "Count")
        )
        metric.add_column(self._ledger, partial(_samples, (name, dimensions)))


def _samples(key: tuple[str, Dimensions], record: Record) -> Datapoint | None:
    values = record.get(key)
    return Datapoint.samples(values) if values else None

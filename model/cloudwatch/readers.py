"""How an alarm reads what it watches: its evaluation range, period by period.

Source: "Alarm evaluation". The window slides with the evaluations: its periods end at the moment of
evaluation, whatever the calendar says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from attrs import define, field

from model.cloudwatch.alarms import MetricAlarm, Slot
from model.cloudwatch.math.series import Array, Series
from model.cloudwatch.metrics import Metric, MetricKey, MetricStore
from model.cloudwatch.requests import Request


class Reader(Protocol):
    """Reads what an alarm watches."""

    slid: bool
    """Whether the last reading differs from the one before by its newest period alone."""

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first."""
        ...


@define(eq=False)
class MetricReader:
    """Reads one statistic of one metric."""

    store: MetricStore
    key: MetricKey
    alarm: MetricAlarm
    slid: bool = False
    _window: list[Slot] = field(factory=list, init=False)
    _metric: Metric | None = field(default=None, init=False)
    _corrections: int = field(default=0, init=False)
    """Of the metric, as of the last reading."""

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first.

        What was seen a period ago is kept, unless something was added to the past since.
        """
        alarm, window = self.alarm, self._window
        metric = self._metric = self._metric or self.store.get(self.key)
        if metric is None or alarm.unit not in (None, metric.unit):
            # no units are converted: a read that asks for another unit gets nothing
            return [Slot(end - (age + 1) * alarm.period, None) for age in range(alarm.range)]
        corrections = metric.corrections
        follows = bool(window) and window[0].start == end - 2 * alarm.period
        self.slid = follows and self._corrections == corrections
        if self.slid:
            self._window = [self._slot(metric, end - alarm.period), *window[:-1]]
        else:
            starts = (end - (age + 1) * alarm.period for age in range(alarm.range))
            self._window = [self._slot(metric, start) for start in starts]
            self._corrections = corrections
        return self._window

    def _slot(self, metric: Metric, start: float) -> Slot:
        """One period; a statistic that cannot be told is missing data."""
        point = metric.read(start, self.alarm.period)
        if point is None:
            return Slot(start, None)
        value = point.statistic(self.alarm.statistic)
        return Slot(start, None if math.isnan(value) else value, point.count)


@define(eq=False)
class QueryReader:
    """Reads what an alarm on metric math watches."""

    request: Request
    alarm: MetricAlarm
    slid: bool = False

    def values(self, end: float) -> Mapping[str, Series | Array]:
        """What every query comes to over the evaluation range, as of the full minute `end`."""
        return self.request.over(end - self.alarm.range * self.alarm.period, end)

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first. Where the expression has no value, data
        are missing, and so they are where an alarm on a band has none."""
        alarm, values = self.alarm, self.values(end)
        value = values[alarm.watched.id]
        assert isinstance(value, Series)
        starts = [end - (age + 1) * alarm.period for age in range(alarm.range)]
        if alarm.threshold_metric_id is None:
            return [Slot(start, value.points.get(start)) for start in starts]
        band = values[alarm.threshold_metric_id]
        assert isinstance(band, tuple)
        return [_within(start, value, *band) for start in starts]


def _within(start: float, value: Series, upper: Series, lower: Series) -> Slot:
    found = value.points.get(start)
    if found is None or start not in upper.points or start not in lower.points:
        return Slot(start, None)
    return Slot(start, found, band=(lower.points[start], upper.points[start]))

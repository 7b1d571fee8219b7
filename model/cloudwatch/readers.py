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

MOST_SEEN = 10
"""How many times the evaluation range is remembered: windows slide by a fraction of a period."""


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
    _seen: dict[float, Slot] = field(factory=dict, init=False)
    """What was read of each period, by its start."""
    _metric: Metric | None = field(default=None, init=False)
    _corrections: int = field(default=0, init=False)
    """Of the metric, as of the last reading."""
    _known: dict[int, int] = field(factory=dict, init=False)
    """Of each of its ledgers."""

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first.

        What was seen before is kept, but for what was corrected since.
        """
        alarm, window = self.alarm, self._window
        metric = self._metric = self._metric or self.store.get(self.key)
        if metric is None or alarm.unit not in (None, metric.unit):
            # no units are converted: a read that asks for another unit gets nothing
            return [Slot(end - (age + 1) * alarm.period, None) for age in range(alarm.range)]
        corrected = self._corrections != metric.corrections
        follows = bool(window) and window[0].start == end - 2 * alarm.period
        self.slid = follows and not corrected
        if self.slid:
            self._window = [self._slot(metric, end - alarm.period), *window[:-1]]
            return self._window
        if corrected:
            self._forget_corrected(metric)
        starts = [end - (age + 1) * alarm.period for age in range(alarm.range)]
        seen = self._seen
        for slot in self._window:
            seen.setdefault(slot.start, slot)
        self._window = [seen.get(start) or self._slot(metric, start) for start in starts]
        if len(seen) > MOST_SEEN * alarm.range:
            self._seen = {start: slot for start, slot in seen.items() if start >= starts[-1]}
        return self._window

    def _forget_corrected(self, metric: Metric) -> None:
        """Read again what a correction touched."""
        self._corrections = metric.corrections
        for place, ledger in enumerate(metric.ledgers):
            known, self._known[place] = self._known.get(place, 0), ledger.corrections
            touched = ledger.corrected(known)
            if touched is None:
                self._seen.clear()
                self._window = []
                return
            for time in touched:
                low, high = time - self.alarm.period, time + ledger.period
                for start in [start for start in self._seen if low < start < high]:
                    del self._seen[start]
                self._window = [slot for slot in self._window if not low < slot.start < high]

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

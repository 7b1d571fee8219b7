"""How an alarm reads what it watches: its evaluation range, period by period.

Source: "Alarm evaluation". The window slides with the evaluations: its periods end at the moment of
evaluation, whatever the calendar says.

What an alarm has read it need not read again. Readers also tell what is still as it was when they
looked last: then most evaluations need no judgement (`standing`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from attrs import define, field

from model.clock import DAY, MINUTE
from model.cloudwatch.alarms import MetricAlarm, Slot
from model.cloudwatch.math.evaluate import DEVIATIONS
from model.cloudwatch.math.functions import CALENDAR
from model.cloudwatch.math.series import Array, Series
from model.cloudwatch.math.syntax import Call, Name, Number, calls
from model.cloudwatch.metrics import Metric, MetricStore
from model.cloudwatch.queries import MetricStat
from model.cloudwatch.requests import Bands, Clock, Request, series_of
from model.cloudwatch.subjects import Statistic
from model.cloudwatch.watching import BAND

MOST_SEEN = 10
"""How many times the range is remembered: windows slide by a fraction of a period."""


class Reader(Protocol):
    """Reads what an alarm watches. `end` is always the moment at which the newest period ends; it
    never goes back."""

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first."""
        ...

    def unchanged(self, end: float) -> bool:
        """Whether every period of the range, counted from the newest, surely holds what it held at
        the last look. If so, this was a look."""
        ...

    def newest(self, end: float) -> Slot | None:
        """The newest period; None if one that was read before was corrected since, or if periods
        cannot be read one by one."""
        ...

    def moved_on(self, end: float) -> bool:
        """Whether the range has moved on by one period since the last look. If so, this was a
        look."""
        ...

    @property
    def corrected(self) -> bool:
        """Whether a period that was read before was corrected since."""
        ...


@define(eq=False)
class MetricReader:
    """Reads one statistic of one metric, in a range of so many periods."""

    store: MetricStore
    stat: MetricStat
    periods: int
    most_seen: int = MOST_SEEN
    _metric: Metric | None = field(default=None, init=False)
    _seen: dict[float, Slot] = field(factory=dict, init=False)
    """What was read of each period, by its start."""
    _corrections: int = field(default=0, init=False)
    """Of the metric, as far as `_seen` heeds them."""
    _known: dict[int, int] = field(factory=dict, init=False)
    """Of each of its ledgers."""
    _end: float = field(default=-math.inf, init=False)
    """Of the range at the last look."""
    _changes: int = field(default=-1, init=False)
    """Of the metric, when the range was read last."""
    _stays: float | None = field(default=None, init=False)
    """Up to which end the range then stays as it is, if there are no more changes; None: nobody has
    asked."""

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first.

        What was seen before is kept, but for what was corrected since.
        """
        metric, period = self._find(), self.stat.period
        starts = [end - (age + 1) * period for age in range(self.periods)]
        self._end, self._stays = end, None
        self._changes = -1 if metric is None else metric.changes
        # no units are converted: a read that asks for another unit gets nothing
        if metric is None or self.stat.unit not in (None, metric.unit):
            return [Slot(start, None) for start in starts]
        if metric.corrections != self._corrections:
            self._forget_corrected(metric)
        seen = self._seen
        return [seen.get(start) or self._read(metric, start) for start in starts]

    def unchanged(self, end: float) -> bool:
        """Nothing was entered, and no datapoint has slid from one period to the next."""
        metric = self._metric
        if metric is None or metric.changes != self._changes:
            return False
        if self._stays is None:
            self._stays = self._stay(metric, self._end)
        if end > self._stays:
            return False
        self._end = end
        return True

    def newest(self, end: float) -> Slot | None:
        """The newest period, if none that was read before was corrected since."""
        metric = self._metric
        if metric is None or metric.corrections != self._corrections:
            return None
        if self.stat.unit not in (None, metric.unit):
            return None
        start = end - self.stat.period
        return self._seen.get(start) or self._read(metric, start)

    def moved_on(self, end: float) -> bool:
        """Whether the range has moved on by one period since the last look."""
        if self._end != end - self.stat.period:
            return False
        self._end = end
        return True

    @property
    def corrected(self) -> bool:
        """Whether anything was corrected since the range was read."""
        metric = self._metric
        return metric is None or metric.corrections != self._corrections

    def _find(self) -> Metric | None:
        if self._metric is None:
            self._metric = self.store.get(self.stat.metric)
        return self._metric

    def _read(self, metric: Metric, start: float) -> Slot:
        """One period; a statistic that cannot be told is missing data."""
        point = metric.read(start, self.stat.period)
        if point is None:
            slot = Slot(start, None)
        else:
            value = point.statistic(self.stat.stat)
            slot = Slot(start, None if math.isnan(value) else value, point.count)
        if len(self._seen) >= self.most_seen * self.periods:
            oldest = start - self.periods * self.stat.period
            self._seen = {time: known for time, known in self._seen.items() if time >= oldest}
        self._seen[start] = slot
        return slot

    def _forget_corrected(self, metric: Metric) -> None:
        """Read again what a correction touched."""
        self._corrections = metric.corrections
        for place, ledger in enumerate(metric.ledgers):
            known, self._known[place] = self._known.get(place, 0), ledger.corrections
            touched = ledger.corrected(known)
            if touched is None:
                self._seen.clear()
                return
            for time in touched:
                low, high = time - self.stat.period, time + ledger.period
                for start in [start for start in self._seen if low < start < high]:
                    del self._seen[start]

    def _stay(self, metric: Metric, end: float) -> float:
        """Up to which full minute every datapoint stays in its place of a range that slides; `end`
        if one leaves it with the next step, or if nobody can tell.

        A datapoint a minute leaves its place with every step. One that comes every five minutes, or
        now and then, stays in its place until the end of that period has gone by.
        """
        period, until = self.stat.period, math.inf
        per_period = round(period / MINUTE)
        if period < MINUTE or self.periods * period > 3 * DAY:
            return end  # what is as old as that goes on to longer periods meanwhile
        for ledger in metric.ledgers:
            if ledger.period < MINUTE or ledger.newest >= end:
                return end
            for number in range(self.periods * per_period):
                start = end - (number + 1) * MINUTE
                if start in ledger.records:
                    until = min(until, start + (number // per_period + 1) * period)
                    if until < end + MINUTE:
                        return end
        return until


@define(eq=False)
class _WholeReader:
    """What a period is worth depends on others, or on when one asks: it is not known alone."""

    def newest(self, end: float) -> Slot | None:
        """None: they cannot be read one by one."""
        return None

    def moved_on(self, end: float) -> bool:
        """Nobody can tell."""
        return False

    @property
    def corrected(self) -> bool:
        """Nobody can tell."""
        return True


@define(eq=False)
class BandReader(_WholeReader):
    """Reads a metric and the band learned of it: what most alarms on anomaly detection watch. The
    band of what is old is another after each training."""

    metric: MetricReader
    bands: Bands
    deviations: float

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first, with the band as it is known now."""
        slots, stat = self.metric.slots(end), self.metric.stat
        starts = [slot.start for slot in slots]
        band = self.bands(Statistic(stat.metric, stat.stat), stat.period, starts, self.deviations)
        if band is None:
            return [Slot(start, None) for start in starts]
        return [
            _judged_by(slot.start, slot.value, *limits)
            for slot, *limits in zip(slots, *band, strict=True)
        ]

    def unchanged(self, end: float) -> bool:
        """Never: the band is another at each minute."""
        return False


@define(eq=False)
class QueryReader(_WholeReader):
    """Reads what an alarm on metric math watches. What an expression gives for a period may depend
    on the ones before."""

    request: Request
    alarm: MetricAlarm
    metrics: Mapping[str, MetricReader]
    """Those of the request, by the ids of their queries."""
    _timeless: bool = field(init=False)
    """Whether no expression asks what time it is, or for a band, which is another at all times."""

    def __attrs_post_init__(self) -> None:
        trees = [query.tree for query in self.alarm.queries if query.expression is not None]
        timely = {*CALENDAR, BAND}
        self._timeless = all(timely.isdisjoint(calls(tree)) for tree in trees)

    def values(self, end: float) -> Mapping[str, Series | Array]:
        """What every query comes to over the evaluation range, as of the full minute `end`."""
        read = {
            query.id: series_of(
                query,
                {
                    slot.start: slot.value
                    for slot in reversed(self.metrics[query.id].slots(end))
                    if slot.value is not None and math.isfinite(slot.value)
                },
            )
            for query in self.request.queries
            if query.id in self.metrics
        }
        return self.request.over(end - self.alarm.range * self.alarm.period, end, read)

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range as of `end`, newest first. Where the expression has no value, data
        are missing, and so they are where an alarm on a band has none."""
        alarm, values = self.alarm, self.values(end)
        value = values[alarm.watched.id]
        assert isinstance(value, Series)
        starts = [end - (age + 1) * alarm.period for age in range(alarm.range)]
        found = [value.points.get(start) for start in starts]
        if alarm.threshold_metric_id is None:
            return [Slot(start, one) for start, one in zip(starts, found, strict=True)]
        band = values[alarm.threshold_metric_id]
        assert isinstance(band, tuple)
        upper, lower = ([side.points.get(start, math.nan) for start in starts] for side in band)
        return [_judged_by(*period) for period in zip(starts, found, lower, upper, strict=True)]

    def unchanged(self, end: float) -> bool:
        """Expressions know periods by their order alone, but for those that ask for the time."""
        return self._timeless and all(metric.unchanged(end) for metric in self.metrics.values())


def _judged_by(start: float, value: float | None, low: float, high: float) -> Slot:
    """A period of an alarm on a band; where it has none, data are missing."""
    if value is None or not all(map(math.isfinite, (value, low, high))):
        return Slot(start, None)
    return Slot(start, value, band=(low, high))


def reader_of(alarm: MetricAlarm, store: MetricStore, utc: Clock, bands: Bands) -> Reader:
    """What reads for an alarm."""
    if alarm.metric is not None:
        stat = MetricStat(alarm.metric, alarm.period, alarm.statistic, alarm.unit)
        return MetricReader(store, stat, alarm.range)
    metrics = {
        query.id: MetricReader(store, query.metric_stat, alarm.range)
        for query in alarm.queries
        if query.metric_stat is not None
    }
    deviations = _of_plain_band(alarm)
    if deviations is not None:
        return BandReader(metrics[alarm.watched.id], bands, deviations)
    return QueryReader(Request(store, alarm.queries, utc, bands), alarm, metrics)


def _of_plain_band(alarm: MetricAlarm) -> float | None:
    """How wide the band is that an alarm judges by, if that is the band of the very metric that it
    watches."""
    for query in alarm.queries:
        if query.id == alarm.threshold_metric_id and isinstance(query.tree, Call):
            of, *deviations = query.tree.arguments
            watched = alarm.watched
            if not isinstance(of, Name) or of.id != watched.id or watched.metric_stat is None:
                return None
            match deviations:
                case []:
                    return DEVIATIONS
                case [Number(value=value)]:
                    return value
    return None

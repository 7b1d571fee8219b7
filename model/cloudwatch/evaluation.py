"""What an alarm looked at when it was judged last: each period of its evaluation range.

Source: "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from model.clock import HOUR, MINUTE, Schedule
from model.cloudwatch.alarms import MetricAlarm, Missing, Slot, evaluate
from model.cloudwatch.math.series import Series
from model.cloudwatch.metrics import MetricStore
from model.cloudwatch.queries import MetricQuery, MetricStat, Request
from model.cloudwatch.service import AlarmRecord

HIGH_RESOLUTION = 10.0
"""Seconds between two evaluations of an alarm whose period is shorter than a minute."""


class Judgement(Enum):
    """What a period of the evaluation range counted for."""

    BREACHING = "breaching"
    NOT_BREACHING = "not breaching"
    MISSING = "missing"
    """And nothing stands in for it."""
    TREATED_AS_BREACHING = "missing, treated as breaching"
    TREATED_AS_NOT_BREACHING = "missing, treated as not breaching"
    OUTSIDE = "not evaluated"
    """The newer ones were enough."""


@frozen
class JudgedPeriod:
    """One period; `value` None: no datapoint was there."""

    start: float
    value: float | None
    judgement: Judgement


@frozen
class EvaluationView:
    """An alarm's evaluation range, newest first."""

    end: float
    """When the newest of the periods was over."""
    periods: tuple[JudgedPeriod, ...]
    needed: int
    """Breaching ones that it takes to go into ALARM."""

    @property
    def breaching(self) -> int:
        """How many of them counted as breaching."""
        counted = (Judgement.BREACHING, Judgement.TREATED_AS_BREACHING)
        return sum(period.judgement in counted for period in self.periods)


def queries_of(alarm: MetricAlarm) -> tuple[MetricQuery, ...]:
    """What an alarm watches as queries of GetMetricData; exactly one returns data."""
    if alarm.metric is None:
        return alarm.queries
    stat = MetricStat(alarm.metric, alarm.period, alarm.statistic, alarm.unit)
    return (MetricQuery(id="m1", metric_stat=stat),)


def last_evaluation(alarm: MetricAlarm, schedule: Schedule) -> float:
    """The end of the evaluation range when the alarm was judged last."""
    every = HOUR if alarm.hourly else HIGH_RESOLUTION if alarm.period < MINUTE else MINUTE
    return schedule.boundary(every) - every


def describe_evaluation(
    record: AlarmRecord, store: MetricStore, schedule: Schedule
) -> EvaluationView:
    """The evaluation range as of the last evaluation, and what each period counted for."""
    alarm = record.alarm
    end = last_evaluation(alarm, schedule)
    queries = queries_of(alarm)
    watched = next(query for query in queries if query.return_data)
    found = Request(store, queries, schedule.utc).over(end - alarm.range * alarm.period, end)
    series = found[watched.id]
    points = series.points if isinstance(series, Series) else {}
    starts = [end - (age + 1) * alarm.period for age in range(alarm.range)]
    slots = [Slot(start, points.get(start)) for start in starts]
    evaluated = {slot.start for slot in evaluate(alarm, record.state, slots).evaluated}
    return EvaluationView(
        end,
        tuple(
            JudgedPeriod(slot.start, slot.value, _judgement(alarm, slot, slot.start in evaluated))
            for slot in slots
        ),
        alarm.needed,
    )


def _judgement(alarm: MetricAlarm, slot: Slot, evaluated: bool) -> Judgement:
    if not evaluated:
        return Judgement.OUTSIDE
    if slot.value is not None:
        breaches = alarm.breaches(slot.value)
        return Judgement.BREACHING if breaches else Judgement.NOT_BREACHING
    if alarm.treat_missing_data is Missing.BREACHING:
        return Judgement.TREATED_AS_BREACHING
    if alarm.treat_missing_data is Missing.NOT_BREACHING:
        return Judgement.TREATED_AS_NOT_BREACHING
    return Judgement.MISSING

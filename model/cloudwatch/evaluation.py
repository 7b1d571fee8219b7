"""What an alarm looked at when it was judged last: each period of its evaluation range.

Source: "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

from enum import Enum

from attrs import frozen

from model.cloudwatch.alarms import MetricAlarm, Missing, Slot, evaluate
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.cloudwatch.service import CloudWatch


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
    band: tuple[float, float] | None = None
    """Between which values it should be, for an alarm that judges by a band."""


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
    """What an alarm watches as queries of GetMetricData."""
    if alarm.metric is None:
        return alarm.queries
    stat = MetricStat(alarm.metric, alarm.period, alarm.statistic, alarm.unit)
    return (MetricQuery(id="m1", metric_stat=stat),)


def describe_evaluation(cloudwatch: CloudWatch, alarm_id: str) -> EvaluationView:
    """The evaluation range as of the last evaluation, and what each period counted for."""
    record = cloudwatch.alarms[alarm_id]
    alarm, slots = record.alarm, cloudwatch.last_range(record)
    evaluated = {slot.start for slot in evaluate(alarm, record.state, slots).evaluated}
    return EvaluationView(
        slots[0].start + alarm.period,
        tuple(
            JudgedPeriod(
                slot.start,
                slot.value,
                _judgement(alarm, slot, slot.start in evaluated),
                slot.band,
            )
            for slot in slots
        ),
        alarm.needed,
    )


def _judgement(alarm: MetricAlarm, slot: Slot, evaluated: bool) -> Judgement:
    if not evaluated:
        return Judgement.OUTSIDE
    if slot.value is not None:
        breaches = alarm.breaches(slot)
        return Judgement.BREACHING if breaches else Judgement.NOT_BREACHING
    if alarm.treat_missing_data is Missing.BREACHING:
        return Judgement.TREATED_AS_BREACHING
    if alarm.treat_missing_data is Missing.NOT_BREACHING:
        return Judgement.TREATED_AS_NOT_BREACHING
    return Judgement.MISSING

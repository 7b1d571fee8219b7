"""The sentences in which an alarm explains its state (StateReason), in AWS's words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from model.cloudwatch.alarms import OPERATORS, AlarmState, MetricAlarm, Missing, Verdict

UNCHECKED = "Unchecked: Initial alarm creation"


def state_reason(alarm: MetricAlarm, verdict: Verdict, utc: Callable[[float], datetime]) -> str:
    """Why the alarm takes the verdict's state."""
    if verdict.state is AlarmState.INSUFFICIENT_DATA:
        count = alarm.evaluation_periods
        were = "datapoint was" if count == 1 else "datapoints were"
        return f"Insufficient Data: {count} {were} unknown."
    if not verdict.judged:
        return (
            f"Threshold Crossed: no datapoints were received for {alarm.evaluation_periods} "
            f"period{_s(alarm.evaluation_periods)} and {_filled(alarm, verdict.fillers)}."
        )
    listed = ", ".join(
        f"{slot.value} ({utc(slot.start):%d/%m/%y %H:%M:%S})" for slot in verdict.judged
    )
    crossed = [slot for slot in verdict.judged if alarm.breaches(slot.value or 0.0)]
    in_alarm = verdict.state is AlarmState.ALARM
    shown = len(verdict.judged)
    partial = alarm.datapoints_to_alarm != alarm.evaluation_periods or verdict.fillers
    if partial and in_alarm and crossed:
        listed = ", ".join(
            f"{slot.value} ({utc(slot.start):%d/%m/%y %H:%M:%S})" for slot in crossed
        )
        shown = len(crossed)
    of = f" out of the last {alarm.evaluation_periods}" if partial else ""
    noun = "datapoints" if partial else f"datapoint{_s(shown)}"
    verb = ("was" if shown == 1 else "were") + ("" if in_alarm else " not")
    relation = OPERATORS[alarm.comparison_operator][1]
    sentence = (
        f"Threshold Crossed: {shown}{of} {noun} [{listed}] {verb} {relation} the threshold "
        f"({float(alarm.threshold)})"
    )
    replaces = alarm.treat_missing_data in (Missing.BREACHING, Missing.NOT_BREACHING)
    if verdict.fillers and replaces:
        sentence += f" and {_filled(alarm, verdict.fillers)}"
    if partial:
        least = alarm.datapoints_to_alarm
        sentence += f" (minimum {least} datapoint{_s(least)} for OK -> ALARM transition)"
    return sentence + "."


def _filled(alarm: MetricAlarm, fillers: int) -> str:
    kind = "Breaching" if alarm.treat_missing_data is Missing.BREACHING else "NonBreaching"
    was = "was" if fillers == 1 else "were"
    return f"{fillers} missing datapoint{_s(fillers)} {was} treated as [{kind}]"


def _s(count: int) -> str:
    return "" if count == 1 else "s"

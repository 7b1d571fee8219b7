"""How an alarm explains its state (StateReason and StateReasonData), in AWS's words.

Sources: the sample events in "Alarm events and EventBridge" and "Acting on alarm changes". Where
AWS's own samples end, the sentences follow what alarms in use were seen to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from model.cloudwatch.alarms import (
    BAND_OPERATORS,
    OPERATORS,
    AlarmState,
    MetricAlarm,
    Missing,
    Slot,
    Verdict,
)

UNCHECKED = "Unchecked: Initial alarm creation"
LISTED = 5
"""From so many datapoints on, a sentence ends with the newest of them."""

Clock = Callable[[float], datetime]


def state_reason(alarm: MetricAlarm, verdict: Verdict, utc: Clock) -> str:
    """Why the alarm takes the verdict's state."""
    count = alarm.evaluation_periods
    if verdict.state is AlarmState.INSUFFICIENT_DATA:
        return f"Insufficient Data: {_datapoints(count)} {_were(count)} unknown."
    crossed = [slot for slot in verdict.judged if _supports(alarm, verdict.state, slot)]
    if not crossed:
        real = len(verdict.judged)
        received = f"{_datapoints(real)} {_were(real)}" if real else "no datapoints were"
        periods = f"{count} period{'s' * (count != 1)}"
        return f"{_crossed(alarm)}: {received} received for {periods}{_filled(alarm, verdict)}."
    return f"{_crossed(alarm)}: {_crossing(alarm, verdict, crossed, utc)}."


def _crossed(alarm: MetricAlarm) -> str:
    return "Threshold Crossed" if alarm.threshold is not None else "Thresholds Crossed"


def _crossing(alarm: MetricAlarm, verdict: Verdict, crossed: list[Slot], utc: Clock) -> str:
    """Which datapoints lie on the state's side of the threshold, newest first."""
    in_alarm, given = verdict.state is AlarmState.ALARM, alarm.datapoints_to_alarm is not None
    shown = len(crossed)
    last = f"{shown} out of the last {alarm.evaluation_periods} datapoints"
    head = last if given else _datapoints(shown)
    listed = ", ".join(
        f"{number(slot.value or 0.0)} ({utc(slot.start):%d/%m/%y %H:%M:%S})"
        for slot in crossed[:LISTED]
    )
    relation = f"{_were(shown)} {_relation(alarm, crossed, in_alarm)}{_filled(alarm, verdict)}"
    if shown < LISTED:
        sentence = f"{head} [{listed}] {relation}"
    else:
        newest = "The most recent datapoints which crossed the threshold"
        sentence = f"{head} {relation}. {newest}: [{listed}]"
    if not given or shown < alarm.least(verdict.state):
        return sentence  # what is missing made up the difference
    least = _datapoints(alarm.least(verdict.state))
    turn = "OK -> ALARM" if in_alarm else "ALARM -> OK"
    return f"{sentence} (minimum {least} for {turn} transition)"


def _relation(alarm: MetricAlarm, crossed: list[Slot], in_alarm: bool) -> str:
    """How the datapoints lie to the threshold, or to the band that each of them had."""
    negation = "" if in_alarm else "not "
    if alarm.threshold is not None:
        words = OPERATORS[alarm.comparison_operator][1]
        return f"{negation}{words} the threshold ({number(alarm.threshold)})"
    below, above = BAND_OPERATORS[alarm.comparison_operator]
    bands = [slot.band for slot in crossed[:LISTED] if slot.band is not None]
    lower = ", ".join(number(low) for low, _ in bands)
    upper = ", ".join(number(high) for _, high in bands)
    sides = [
        *([f"{negation}less than the lower thresholds [{lower}]"] if below else []),
        *([f"{negation}greater than the upper thresholds [{upper}]"] if above else []),
    ]
    return " or ".join(sides)


def state_reason_data(alarm: MetricAlarm, verdict: Verdict, now: float, utc: Clock) -> str:
    """The datapoints behind the verdict, as JSON."""
    real = verdict.judged
    data: dict[str, Any] = {"version": "1.0", "queryDate": timestamp(utc(now))}
    data |= {"startDate": timestamp(utc(real[-1].start))} if real else {}
    data |= {"unit": alarm.unit} if alarm.unit is not None else {}
    # alarms on metric math have no statistic of their own, nor have their datapoints samples
    data |= {"statistic": alarm.statistic} if alarm.metric is not None else {}
    data |= {
        "period": int(alarm.period),
        "recentDatapoints": [slot.value for slot in reversed(real)],
        **_limits(alarm, real),
        "evaluatedDatapoints": [
            {"timestamp": timestamp(utc(slot.start))}
            | ({"sampleCount": slot.samples} if alarm.metric and slot.value is not None else {})
            | ({"value": slot.value} if slot.value is not None else {})
            for slot in _decisive(alarm, verdict)
        ],
    }
    return json.dumps(data, separators=(",", ":"))


def _limits(alarm: MetricAlarm, real: Sequence[Slot]) -> dict[str, Any]:
    """What the datapoints were compared with."""
    if alarm.threshold is not None:
        return {"threshold": float(alarm.threshold)}
    bands = [slot.band for slot in reversed(real) if slot.band is not None]
    return {
        "recentLowerThresholds": [low for low, _ in bands],
        "recentUpperThresholds": [high for _, high in bands],
    }


def _decisive(alarm: MetricAlarm, verdict: Verdict) -> list[Slot]:
    """The newest datapoints that were enough for the state."""
    state = verdict.state
    if state is AlarmState.INSUFFICIENT_DATA:
        return list(verdict.evaluated)
    found = [slot for slot in verdict.evaluated if _supports(alarm, state, slot)]
    return found[: alarm.least(state)]


def _supports(alarm: MetricAlarm, state: AlarmState, slot: Slot) -> bool:
    """Whether a datapoint, real or filled in, speaks for ALARM or OK."""
    if slot.value is not None:
        return alarm.speaks_for(state, slot)
    filler = Missing.BREACHING if state is AlarmState.ALARM else Missing.NOT_BREACHING
    return alarm.treat_missing_data is filler


def _filled(alarm: MetricAlarm, verdict: Verdict) -> str:
    kinds = {Missing.BREACHING: "Breaching", Missing.NOT_BREACHING: "NonBreaching"}
    kind, count = kinds.get(alarm.treat_missing_data), len(verdict.filled)
    if kind is None or count == 0:
        return ""
    return f" and {count} missing {_noun(count)} {_were(count)} treated as [{kind}]"


def _datapoints(count: int) -> str:
    return f"{count} {_noun(count)}"


def _noun(count: int) -> str:
    return "datapoint" if count == 1 else "datapoints"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def number(value: float) -> str:
    """A number as AWS writes it: 60.0, but 2.147483648E10 and 2.5E-4."""
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return str(float(value))
    sign, digits, exponent = Decimal(str(float(value))).normalize().as_tuple()
    assert isinstance(exponent, int)
    first, *rest = map(str, digits)
    mantissa = f"{'-' * sign}{first}.{''.join(rest) or '0'}"
    return f"{mantissa}E{exponent + len(rest)}"


def timestamp(moment: datetime) -> str:
    """A date and time as CloudWatch writes it into JSON."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"

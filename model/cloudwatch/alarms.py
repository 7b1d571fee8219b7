"""How a CloudWatch alarm comes to its verdict.

Source: "Configuring how CloudWatch alarms treat missing data" and "Evaluating an alarm" in the
CloudWatch user guide, whose tables are the tests. The alarm's state is a function of its state
before and of the datapoints in its evaluation range, nothing else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from datetime import tzinfo
from decimal import Decimal
from enum import StrEnum

from attrs import evolve, field, frozen

from model.clock import DAY, MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery
from model.cloudwatch.windows import WarmUpConfiguration

EXTRA_DATAPOINTS = 2
"""How many periods beyond EvaluationPeriods are looked at. AWS does not publish the number; two
fits every worked example of the user guide."""
SHORT = 10.0
"""Seconds between two evaluations of a high-resolution alarm."""
SIGNS = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
"""The operators as the console writes them."""


class AlarmState(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Missing(StrEnum):
    """TreatMissingData."""

    MISSING = "missing"
    IGNORE = "ignore"
    BREACHING = "breaching"
    NOT_BREACHING = "notBreaching"


OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}
BAND_OPERATORS: dict[str, tuple[bool, bool]] = {
    "LessThanLowerOrGreaterThanUpperThreshold": (True, True),
    "LessThanLowerThreshold": (True, False),
    "GreaterThanUpperThreshold": (False, True),
}
"""Whether a value below an anomaly detection band breaches, and whether one above it does."""


@frozen(kw_only=True)
class MetricAlarm:
    """What an alarm watches and what it does: the fields of PutMetricAlarm."""

    name: str
    metric: MetricKey | None = None
    """None: it watches one of `queries`."""
    statistic: str = ""
    queries: tuple[MetricQuery, ...] = ()
    """Metrics and expressions, of which one returns data."""
    period: float
    threshold: float | None = None
    """None: it judges by a band."""
    threshold_metric_id: str | None = None
    """Of `queries`, the one that gives the band."""
    comparison_operator: str
    evaluation_periods: int
    datapoints_to_alarm: int | None = None
    """None: as many as are evaluated."""
    zone: tzinfo | None = None
    """Where its periods end with those of the calendar; None: they end at any minute."""
    warm_up: WarmUpConfiguration | None = None
    treat_missing_data: Missing = Missing.MISSING
    ignore_low_samples: bool = False
    """EvaluateLowSampleCountPercentile is `ignore`."""
    unit: str | None = None
    description: str = ""
    actions_enabled: bool = True
    ok_actions: tuple[str, ...] = ()
    alarm_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()
    arn: str = ""
    owner: str | None = None
    """The scaling policy that made the alarm, if one did."""
    hourly: bool = field(init=False, eq=False)
    """Whether it is evaluated once an hour, as alarms are that look at more than a day."""
    high_resolution: bool = field(init=False, eq=False)
    """Whether it is evaluated every ten seconds."""
    stepwise: bool = field(init=False, eq=False)
    """Whether each evaluation brings a period of its own, and none is seen in parts."""

    @hourly.default
    def _looks_far_back(self) -> bool:
        return self.period * self.evaluation_periods > DAY

    @high_resolution.default
    def _looks_often(self) -> bool:
        return self.period < MINUTE

    @stepwise.default
    def _steps(self) -> bool:
        return self.period in (SHORT, MINUTE)

    def breaches(self, slot: Slot) -> bool:
        """Whether a datapoint breaches the threshold, or lies outside the band."""
        assert slot.value is not None
        if self.threshold is not None:
            return OPERATORS[self.comparison_operator][0](slot.value, self.threshold)
        assert slot.band is not None
        (low, high), (below, above) = slot.band, BAND_OPERATORS[self.comparison_operator]
        return (below and slot.value < low) or (above and slot.value > high)

    @property
    def needed(self) -> int:
        """How many breaching datapoints it takes to go into ALARM."""
        return self.datapoints_to_alarm or self.evaluation_periods

    def least(self, state: AlarmState) -> int:
        """How many datapoints on the side of a state, ALARM or OK, it takes to enter it."""
        if state is AlarmState.ALARM:
            return self.needed
        return self.evaluation_periods - self.needed + 1

    @property
    def range(self) -> int:
        """How many periods it looks back."""
        return self.evaluation_periods + EXTRA_DATAPOINTS

    @property
    def watched(self) -> MetricQuery:
        """Of several queries, the one whose data are judged."""
        band = self.threshold_metric_id
        return next(query for query in self.queries if query.return_data and query.id != band)

    @property
    def subject(self) -> str:
        """What is compared with the threshold: the metric's name, or the expression."""
        if self.metric is not None:
            return self.metric.name
        watched = self.watched
        if watched.metric_stat is not None:
            return watched.metric_stat.metric.name
        return " ".join((watched.expression or "").split())

    @property
    def sentence(self) -> str:
        """The condition as the console words it."""
        within, unit = self.evaluation_periods * self.period, "second"
        if not self.high_resolution:
            within, unit = within / MINUTE, "minute"
        return (
            f"{self.subject} {self._condition} for {self.needed} "
            f"datapoint{'s' * (self.needed != 1)} within {within:g} {unit}{'s' * (within != 1)}"
        )

    @property
    def _condition(self) -> str:
        if self.threshold is not None:
            return f"{SIGNS[self.comparison_operator]} {self.threshold:g}"
        where = {
            (True, True): "outside",
            (True, False): "lower than",
            (False, True): "greater than",
        }
        return f"{where[BAND_OPERATORS[self.comparison_operator]]} the band"

    def speaks_for(self, state: AlarmState, slot: Slot) -> bool:
        """Whether a datapoint is there and lies on the side of a state, ALARM or OK."""
        return slot.value is not None and self.breaches(slot) is (state is AlarmState.ALARM)

    def actions(self, state: AlarmState) -> tuple[str, ...]:
        """What to do on entering `state`."""
        match state:
            case AlarmState.OK:
                return self.ok_actions
            case AlarmState.ALARM:
                return self.alarm_actions
        return self.insufficient_data_actions

    def without(self, action: str) -> MetricAlarm:
        """The same alarm without one of its actions."""
        ok, alarm, insufficient = (
            tuple(other for other in self.actions(state) if other != action)
            for state in (AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA)
        )
        return evolve(
            self, ok_actions=ok, alarm_actions=alarm, insufficient_data_actions=insufficient
        )


@frozen
class Slot:
    """One period of the evaluation range; `value` None means that no datapoint is there."""

    start: float
    value: float | None
    samples: float = 0.0
    band: tuple[float, float] | None = None
    """Between which values it should be, for an alarm that judges by a band."""


@frozen
class Verdict:
    """The state the range calls for, and the datapoints that decided."""

    state: AlarmState
    judged: tuple[Slot, ...] = field(repr=False)
    """Real datapoints that were judged, newest first."""
    filled: tuple[Slot, ...] = field(default=(), repr=False)
    """Missing datapoints that TreatMissingData stood in for, newest first."""

    @property
    def evaluated(self) -> tuple[Slot, ...]:
        """All of them, newest first: as many as EvaluationPeriods says."""
        return tuple(sorted((*self.judged, *self.filled), key=lambda slot: -slot.start))


def evaluate(alarm: MetricAlarm, state: AlarmState, slots: Sequence[Slot]) -> Verdict:
    """Judge the evaluation range, newest slot first, given the alarm's state before."""
    wanted, needed = alarm.evaluation_periods, alarm.needed
    missing = [slot for slot in slots if slot.value is None]
    real = [slot for slot in slots if slot.value is not None] if missing else slots
    judged = tuple(real[:wanted])
    fillers = wanted - len(judged)
    filled = tuple(missing[:fillers])
    if alarm.ignore_low_samples and any(slot.samples < _enough(alarm.statistic) for slot in judged):
        return Verdict(state, judged, filled)
    breaching = sum(map(alarm.breaches, judged))
    decided = AlarmState.ALARM if breaching >= needed else AlarmState.OK
    if fillers == 0:
        return Verdict(decided, judged)
    match alarm.treat_missing_data:
        case Missing.BREACHING:
            counted = breaching + fillers
            decided = AlarmState.ALARM if counted >= needed else AlarmState.OK
        case Missing.NOT_BREACHING:
            pass
        case _ if not judged:
            ignored = alarm.treat_missing_data is Missing.IGNORE
            decided = state if ignored else AlarmState.INSUFFICIENT_DATA
        case _ if breaching >= needed or breaching < len(judged):
            pass
        case Missing.IGNORE:
            decided = state
        case _:
            decided = _premature(state, slots, needed)
    return Verdict(decided, judged, filled)


def _premature(state: AlarmState, slots: Sequence[Slot], needed: int) -> AlarmState:
    """Only breaches, but too few: alarm once the oldest of them is `needed` periods old.

    A fresh lone breach must not alarm at once, because the next datapoint may be fine.
    """
    oldest = max(age for age, slot in enumerate(slots, start=1) if slot.value is not None)
    return AlarmState.ALARM if oldest >= needed else state


def _enough(statistic: str) -> float:
    """How many samples a percentile needs to mean something; 0 for other statistics.

    "Percentile-based alarms and low data samples": 10 / (1 - percentile) for the upper half,
    10 / percentile for the lower, so ten samples beyond it in either case.
    """
    if not statistic.startswith("p"):
        return 0.0
    percent = Decimal(statistic[1:])
    beyond = min(percent, 100 - percent)
    return float(1000 / beyond) if beyond > 0 else 0.0

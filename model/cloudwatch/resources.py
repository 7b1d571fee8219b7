"""The resources of the namespace AWS::CloudWatch, as CloudFormation describes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Annotated, Any, ClassVar, Protocol

from attrs import Attribute, field, fields_dict, frozen

from model.actions import spelling
from model.clock import MINUTE
from model.cloudwatch.acting import instance_action, known_arn
from model.cloudwatch.alarms import BAND_OPERATORS, OPERATORS, Missing
from model.cloudwatch.extended import STATISTICS, read_extended
from model.cloudwatch.math.syntax import MathError, parse
from model.cloudwatch.metrics import UNITS, MetricKey
from model.cloudwatch.queries import ID, MetricQuery, MetricStat, QueryError
from model.cloudwatch.watching import check_watched
from model.cloudwatch.windows import WHOLE_PERIODS, EvaluationWindow, WarmUpConfiguration
from model.fields import FieldError, at_least, length, one_of, refers_to
from model.resources import Resource

ActionRef = Annotated[
    str,
    refers_to(
        "AWS::SNS::Topic",
        "AWS::AutoScaling::ScalingPolicy",
        "AWS::Lambda::Function",
        admits=known_arn,
    ),
]

DAY = 86_400
SHORT_PERIODS = (10, 20, 30)
"""Seconds of the periods that make an alarm a high-resolution alarm."""
ALONE = (
    *("namespace", "metric_name", "dimensions", "period"),
    *("unit", "statistic", "extended_statistic"),
)
"""What only an alarm on one metric has."""


@frozen(kw_only=True)
class Dimension:
    """One dimension of a metric."""

    name: str = field(validator=length(1, 255))
    value: str = field(validator=length(1, 1024))


def _period(_: Any, attribute: Attribute[Any], value: int | None) -> None:
    if value is None:
        return
    if value not in SHORT_PERIODS and (value <= 0 or value % 60):
        raise FieldError(attribute, f"must be 10, 20, 30 or a multiple of 60, not {value}")


def _namespace(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and value.startswith(":"):
        raise FieldError(attribute, f"must not begin with a colon, as {value!r} does")


def _operator(_: Any, attribute: Attribute[Any], value: str) -> None:
    one_of(*OPERATORS, *BAND_OPERATORS)(_, attribute, value)


def _extended(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    if value in STATISTICS:
        raise FieldError(attribute, f"takes an extended one; {value} is a Statistic")
    try:
        wanted = read_extended(value)
    except ValueError as problem:
        raise FieldError(attribute, str(problem)) from None
    bounds = [bound for bound in (wanted.low, wanted.high) if bound is not None]
    if wanted.percent and len(bounds) == 2 and not all(10 <= bound <= 90 for bound in bounds):
        # "where X is between 10 and 90 inclusive" (API PutMetricAlarm)
        raise FieldError(attribute, f"must have percentages from 10% to 90%, not {value!r}")


def _expression(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    try:
        if value is not None:
            parse(value)
    except MathError as problem:
        raise FieldError(attribute, f"Expression, {problem}") from None


def _id(_: Any, attribute: Attribute[Any], value: str) -> None:
    if not ID.fullmatch(value):
        raise FieldError(
            attribute,
            "must begin with a lower-case letter and have letters, digits and underscores only, "
            f"not {value!r}",
        )


def _statistic(_: Any, attribute: Attribute[Any], value: str) -> None:
    if value in STATISTICS:
        return
    try:
        read_extended(value)
    except ValueError as problem:
        raise FieldError(attribute, str(problem)) from None


@frozen(kw_only=True)
class MetricOfQuery:
    """A metric in a query (Metric)."""

    namespace: str = field(validator=[length(1, 255), _namespace])
    metric_name: str = field(validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))

    @property
    def key(self) -> MetricKey:
        return _key(self.namespace, self.metric_name, self.dimensions)


@frozen(kw_only=True)
class StatOfQuery:
    """A statistic of a metric in a query (MetricStat)."""

    metric: MetricOfQuery
    period: int = field(validator=_period)
    stat: str = field(validator=_statistic)
    unit: str | None = field(default=None, validator=one_of(*UNITS))

    def read(self) -> MetricStat:
        return MetricStat(self.metric.key, float(self.period), self.stat, self.unit)


@frozen(kw_only=True)
class MetricDataQuery:
    """A metric or an expression of an alarm on metric math."""

    INERT: ClassVar[frozenset[str]] = frozenset({"AccountId"})

    id: str = field(validator=_id)
    expression: str | None = field(default=None, validator=_expression)
    metric_stat: StatOfQuery | None = None
    label: str | None = None
    period: int | None = field(default=None, validator=_period)
    return_data: bool = True

    def read(self) -> MetricQuery:
        stat = self.metric_stat
        return MetricQuery(
            id=self.id,
            expression=self.expression,
            metric_stat=None if stat is None else stat.read(),
            label=self.label,
            period=None if self.period is None else float(self.period),
            return_data=self.return_data,
        )


def _key(namespace: str, name: str, dimensions: tuple[Dimension, ...]) -> MetricKey:
    return MetricKey.of(namespace, name, {pair.name: pair.value for pair in dimensions})


class Watched:
    """What is watched, by the names that the properties have wherever there is a choice: one
    metric, or `Metrics`, which are queries of which one returns data."""

    __slots__ = ()

    namespace: str | None
    metric_name: str | None
    dimensions: tuple[Dimension, ...]
    period: int | None
    metrics: Sequence[Readable]

    @property
    def metric(self) -> MetricKey | None:
        """The one metric; None: it is one of `queries`."""
        if self.metrics:
            return None
        return _key(self.namespace or "", self.metric_name or "", self.dimensions)

    @property
    def queries(self) -> tuple[MetricQuery, ...]:
        """Metrics and expressions, as CloudWatch takes them."""
        return tuple(query.read() for query in self.metrics)

    @property
    def length(self) -> int:
        """How many seconds a datapoint stands for: the Period, which all the metrics have."""
        periods = [query.metric_stat.period for query in self.queries if query.metric_stat]
        return round(periods[0]) if periods else self.period or round(MINUTE)


class Readable(Protocol):
    """A query as a property describes it."""

    def read(self) -> MetricQuery:
        """The query as CloudWatch takes it."""
        ...


@frozen(kw_only=True)
class Alarm(Watched, Resource):
    """An alarm on one metric, on metric math over several, or on an anomaly detection band."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Alarm"
    INERT: ClassVar[frozenset[str]] = frozenset({"ActionConfiguration", "Tags"})
    REFUSED: ClassVar[dict[str, str]] = {
        "EvaluationCriteria": "PromQL alarms are not simulated yet",
        "EvaluationInterval": "PromQL alarms are not simulated yet",
    }

    alarm_name: str | None = field(default=None, validator=length(1, 255))
    alarm_description: str | None = field(default=None, validator=length(0, 1024))
    actions_enabled: bool = True
    namespace: str | None = field(default=None, validator=[length(1, 255), _namespace])
    metric_name: str | None = field(default=None, validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))
    statistic: str | None = field(default=None, validator=one_of(*STATISTICS))
    extended_statistic: str | None = field(default=None, validator=_extended)
    unit: str | None = field(default=None, validator=one_of(*UNITS))
    period: int | None = field(default=None, validator=_period)
    metrics: tuple[MetricDataQuery, ...] = ()
    evaluation_periods: int = field(validator=at_least(1))
    datapoints_to_alarm: int | None = field(default=None, validator=at_least(1))
    threshold: float | None = None
    threshold_metric_id: str | None = None
    comparison_operator: str = field(validator=_operator)
    evaluation_window: EvaluationWindow | None = None
    warm_up_configuration: WarmUpConfiguration | None = None
    treat_missing_data: str | None = field(
        default=None, validator=one_of(*(missing.value for missing in Missing))
    )
    evaluate_low_sample_count_percentile: str | None = field(
        default=None, validator=one_of("evaluate", "ignore")
    )
    alarm_actions: tuple[ActionRef, ...] = field(default=(), validator=length(0, 5))
    ok_actions: tuple[ActionRef, ...] = field(
        default=(), validator=length(0, 5), metadata={"name": "OKActions"}
    )
    insufficient_data_actions: tuple[ActionRef, ...] = field(default=(), validator=length(0, 5))

    def __attrs_post_init__(self) -> None:
        self._check_watched()
        self._check_threshold()
        self._check_actions()
        if (self.datapoints_to_alarm or 1) > self.evaluation_periods:
            raise ValueError(
                f"DatapointsToAlarm ({self.datapoints_to_alarm}) must not be more than "
                f"EvaluationPeriods ({self.evaluation_periods})"
            )
        if self.zone is not None and self.length not in WHOLE_PERIODS:
            listed = ", ".join(f"{period:g}" for period in WHOLE_PERIODS)
            raise ValueError(
                f"with a WallClockWindow Period must be one of {listed}, not {self.length}"
            )
        window = self.length * self.evaluation_periods
        longest = DAY if self.length < 3600 else 7 * DAY
        if window > longest:
            raise ValueError(
                f"Period x EvaluationPeriods is {window} s; it must not be more than {longest} s"
            )

    def _check_threshold(self) -> None:
        """That it has a threshold or a band, and an operator that goes with it."""
        fields = fields_dict(Alarm)
        band = self.threshold_metric_id is not None
        if band and self.threshold is not None:
            raise FieldError(
                fields["threshold"], "must be left out where ThresholdMetricId is given"
            )
        if not band and self.threshold is None:
            raise ValueError(
                "Threshold is missing (an alarm has a Threshold or a ThresholdMetricId)"
            )
        if band and not self.metrics:
            problem = "names one of the Metrics, of which there are none"
            raise FieldError(fields["threshold_metric_id"], problem)
        known = BAND_OPERATORS if band else OPERATORS
        if self.comparison_operator not in known:
            what = "a band" if band else "a Threshold"
            problem = f"must be one of {', '.join(known)} with {what}"
            raise FieldError(
                fields["comparison_operator"], f"{problem}, not {self.comparison_operator!r}"
            )

    def _check_actions(self) -> None:
        """That actions on instances have one, and are allowed to touch it ("Create alarms to stop,
        terminate, reboot, or recover an EC2 instance")."""
        for name in ("ok_actions", "alarm_actions", "insufficient_data_actions"):
            for index, action in enumerate(getattr(self, name)):
                done, place = instance_action(action), fields_dict(Alarm)[name]
                if done is None:
                    continue
                if self.metric is None or "InstanceId" not in dict(self.metric.dimensions):
                    problem = f"to {done} an instance takes an alarm on one metric with InstanceId"
                    raise FieldError(place, problem, index)
                if done == "recover" and self.metric_name == "StatusCheckFailed_Instance":
                    problem = "recover is for StatusCheckFailed_System, reboot for this metric"
                    raise FieldError(place, problem, index)

    @property
    def missing(self) -> Missing:
        """What is made of missing data: what it says, else what is usual. Metrics of DynamoDB have
        gaps, so that alarms on them keep their state ("Configuring how CloudWatch alarms treat
        missing data")."""
        if self.treat_missing_data is not None:
            return Missing(self.treat_missing_data)
        queried = [query.metric_stat.metric for query in self.queries if query.metric_stat]
        watched = queried if self.metric is None else [self.metric]
        ignored = any(key.namespace == "AWS/DynamoDB" for key in watched)
        return Missing.IGNORE if ignored else Missing.MISSING

    @property
    def zone(self) -> tzinfo | None:
        """Where its periods end with those of the calendar; None: they end at any minute."""
        window = self.evaluation_window
        clock = None if window is None else window.wall_clock_window
        return None if clock is None else clock.zone

    def _check_watched(self) -> None:
        """That it has either one metric, or queries that it can watch."""
        fields = fields_dict(Alarm)
        if not self.metrics:
            for name in ("metric_name", "namespace", "period"):
                if getattr(self, name) is None:
                    key = spelling(name)
                    raise ValueError(f"{key} is missing (an alarm has a metric or Metrics)")
            if (self.statistic is None) == (self.extended_statistic is None):
                raise ValueError("give exactly one of Statistic and ExtendedStatistic")
            return
        for name in ALONE:
            if getattr(self, name) not in (None, ()):
                raise FieldError(fields[name], "must be left out where Metrics are given")
        try:
            check_watched(self.queries, self.threshold_metric_id)
        except QueryError as problem:
            text = str(problem)
            if problem.key == "Expression" and text.startswith("column "):
                text = f"Expression, {text}"
            raise FieldError(fields["metrics"], text, problem.index, problem.key) from None

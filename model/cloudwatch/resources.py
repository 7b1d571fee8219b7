"""The resources of the namespace AWS::CloudWatch, as CloudFormation describes them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.cloudwatch.alarms import OPERATORS, Missing
from model.cloudwatch.extended import STATISTICS, read_extended
from model.cloudwatch.metrics import UNITS
from model.fields import FieldError, at_least, length, one_of, refers_to
from model.resources import Resource

ActionRef = Annotated[str, refers_to("AWS::SNS::Topic", "AWS::AutoScaling::ScalingPolicy")]

DAY = 86_400


@frozen(kw_only=True)
class Dimension:
    """One dimension of a metric."""

    name: str = field(validator=length(1, 255))
    value: str = field(validator=length(1, 1024))


def _period(_: Any, attribute: Attribute[Any], value: int) -> None:
    if value in (10, 20, 30):
        raise FieldError(
            attribute, f"high-resolution alarms ({value} s) are not simulated yet; use 60"
        )
    if value <= 0 or value % 60:
        raise FieldError(attribute, f"must be 10, 20, 30 or a multiple of 60, not {value}")


def _namespace(_: Any, attribute: Attribute[Any], value: str) -> None:
    if value.startswith(":"):
        raise FieldError(attribute, f"must not begin with a colon, as {value!r} does")


def _operator(_: Any, attribute: Attribute[Any], value: str) -> None:
    if value.endswith(("UpperThreshold", "LowerThreshold")):
        raise FieldError(attribute, f"{value} judges an anomaly band, which is not simulated yet")
    one_of(*OPERATORS)(_, attribute, value)


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


@frozen(kw_only=True)
class Alarm(Resource):
    """An alarm on one metric."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::Alarm"
    INERT: ClassVar[frozenset[str]] = frozenset({"ActionConfiguration", "Tags"})
    REFUSED: ClassVar[dict[str, str]] = {
        "EvaluationCriteria": "PromQL alarms are not simulated yet",
        "EvaluationInterval": "PromQL alarms are not simulated yet",
        "EvaluationWindow": "evaluation windows are not simulated yet",
        "Metrics": "metric math in alarms is not simulated yet; name one metric",
        "ThresholdMetricId": "anomaly detection is not simulated yet; give a Threshold",
        "WarmUpConfiguration": "a warm-up of alarms is not simulated yet",
    }

    alarm_name: str | None = field(default=None, validator=length(1, 255))
    alarm_description: str | None = field(default=None, validator=length(0, 1024))
    actions_enabled: bool = True
    namespace: str = field(validator=[length(1, 255), _namespace])
    metric_name: str = field(validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))
    statistic: str | None = field(default=None, validator=one_of(*STATISTICS))
    extended_statistic: str | None = field(default=None, validator=_extended)
    unit: str | None = field(default=None, validator=one_of(*UNITS))
    period: int = field(validator=_period)
    evaluation_periods: int = field(validator=at_least(1))
    datapoints_to_alarm: int | None = field(default=None, validator=at_least(1))
    threshold: float
    comparison_operator: str = field(validator=_operator)
    treat_missing_data: str = field(
        default="missing", validator=one_of(*(missing.value for missing in Missing))
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
        if (self.statistic is None) == (self.extended_statistic is None):
            raise ValueError("give exactly one of Statistic and ExtendedStatistic")
        if (self.datapoints_to_alarm or 1) > self.evaluation_periods:
            raise ValueError(
                f"DatapointsToAlarm ({self.datapoints_to_alarm}) must not be more than "
                f"EvaluationPeriods ({self.evaluation_periods})"
            )
        window = self.period * self.evaluation_periods
        longest = DAY if self.period < 3600 else 7 * DAY
        if window > longest:
            raise ValueError(
                f"Period x EvaluationPeriods is {window} s; it must not be more than {longest} s"
            )

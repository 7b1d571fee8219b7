"""AWS::CloudWatch::AnomalyDetector, as CloudFormation describes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, field, fields_dict, frozen

from model.actions import spelling
from model.cloudwatch.anomaly.detectors import Configuration
from model.cloudwatch.extended import EXAMPLES, is_statistic
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, QueryError, check_one_series
from model.cloudwatch.resources import Dimension, MetricDataQuery
from model.cloudwatch.subjects import Statistic
from model.fields import FieldError, length
from model.resources import Resource

RANGES = 10
"""How many time ranges can be excluded."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def _moment(_: Any, attribute: Attribute[Any], value: str) -> None:
    try:
        if MOMENT.fullmatch(value):
            moment_of(value)
            return
    except ValueError:
        pass
    raise FieldError(attribute, f"must be a time such as 2026-07-01T23:59:59, not {value!r}")


def moment_of(text: str) -> datetime:
    """A time of a range; in UTC if it does not say."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _zone(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is None:
        return
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wanted = "must be the name of a time zone such as Europe/Berlin"
        raise FieldError(attribute, f"{wanted}, not {value!r}") from None


def _stat(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not is_statistic(value):
        raise FieldError(
            attribute, f"must be a statistic such as Average, {EXAMPLES}, not {value!r}"
        )


@frozen(kw_only=True)
class Range:
    """A range of time that the model does not learn from."""

    start_time: str = field(validator=_moment)
    end_time: str = field(validator=_moment)

    def __attrs_post_init__(self) -> None:
        if moment_of(self.start_time) >= moment_of(self.end_time):
            raise ValueError(f"StartTime {self.start_time} must be before EndTime {self.end_time}")


@frozen(kw_only=True)
class DetectorConfiguration:
    """How the model is to be trained."""

    excluded_time_ranges: tuple[Range, ...] = field(default=(), validator=length(0, RANGES))
    metric_time_zone: str | None = field(default=None, validator=[length(1, 50), _zone])

    def seconds(self, epoch: datetime, *, spikes: bool = False) -> Configuration:
        """The same in seconds since `epoch`, for the detectors."""
        zone = UTC if self.metric_time_zone is None else ZoneInfo(self.metric_time_zone)
        excluded = tuple(
            (
                (moment_of(one.start_time) - epoch).total_seconds(),
                (moment_of(one.end_time) - epoch).total_seconds(),
            )
            for one in self.excluded_time_ranges
        )
        return Configuration(excluded, zone, spikes)


@frozen(kw_only=True)
class MetricCharacteristics:
    """What is known of the metric."""

    periodic_spikes: bool = False


@frozen(kw_only=True)
class SingleMetricAnomalyDetector:
    """The metric and statistic that are watched."""

    account_id: str | None = None
    namespace: str = field(validator=length(1, 255))
    metric_name: str = field(validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))
    stat: str = field(validator=_stat)


@frozen(kw_only=True)
class MetricMathAnomalyDetector:
    """The metric math that is watched: the query that returns data."""

    metric_data_queries: tuple[MetricDataQuery, ...] = field(validator=length(1, 10))

    def __attrs_post_init__(self) -> None:
        try:
            check_one_series(self.read())
        except QueryError as problem:
            place = fields_dict(MetricMathAnomalyDetector)["metric_data_queries"]
            raise FieldError(place, str(problem), problem.index, problem.key) from None

    def read(self) -> tuple[MetricQuery, ...]:
        """The queries."""
        return tuple(query.read() for query in self.metric_data_queries)


@frozen(kw_only=True)
class AnomalyDetector(Resource):
    """A model of one metric and statistic, or of metric math.

    The metric is named in SingleMetricAnomalyDetector or, as in older templates, in the properties
    of the detector itself.
    """

    TYPE: ClassVar[str] = "AWS::CloudWatch::AnomalyDetector"
    configuration: DetectorConfiguration = field(factory=DetectorConfiguration)
    metric_characteristics: MetricCharacteristics = field(factory=MetricCharacteristics)
    single_metric_anomaly_detector: SingleMetricAnomalyDetector | None = None
    metric_math_anomaly_detector: MetricMathAnomalyDetector | None = None
    namespace: str | None = field(default=None, validator=length(1, 255))
    metric_name: str | None = field(default=None, validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))
    stat: str | None = field(default=None, validator=_stat)

    def __attrs_post_init__(self) -> None:
        own = (self.namespace, self.metric_name, self.stat)
        named = [
            name
            for name in ("single_metric_anomaly_detector", "metric_math_anomaly_detector")
            if getattr(self, name) is not None
        ]
        if len(named) > 1:
            raise ValueError(
                "give one of SingleMetricAnomalyDetector and MetricMathAnomalyDetector, not both"
            )
        if named:
            if any(part is not None for part in own) or self.dimensions:
                raise ValueError(
                    f"give the metric either in {spelling(named[0])} or as Namespace, "
                    "MetricName, Dimensions and Stat, not both"
                )
        elif any(part is None for part in own):
            raise ValueError("give SingleMetricAnomalyDetector, or Namespace, MetricName and Stat")

    @property
    def queries(self) -> tuple[MetricQuery, ...]:
        """What a model of metric math is made of."""
        inner = self.metric_math_anomaly_detector
        return () if inner is None else inner.read()

    @property
    def statistic(self) -> Statistic:
        """The metric and the statistic of a model that is not of metric math."""
        inner = self.single_metric_anomaly_detector
        namespace, name, stat, dimensions = (
            (self.namespace, self.metric_name, self.stat, self.dimensions)
            if inner is None
            else (inner.namespace, inner.metric_name, inner.stat, inner.dimensions)
        )
        pairs = {dimension.name: dimension.value for dimension in dimensions}
        return Statistic(MetricKey.of(namespace or "", name or "", pairs), stat or "")

    def trained(self, epoch: datetime) -> Configuration:
        """How its model is to be trained, in seconds since `epoch`."""
        spikes = self.metric_characteristics.periodic_spikes
        return self.configuration.seconds(epoch, spikes=spikes)

"""What a predictive scaling policy is told, as CloudFormation describes it.

Sources: API PredictiveScalingConfiguration, API PredictiveScalingMetricSpecification, "Advanced
predictive scaling policy configurations using custom metrics".
"""

from __future__ import annotations

import re
from typing import Any

from attrs import field, fields_dict, frozen

from model.clock import HOUR
from model.cloudwatch.metrics import UNITS
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError, check_one_series
from model.cloudwatch.resources import MetricOfQuery
from model.fields import FieldError, between, length, not_simulated, one_of

RESOURCE_LABEL = re.compile(r"app/[^/]+/[^/]+/targetgroup/[^/]+/[^/]+")
MOST_QUERIES = 10
"""Metrics and expressions of one metric specification."""
NO_NETWORK = "network traffic of instances is not"


@frozen(kw_only=True)
class Predefined:
    """A metric that predictive scaling knows by name."""

    predefined_metric_type: str
    resource_label: str | None = None

    def __attrs_post_init__(self) -> None:
        of_target_group = self.predefined_metric_type.startswith("ALB")
        if of_target_group and not RESOURCE_LABEL.fullmatch(self.resource_label or ""):
            raise ValueError(
                f"{self.predefined_metric_type} needs a ResourceLabel: the load balancer's full "
                "name, a slash, and the target group's full name "
                "(app/NAME/ID/targetgroup/NAME/ID)"
            )


@frozen(kw_only=True)
class PredefinedMetricPair(Predefined):
    """A load metric and the scaling metric that goes with it."""

    predefined_metric_type: str = field(
        validator=[
            not_simulated(ASGNetworkIn=NO_NETWORK, ASGNetworkOut=NO_NETWORK),
            one_of("ASGCPUUtilization", "ALBRequestCount"),
        ]
    )


@frozen(kw_only=True)
class PredefinedLoadMetric(Predefined):
    """What the whole group has to do."""

    predefined_metric_type: str = field(
        validator=[
            not_simulated(ASGTotalNetworkIn=NO_NETWORK, ASGTotalNetworkOut=NO_NETWORK),
            one_of("ASGTotalCPUUtilization", "ALBTargetGroupRequestCount"),
        ]
    )


@frozen(kw_only=True)
class PredefinedScalingMetric(Predefined):
    """What each instance has to do, which is kept at the target."""

    predefined_metric_type: str = field(
        validator=[
            not_simulated(ASGAverageNetworkIn=NO_NETWORK, ASGAverageNetworkOut=NO_NETWORK),
            one_of("ASGAverageCPUUtilization", "ALBRequestCountPerTarget"),
        ]
    )


@frozen(kw_only=True)
class HourlyStat:
    """A statistic of a metric; the period is an hour."""

    metric: MetricOfQuery
    stat: str
    unit: str | None = field(default=None, validator=one_of(*UNITS))


@frozen(kw_only=True)
class HourlyQuery:
    """A metric or an expression (MetricDataQuery)."""

    id: str
    expression: str | None = None
    metric_stat: HourlyStat | None = None
    label: str | None = None
    return_data: bool = True

    def read(self) -> MetricQuery:
        """The query, by the hour."""
        stat = self.metric_stat
        asked = None if stat is None else MetricStat(stat.metric.key, HOUR, stat.stat, stat.unit)
        return MetricQuery(
            id=self.id,
            expression=self.expression,
            metric_stat=asked,
            label=self.label,
            return_data=self.return_data,
        )


@frozen(kw_only=True)
class CustomizedMetric:
    """Queries of which one gives the time series."""

    metric_data_queries: tuple[HourlyQuery, ...] = field(validator=length(1, MOST_QUERIES))

    def __attrs_post_init__(self) -> None:
        try:
            check_one_series(self.read())
        except QueryError as problem:
            place = fields_dict(CustomizedMetric)["metric_data_queries"]
            raise FieldError(place, str(problem), problem.index, problem.key) from None

    def read(self) -> tuple[MetricQuery, ...]:
        """The queries."""
        return tuple(query.read() for query in self.metric_data_queries)


@frozen(kw_only=True)
class MetricSpecification:
    """A load metric, a scaling metric, and where the latter is to be kept."""

    target_value: float
    predefined_metric_pair_specification: PredefinedMetricPair | None = None
    predefined_load_metric_specification: PredefinedLoadMetric | None = None
    predefined_scaling_metric_specification: PredefinedScalingMetric | None = None
    customized_load_metric_specification: CustomizedMetric | None = None
    customized_scaling_metric_specification: CustomizedMetric | None = None
    customized_capacity_metric_specification: CustomizedMetric | None = None

    def __attrs_post_init__(self) -> None:
        if self.target_value <= 0:
            place = fields_dict(MetricSpecification)["target_value"]
            raise FieldError(place, f"must be above 0, not {self.target_value:g}")
        loads = _given(
            self.predefined_load_metric_specification, self.customized_load_metric_specification
        )
        scalings = _given(
            self.predefined_scaling_metric_specification,
            self.customized_scaling_metric_specification,
        )
        pair = self.predefined_metric_pair_specification is not None
        if (pair and loads + scalings) or (not pair and (loads, scalings) != (1, 1)):
            raise ValueError(
                "give either a PredefinedMetricPairSpecification, or one load metric and one "
                "scaling metric (each Predefined... or Customized...)"
            )
        custom = _given(
            self.customized_load_metric_specification,
            self.customized_scaling_metric_specification,
        )
        if self.customized_capacity_metric_specification is not None and custom != 2:
            raise ValueError(
                "a CustomizedCapacityMetricSpecification goes with a customized load metric and a "
                "customized scaling metric only"
            )


def _given(*specifications: Any) -> int:
    return sum(specification is not None for specification in specifications)


@frozen(kw_only=True)
class PredictiveScalingConfiguration:
    """What is forecast, and what a group makes of it."""

    metric_specifications: tuple[MetricSpecification, ...] = field(validator=length(1, 1))
    mode: str = field(default="ForecastOnly", validator=one_of("ForecastOnly", "ForecastAndScale"))
    scheduling_buffer_time: int = field(default=300, validator=between(0, 3599))
    max_capacity_breach_behavior: str = field(
        default="HonorMaxCapacity", validator=one_of("HonorMaxCapacity", "IncreaseMaxCapacity")
    )
    max_capacity_buffer: int | None = field(default=None, validator=between(0, 100))

    def __attrs_post_init__(self) -> None:
        increases = self.max_capacity_breach_behavior == "IncreaseMaxCapacity"
        if increases and self.max_capacity_buffer is None:
            raise ValueError("IncreaseMaxCapacity needs a MaxCapacityBuffer, from 0 to 100")
        if not increases and self.max_capacity_buffer is not None:
            raise ValueError("MaxCapacityBuffer goes with IncreaseMaxCapacity only")

    @property
    def metrics(self) -> MetricSpecification:
        """The one specification there can be."""
        return self.metric_specifications[0]

"""The metrics that target tracking is told of by their own names, and metric math over them.

Sources: API CustomizedMetricSpecification, TargetTrackingMetricDataQuery, TargetTrackingMetricStat;
"Create a target tracking scaling policy using metric math", "Create a target tracking policy using
high-resolution metrics for faster response".
"""

from __future__ import annotations

from attrs import field, fields_dict, frozen

from model.actions import spelling
from model.cloudwatch.metrics import UNITS
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.cloudwatch.resources import Dimension, MetricOfQuery, Watched
from model.cloudwatch.watching import check_watched
from model.fields import FieldError, one_of

PERIODS = (10, 30, 60)
"""Seconds that a datapoint of a tracked metric may stand for."""
STATISTICS = ("Average", "Minimum", "Maximum", "SampleCount", "Sum")


@frozen(kw_only=True)
class TargetTrackingMetricStat:
    """A statistic of a metric in a query."""

    metric: MetricOfQuery
    stat: str
    unit: str | None = field(default=None, validator=one_of(*UNITS))
    period: int = field(default=60, validator=one_of(*PERIODS))


@frozen(kw_only=True)
class TargetTrackingMetricDataQuery:
    """A metric, or an expression over others."""

    id: str
    expression: str | None = None
    metric_stat: TargetTrackingMetricStat | None = None
    label: str | None = None
    period: int | None = field(default=None, validator=one_of(*PERIODS))
    return_data: bool = True

    def read(self) -> MetricQuery:
        """The query as CloudWatch takes it."""
        stat = None
        if self.metric_stat is not None:
            given = self.metric_stat
            stat = MetricStat(given.metric.key, float(given.period), given.stat, given.unit)
        return MetricQuery(
            id=self.id,
            expression=self.expression,
            metric_stat=stat,
            label=self.label,
            period=None if self.period is None else float(self.period),
            return_data=self.return_data,
        )


@frozen(kw_only=True)
class CustomizedMetricSpecification(Watched):
    """Any metric that falls in proportion as capacity grows, or an expression that does."""

    metric_name: str | None = None
    namespace: str | None = None
    dimensions: tuple[Dimension, ...] = ()
    statistic: str | None = field(default=None, validator=one_of(*STATISTICS))
    unit: str | None = field(default=None, validator=one_of(*UNITS))
    period: int | None = field(default=None, validator=one_of(*PERIODS))
    metrics: tuple[TargetTrackingMetricDataQuery, ...] = ()

    def __attrs_post_init__(self) -> None:
        fields = fields_dict(CustomizedMetricSpecification)
        if not self.metrics:
            for name in ("metric_name", "namespace", "statistic"):
                if getattr(self, name) is None:
                    raise ValueError(
                        f"{spelling(name)} is missing (a specification has a metric or Metrics)"
                    )
            return
        for name in ("metric_name", "namespace", "dimensions", "statistic", "unit", "period"):
            if getattr(self, name) not in (None, ()):
                raise FieldError(fields[name], "must be left out where Metrics are given")
        try:
            check_watched(self.queries)
        except QueryError as problem:
            raise FieldError(fields["metrics"], str(problem), problem.index, problem.key) from None

"""What a target tracking policy keeps at its target: a metric, or metric math.

Source: "Target tracking scaling policies for Amazon EC2 Auto Scaling" (choose metrics), API
PredefinedMetricSpecification.
"""

from __future__ import annotations

from attrs import frozen

from model.autoscaling.predictive.targets import target_dimensions
from model.autoscaling.resources import (
    GROUP_AVERAGES,
    AutoScalingGroup,
    PredefinedMetricSpecification,
    TargetTrackingConfiguration,
)
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery
from model.elb.service import Elb
from model.stack import Stack


@frozen(kw_only=True)
class Tracked:
    """What the alarms of a policy watch."""

    metric: MetricKey | None = None
    """None: one of `queries`."""
    statistic: str = ""
    unit: str | None = None
    queries: tuple[MetricQuery, ...] = ()
    period: float = 60.0
    """Seconds that a datapoint stands for."""


def tracked_by(
    configuration: TargetTrackingConfiguration, group: AutoScalingGroup, stack: Stack, elb: Elb
) -> Tracked:
    """What a policy of a group tracks."""
    custom = configuration.customized_metric_specification
    if custom is not None:
        return Tracked(
            metric=custom.metric,
            statistic=custom.statistic or "",
            unit=custom.unit,
            queries=custom.queries,
            period=float(custom.length),
        )
    predefined = configuration.predefined_metric_specification
    assert predefined is not None
    if predefined.predefined_metric_type == "ALBRequestCountPerTarget":
        return Tracked(metric=_requests(predefined, group, stack, elb), statistic="Sum")
    metric = GROUP_AVERAGES[predefined.predefined_metric_type]
    key = MetricKey.of("AWS/EC2", metric, {"AutoScalingGroupName": group.name})
    return Tracked(metric=key, statistic="Average")


def _requests(
    predefined: PredefinedMetricSpecification, group: AutoScalingGroup, stack: Stack, elb: Elb
) -> MetricKey:
    dimensions = target_dimensions(stack, elb, group, predefined.resource_label or "")
    return MetricKey.of("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)

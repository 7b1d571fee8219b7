"""What a target tracking policy keeps at its target: a metric, or metric math.

Source: "Target tracking scaling policies for Amazon EC2 Auto Scaling" (choose metrics), API
PredefinedMetricSpecification.
"""

from __future__ import annotations

from attrs import frozen

from model.autoscaling.resources import (
    GROUP_AVERAGES,
    AutoScalingGroup,
    PredefinedMetricSpecification,
    TargetTrackingConfiguration,
)
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery
from model.elb.resources import TargetGroup
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
    label = predefined.resource_label or ""
    target_group = _labelled(stack, group, label)
    owner = elb.groups[target_group.logical_id].balancer
    name = label.partition("/targetgroup/")[0]
    if owner is not None:
        name = elb.balancers[owner].resource.dimension[1]
    dimensions = {"LoadBalancer": name, "TargetGroup": target_group.full_name}
    return MetricKey.of("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)


def _labelled(stack: Stack, group: AutoScalingGroup, label: str) -> TargetGroup:
    """The group's target group that a ResourceLabel means (the first, if it is none of them)."""
    attached = [stack.resources[name] for name in group.target_group_arns]
    own = [target_group for target_group in attached if isinstance(target_group, TargetGroup)]
    return next((item for item in own if label.endswith(item.full_name)), own[0])

"""Which metrics a predictive scaling policy reads, as queries by the hour.

Source: API PredictiveScalingMetricSpecification. Load metrics are sums of the hour; what instances
do is an average, of counts the average of a minute.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from model.autoscaling.predictive.resources import CustomizedMetric, MetricSpecification, Predefined
from model.clock import HOUR, MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat

Queries = tuple[MetricQuery, ...]
PAIRS = {
    "ASGCPUUtilization": ("ASGTotalCPUUtilization", "ASGAverageCPUUtilization"),
    "ALBRequestCount": ("ALBTargetGroupRequestCount", "ALBRequestCountPerTarget"),
}


@frozen
class Pair:
    """The queries of a policy; of the capacity only where it is not the group's own."""

    load: Queries
    scaling: Queries
    capacity: Queries | None


def labels(specification: MetricSpecification) -> list[str]:
    """The resource labels that it names."""
    named = (
        specification.predefined_metric_pair_specification,
        specification.predefined_load_metric_specification,
        specification.predefined_scaling_metric_specification,
    )
    return [one.resource_label for one in named if one is not None and one.resource_label]


def pair(
    specification: MetricSpecification, group: str, targets: Mapping[str, Mapping[str, str]]
) -> Pair:
    """The queries of a policy of the group of that name; `targets` are the dimensions of the target
    groups that its labels mean."""

    def read(kind: str, label: str | None) -> Queries:
        return _predefined(kind, group, targets.get(label or "", {}))

    both = specification.predefined_metric_pair_specification
    if both is not None:
        load, scaling = PAIRS[both.predefined_metric_type]
        return Pair(read(load, both.resource_label), read(scaling, both.resource_label), None)

    def either(named: Predefined | None, custom: CustomizedMetric | None) -> Queries:
        if named is not None:
            return read(named.predefined_metric_type, named.resource_label)
        assert custom is not None
        return custom.read()

    capacity = specification.customized_capacity_metric_specification
    return Pair(
        either(
            specification.predefined_load_metric_specification,
            specification.customized_load_metric_specification,
        ),
        either(
            specification.predefined_scaling_metric_specification,
            specification.customized_scaling_metric_specification,
        ),
        None if capacity is None else capacity.read(),
    )


def _predefined(kind: str, group: str, target: Mapping[str, str]) -> Queries:
    own = {"AutoScalingGroupName": group}
    match kind:
        case "ASGTotalCPUUtilization":
            return (_query("AWS/EC2", "CPUUtilization", own, "Sum"),)
        case "ASGAverageCPUUtilization":
            return (_query("AWS/EC2", "CPUUtilization", own, "Average"),)
        case "ALBTargetGroupRequestCount":
            return (_query("AWS/ApplicationELB", "RequestCount", target, "Sum"),)
    hour = _query("AWS/ApplicationELB", "RequestCountPerTarget", target, "Sum", shown=False)
    minute = MetricQuery(id="minute", expression=f"{hour.id} / {HOUR / MINUTE:g}")
    return (hour, minute)


def _query(
    namespace: str, name: str, dimensions: Mapping[str, str], stat: str, *, shown: bool = True
) -> MetricQuery:
    key = MetricKey.of(namespace, name, dimensions)
    return MetricQuery(id="m1", metric_stat=MetricStat(key, HOUR, stat), return_data=shown)

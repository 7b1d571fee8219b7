"""What CloudWatch calls the metrics of a scenario's resources.

Logical ids serve wherever CloudWatch wants the value of a dimension: `LoadBalancer=Shop` means the
load balancer's `app/Shop/50dc6c495c0c9188`.
"""

from __future__ import annotations

from model.autoscaling.resources import AutoScalingGroup
from model.cloudwatch.metrics import MetricKey
from model.dynamodb.resources import Table
from model.ec2.machines import StandaloneInstance
from model.ecs.metrics import INSIGHTS, NAMESPACE, VENDED
from model.ecs.resources import Cluster, EcsService
from model.elb.resources import ClassicLoadBalancer, LoadBalancer, TargetGroup
from model.functions.resources import Function
from model.rds.resources import DBCluster, DBInstance
from model.resources import Resource
from model.stack import Stack
from model.world import World

NAMESPACES: dict[type[Resource], str] = {
    DBCluster: "AWS/RDS",
    DBInstance: "AWS/RDS",
    Function: "AWS/Lambda",
    Table: "AWS/DynamoDB",
}
"""Of resources that are known by one dimension alone; others are known to EC2."""


def key_of(name: str, metric: str, world: World) -> MetricKey:
    """A metric of the resource with that logical id, as expectations name it."""
    resource = world.stack.resources[name]
    if isinstance(resource, LoadBalancer | ClassicLoadBalancer):
        return MetricKey.of(resource.namespace, metric, dict([resource.dimension]))
    if isinstance(resource, TargetGroup):
        owner = world.elb.groups[name].balancer
        if owner is None:
            return MetricKey.of("AWS/ApplicationELB", metric, dict([resource.dimension]))
        balancer = world.elb.balancers[owner].resource
        dimensions = dict([balancer.dimension, resource.dimension])
        return MetricKey.of(balancer.namespace, metric, dimensions)
    if isinstance(resource, EcsService):
        namespace = NAMESPACE if metric in VENDED else INSIGHTS
        return MetricKey.of(namespace, metric, resource.dimensions)
    namespace = next((n for kind, n in NAMESPACES.items() if isinstance(resource, kind)), "AWS/EC2")
    dimension = dimension_of(resource)
    assert dimension is not None
    return MetricKey.of(namespace, metric, dict([dimension]))


def dimension_of(resource: Resource | None) -> tuple[str, str] | None:
    """Name and value of the dimension by which a resource's metrics are known, if it has any."""
    match resource:
        case (
            LoadBalancer()
            | ClassicLoadBalancer()
            | TargetGroup()
            | Table()
            | DBCluster()
            | DBInstance()
        ):
            return resource.dimension
        case AutoScalingGroup():
            return "AutoScalingGroupName", resource.auto_scaling_group_name or resource.logical_id
        case Function():
            return "FunctionName", resource.name
        case Cluster():
            return "ClusterName", resource.name
        case EcsService():
            return "ServiceName", resource.name
        case StandaloneInstance():
            return "InstanceId", resource.identity.ref
    return None


def dimension_value(stack: Stack, name: str, value: str) -> str:
    """The value of a dimension, which may be given as a logical id."""
    dimension = dimension_of(stack.resources.get(value))
    return dimension[1] if dimension is not None and dimension[0] == name else value


def logical_values(stack: Stack) -> dict[tuple[str, str], str]:
    """The logical id that may be written for a dimension's name and value."""
    found = ((dimension_of(item), name) for name, item in stack.resources.items())
    return {dimension: name for dimension, name in found if dimension is not None}

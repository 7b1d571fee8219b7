"""The metrics that expectations can name of each resource: those that it can have at all.

A metric that is never published for a resource would hold for nothing, or fail for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from model.autoscaling.resources import AutoScalingGroup
from model.dynamodb.metrics import throttle_events
from model.dynamodb.requests import Side
from model.dynamodb.resources import Table
from model.dynamodb.throughput import Cause
from model.ec2.metrics import COLUMNS
from model.ec2.status_checks import CHECKS
from model.ecs.metrics import COUNTS as INSIGHT_COUNTS
from model.ecs.metrics import USES, VENDED
from model.ecs.resources import Cluster, EcsService
from model.elb.application_metrics import (
    OF_BALANCER,
    OF_FUNCTION_TARGETS,
    OF_TARGETS,
    STATES,
    USE,
)
from model.elb.classic_metrics import METRICS as CLASSIC
from model.elb.marks import Mark
from model.elb.network_metrics import FLOW_PROTOCOLS
from model.elb.network_metrics import METRICS as NETWORK
from model.elb.resources import ClassicLoadBalancer, LoadBalancer, TargetGroup
from model.functions.resources import Function
from model.rds.metrics import OF_ANY, UNITS
from model.rds.resources import DBCluster, DBInstance
from model.resources import Resource
from model.stack import Stack

Metrics = Mapping[str, str]
"""Names of metrics, each with the statistic that is meant if none is named."""

CAPACITY = (
    "Desired",
    "Min",
    "Max",
    "InService",
    "Pending",
    "Standby",
    "Terminating",
    "Total",
    "Warmed",
)
"""What is no metric: the capacity of an Auto Scaling group."""
COUNTS = ("DesiredCount", "RunningCount", "PendingCount")
"""The same of a service of containers: what DescribeServices counts."""
LEVELS = (*CAPACITY, *COUNTS)

_RESPONSE_TIME = {"TargetResponseTime": "Average"}
_HOSTS = {"HealthyHostCount": "Average", "UnHealthyHostCount": "Average"}
_ZONES = dict.fromkeys((name for name in STATES if name.endswith(("DNS", "Routing"))), "Minimum")
_PEERS = dict.fromkeys((name for name in STATES if name not in _ZONES), "Maximum")

APPLICATION: Metrics = {
    **dict.fromkeys((name for name in OF_TARGETS if name != "UnhealthyRoutingRequestCount"), "Sum"),
    **_RESPONSE_TIME,
    **dict.fromkeys((*OF_BALANCER, *USE), "Sum"),
    "LambdaTargetProcessedBytes": "Sum",
    "RuleEvaluations": "Sum",
    "ConsumedLCUs": "Sum",
    "ReservedLCUs": "Sum",
    str(Mark.NON_COMPLIANT): "Sum",
    str(Mark.NON_STICKY): "Sum",
}
"""Of an Application Load Balancer."""
NETWORK_FLOWS: Metrics = {
    **dict.fromkeys(NETWORK, "Sum"),
    **{f"NewFlowCount_{protocol}": "Sum" for protocol in FLOW_PROTOCOLS},
    "ActiveFlowCount": "Average",
    "PeakBytesPerSecond": "Maximum",
    "PeakPacketsPerSecond": "Maximum",
}
"""Of a Network Load Balancer."""
OLD: Metrics = {
    **dict.fromkeys(CLASSIC, "Sum"),
    **_HOSTS,
    "Latency": "Average",
    "SurgeQueueLength": "Maximum",
    "EstimatedALBActiveConnectionCount": "Sum",
    "EstimatedALBConsumedLCUs": "Sum",
    "EstimatedALBNewConnectionCount": "Sum",
    "EstimatedProcessedBytes": "Sum",
}
"""Of a Classic Load Balancer."""
OF_INSTANCES: Metrics = {
    **dict.fromkeys(OF_TARGETS, "Sum"),
    **_RESPONSE_TIME,
    **_HOSTS,
    **_ZONES,
    **_PEERS,
    "ActiveZonalShiftHostCount": "Sum",
    "RequestCountPerTarget": "Sum",
}
"""Of a target group of an Application Load Balancer whose targets are instances or addresses."""
OF_FUNCTION: Metrics = {
    **dict.fromkeys(OF_FUNCTION_TARGETS, "Sum"),
    **_RESPONSE_TIME,
    "LambdaUserError": "Sum",
}
"""Of one whose target is a Lambda function, without what its health checks bring."""
OF_FLOWS: Metrics = _HOSTS
"""Of a target group of a Network Load Balancer."""
SCALING: Metrics = {
    **dict.fromkeys(CAPACITY, ""),
    **dict.fromkeys(COLUMNS, "Average"),
    **dict.fromkeys(CHECKS, "Maximum"),
}
"""Of an Auto Scaling group."""
FUNCTION: Metrics = {
    "Invocations": "Sum",
    "Errors": "Sum",
    "Throttles": "Sum",
    "Duration": "Average",
    "ConcurrentExecutions": "Maximum",
    "AsyncEventsReceived": "Sum",
    "AsyncEventsDropped": "Sum",
    "DeadLetterErrors": "Sum",
    "DestinationDeliveryFailures": "Sum",
}
"""Of a Lambda function."""
TASKS: Metrics = {**dict.fromkeys(COUNTS, ""), **dict.fromkeys(VENDED, "Average")}
"""Of a service of containers."""
INSIGHTS: Metrics = dict.fromkeys((*INSIGHT_COUNTS, *USES), "Average")
"""What Container Insights adds, where it is on."""

_THROTTLING: Metrics = {
    throttle_events(side, cause): "Sum" for side in Side for cause in (None, *Cause)
}
TABLE: Metrics = {
    **{f"Consumed{side}CapacityUnits": "Sum" for side in Side},
    **{f"Provisioned{side}CapacityUnits": "Average" for side in Side},
    **_THROTTLING,
}
"""Of a table, without its indexes."""

DATABASE: Metrics = dict.fromkeys(OF_ANY, "Average")
"""Of a DB instance of any engine."""
AURORA_POSTGRESQL: Metrics = {**DATABASE, "EngineUptime": "Average"}
AURORA_MYSQL: Metrics = dict.fromkeys(UNITS, "Average")

SPARSE = frozenset(
    name
    for table in (APPLICATION, OLD, OF_INSTANCES, OF_FUNCTION, FUNCTION, _THROTTLING)
    for name, statistic in table.items()
    if statistic == "Sum" and name != "RequestCountPerTarget"
) | {"UnhealthyRoutingFlowCount", *(f"NewFlowCount_{protocol}" for protocol in FLOW_PROTOCOLS)}
"""Counts that AWS publishes only when they are not zero: a minute without one had none."""
EMPTY = frozenset({"SurgeQueueLength", "ConcurrentExecutions"})
"""Levels that are published only while there is something: a minute without one had none."""

JUDGED = (
    LoadBalancer,
    ClassicLoadBalancer,
    TargetGroup,
    AutoScalingGroup,
    Function,
    EcsService,
    Table,
    DBCluster,
    DBInstance,
)
"""Types of resources that expectations can be about."""


def metrics_of(resource: Resource | None, stack: Stack) -> Metrics | None:
    """The metrics that a resource of a stack can have; None: it is not judged by any."""
    match resource:
        case LoadBalancer():
            return NETWORK_FLOWS if resource.network else APPLICATION
        case ClassicLoadBalancer():
            return OLD
        case TargetGroup():
            return _of_group(resource)
        case AutoScalingGroup():
            return SCALING
        case Function():
            return FUNCTION
        case EcsService():
            return _of_service(resource, stack)
        case Table():
            return TABLE
        case DBCluster():
            return _of_cluster(resource)
        case DBInstance():
            return _of_database(resource, stack)
    return None


def _of_service(service: EcsService, stack: Stack) -> Metrics:
    clusters = (c for c in stack.of(Cluster) if c.name == service.cluster_name)
    return {**TASKS, **INSIGHTS} if any(c.insights for c in clusters) else TASKS


def _of_cluster(cluster: DBCluster) -> Metrics:
    return AURORA_MYSQL if cluster.engine == "aurora-mysql" else AURORA_POSTGRESQL


def _of_database(instance: DBInstance, stack: Stack) -> Metrics:
    """Those of its engine."""
    cluster = stack.resources.get(instance.db_cluster_identifier or "")
    return _of_cluster(cluster) if isinstance(cluster, DBCluster) else DATABASE


def _of_group(group: TargetGroup) -> Metrics:
    if group.relays:
        return {}
    if group.network:
        return OF_FLOWS
    if group.invokes:
        return {**OF_FUNCTION, **_HOSTS, **_ZONES} if group.counts_hosts else OF_FUNCTION
    return OF_INSTANCES

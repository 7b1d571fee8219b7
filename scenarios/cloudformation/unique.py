"""Names that AWS lets nobody give twice in one account and region.

Sources: API CreateLoadBalancer (of both versions), CreateTargetGroup, CreateFunction,
CreateAutoScalingGroup, CreateTable,
CreateDBCluster, CreateDBInstance. Load balancers of the two versions do not share their names.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.autoscaling.resources import AutoScalingGroup
from model.dynamodb.resources import Table
from model.elb.resources import ClassicLoadBalancer, LoadBalancer, TargetGroup
from model.functions.resources import Function
from model.rds.resources import DBCluster, DBInstance
from model.resources import Resource
from model.stack import Stack
from scenarios.cloudformation.problems import Problem

NAMED: dict[type[Resource], tuple[str, str]] = {
    AutoScalingGroup: ("auto_scaling_group_name", "AutoScalingGroupName"),
    ClassicLoadBalancer: ("load_balancer_name", "LoadBalancerName"),
    DBCluster: ("db_cluster_identifier", "DBClusterIdentifier"),
    DBInstance: ("db_instance_identifier", "DBInstanceIdentifier"),
    Function: ("function_name", "FunctionName"),
    LoadBalancer: ("name", "Name"),
    Table: ("table_name", "TableName"),
    TargetGroup: ("name", "Name"),
}
"""The field that holds a resource's name, and how a template spells it."""


def name_problems(stack: Stack) -> Iterator[Problem]:
    """Resources of one type that are given one name."""
    for kind, (attribute, key) in NAMED.items():
        taken: dict[str, str] = {}
        for resource in stack.of(kind):
            name = getattr(resource, attribute)
            if name is None:
                continue
            other = taken.setdefault(name, resource.logical_id)
            if other != resource.logical_id:
                yield Problem(
                    (resource.logical_id, "Properties", key),
                    f"{other} has the {key} {name} already: it is unique in an account and region",
                )

"""What only shows once a cluster of databases is seen with its instances."""

from __future__ import annotations

from collections.abc import Iterator

from model.ec2.resources import Subnet
from model.rds.resources import DBCluster, DBInstance, DBSubnetGroup
from model.rds.service import MOST_READERS
from model.stack import Stack
from scenarios.cloudformation.problems import Problem


def database_problems(stack: Stack) -> Iterator[Problem]:
    """Everything that is wrong between clusters, their instances and their subnets."""
    for cluster in stack.of(DBCluster):
        members = [
            item
            for item in stack.of(DBInstance)
            if item.db_cluster_identifier == cluster.logical_id
        ]
        for item in members[MOST_READERS + 1 :]:
            problem = f"a cluster has one writer and {MOST_READERS} readers at most"
            yield Problem((item.logical_id, "Properties", "DBClusterIdentifier"), problem)
        for item in members:
            if item.engine not in (None, cluster.engine):
                problem = f"Engine must be that of {cluster.logical_id}: {cluster.engine}"
                yield Problem((item.logical_id, "Properties", "Engine"), problem)
            yield from _zone(stack, item, cluster.db_subnet_group_name)
    for item in stack.of(DBInstance):
        if item.db_cluster_identifier is None:
            yield from _zone(stack, item, item.db_subnet_group_name)
    for group in stack.of(DBSubnetGroup):
        if len(_zones(stack, group)) < 2:
            problem = f"{group.logical_id} must have subnets in two zones at least"
            yield Problem((group.logical_id, "Properties", "SubnetIds"), problem)


def _zone(stack: Stack, item: DBInstance, group: str | None) -> Iterator[Problem]:
    """That an instance is in a zone of its subnet group."""
    own = stack.resources.get(group or "")
    if isinstance(own, DBSubnetGroup) and item.availability_zone is not None:
        zones = _zones(stack, own)
        if item.availability_zone not in zones:
            problem = f"AvailabilityZone must be one of {group}: {', '.join(sorted(zones))}"
            yield Problem((item.logical_id, "Properties", "AvailabilityZone"), problem)


def _zones(stack: Stack, group: DBSubnetGroup) -> set[str]:
    places = [stack.resources[name] for name in group.subnet_ids]
    return {place.availability_zone for place in places if isinstance(place, Subnet)}

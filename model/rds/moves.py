"""What an operator does by the Amazon RDS API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.fields import between
from model.rds.resources import ClusterRef, DBInstance
from model.rds.service import new_instance
from model.resources import ZONES, Identity

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class FailoverDBCluster:
    db_cluster_identifier: ClusterRef = field(metadata={"name": "DBClusterIdentifier"})
    target_db_instance_identifier: str | None = field(
        metadata={"name": "TargetDBInstanceIdentifier"}, default=None
    )


@frozen(kw_only=True)
class RebootDBInstance:
    db_instance_identifier: str = field(metadata={"name": "DBInstanceIdentifier"})
    force_failover: bool = False


@frozen(kw_only=True)
class CreateDBInstance:
    db_instance_identifier: str = field(metadata={"name": "DBInstanceIdentifier"})
    db_cluster_identifier: ClusterRef = field(metadata={"name": "DBClusterIdentifier"})
    db_instance_class: str = field(metadata={"name": "DBInstanceClass"})
    engine: str
    availability_zone: str | None = None
    promotion_tier: int = field(default=1, validator=between(0, 15))


@frozen(kw_only=True)
class DeleteDBInstance:
    db_instance_identifier: str = field(metadata={"name": "DBInstanceIdentifier"})
    skip_final_snapshot: bool = False


@move("rds:FailoverDBCluster", FailoverDBCluster)
def failover_db_cluster(world: World, action: Action) -> None:
    """Make a reader of a cluster its writer; both restart."""
    wanted: FailoverDBCluster = action.parameters
    world.rds.failover(wanted.db_cluster_identifier, wanted.target_db_instance_identifier)


@move("rds:RebootDBInstance", RebootDBInstance)
def reboot_db_instance(world: World, action: Action) -> None:
    """Restart a DB instance; with ForceFailover its standby takes over."""
    wanted: RebootDBInstance = action.parameters
    world.rds.reboot(wanted.db_instance_identifier, force_failover=wanted.force_failover)


@move("rds:CreateDBInstance", CreateDBInstance)
def create_db_instance(world: World, action: Action) -> None:
    """Add a reader to a cluster; it takes minutes until it is available."""
    wanted: CreateDBInstance = action.parameters
    cluster = world.rds.cluster(wanted.db_cluster_identifier).cluster
    assert cluster is not None
    if wanted.engine != cluster.engine:
        raise ActionError(
            f"The engine must be that of the cluster: {cluster.engine}, not {wanted.engine}",
            "InvalidParameterCombination",
        )
    if wanted.availability_zone not in (None, *ZONES):
        problem = f"{wanted.availability_zone} is no zone of the region"
        raise ActionError(problem, "InvalidParameterValue")
    try:
        made = DBInstance(
            identity=Identity("", "", ""),
            db_cluster_identifier=wanted.db_cluster_identifier,
            db_instance_class=wanted.db_instance_class,
            engine=wanted.engine,
            availability_zone=wanted.availability_zone,
            promotion_tier=wanted.promotion_tier,
        )
    except ValueError as problem:
        text = f"DBInstanceClass {problem}"
        raise ActionError(text, "InvalidParameterValue") from None
    world.rds.create(
        wanted.db_cluster_identifier, new_instance(wanted.db_instance_identifier, made)
    )


@move("rds:DeleteDBInstance", DeleteDBInstance)
def delete_db_instance(world: World, action: Action) -> None:
    """Delete a DB instance for good; a cluster whose writer goes fails over."""
    wanted: DeleteDBInstance = action.parameters
    world.rds.delete(wanted.db_instance_identifier)

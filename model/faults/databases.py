"""Faults of AWS FIS on databases ("AWS FIS Actions reference: Amazon RDS actions")."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import frozen

from model.actions import Action, ActionError, Targets, fault

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class RebootDBInstances:
    """Parameters of `aws:rds:reboot-db-instances`."""

    force_failover: bool = False
    """Whether a standby takes over."""


@fault("aws:rds:failover-db-cluster", targets={"Clusters"}, lasts=False)
def failover_db_cluster(world: World, action: Action) -> None:
    """Have clusters of Aurora fail over to one of their readers."""
    name = world.faults.name(action)
    for cluster in _chosen(world, action.targets, action.targets.clusters, name):
        world.rds.failover(cluster)
    world.faults.note(action, name, [])


@fault("aws:rds:reboot-db-instances", RebootDBInstances, targets={"DBInstances"}, lasts=False)
def reboot_db_instances(world: World, action: Action) -> None:
    """Restart DB instances."""
    name = world.faults.name(action)
    force = action.parameters.force_failover
    for instance in _chosen(world, action.targets, action.targets.db_instances, name):
        world.rds.reboot(instance, force_failover=force)
    world.faults.note(action, name, [])


def _chosen(world: World, targets: Targets, names: tuple[str, ...], name: str) -> list[str]:
    """Those that are named, or as many of them as are wanted, chosen by the seed."""
    wanted = len(names)
    if targets.count is not None:
        wanted = min(targets.count, wanted)
    elif targets.percent is not None:
        wanted = math.ceil(wanted * targets.percent / 100 - 1e-9)
    if not wanted:
        raise ActionError("there is nothing among its targets")
    order = world.streams[f"faults/{name}"].permutation(len(names))[:wanted]
    return [names[int(index)] for index in sorted(order)] if wanted < len(names) else [*names]

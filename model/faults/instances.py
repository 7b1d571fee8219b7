"""Faults of AWS FIS on EC2 instances: stop, terminate, reboot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from model.actions import Action, ActionError, fault
from model.clock import Phase
from model.ec2.instances import Instance
from model.ec2.service import STOPPING_SECONDS
from model.faults.active import ActiveFault, select

if TYPE_CHECKING:
    from model.world import World

INSTANCES = frozenset(
    {"Instances", "AutoScalingGroups", "Subnets", "zones", "services", "target_groups"}
)
"""What faults of instances can be aimed at."""


class StoppedInstances(ActiveFault):
    """Instances that are stopped, and started again when the fault ends."""

    def begin(self, world: World) -> None:
        self.touched = _chosen(world, self.action, self.id)
        world.ec2.stop_instances(*(instance.id for instance in self.touched))

    def launched(self, world: World, instance: Instance) -> None:
        """Only what was chosen is stopped."""

    def finish(self, world: World) -> None:
        ids = [instance.id for instance in self.touched]
        stopped = self.began + STOPPING_SECONDS  # only then can they be started
        world.schedule.at(stopped, Phase.CHANGE, world.ec2.start_instances, *ids)


@fault("aws:ec2:stop-instances", targets=INSTANCES)
def stop_instances(world: World, action: Action) -> None:
    """Stop instances; with a duration they are started again at its end."""
    if action.duration is None:
        _at_once(world, action, world.ec2.stop_instances)
    else:
        name = world.faults.name(action)
        world.faults.begin(StoppedInstances(id=name, action=action, began=world.now))


@fault("aws:ec2:terminate-instances", targets=INSTANCES, lasts=False)
def terminate_instances(world: World, action: Action) -> None:
    """Terminate instances for good."""
    _at_once(world, action, world.ec2.terminate_instances)


@fault("aws:ec2:reboot-instances", targets=INSTANCES, lasts=False)
def reboot_instances(world: World, action: Action) -> None:
    """Reboot instances: the service is gone until it has booted again."""
    _at_once(world, action, world.ec2.reboot_instances)


def _at_once(world: World, action: Action, do: Callable[..., None]) -> None:
    name = world.faults.name(action)
    chosen = _chosen(world, action, name)
    world.faults.note(action, name, chosen)
    do(*(instance.id for instance in chosen))


def _chosen(world: World, action: Action, name: str) -> list[Instance]:
    found = select(world, action, name)
    chosen = [instance for instance in found if instance.id in world.ec2.instances]
    if not chosen:
        raise ActionError(f"{action.name} finds no running instance among its targets")
    return chosen

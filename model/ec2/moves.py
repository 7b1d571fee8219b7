"""What an operator does by the EC2 API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.fields import length

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class TerminateInstances:
    instance_ids: tuple[str, ...] = field(validator=length(1))


@move("ec2:TerminateInstances", TerminateInstances)
def terminate_instances(world: World, action: Action) -> None:
    """Terminate instances by their ids; a group replaces those that are its own."""
    for name in action.parameters.instance_ids:
        if name not in world.ec2.instances:
            raise ActionError(
                f"The instance ID '{name}' does not exist", "InvalidInstanceID.NotFound"
            )
    world.ec2.terminate_instances(*action.parameters.instance_ids)

"""What an operator (or a check of their own) tells a group of its instances' health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.autoscaling.errors import AutoScalingError
from model.fields import one_of

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class SetInstanceHealth:
    """Parameters of `autoscaling:SetInstanceHealth`."""

    instance_id: str
    health_status: str = field(validator=one_of("Healthy", "Unhealthy"))
    should_respect_grace_period: bool = True


@move("autoscaling:SetInstanceHealth", SetInstanceHealth)
def set_instance_health(world: World, action: Action) -> None:
    """Say that an instance of a group is unhealthy, so that it is replaced, or healthy again."""
    wanted: SetInstanceHealth = action.parameters
    try:
        world.autoscaling.set_instance_health(
            wanted.instance_id,
            healthy=wanted.health_status == "Healthy",
            respect_grace=wanted.should_respect_grace_period,
        )
    except AutoScalingError as error:
        raise ActionError(str(error)) from error

"""What an operator does about instance refreshes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.autoscaling.references import AutoScalingGroupRef
from model.autoscaling.refresh_settings import DesiredConfiguration, RefreshPreferences
from model.ec2.templates import LaunchTemplateError
from model.fields import one_of

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class StartInstanceRefresh:
    """Parameters of `autoscaling:StartInstanceRefresh`."""

    auto_scaling_group_name: AutoScalingGroupRef
    strategy: str = field(default="Rolling", validator=one_of("Rolling"))
    desired_configuration: DesiredConfiguration | None = None
    preferences: RefreshPreferences = field(factory=RefreshPreferences)


@frozen(kw_only=True)
class CancelInstanceRefresh:
    """Parameters of `autoscaling:CancelInstanceRefresh`."""

    auto_scaling_group_name: AutoScalingGroupRef
    wait_for_transitioning_instances: bool = True


@frozen(kw_only=True)
class RollbackInstanceRefresh:
    """Parameters of `autoscaling:RollbackInstanceRefresh`."""

    auto_scaling_group_name: AutoScalingGroupRef


@move("autoscaling:StartInstanceRefresh", StartInstanceRefresh)
def start_instance_refresh(world: World, action: Action) -> None:
    """Replace a group's instances in batches, by another version of its template if you say so."""
    wanted: StartInstanceRefresh = action.parameters
    configuration = wanted.desired_configuration
    if configuration is not None:
        try:
            world.ec2.templates.resolve(configuration.launch_template)
        except LaunchTemplateError as error:
            raise ActionError(str(error), error.code) from error
    world.autoscaling.refreshes.start(
        wanted.auto_scaling_group_name,
        wanted.preferences,
        None if configuration is None else configuration.launch_template,
    )


@move("autoscaling:CancelInstanceRefresh", CancelInstanceRefresh)
def cancel_instance_refresh(world: World, action: Action) -> None:
    """Replace no more instances; those that were replaced stay."""
    wanted: CancelInstanceRefresh = action.parameters
    world.autoscaling.refreshes.cancel(
        wanted.auto_scaling_group_name, wait=wanted.wait_for_transitioning_instances
    )


@move("autoscaling:RollbackInstanceRefresh", RollbackInstanceRefresh)
def rollback_instance_refresh(world: World, action: Action) -> None:
    """Replace again what an instance refresh has launched, by what the group had before."""
    wanted: RollbackInstanceRefresh = action.parameters
    world.autoscaling.refreshes.roll_back(wanted.auto_scaling_group_name)

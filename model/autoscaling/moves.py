"""What an operator does by the EC2 Auto Scaling API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.group import PROCESSES
from model.fields import at_least, each, one_of, refers_to

if TYPE_CHECKING:
    from model.world import World

GroupName = Annotated[str, refers_to("AWS::AutoScaling::AutoScalingGroup")]


@frozen(kw_only=True)
class SetDesiredCapacity:
    auto_scaling_group_name: GroupName
    desired_capacity: int = field(validator=at_least(0))


@frozen(kw_only=True)
class ScalingProcesses:
    auto_scaling_group_name: GroupName
    scaling_processes: tuple[str, ...] = field(default=(), validator=each(one_of(*PROCESSES)))
    """Which processes; none named means all."""


@move("autoscaling:SetDesiredCapacity", SetDesiredCapacity)
def set_desired_capacity(world: World, action: Action) -> None:
    """Set how many instances a group should have, within its limits."""
    wanted = action.parameters
    try:
        world.autoscaling.set_desired_capacity(
            wanted.auto_scaling_group_name, wanted.desired_capacity
        )
    except AutoScalingError as error:
        raise ActionError(str(error)) from error


@move("autoscaling:SuspendProcesses", ScalingProcesses)
def suspend_processes(world: World, action: Action) -> None:
    """Have a group stop launching, terminating, replacing or listening to alarms."""
    wanted = action.parameters
    world.autoscaling.suspend_processes(wanted.auto_scaling_group_name, wanted.scaling_processes)


@move("autoscaling:ResumeProcesses", ScalingProcesses)
def resume_processes(world: World, action: Action) -> None:
    """Have a group take up suspended processes again."""
    wanted = action.parameters
    world.autoscaling.resume_processes(wanted.auto_scaling_group_name, wanted.scaling_processes)

"""What an operator does to groups by the EC2 Auto Scaling API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.group import PROCESSES
from model.autoscaling.mixed_instances import MixedInstancesPolicy
from model.autoscaling.references import AutoScalingGroupRef, ConfigurationRef
from model.autoscaling.resources import LAUNCH_SOURCES, TerminationPolicyRef
from model.autoscaling.sizes import Sizes
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.fields import at_least, each, one_of

if TYPE_CHECKING:
    from model.world import World


@contextmanager
def refusals() -> Iterator[None]:
    """What the API refuses is the refusal of the move."""
    try:
        yield
    except AutoScalingError as error:
        raise ActionError(str(error), error.code) from error


@frozen(kw_only=True)
class SetDesiredCapacity:
    auto_scaling_group_name: AutoScalingGroupRef
    desired_capacity: int = field(validator=at_least(0))
    honor_cooldown: bool = False
    """Whether it is refused while an activity is under way or a cooldown runs."""


@frozen(kw_only=True)
class UpdateAutoScalingGroup:
    """What is not given stays."""

    auto_scaling_group_name: AutoScalingGroupRef
    min_size: int | None = field(default=None, validator=at_least(0))
    max_size: int | None = field(default=None, validator=at_least(0))
    desired_capacity: int | None = field(default=None, validator=at_least(0))
    default_cooldown: int | None = None
    default_instance_warmup: int | None = None
    health_check_type: str | None = None
    health_check_grace_period: int | None = None
    termination_policies: tuple[TerminationPolicyRef, ...] = ()
    launch_configuration_name: ConfigurationRef | None = None
    launch_template: LaunchTemplateSpecification | None = None
    mixed_instances_policy: MixedInstancesPolicy | None = None
    capacity_rebalance: bool | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """What changes of the group's configuration, its sizes aside."""
        given = {
            "capacity_rebalance": self.capacity_rebalance,
            "cooldown": self.default_cooldown,
            "default_instance_warmup": self.default_instance_warmup,
            "health_check_type": self.health_check_type,
            "health_check_grace_period": self.health_check_grace_period,
            "termination_policies": self.termination_policies or None,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        sources = {name: getattr(self, name) for name in LAUNCH_SOURCES}
        if any(source is not None for source in sources.values()):
            changes |= sources  # one takes the place of another
        return changes


@frozen(kw_only=True)
class TerminateInstanceInAutoScalingGroup:
    instance_id: str
    should_decrement_desired_capacity: bool


@frozen(kw_only=True)
class ScalingProcesses:
    auto_scaling_group_name: AutoScalingGroupRef
    scaling_processes: tuple[str, ...] = field(default=(), validator=each(one_of(*PROCESSES)))
    """Which processes; none named means all."""


@move("autoscaling:SetDesiredCapacity", SetDesiredCapacity)
def set_desired_capacity(world: World, action: Action) -> None:
    """Set how many instances a group should have, within its limits."""
    wanted: SetDesiredCapacity = action.parameters
    with refusals():
        world.autoscaling.set_desired_capacity(
            wanted.auto_scaling_group_name,
            wanted.desired_capacity,
            honor_cooldown=wanted.honor_cooldown,
        )


@move("autoscaling:UpdateAutoScalingGroup", UpdateAutoScalingGroup)
def update_auto_scaling_group(world: World, action: Action) -> None:
    """Change a group's sizes, launch settings, cooldown, warm-up, health checks or termination."""
    wanted: UpdateAutoScalingGroup = action.parameters
    sizes = Sizes(wanted.min_size, wanted.max_size, wanted.desired_capacity)
    with refusals():
        world.autoscaling.update_group(wanted.auto_scaling_group_name, sizes, wanted.changes)


@move("autoscaling:TerminateInstanceInAutoScalingGroup", TerminateInstanceInAutoScalingGroup)
def terminate_instance(world: World, action: Action) -> None:
    """Have a group end one of its instances, and replace it or want one less."""
    wanted: TerminateInstanceInAutoScalingGroup = action.parameters
    with refusals():
        world.autoscaling.terminate_instance(
            wanted.instance_id, decrement=wanted.should_decrement_desired_capacity
        )


@move("autoscaling:SuspendProcesses", ScalingProcesses)
def suspend_processes(world: World, action: Action) -> None:
    """Have a group stop launching, terminating, replacing or listening to alarms."""
    wanted: ScalingProcesses = action.parameters
    with refusals():
        world.autoscaling.suspend_processes(
            wanted.auto_scaling_group_name, wanted.scaling_processes
        )


@move("autoscaling:ResumeProcesses", ScalingProcesses)
def resume_processes(world: World, action: Action) -> None:
    """Have a group take up suspended processes again."""
    wanted: ScalingProcesses = action.parameters
    with refusals():
        world.autoscaling.resume_processes(wanted.auto_scaling_group_name, wanted.scaling_processes)

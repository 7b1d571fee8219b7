"""What an operator, or a function for them, does by the API about the ways of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import asdict, evolve, field, frozen

from model.actions import Action, move
from model.autoscaling.lifecycle_resources import (
    ABANDON,
    CONTINUE,
    InstanceReusePolicy,
    WarmPool,
)
from model.autoscaling.moves import refusals
from model.autoscaling.references import AutoScalingGroupRef
from model.elb.resources.references import GroupRef
from model.fields import at_least, length, one_of
from model.resources import Identity

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class LifecycleActionHeartbeat:
    auto_scaling_group_name: AutoScalingGroupRef
    lifecycle_hook_name: str = field(validator=length(1, 255))
    instance_id: str | None = None
    lifecycle_action_token: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.instance_id is None and self.lifecycle_action_token is None:
            raise ValueError("give an InstanceId or a LifecycleActionToken")


@frozen(kw_only=True)
class LifecycleActionCompletion(LifecycleActionHeartbeat):
    lifecycle_action_result: str = field(validator=one_of(CONTINUE, ABANDON))


@move("autoscaling:CompleteLifecycleAction", LifecycleActionCompletion)
def complete_lifecycle_action(world: World, action: Action) -> None:
    """Let an instance that waits for a lifecycle hook go on (CONTINUE), or not (ABANDON)."""
    wanted: LifecycleActionCompletion = action.parameters
    with refusals():
        world.autoscaling.complete_lifecycle_action(
            wanted.auto_scaling_group_name,
            wanted.lifecycle_hook_name,
            wanted.lifecycle_action_result,
            wanted.instance_id,
            wanted.lifecycle_action_token,
        )


@move("autoscaling:RecordLifecycleActionHeartbeat", LifecycleActionHeartbeat)
def record_lifecycle_action_heartbeat(world: World, action: Action) -> None:
    """Let an instance wait for a lifecycle hook by another heartbeat timeout, counted from now."""
    wanted: LifecycleActionHeartbeat = action.parameters
    with refusals():
        world.autoscaling.record_lifecycle_action_heartbeat(
            wanted.auto_scaling_group_name,
            wanted.lifecycle_hook_name,
            wanted.instance_id,
            wanted.lifecycle_action_token,
        )


# -- warm pools -------------------------------------------------------------------------------


@frozen(kw_only=True)
class WarmPoolSettings:
    auto_scaling_group_name: AutoScalingGroupRef
    max_group_prepared_capacity: int | None = field(default=None, validator=at_least(-1))
    min_size: int | None = field(default=None, validator=at_least(0))
    pool_state: str | None = field(
        default=None, validator=one_of("Stopped", "Running", "Hibernated")
    )
    instance_reuse_policy: InstanceReusePolicy | None = None


@frozen(kw_only=True)
class OwnGroup:
    INERT: ClassVar[frozenset[str]] = frozenset({"ForceDelete"})

    auto_scaling_group_name: AutoScalingGroupRef


@move("autoscaling:PutWarmPool", WarmPoolSettings)
def put_warm_pool(world: World, action: Action) -> None:
    """Give a group a warm pool, or its warm pool other settings (what is not given stays)."""
    given = asdict(action.parameters, recurse=False, filter=lambda _, value: value is not None)
    name = given["auto_scaling_group_name"]
    known = world.autoscaling.groups[name].pool.settings
    fresh = WarmPool(identity=Identity(name, WarmPool.TYPE, name), auto_scaling_group_name=name)
    with refusals():
        world.autoscaling.put_warm_pool(name, evolve(known or fresh, **given))


@move("autoscaling:DeleteWarmPool", OwnGroup)
def delete_warm_pool(world: World, action: Action) -> None:
    """Take a group's warm pool away: its instances are terminated."""
    world.autoscaling.put_warm_pool(action.parameters.auto_scaling_group_name, None)


# -- protection, standby, in and out ------------------------------------------------------------


@frozen(kw_only=True)
class GroupInstances:
    auto_scaling_group_name: AutoScalingGroupRef
    instance_ids: tuple[str, ...] = field(validator=length(1, 20))


@frozen(kw_only=True)
class LeavingInstances(GroupInstances):
    should_decrement_desired_capacity: bool


@frozen(kw_only=True)
class InstanceProtection:
    auto_scaling_group_name: AutoScalingGroupRef
    instance_ids: tuple[str, ...] = field(validator=length(1, 50))
    protected_from_scale_in: bool


@move("autoscaling:SetInstanceProtection", InstanceProtection)
def set_instance_protection(world: World, action: Action) -> None:
    """Protect instances of a group from scale-in, or no longer."""
    wanted: InstanceProtection = action.parameters
    with refusals():
        world.autoscaling.set_instance_protection(
            wanted.auto_scaling_group_name,
            wanted.instance_ids,
            protected=wanted.protected_from_scale_in,
        )


@move("autoscaling:EnterStandby", LeavingInstances)
def enter_standby(world: World, action: Action) -> None:
    """Take instances out of service that stay in their group."""
    wanted: LeavingInstances = action.parameters
    with refusals():
        world.autoscaling.enter_standby(
            wanted.auto_scaling_group_name,
            wanted.instance_ids,
            decrement=wanted.should_decrement_desired_capacity,
        )


@move("autoscaling:ExitStandby", GroupInstances)
def exit_standby(world: World, action: Action) -> None:
    """Bring instances back into service from standby."""
    wanted: GroupInstances = action.parameters
    with refusals():
        world.autoscaling.exit_standby(wanted.auto_scaling_group_name, wanted.instance_ids)


@move("autoscaling:DetachInstances", LeavingInstances)
def detach_instances(world: World, action: Action) -> None:
    """Take instances out of their group; they go on running."""
    wanted: LeavingInstances = action.parameters
    with refusals():
        world.autoscaling.detach_instances(
            wanted.auto_scaling_group_name,
            wanted.instance_ids,
            decrement=wanted.should_decrement_desired_capacity,
        )


@move("autoscaling:AttachInstances", GroupInstances)
def attach_instances(world: World, action: Action) -> None:
    """Take running instances into a group."""
    wanted: GroupInstances = action.parameters
    with refusals():
        world.autoscaling.attach_instances(wanted.auto_scaling_group_name, wanted.instance_ids)


@frozen(kw_only=True)
class GroupTargetGroups:
    auto_scaling_group_name: AutoScalingGroupRef
    target_group_arns: tuple[GroupRef, ...] = field(
        validator=length(1, 10), metadata={"name": "TargetGroupARNs"}
    )


@move("autoscaling:AttachLoadBalancerTargetGroups", GroupTargetGroups)
def attach_load_balancer_target_groups(world: World, action: Action) -> None:
    """Register a group's instances with further target groups from now on."""
    wanted: GroupTargetGroups = action.parameters
    world.autoscaling.attach_load_balancer_target_groups(
        wanted.auto_scaling_group_name, wanted.target_group_arns
    )


@move("autoscaling:DetachLoadBalancerTargetGroups", GroupTargetGroups)
def detach_load_balancer_target_groups(world: World, action: Action) -> None:
    """Take a group's instances out of target groups; they drain and go on running."""
    wanted: GroupTargetGroups = action.parameters
    with refusals():
        world.autoscaling.detach_load_balancer_target_groups(
            wanted.auto_scaling_group_name, wanted.target_group_arns
        )

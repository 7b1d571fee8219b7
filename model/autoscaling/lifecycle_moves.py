"""What an operator, or a function for them, does by the API about the ways of instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.autoscaling.lifecycle_resources import ABANDON, CONTINUE
from model.autoscaling.references import AutoScalingGroupRef
from model.autoscaling.service import AutoScalingError
from model.fields import length, one_of

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
    try:
        world.autoscaling.complete_lifecycle_action(
            wanted.auto_scaling_group_name,
            wanted.lifecycle_hook_name,
            wanted.lifecycle_action_result,
            wanted.instance_id,
            wanted.lifecycle_action_token,
        )
    except AutoScalingError as error:
        raise ActionError(str(error)) from error


@move("autoscaling:RecordLifecycleActionHeartbeat", LifecycleActionHeartbeat)
def record_lifecycle_action_heartbeat(world: World, action: Action) -> None:
    """Let an instance wait for a lifecycle hook by another heartbeat timeout, counted from now."""
    wanted: LifecycleActionHeartbeat = action.parameters
    try:
        world.autoscaling.record_lifecycle_action_heartbeat(
            wanted.auto_scaling_group_name,
            wanted.lifecycle_hook_name,
            wanted.instance_id,
            wanted.lifecycle_action_token,
        )
    except AutoScalingError as error:
        raise ActionError(str(error)) from error

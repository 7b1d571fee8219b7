"""What an operator does to policies and schedules by the EC2 Auto Scaling API."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, fields, frozen

from model.actions import Action, move
from model.autoscaling.moves import refusals
from model.autoscaling.references import AutoScalingGroupRef
from model.autoscaling.resources import ScalingPolicy
from model.autoscaling.scheduled_actions import ScheduledAction
from model.fields import at_least, length
from model.resources import ACCOUNT, REGION, Identity, Resource

if TYPE_CHECKING:
    from model.world import World

Made = TypeVar("Made", bound=Resource)

NOBODY = Identity("", "", "")
"""Parameters are those of a resource that has no name yet."""


@frozen(kw_only=True)
class PutScalingPolicy(ScalingPolicy):
    identity: Identity = field(default=NOBODY, init=False)
    policy_name: str = field(validator=length(1, 255))
    enabled: bool = True
    min_adjustment_step: int | None = field(default=None, validator=at_least(1))
    """The old name of MinAdjustmentMagnitude."""


@frozen(kw_only=True)
class DeletePolicy:
    policy_name: str
    """Its name, logical id or ARN."""
    auto_scaling_group_name: AutoScalingGroupRef | None = None


@frozen(kw_only=True)
class ExecutePolicy:
    policy_name: str
    """Its name, logical id or ARN."""
    auto_scaling_group_name: AutoScalingGroupRef | None = None
    honor_cooldown: bool = False
    metric_value: float | None = None
    breach_threshold: float | None = None


@frozen(kw_only=True)
class PutScheduledUpdateGroupAction(ScheduledAction):
    identity: Identity = field(default=NOBODY, init=False)
    scheduled_action_name: str = field(validator=length(1, 255))


@frozen(kw_only=True)
class DeleteScheduledAction:
    auto_scaling_group_name: AutoScalingGroupRef
    scheduled_action_name: str


@move("autoscaling:PutScalingPolicy", PutScalingPolicy)
def put_scaling_policy(world: World, action: Action) -> None:
    """Give a group a scaling policy, or put another in place of the one of that name."""
    wanted: PutScalingPolicy = action.parameters
    dynamic, group = world.autoscaling.dynamic, wanted.auto_scaling_group_name
    known = dynamic.named(wanted.policy_name, group)
    identity = known.resource.identity if known is not None else _policy(wanted.policy_name, group)
    made = _made(ScalingPolicy, wanted, identity)
    if wanted.min_adjustment_step is not None:
        made = evolve(made, min_adjustment_magnitude=wanted.min_adjustment_step)
    with refusals():
        dynamic.put(made, enabled=wanted.enabled)


@move("autoscaling:DeletePolicy", DeletePolicy)
def delete_policy(world: World, action: Action) -> None:
    """Delete a scaling policy, and the alarms that target tracking made."""
    wanted: DeletePolicy = action.parameters
    with refusals():
        world.autoscaling.dynamic.delete(wanted.policy_name, wanted.auto_scaling_group_name)


@move("autoscaling:ExecutePolicy", ExecutePolicy)
def execute_policy(world: World, action: Action) -> None:
    """Have a simple or a step scaling policy act as if its alarm had gone off."""
    wanted: ExecutePolicy = action.parameters
    with refusals():
        world.autoscaling.dynamic.execute(
            wanted.policy_name,
            wanted.auto_scaling_group_name,
            honor_cooldown=wanted.honor_cooldown,
            metric_value=wanted.metric_value,
            breach_threshold=wanted.breach_threshold,
        )


@move("autoscaling:PutScheduledUpdateGroupAction", PutScheduledUpdateGroupAction)
def put_scheduled_action(world: World, action: Action) -> None:
    """Schedule other sizes for a group, once or again and again."""
    wanted: PutScheduledUpdateGroupAction = action.parameters
    scheduled, group = world.autoscaling.scheduled, wanted.auto_scaling_group_name
    name = wanted.scheduled_action_name
    identity = scheduled.identity_of(group, name) or Identity(
        name, ScheduledAction.TYPE, name, {"ScheduledActionName": name}
    )
    with refusals():
        scheduled.put(_made(ScheduledAction, wanted, identity))


@move("autoscaling:DeleteScheduledAction", DeleteScheduledAction)
def delete_scheduled_action(world: World, action: Action) -> None:
    """Delete a scheduled action of a group."""
    wanted: DeleteScheduledAction = action.parameters
    with refusals():
        world.autoscaling.scheduled.delete(
            wanted.auto_scaling_group_name, wanted.scheduled_action_name
        )


def _policy(name: str, group: str) -> Identity:
    """What AWS calls a policy that a call creates."""
    tail = f"{uuid.uuid5(uuid.NAMESPACE_URL, f'{group}/{name}')}:autoScalingGroupName/{group}"
    arn = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{tail}:policyName/{name}"
    return Identity(name, ScalingPolicy.TYPE, arn, {"Arn": arn, "PolicyName": name})


def _made(kind: type[Made], wanted: Made, identity: Identity) -> Made:
    """The resource that a call describes."""
    given = {a.name: getattr(wanted, a.name) for a in fields(kind) if a.name != "identity"}
    return kind(identity=identity, **given)

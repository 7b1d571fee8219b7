"""What an operator does to listeners and their rules by the Elastic Load Balancing API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.actions import Action as Change
from model.actions import ActionError, move
from model.elb.asked import changed_resource, check_owner, named_listener, named_rule
from model.elb.resources import Action, Condition, ListenerRule
from model.elb.resources.references import ListenerRef, RuleRef
from model.fields import between, length
from model.resources import Identity

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class ModifyListener:
    listener_arn: ListenerRef
    default_actions: tuple[Action, ...] = field(validator=length(1))


@move("elasticloadbalancing:ModifyListener", ModifyListener)
def modify_listener(world: World, action: Change) -> None:
    """Change what a listener does with requests that no rule matches."""
    wanted: ModifyListener = action.parameters
    listener = named_listener(world, wanted.listener_arn)
    changed = changed_resource(listener, default_actions=wanted.default_actions)
    check_owner(world, listener, changed.action)
    world.elb.put_listener(changed)


@frozen(kw_only=True)
class CreateRule:
    listener_arn: ListenerRef
    priority: int = field(validator=between(1, 50_000))
    conditions: tuple[Condition, ...] = field(validator=length(1))
    actions: tuple[Action, ...] = field(validator=length(1))


@move("elasticloadbalancing:CreateRule", CreateRule)
def create_rule(world: World, action: Change) -> None:
    """Add a rule to a listener."""
    wanted: CreateRule = action.parameters
    listener = named_listener(world, wanted.listener_arn)
    if listener.network:
        message = f"{listener.logical_id} is for {listener.protocol}: rules are for HTTP and HTTPS"
        raise ActionError(message, "UnsupportedOperation")
    name = rule_name(listener.logical_id, wanted.priority)
    identity = Identity(name, ListenerRule.TYPE, name)
    try:
        rule = ListenerRule(
            identity=identity,
            listener_arn=listener.logical_id,
            priority=wanted.priority,
            conditions=wanted.conditions,
            actions=wanted.actions,
        )
    except ValueError as problem:
        raise ActionError(str(problem)) from None
    for other in world.elb.balancers[listener.load_balancer_arn].rules.values():
        same = (other.listener_arn, other.priority) == (rule.listener_arn, rule.priority)
        if same:
            raise ActionError(f"Priority '{rule.priority}' is currently in use", "PriorityInUse")
    check_owner(world, listener, rule.action)
    world.elb.put_rule(rule)


def rule_name(listener: str, priority: object) -> str:
    """What a rule is called that CreateRule made."""
    return f"{listener}-{priority}"


@frozen(kw_only=True)
class ModifyRule:
    rule_arn: RuleRef
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()


@move("elasticloadbalancing:ModifyRule", ModifyRule)
def modify_rule(world: World, action: Change) -> None:
    """Change a rule's conditions or its actions, such as the weights of its target groups."""
    wanted: ModifyRule = action.parameters
    rule = named_rule(world, wanted.rule_arn)
    given = {"conditions": wanted.conditions, "actions": wanted.actions}
    changed = changed_resource(rule, **{name: value for name, value in given.items() if value})
    check_owner(world, world.elb.listener(rule.listener_arn), changed.action)
    world.elb.put_rule(changed)


@frozen(kw_only=True)
class DeleteRule:
    rule_arn: RuleRef


@move("elasticloadbalancing:DeleteRule", DeleteRule)
def delete_rule(world: World, action: Change) -> None:
    """Take a rule away."""
    world.elb.delete_rule(named_rule(world, action.parameters.rule_arn))

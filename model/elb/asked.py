"""What calls of the Elastic Load Balancing API name, and what they may not make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from model.actions import ActionError
from model.elb.resources import (
    Action,
    AnyListener,
    Listener,
    ListenerRule,
    LoadBalancer,
    TargetGroup,
)
from model.elb.resources.listeners import GROUPS_OF, check_redirect, check_stickiness
from model.fields import FieldError
from model.functions.resources import Permission, no_permission
from model.functions.service import Host

if TYPE_CHECKING:
    from model.world import World


def configured(world: World, name: str) -> TargetGroup:
    """A target group as it is configured at present."""
    state = world.elb.groups.get(name)
    if state is None or not isinstance(state.resource, TargetGroup):
        raise ActionError(f"there is no target group {name}", "TargetGroupNotFound")
    return state.resource


def target_groups(world: World) -> dict[str, TargetGroup]:
    """All target groups as they are configured at present."""
    found = ((name, state.resource) for name, state in world.elb.groups.items())
    return {name: item for name, item in found if isinstance(item, TargetGroup)}


def check_stickiness_of(
    listener: AnyListener, action: Action, groups: Mapping[str, TargetGroup]
) -> None:
    try:
        check_stickiness(listener.protocol, action, groups)
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidConfigurationRequest") from None


def balancer(world: World, name: str | None) -> LoadBalancer:
    """An Application or Network Load Balancer as it is configured at present."""
    state = world.elb.balancers.get(name or "")
    if state is None or not isinstance(state.resource, LoadBalancer):
        raise ActionError(f"there is no load balancer {name}", "LoadBalancerNotFound")
    return state.resource


def changed_resource(resource: Any, **changes: Any) -> Any:
    """The resource with some fields changed, checked as in a template."""
    try:
        return evolve(resource, **changes)
    except FieldError as problem:
        raise ActionError(str(problem)) from None
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidConfigurationRequest") from None


def named_listener(world: World, name: str) -> Listener:
    try:
        return world.elb.listener(name)
    except StopIteration:
        raise ActionError(f"there is no listener {name}", "ListenerNotFound") from None


def named_rule(world: World, name: str) -> ListenerRule:
    for balancer in world.elb.balancers.values():
        if name in balancer.rules:
            return balancer.rules[name]
    raise ActionError(f"One or more rules not found: {name}", "RuleNotFound")


def check_owner(world: World, listener: Listener, action: Action) -> None:
    """The target groups of an action are there, for its protocol, and no other's; a redirect does
    not lead back to HTTP."""
    try:
        check_redirect(listener.protocol, (action,))
    except ValueError as problem:
        raise ActionError(str(problem)) from None
    for name in action.groups:
        group = configured(world, name)
        if group.invokes and listener.network:
            raise ActionError(
                f"{name} has a Lambda function as its target, which only an Application Load "
                "Balancer can invoke",
                "InvalidConfigurationRequest",
            )
        if not group.invokes and group.protocol not in GROUPS_OF[listener.protocol]:
            raise ActionError(
                f"{name} is for {group.protocol}, {listener.logical_id} for {listener.protocol}",
                "InvalidConfigurationRequest",
            )
        owner = world.elb.groups[name].balancer
        if owner not in (None, listener.load_balancer_arn):
            raise ActionError(
                f"{name} serves {owner} already; it can serve only one load balancer",
                "TargetGroupAssociationLimit",
            )
    check_stickiness_of(listener, action, target_groups(world))


def function(world: World, name: str) -> Host:
    """A Lambda function that is to be a target, by its name or its ARN."""
    own = world.functions.name_of(name)
    if own not in world.functions.hosts:
        raise ActionError(f"The function '{name}' does not exist", "InvalidTarget")
    return world.functions.hosts[own]


def check_invocation(world: World, group: TargetGroup, host: Host) -> None:
    """A target group has no function yet, and may invoke this one, which does something."""
    if world.elb.groups[group.logical_id].targets:
        raise ActionError("a target group takes one Lambda function", "TooManyTargets")
    own, arn = host.function, group.identity.ref
    permissions = world.stack.of(Permission)
    if not any(permission.allows(own.logical_id, arn) for permission in permissions):
        raise ActionError(no_permission(own.arn, arn), "AccessDenied")
    if not host.services:
        raise ActionError(
            f"no service runs on {own.logical_id}: what it would make of requests is not known"
        )

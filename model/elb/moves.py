"""What an operator does by the Elastic Load Balancing API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, field, frozen

from model.actions import Action as Change
from model.actions import ActionError, move
from model.clock import Phase
from model.ec2.instances import Instance, InstanceState
from model.ec2.machines import ANYWHERE
from model.ec2.resources import SecurityGroupId
from model.elb.attributes import KeyValue
from model.elb.resources import Action, Condition, Listener, ListenerRule, TargetGroup
from model.elb.resources.balancers import MinimumLoadBalancerCapacity
from model.elb.resources.listeners import GROUPS_OF, check_redirect, check_stickiness
from model.elb.resources.references import BalancerRef, GroupRef, ListenerRef, RuleRef
from model.elb.resources.target_groups import TargetDescription
from model.fields import FieldError, between, length
from model.resources import Identity

if TYPE_CHECKING:
    from model.elb.load_balancer import LoadBalancerState
    from model.elb.target_group import TargetGroupState
    from model.world import World


@frozen(kw_only=True)
class Targets:
    target_group_arn: GroupRef
    targets: tuple[TargetDescription, ...] = field(validator=length(1))


@move("elasticloadbalancing:RegisterTargets", Targets)
def register_targets(world: World, action: Change) -> None:
    """Register running instances (or addresses) with a target group."""
    chosen = _chosen(world, action, new=True)
    for instance, _ in chosen:
        if instance.state is not InstanceState.RUNNING:
            raise ActionError(f"The following targets are not in a running state: {instance.id}")
    for instance, port in chosen:
        world.elb.register_targets(action.parameters.target_group_arn, [instance], port)


@move("elasticloadbalancing:DeregisterTargets", Targets)
def deregister_targets(world: World, action: Change) -> None:
    """Take targets out of a target group; they drain first."""
    for instance, port in _chosen(world, action):
        world.elb.deregister_targets(action.parameters.target_group_arn, [instance], port)


def _chosen(
    world: World, action: Change, *, new: bool = False
) -> list[tuple[Instance, int | None]]:
    group = _group(world, action.parameters.target_group_arn)
    found = []
    for target in action.parameters.targets:
        if group.resource.target_type == "ip":
            try:
                group.resource.check_address(target)
            except ValueError as problem:
                raise ActionError(str(problem)) from None
            if not new and target.id not in world.ec2.machines:
                raise ActionError(f"{target.id} is not registered", "InvalidTarget")
            host = world.ec2.machine_at(target.id, target.availability_zone, group.id)
            found.append((host, target.port))
        elif (name := world.ec2.id_of(target.id)) in world.ec2.instances:
            found.append((world.ec2.instances[name], target.port))
        else:
            raise ActionError(f"The instance ID '{target.id}' does not exist")
    return found


def _group(world: World, name: str) -> TargetGroupState:
    if name not in world.elb.groups:
        raise ActionError(f"there is no target group {name}", "TargetGroupNotFound")
    return world.elb.groups[name]


# -- target groups and load balancers ---------------------------------------------------------


@frozen(kw_only=True)
class ModifyTargetGroup:
    target_group_arn: GroupRef
    health_check_path: str | None = None
    health_check_interval_seconds: int | None = None
    health_check_timeout_seconds: int | None = None
    healthy_threshold_count: int | None = None
    unhealthy_threshold_count: int | None = None


@move("elasticloadbalancing:ModifyTargetGroup", ModifyTargetGroup)
def modify_target_group(world: World, action: Change) -> None:
    """Change how a target group's health is checked."""
    wanted: ModifyTargetGroup = action.parameters
    group = _group(world, wanted.target_group_arn)
    given = asdict(wanted)
    del given["target_group_arn"]
    changes = {name: value for name, value in given.items() if value is not None}
    world.elb.modify_target_group(group.id, _changed(group.resource, **changes))


@frozen(kw_only=True)
class ModifyTargetGroupAttributes:
    target_group_arn: GroupRef
    attributes: tuple[KeyValue, ...] = field(validator=length(1))


@move("elasticloadbalancing:ModifyTargetGroupAttributes", ModifyTargetGroupAttributes)
def modify_target_group_attributes(world: World, action: Change) -> None:
    """Change attributes of a target group, such as its algorithm or deregistration delay."""
    wanted: ModifyTargetGroupAttributes = action.parameters
    group = _group(world, wanted.target_group_arn)
    merged = _merged(group.resource.target_group_attributes, wanted.attributes)
    changed = _changed(group.resource, target_group_attributes=merged)
    _check_zones(group, changed.cross_zone is not False)
    _check_users(world, changed)
    world.elb.modify_target_group(group.id, changed)


def _check_users(world: World, group: TargetGroup) -> None:
    """What forwards to a target group goes with what it would be."""
    groups = {name: state.resource for name, state in world.elb.groups.items()}
    groups[group.logical_id] = group
    for balancer in world.elb.balancers.values():
        for listener in balancer.listeners.values():
            actions = [listener.action, *(rule.action for rule in balancer.rules_of(listener))]
            for action in actions:
                if group.logical_id in action.groups:
                    _check_stickiness(listener, action, groups)


def _check_stickiness(
    listener: Listener, action: Action, groups: Mapping[str, TargetGroup]
) -> None:
    try:
        check_stickiness(listener.protocol, action, groups)
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidConfigurationRequest") from None


@frozen(kw_only=True)
class ModifyLoadBalancerAttributes:
    load_balancer_arn: BalancerRef
    attributes: tuple[KeyValue, ...] = field(validator=length(1))


@move("elasticloadbalancing:ModifyLoadBalancerAttributes", ModifyLoadBalancerAttributes)
def modify_load_balancer_attributes(world: World, action: Change) -> None:
    """Change attributes of a load balancer, such as its idle time-out."""
    wanted: ModifyLoadBalancerAttributes = action.parameters
    balancer = _balancer(world, wanted.load_balancer_arn)
    merged = _merged(balancer.resource.load_balancer_attributes, wanted.attributes)
    changed = _changed(balancer.resource, load_balancer_attributes=merged)
    for group in balancer.groups.values():
        if group.resource.cross_zone is None:
            _check_zones(group, changed.cross_zone)
    world.elb.modify_load_balancer(balancer.id, changed)


def _check_zones(group: TargetGroupState, cross_zone: bool) -> None:
    """A target outside all zones needs cross-zone load balancing."""
    if not cross_zone and any(target.zone == ANYWHERE for target in group.targets.values()):
        raise ActionError(
            f"{group.id} has targets in the zone `all`, which needs cross-zone load balancing",
            "InvalidConfigurationRequest",
        )


@frozen(kw_only=True)
class ModifyCapacityReservation:
    load_balancer_arn: BalancerRef
    minimum_load_balancer_capacity: MinimumLoadBalancerCapacity | None = None
    reset_capacity_reservation: bool = False


@move("elasticloadbalancing:ModifyCapacityReservation", ModifyCapacityReservation)
def modify_capacity_reservation(world: World, action: Change) -> None:
    """Reserve capacity units of a load balancer, or give them back."""
    wanted: ModifyCapacityReservation = action.parameters
    balancer = _balancer(world, wanted.load_balancer_arn)
    reservation = wanted.minimum_load_balancer_capacity
    if (reservation is None) is not wanted.reset_capacity_reservation:
        raise ActionError("give either MinimumLoadBalancerCapacity or ResetCapacityReservation")
    world.schedule.after(PROVISIONING, Phase.CHANGE, _provision, world, balancer, reservation)


def _provision(
    world: World, balancer: LoadBalancerState, reservation: MinimumLoadBalancerCapacity | None
) -> None:
    changed = _changed(balancer.resource, minimum_load_balancer_capacity=reservation)
    world.elb.modify_load_balancer(balancer.id, changed)


PROVISIONING = 300.0
"""Seconds until a reservation is provisioned; AWS says minutes to hours."""


@frozen(kw_only=True)
class SetSecurityGroups:
    load_balancer_arn: BalancerRef
    security_groups: tuple[SecurityGroupId, ...]


@move("elasticloadbalancing:SetSecurityGroups", SetSecurityGroups)
def set_security_groups(world: World, action: Change) -> None:
    """Give a load balancer other security groups."""
    wanted: SetSecurityGroups = action.parameters
    balancer = _balancer(world, wanted.load_balancer_arn)
    changed = _changed(balancer.resource, security_groups=wanted.security_groups)
    world.elb.modify_load_balancer(balancer.id, changed)


def _balancer(world: World, name: str) -> LoadBalancerState:
    if name not in world.elb.balancers:
        raise ActionError(f"there is no load balancer {name}", "LoadBalancerNotFound")
    return world.elb.balancers[name]


def _merged(old: Iterable[KeyValue], new: Iterable[KeyValue]) -> tuple[KeyValue, ...]:
    by_key = {item.key: item for item in (*old, *new)}
    return tuple(by_key.values())


def _changed(resource: Any, **changes: Any) -> Any:
    """The resource with some fields changed, checked as in a template."""
    try:
        return evolve(resource, **changes)
    except FieldError as problem:
        raise ActionError(str(problem)) from None
    except ValueError as problem:
        raise ActionError(str(problem), "InvalidConfigurationRequest") from None


# -- listeners and rules ----------------------------------------------------------------------


@frozen(kw_only=True)
class ModifyListener:
    listener_arn: ListenerRef
    default_actions: tuple[Action, ...] = field(validator=length(1))


@move("elasticloadbalancing:ModifyListener", ModifyListener)
def modify_listener(world: World, action: Change) -> None:
    """Change what a listener does with requests that no rule matches."""
    wanted: ModifyListener = action.parameters
    listener = _listener(world, wanted.listener_arn)
    changed = _changed(listener, default_actions=wanted.default_actions)
    _check_owner(world, listener, changed.action)
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
    listener = _listener(world, wanted.listener_arn)
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
    _check_owner(world, listener, rule.action)
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
    rule = _rule(world, wanted.rule_arn)
    given = {"conditions": wanted.conditions, "actions": wanted.actions}
    changed = _changed(rule, **{name: value for name, value in given.items() if value})
    _check_owner(world, world.elb.listener(rule.listener_arn), changed.action)
    world.elb.put_rule(changed)


@frozen(kw_only=True)
class DeleteRule:
    rule_arn: RuleRef


@move("elasticloadbalancing:DeleteRule", DeleteRule)
def delete_rule(world: World, action: Change) -> None:
    """Take a rule away."""
    world.elb.delete_rule(_rule(world, action.parameters.rule_arn))


def _listener(world: World, name: str) -> Listener:
    try:
        return world.elb.listener(name)
    except StopIteration:
        raise ActionError(f"there is no listener {name}", "ListenerNotFound") from None


def _rule(world: World, name: str) -> ListenerRule:
    for balancer in world.elb.balancers.values():
        if name in balancer.rules:
            return balancer.rules[name]
    raise ActionError(f"One or more rules not found: {name}", "RuleNotFound")


def _check_owner(world: World, listener: Listener, action: Action) -> None:
    """The target groups of an action are there, for its protocol, and no other's; a redirect does
    not lead back to HTTP."""
    try:
        check_redirect(listener.protocol, (action,))
    except ValueError as problem:
        raise ActionError(str(problem)) from None
    for name in action.groups:
        group = _group(world, name)
        if group.resource.protocol not in GROUPS_OF[listener.protocol]:
            raise ActionError(
                f"{name} is for {group.resource.protocol}, {listener.logical_id} for "
                f"{listener.protocol}",
                "InvalidConfigurationRequest",
            )
        owner = group.balancer
        if owner not in (None, listener.load_balancer_arn):
            raise ActionError(
                f"{name} serves {owner} already; it can serve only one load balancer",
                "TargetGroupAssociationLimit",
            )
    groups = {name: state.resource for name, state in world.elb.groups.items()}
    _check_stickiness(listener, action, groups)

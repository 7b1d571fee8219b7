"""What an operator does by the Elastic Load Balancing API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import asdict, field, frozen

from model.actions import Action as Change
from model.actions import ActionError, move
from model.clock import Phase
from model.ec2.instances import Instance, InstanceState
from model.ec2.machines import ANYWHERE
from model.ec2.resources import SecurityGroupId
from model.elb.asked import (
    balancer,
    changed_resource,
    check_invocation,
    check_stickiness_of,
    configured,
    function,
    target_groups,
)
from model.elb.attributes import KeyValue
from model.elb.classic_moves import ClassicAttributes, modify_classic
from model.elb.resources import TargetGroup
from model.elb.resources.balancers import MinimumLoadBalancerCapacity
from model.elb.resources.references import BalancerRef, ClassicRef, GroupRef
from model.elb.resources.targets import TargetDescription
from model.fields import length

if TYPE_CHECKING:
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
    group = configured(world, action.parameters.target_group_arn)
    found: list[tuple[Instance, int | None]] = []
    for target in action.parameters.targets:
        if group.relays:
            raise ActionError(
                "a load balancer that becomes a target while traffic flows is not simulated; list "
                "it under Targets"
            )
        if group.invokes:
            invoked = function(world, target.id)
            if new:
                check_invocation(world, group, invoked)
            found.append((invoked, None))
        elif group.target_type == "ip":
            try:
                group.check_address(target)
            except ValueError as problem:
                raise ActionError(str(problem)) from None
            if not new and target.id not in world.ec2.machines:
                raise ActionError(f"{target.id} is not registered", "InvalidTarget")
            host = world.ec2.machine_at(target.id, target.availability_zone, group.logical_id)
            found.append((host, target.port))
        elif (name := world.ec2.id_of(target.id)) in world.ec2.instances:
            found.append((world.ec2.instances[name], target.port))
        else:
            raise ActionError(f"The instance ID '{target.id}' does not exist")
    return found


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
    group = configured(world, wanted.target_group_arn)
    given = asdict(wanted)
    del given["target_group_arn"]
    changes = {name: value for name, value in given.items() if value is not None}
    world.elb.modify_target_group(group.logical_id, changed_resource(group, **changes))


@frozen(kw_only=True)
class ModifyTargetGroupAttributes:
    target_group_arn: GroupRef
    attributes: tuple[KeyValue, ...] = field(validator=length(1))


@move("elasticloadbalancing:ModifyTargetGroupAttributes", ModifyTargetGroupAttributes)
def modify_target_group_attributes(world: World, action: Change) -> None:
    """Change attributes of a target group, such as its algorithm or deregistration delay."""
    wanted: ModifyTargetGroupAttributes = action.parameters
    group = configured(world, wanted.target_group_arn)
    merged = _merged(group.target_group_attributes, wanted.attributes)
    changed = changed_resource(group, target_group_attributes=merged)
    _check_zones(world.elb.groups[group.logical_id], changed.cross_zone is not False)
    _check_users(world, changed)
    world.elb.modify_target_group(group.logical_id, changed)


def _check_users(world: World, group: TargetGroup) -> None:
    """What forwards to a target group goes with what it would be."""
    groups = target_groups(world) | {group.logical_id: group}
    for user in world.elb.balancers.values():
        for listener in user.listeners.values():
            actions = [listener.action, *(rule.action for rule in user.rules_of(listener))]
            for action in actions:
                if group.logical_id in action.groups:
                    check_stickiness_of(listener, action, groups)


@frozen(kw_only=True)
class ModifyLoadBalancerAttributes:
    """Of an Application or Network Load Balancer by its ARN, of a Classic one by its name."""

    load_balancer_arn: BalancerRef | None = None
    attributes: tuple[KeyValue, ...] = ()
    load_balancer_name: ClassicRef | None = None
    load_balancer_attributes: ClassicAttributes | None = None

    def __attrs_post_init__(self) -> None:
        new = self.load_balancer_arn is not None, bool(self.attributes)
        old = self.load_balancer_name is not None, self.load_balancer_attributes is not None
        if {new, old} != {(True, True), (False, False)}:
            raise ValueError(
                "give LoadBalancerArn and Attributes, or (of a Classic Load Balancer) "
                "LoadBalancerName and LoadBalancerAttributes"
            )


@move("elasticloadbalancing:ModifyLoadBalancerAttributes", ModifyLoadBalancerAttributes)
def modify_load_balancer_attributes(world: World, action: Change) -> None:
    """Change attributes of a load balancer, such as its idle time-out."""
    wanted: ModifyLoadBalancerAttributes = action.parameters
    if wanted.load_balancer_attributes is not None:
        modify_classic(world, wanted.load_balancer_name or "", wanted.load_balancer_attributes)
        return
    own = balancer(world, wanted.load_balancer_arn)
    merged = _merged(own.load_balancer_attributes, wanted.attributes)
    changed = changed_resource(own, load_balancer_attributes=merged)
    for group in world.elb.balancers[own.logical_id].groups.values():
        if group.resource.cross_zone is None:
            _check_zones(group, changed.cross_zone)
    world.elb.modify_load_balancer(own.logical_id, changed)


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
    name = balancer(world, wanted.load_balancer_arn).logical_id
    reservation = wanted.minimum_load_balancer_capacity
    if (reservation is None) is not wanted.reset_capacity_reservation:
        raise ActionError("give either MinimumLoadBalancerCapacity or ResetCapacityReservation")
    world.schedule.after(PROVISIONING, Phase.CHANGE, _provision, world, name, reservation)


def _provision(world: World, name: str, reservation: MinimumLoadBalancerCapacity | None) -> None:
    changed = changed_resource(balancer(world, name), minimum_load_balancer_capacity=reservation)
    world.elb.modify_load_balancer(name, changed)


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
    own = balancer(world, wanted.load_balancer_arn)
    changed = changed_resource(own, security_groups=wanted.security_groups)
    world.elb.modify_load_balancer(own.logical_id, changed)


def _merged(old: Iterable[KeyValue], new: Iterable[KeyValue]) -> tuple[KeyValue, ...]:
    by_key = {item.key: item for item in (*old, *new)}
    return tuple(by_key.values())

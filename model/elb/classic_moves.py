"""What an operator does to Classic Load Balancers by the API of 2012-06-01."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import evolve, field, frozen

from model.actions import Action, ActionError, move
from model.ec2.instances import Instance, InstanceState
from model.elb.resources.classic import ClassicLoadBalancer
from model.elb.resources.classic_parts import (
    AdditionalAttribute,
    ConnectionDrainingPolicy,
    ConnectionSettings,
    HealthCheck,
)
from model.elb.resources.references import ClassicRef
from model.fields import length

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class InstanceItem:
    """An instance, by its id."""

    instance_id: str


@frozen(kw_only=True)
class Instances:
    load_balancer_name: ClassicRef
    instances: tuple[InstanceItem, ...] = field(validator=length(1))


@move("elasticloadbalancing:RegisterInstancesWithLoadBalancer", Instances)
def register_instances(world: World, action: Action) -> None:
    """Register running instances with a Classic Load Balancer."""
    found = _instances(world, action)
    for instance in found:
        if instance.state is not InstanceState.RUNNING:
            raise ActionError(f"{instance.id} is not running", "InvalidInstance")
    world.elb.register_targets(action.parameters.load_balancer_name, found)


@move("elasticloadbalancing:DeregisterInstancesFromLoadBalancer", Instances)
def deregister_instances(world: World, action: Action) -> None:
    """Take instances out of a Classic Load Balancer; they drain first if it says so."""
    world.elb.deregister_targets(action.parameters.load_balancer_name, _instances(world, action))


@frozen(kw_only=True)
class ConfigureHealthCheck:
    load_balancer_name: ClassicRef
    health_check: HealthCheck


@move("elasticloadbalancing:ConfigureHealthCheck", ConfigureHealthCheck)
def configure_health_check(world: World, action: Action) -> None:
    """Check the health of a Classic Load Balancer's instances otherwise."""
    wanted: ConfigureHealthCheck = action.parameters
    own = classic(world, wanted.load_balancer_name)
    changed = evolve(own, health_check=wanted.health_check)
    world.elb.modify_classic_load_balancer(own.logical_id, changed)


@frozen(kw_only=True)
class CrossZoneLoadBalancing:
    """Whether nodes use instances of other zones."""

    enabled: bool


@frozen(kw_only=True)
class ClassicAttributes:
    """Attributes to change; what is not given stays."""

    INERT: ClassVar[frozenset[str]] = frozenset({"AccessLog"})

    cross_zone_load_balancing: CrossZoneLoadBalancing | None = None
    connection_draining: ConnectionDrainingPolicy | None = None
    connection_settings: ConnectionSettings | None = None
    additional_attributes: tuple[AdditionalAttribute, ...] = field(
        default=(), validator=length(0, 1)
    )

    def __attrs_post_init__(self) -> None:
        parts = self.cross_zone_load_balancing, self.connection_draining, self.connection_settings
        if parts == (None, None, None) and not self.additional_attributes:
            raise ValueError(
                "nothing is to be changed: give CrossZoneLoadBalancing, ConnectionDraining or "
                "ConnectionSettings"
            )


def modify_classic(world: World, name: str, wanted: ClassicAttributes) -> None:
    """ModifyLoadBalancerAttributes of a Classic Load Balancer."""
    own = classic(world, name)
    zones = wanted.cross_zone_load_balancing
    changed = evolve(
        own,
        cross_zone=own.cross_zone if zones is None else zones.enabled,
        connection_draining_policy=wanted.connection_draining or own.connection_draining_policy,
        connection_settings=wanted.connection_settings or own.connection_settings,
        additional_attributes=wanted.additional_attributes or own.additional_attributes,
    )
    world.elb.modify_classic_load_balancer(own.logical_id, changed)


def classic(world: World, name: str) -> ClassicLoadBalancer:
    """A Classic Load Balancer as it is configured at present."""
    balancer = world.elb.balancers.get(name)
    if balancer is None or not isinstance(balancer.resource, ClassicLoadBalancer):
        raise ActionError(f"there is no Classic Load Balancer {name}", "LoadBalancerNotFound")
    return balancer.resource


def _instances(world: World, action: Action) -> list[Instance]:
    classic(world, action.parameters.load_balancer_name)
    found = []
    for item in action.parameters.instances:
        name = world.ec2.id_of(item.instance_id)
        if name not in world.ec2.instances:
            raise ActionError(f"Could not find EC2 instance {item.instance_id}", "InvalidInstance")
        found.append(world.ec2.instances[name])
    return found

"""What a person may choose from when they change a load balancer."""

from __future__ import annotations

from collections.abc import Mapping

from model.ec2.instances import InstanceState
from model.elb import attributes
from model.elb.attributes import Attribute, KeyValue
from model.elb.resources import LoadBalancer, TargetGroup
from model.elb.resources.listeners import GROUPS_OF
from model.world import World
from tui.screens.elb_dialogs import Choice


def unregistered(world: World) -> tuple[Choice, ...]:
    """Running instances and the target groups that they are not registered with."""
    found = []
    for group in world.elb.groups.values():
        own = group.resource
        by_address = isinstance(own, TargetGroup) and own.target_type == "ip"
        hosts = world.ec2.machines if by_address else world.ec2.instances
        for instance in hosts.values() if group.leader is None else ():
            if instance.state is InstanceState.RUNNING and not group.registers(instance):
                label = f"{instance.id}  {instance.zone}  → {group.id}"
                found.append(Choice(f"{group.id}/{instance.id}", label))
    return tuple(found)


def changeable(world: World) -> tuple[Choice, ...]:
    """Target groups and load balancers with their attributes."""
    groups = [group.resource for group in world.elb.groups.values()]
    balancers = [balancer.resource for balancer in world.elb.balancers.values()]
    found = []
    for item in (*groups, *balancers):
        match item:
            case TargetGroup(logical_id=name, target_group_attributes=given, known=known):
                found.append(Choice(name, name, _values(given, known)))
            case LoadBalancer(logical_id=name, load_balancer_attributes=given, known=known):
                found.append(Choice(name, name, _values(given, known)))
    return tuple(found)


def _values(
    given: tuple[KeyValue, ...], known: Mapping[str, Attribute]
) -> tuple[tuple[str, str], ...]:
    return tuple((key, attributes.value(given, known, key)) for key in known)


def weighted(world: World) -> tuple[Choice, ...]:
    """Listeners and rules that forward, with the weights of their target groups."""
    found = []
    for balancer in world.elb.describe_load_balancers():
        if world.elb.balancers[balancer.id].resource.kind == "classic":
            continue  # it has no rules and no weights
        for listener in balancer.listeners:
            for rule in listener.rules:
                if rule.answer is not None:
                    continue
                what = "default" if rule.priority is None else f"rule {rule.priority}"
                label = f"{listener.protocol} :{listener.port} {what}"
                given = dict(rule.groups)
                others = [
                    name
                    for name, group in world.elb.groups.items()
                    if group.balancer in (None, balancer.id)
                    and name not in given
                    and isinstance(group.resource, TargetGroup)
                    and group.resource.protocol in GROUPS_OF[listener.protocol]
                ]
                weights = [*given.items(), *((name, 0) for name in others)]
                values = tuple((name, str(weight)) for name, weight in weights[:5])
                found.append(Choice(rule.id or listener.id, label, values))
    return tuple(found)

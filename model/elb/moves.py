"""What an operator does by the Elastic Load Balancing API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.ec2.instances import Instance, InstanceState
from model.fields import between, length, refers_to

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class TargetDescription:
    """One target: an instance and a port (None: the group's own; of all, to take out)."""

    id: str
    port: int | None = field(default=None, validator=between(1, 65_535))


@frozen(kw_only=True)
class Targets:
    target_group_arn: Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::TargetGroup")]
    targets: tuple[TargetDescription, ...] = field(validator=length(1))


@move("elasticloadbalancing:RegisterTargets", Targets)
def register_targets(world: World, action: Action) -> None:
    """Register running instances with a target group, on its port or on one of theirs."""
    chosen = _chosen(world, action)
    for instance, _ in chosen:
        if instance.state is not InstanceState.RUNNING:
            raise ActionError(f"The following targets are not in a running state: {instance.id}")
    for instance, port in chosen:
        world.elb.register_targets(action.parameters.target_group_arn, [instance], port)


@move("elasticloadbalancing:DeregisterTargets", Targets)
def deregister_targets(world: World, action: Action) -> None:
    """Take instances out of a target group; they drain first."""
    for instance, port in _chosen(world, action):
        world.elb.deregister_targets(action.parameters.target_group_arn, [instance], port)


def _chosen(world: World, action: Action) -> list[tuple[Instance, int | None]]:
    if action.parameters.target_group_arn not in world.elb.groups:
        raise ActionError(f"{action.parameters.target_group_arn} serves no load balancer")
    found = []
    for target in action.parameters.targets:
        if target.id not in world.ec2.instances:
            raise ActionError(f"The instance ID '{target.id}' does not exist")
        found.append((world.ec2.instances[target.id], target.port))
    return found

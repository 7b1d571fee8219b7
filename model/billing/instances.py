"""Amazon EC2: instances are billed by the second while they run, a minute at least (Amazon EC2
pricing), Spot instances at the prices of the scenario; charged surplus CPU credits by the
vCPU-hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from model.clock import HOUR

if TYPE_CHECKING:
    from model.world import World


@frozen(eq=False)
class Opening:
    """What had been used when the scenario began: it is not in the bill."""

    costs: dict[str, float] = field(factory=dict)
    """US dollars for instances, by the logical id of what keeps them."""
    seconds: dict[str, float] = field(factory=dict)
    """Billed seconds of each instance, by its id."""

    @classmethod
    def of(cls, world: World) -> Opening:
        """As of now."""
        instances = world.ec2.instances.values()
        return cls(_costs(world), {i.id: i.billed_seconds(world.now) for i in instances})


def instance_costs(world: World) -> dict[str, float]:
    """What the instances of each group, and those that none keeps, cost since the scenario's start,
    by logical id."""
    before = world.opening.costs
    return {name: total - before.get(name, 0.0) for name, total in _costs(world).items()}


def _costs(world: World) -> dict[str, float]:
    """The same since the world began."""
    costs = dict.fromkeys(world.autoscaling.groups, 0.0)
    for instance in world.ec2.instances.values():
        owner = instance.launched_by or world.ec2.standalone.get(instance.id)
        if owner is not None:
            if instance.spot:
                spent = world.ec2.spot.cost(instance.id)
            else:
                spent = instance.billed_seconds(world.now) / HOUR * instance.type.price
            costs[owner] = costs.get(owner, 0.0) + spent
            if instance.credits is not None:
                costs[owner] += instance.credits.cost
    return costs

"""What the resources cost: US dollars, list prices of us-east-1, and Spot prices of the scenario.

Instances are billed by the second while they run, a minute at least (Amazon EC2 pricing); a load
balancer by the hour or part of an hour and by the capacity units that it used (Elastic Load
Balancing pricing); charged surplus CPU credits by the vCPU-hour. Data transfer is not counted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from model.clock import HOUR
from model.elb.units import LCU_HOUR, NLCU_HOUR

if TYPE_CHECKING:
    from model.world import World

LOAD_BALANCER_HOUR = 0.0225
CLASSIC_HOUR = 0.025
CLASSIC_GIGABYTE = 0.008
"""For each GB that a Classic Load Balancer processes."""
GIGABYTE = 1e9


def instance_cost(world: World) -> dict[str, float]:
    """What the instances of each group, and those that none keeps, cost since the world began, by
    logical id."""
    costs = dict.fromkeys(world.autoscaling.groups, 0.0)
    for instance in world.ec2.instances.values():
        owner = instance.group or world.ec2.standalone.get(instance.id)
        if owner is not None:
            if instance.spot:
                spent = world.ec2.spot.cost(instance.id)
            else:
                spent = instance.billed_seconds(world.now) / HOUR * instance.type.price
            costs[owner] = costs.get(owner, 0.0) + spent
            if instance.credits is not None:
                costs[owner] += instance.credits.cost
    return costs


def cost(world: World) -> dict[str, float]:
    """What each resource cost since the scenario's start."""
    before = world.cost_at_start
    costs = {name: total - before.get(name, 0.0) for name, total in instance_cost(world).items()}
    costs |= world.functions.cost()
    hours = math.ceil(max(world.now, 0.0) / HOUR - 1e-9)
    for name, balancer in world.elb.balancers.items():
        meter = world.elb.meters[name]
        match balancer.resource.kind:
            case "classic":
                used = meter.processed / GIGABYTE * CLASSIC_GIGABYTE
                costs[name] = hours * CLASSIC_HOUR + used
            case "network":
                costs[name] = hours * LOAD_BALANCER_HOUR + meter.unit_hours() * NLCU_HOUR
            case _:
                costs[name] = hours * LOAD_BALANCER_HOUR + meter.unit_hours() * LCU_HOUR
    return costs

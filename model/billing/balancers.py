"""Elastic Load Balancing: by the hour or part of an hour, and by the capacity units or the bytes
that were used (Elastic Load Balancing pricing)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.billing.hours import started_hours
from model.elb.units import LCU_HOUR, NLCU_HOUR

if TYPE_CHECKING:
    from model.world import World

LOAD_BALANCER_HOUR = 0.0225
CLASSIC_HOUR = 0.025
CLASSIC_GIGABYTE = 0.008
"""For each GB that a Classic Load Balancer processes."""
GIGABYTE = 1e9


def balancer_costs(world: World) -> dict[str, float]:
    """What each load balancer cost since the scenario's start, by logical id."""
    costs = {}
    hours = started_hours(world.now)
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

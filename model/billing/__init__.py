"""What the resources cost: US dollars, On-Demand list prices of us-east-1.

Nothing is free of charge for being little: free tiers are for an account as a whole, and what else
runs in it is not known. Data transfer is not counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.billing.balancers import balancer_costs
from model.billing.cloudwatch import cloudwatch_costs
from model.billing.instances import instance_costs
from model.billing.tables import table_costs

if TYPE_CHECKING:
    from model.world import World


def costs_by_service(world: World) -> dict[str, dict[str, float]]:
    """What each resource cost since the scenario's start, by its service as a bill names it."""
    return {
        "AmazonEC2": instance_costs(world),
        "AWSLambda": dict(world.functions.cost()),
        "AmazonECS": world.ecs.bill.costs(),
        "AWSELB": balancer_costs(world),
        "AmazonDynamoDB": table_costs(world),
        "AmazonRDS": world.rds.cost(),
        "AmazonCloudWatch": cloudwatch_costs(world),
    }


def cost(world: World) -> dict[str, float]:
    """What each resource cost since the scenario's start, by logical id; `CloudWatch`: metrics that
    no one resource has."""
    return {name: own for costs in costs_by_service(world).values() for name, own in costs.items()}

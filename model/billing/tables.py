"""Amazon DynamoDB: provisioned units by the hour, or units on demand by the request (Amazon
DynamoDB pricing, Standard table class). Storage is not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.clock import HOUR
from model.dynamodb.requests import Side

if TYPE_CHECKING:
    from model.world import World

UNIT_HOUR = {Side.READ: 0.00013, Side.WRITE: 0.00065}
"""For each provisioned unit."""
REQUEST_UNIT = {Side.READ: 0.125e-6, Side.WRITE: 0.625e-6}
"""For each unit that a request takes on demand."""


def table_costs(world: World) -> dict[str, float]:
    """What each table and its indexes cost since the scenario's start, by logical id."""
    costs = {}
    for name in world.dynamodb.tables:
        usage = world.dynamodb.usage(name)
        hours = sum(usage.provisioned[side] / HOUR * UNIT_HOUR[side] for side in Side)
        units = sum(usage.requested[side] * REQUEST_UNIT[side] for side in Side)
        costs[name] = hours + units
    return costs

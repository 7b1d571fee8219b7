"""A table and what is sent to it, for the tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from model import catalogue
from model.actions import REGISTER, Action
from model.cloudwatch.metrics import MetricKey
from model.dynamodb.metrics import NAMESPACE, dimensions_of
from model.dynamodb.requests import ItemRequest, TableSource
from model.dynamodb.resources import (
    ON_DEMAND,
    AttributeDefinition,
    GlobalSecondaryIndex,
    KeyElement,
    Projection,
    ProvisionedThroughput,
    Table,
)
from model.resources import Identity
from model.stack import Stack
from model.traffic.shapes import Constant, Shape
from model.world import World

catalogue.load()

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


def units(read: int, write: int) -> ProvisionedThroughput:
    """Provisioned throughput."""
    return ProvisionedThroughput(read_capacity_units=read, write_capacity_units=write)


def index(name: str, projection: str = "ALL", **given: Any) -> GlobalSecondaryIndex:
    """A global secondary index by the attribute `customer`."""
    return GlobalSecondaryIndex(
        index_name=name,
        key_schema=(KeyElement(attribute_name="customer", key_type="HASH"),),
        projection=Projection(projection_type=projection),
        **given,
    )


def table(read: int = 100, write: int = 100, **given: Any) -> Table:
    """A table of orders; on demand if `billing_mode` says so."""
    if given.get("billing_mode") != ON_DEMAND:
        given["provisioned_throughput"] = units(read, write)
    keys = ["order"] + ["customer"] * bool(given.get("global_secondary_indexes"))
    return Table(
        identity=Identity("Orders", Table.TYPE, "orders"),
        attribute_definitions=tuple(
            AttributeDefinition(attribute_name=key, attribute_type="S") for key in keys
        ),
        key_schema=(KeyElement(attribute_name="order", key_type="HASH"),),
        **given,
    )


def source(name: str, shape: Shape | float, **request: Any) -> TableSource:
    """Requests to it, at a rate."""
    rate = Constant(shape) if isinstance(shape, float | int) else shape
    return TableSource(name=name, to="Orders", shape=rate, item=ItemRequest(**request))


def strong(name: str, shape: Shape | float, **request: Any) -> TableSource:
    """Reads that take a unit each."""
    return source(name, shape, operation="GetItem", consistent_read=True, **request)


def world(resource: Table, *sources: TableSource, **given: Any) -> World:
    """Its world at the beginning."""
    return World(Stack({"Orders": resource}), start=START, traffic=sources, **given)


def update(**parameters: Any) -> Action:
    """UpdateTable."""
    kind = REGISTER["dynamodb:UpdateTable"]
    return Action(name=kind.name, parameters=kind.parameters(table_name="Orders", **parameters))


def metric(
    world: World,
    name: str,
    statistic: str = "Sum",
    *,
    index: str = "",
    operation: str = "",
) -> dict[float, float]:
    """The datapoints of a metric by the start of their period."""
    dimensions = dimensions_of("orders", index)
    if operation:
        dimensions = (("Operation", operation), *dimensions)
    found = world.cloudwatch.metrics.get(MetricKey(NAMESPACE, name, dimensions))
    points = {} if found is None else found.points
    return {start: point.statistic(statistic) for start, point in points.items()}

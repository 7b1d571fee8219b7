"""A cluster of Aurora, a DB instance alone, and what is sent to them, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from model import catalogue
from model.actions import REGISTER, Action, Targets
from model.cloudwatch.metrics import MetricKey
from model.rds.metrics import NAMESPACE
from model.rds.requests import DatabaseSource, StatementRequest
from model.rds.resources import DBCluster, DBInstance
from model.resources import Identity, Resource
from model.services import RequestWork, Service
from model.stack import Stack
from model.traffic.shapes import Constant, Shape
from model.world import World

catalogue.load()

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
LARGE = "db.r6g.large"
CLUSTER = DBCluster(identity=Identity("Cluster", DBCluster.TYPE, "cluster"), engine="aurora-mysql")
DATA = Service(
    name="data",
    runs_on=("Cluster", "Alone"),
    cpu_time=0.002,
    wait_time=0.001,
    workers=200,
    requests=(RequestWork(method="INSERT", cpu_time=0.004),),
)
"""One instance with two vCPUs sustains 1,000 reads per second."""


def member(name: str, kind: str = LARGE, **given: Any) -> DBInstance:
    """A DB instance of the cluster."""
    return DBInstance(
        identity=Identity(name, DBInstance.TYPE, name.lower()),
        db_cluster_identifier="Cluster",
        db_instance_class=kind,
        **given,
    )


def alone(**given: Any) -> DBInstance:
    """A DB instance that stands alone."""
    return DBInstance(
        identity=Identity("Alone", DBInstance.TYPE, "alone"),
        db_instance_class="db.m5.large",
        engine="mysql",
        **given,
    )


def reads(rate: Shape | float, to: str = "Cluster", **request: Any) -> DatabaseSource:
    """SELECTs, at the reader endpoint unless something else is said."""
    shape = Constant(rate) if isinstance(rate, float | int) else rate
    statement = StatementRequest(**{"endpoint": "reader", **request})
    return DatabaseSource(name="reads", to=to, shape=shape, clients=300, statement=statement)


def writes(rate: float, to: str = "Cluster") -> DatabaseSource:
    """INSERTs."""
    statement = StatementRequest(statement="INSERT")
    return DatabaseSource(
        name="writes", to=to, shape=Constant(rate), clients=50, statement=statement
    )


def cluster_world(
    *sources: DatabaseSource, members: tuple[DBInstance, ...] = (), **given: Any
) -> World:
    """The world of the cluster (One writes and Two reads unless others are given)."""
    own = members or (member("One"), member("Two"))
    resources: Mapping[str, Resource] = {
        "Cluster": CLUSTER,
        **{item.logical_id: item for item in own},
    }
    return World(Stack(resources), start=START, services=(DATA,), traffic=sources, **given)


def alone_world(*sources: DatabaseSource, **given: Any) -> World:
    """The world of the one that stands alone."""
    return World(Stack({"Alone": alone(**given)}), start=START, services=(DATA,), traffic=sources)


def do(world: World, name: str, **parameters: Any) -> None:
    """A move, now."""
    world.apply(Action(name=name, parameters=REGISTER[name].parameters(**parameters)))


def harm(world: World, name: str, **targets: Any) -> None:
    """A fault, now."""
    kind = REGISTER[name]
    world.apply(Action(name=name, targets=Targets(**targets), parameters=kind.parameters()))


def metric(
    world: World, name: str, statistic: str = "Average", **dimensions: str
) -> dict[float, float]:
    """The datapoints of a metric by the start of their period."""
    found = world.cloudwatch.metrics.get(MetricKey.of(NAMESPACE, name, dimensions))
    points = {} if found is None else found.points
    return {start: point.statistic(statistic) for start, point in points.items()}


def messages(world: World) -> list[tuple[float, str]]:
    """What RDS told EventBridge, and when."""
    events = [event for event in world.bus.events if event.detail_type.startswith("RDS")]
    return [(event.time, str(event.detail["Message"])) for event in events]

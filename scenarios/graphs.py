"""The main graphs of a world: which metrics tell how each of its resources fares.

The live screen shows them, and so does the page of a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from model.cloudwatch.metrics import MetricKey
from model.dynamodb.metrics import throttle_events
from model.dynamodb.requests import Side
from model.rds.deployment import Deployment
from model.rds.resources import DBInstance
from model.world import World
from scenarios.metric_names import NAMESPACES, key_of

Wanted = tuple[str, str, str]
"""A label, a metric and its statistic."""


@frozen
class GraphLine:
    """One metric on a graph."""

    label: str
    key: MetricKey
    statistic: str


@frozen
class MainGraph:
    """Metrics of a resource that are drawn together."""

    resource: str
    """Its logical id."""
    title: str
    unit: str
    """What all of its lines are counted in, by CloudWatch's name."""
    lines: tuple[GraphLine, ...]

    @property
    def summed(self) -> bool:
        """Whether it shows sums: how many in each period."""
        return any(line.statistic == "Sum" for line in self.lines)

    @property
    def high(self) -> float | None:
        """The greatest value that there can be, if there is one."""
        return 100.0 if self.unit == "Percent" else None


@frozen
class _Sort:
    """A graph as it is for every resource of a kind."""

    title: str
    unit: str
    wanted: tuple[Wanted, ...]


BALANCERS: Mapping[str, tuple[_Sort, ...]] = {
    "application": (
        _Sort(
            "requests",
            "Count",
            (
                ("requests", "RequestCount", "Sum"),
                ("ELB 5xx", "HTTPCode_ELB_5XX_Count", "Sum"),
                ("target 5xx", "HTTPCode_Target_5XX_Count", "Sum"),
            ),
        ),
        _Sort(
            "TargetResponseTime",
            "Seconds",
            (("p50", "TargetResponseTime", "p50"), ("p99", "TargetResponseTime", "p99")),
        ),
    ),
    "network": (
        _Sort(
            "flows",
            "Count",
            (
                ("new flows", "NewFlowCount", "Sum"),
                ("resets by targets", "TCP_Target_Reset_Count", "Sum"),
                ("resets by the NLB", "TCP_ELB_Reset_Count", "Sum"),
            ),
        ),
        _Sort("active flows", "Count", (("active", "ActiveFlowCount", "Average"),)),
    ),
    "classic": (
        _Sort(
            "requests",
            "Count",
            (
                ("requests", "RequestCount", "Sum"),
                ("ELB 5xx", "HTTPCode_ELB_5XX", "Sum"),
                ("backend 5xx", "HTTPCode_Backend_5XX", "Sum"),
                ("spillover", "SpilloverCount", "Sum"),
            ),
        ),
        _Sort("Latency", "Seconds", (("average", "Latency", "Average"), ("p99", "Latency", "p99"))),
        _Sort("SurgeQueueLength", "Count", (("longest", "SurgeQueueLength", "Maximum"),)),
    ),
}
"""By the kind of load balancer."""
HOSTS = _Sort(
    "hosts",
    "Count",
    (("healthy", "HealthyHostCount", "Minimum"), ("unhealthy", "UnHealthyHostCount", "Maximum")),
)
FUNCTION = (
    _Sort(
        "invocations",
        "Count",
        (
            ("invocations", "Invocations", "Sum"),
            ("errors", "Errors", "Sum"),
            ("throttles", "Throttles", "Sum"),
        ),
    ),
    _Sort("ConcurrentExecutions", "Count", (("at a time", "ConcurrentExecutions", "Maximum"),)),
)
CPU = _Sort(
    "CPUUtilization",
    "Percent",
    (("average", "CPUUtilization", "Average"), ("maximum", "CPUUtilization", "Maximum")),
)
TASKS = (CPU, _Sort("tasks", "Count", (("live", "LiveTaskCount", "Average"),)))
TABLE = (
    *(
        _Sort(
            f"{side.lower()} units", "Count", (("consumed", f"Consumed{side}CapacityUnits", "Sum"),)
        )
        for side in Side
    ),
    _Sort(
        "throttled",
        "Count",
        tuple((f"{side.lower()}s", throttle_events(side), "Sum") for side in Side),
    ),
)
DATABASES = (("CPUUtilization", "Percent"), ("DatabaseConnections", "Count"))
"""Metrics of DB instances, a line for each of a cluster."""


def main_graphs(world: World) -> Iterator[MainGraph]:
    """All of them, in the order of the world's resources; capacity of groups has its own views."""
    for name, balancer in world.elb.balancers.items():
        for sort in BALANCERS[balancer.resource.kind]:
            yield _graph(name, sort, world)
    for name, group in world.elb.groups.items():
        without = name in world.elb.balancers or group.leader is not None or group.balancer is None
        if not without and group.resource.counts_hosts:
            yield _graph(name, HOSTS, world)
    for name in world.functions.hosts:
        if name in world.stack.resources:
            for sort in FUNCTION:
                yield _graph(name, sort, world)
    for name in world.ecs.schedulers:
        for sort in TASKS:
            yield _graph(name, sort, world)
    for name in world.dynamodb.tables:
        for sort in TABLE:
            yield _graph(name, sort, world)
    for deployment in world.rds.deployments.values():
        for metric, unit in DATABASES:
            yield _of_databases(deployment, metric, unit)
    for name in world.autoscaling.groups:
        yield _graph(name, CPU, world)


def _of_databases(deployment: Deployment, metric: str, unit: str) -> MainGraph:
    """The instances of a cluster side by side, those that were created later too."""
    own = [instance.resource.dimension for instance in deployment.instances]
    lines = [
        GraphLine(who[1], MetricKey.of(NAMESPACES[DBInstance], metric, dict([who])), "Average")
        for who in own
    ]
    return MainGraph(deployment.id, metric, unit, tuple(lines))


def _graph(resource: str, sort: _Sort, world: World) -> MainGraph:
    lines = tuple(
        GraphLine(label, key_of(resource, metric, world), statistic)
        for label, metric, statistic in sort.wanted
    )
    return MainGraph(resource, sort.title, sort.unit, lines)

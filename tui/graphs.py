"""The graphs on offer: which CloudWatch metrics each one draws."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from attrs import frozen

from model.clock import MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.dynamodb.metrics import throttle_events
from model.dynamodb.requests import Side
from model.dynamodb.table import TableState
from model.rds.deployment import Deployment
from model.world import World
from tui.charts.views import Unit
from tui.plots import Plot

HOUR, DAY = 3600.0, 24 * 3600.0

PERIODS = {
    HOUR: 60.0,
    3 * HOUR: 60.0,
    12 * HOUR: 300.0,
    DAY: 300.0,
    3 * DAY: 900.0,
    7 * DAY: 3600.0,
}
"""How much time a graph shows, as the CloudWatch console offers it, and the period of its
datapoints unless somebody chooses another."""
RANGES: tuple[float, ...] = tuple(PERIODS)


def range_label(span: float) -> str:
    """A range as the console writes it: 10m, 3h, 1d, 1w."""
    if span < HOUR:
        return f"{span / MINUTE:.0f}m"
    if span >= 7 * DAY and span % (7 * DAY) == 0:
        return f"{span / (7 * DAY):g}w"
    return f"{span / DAY:.3g}d" if span >= DAY else f"{span / HOUR:.3g}h"


@frozen
class Line:
    """One metric on a graph."""

    label: str
    key: MetricKey
    statistic: str


def graph(title: str, unit: Unit, lines: Sequence[Line], high: float | None = None) -> Plot:
    """A graph whose lines share a unit."""
    queries = tuple(
        MetricQuery(
            id=f"m{number}",
            label=line.label,
            metric_stat=MetricStat(line.key, MINUTE, line.statistic),
        )
        for number, line in enumerate(lines, start=1)
    )
    return Plot(title=title, queries=queries, unit=unit, sparing=True, high=high)


def _of_table(state: TableState) -> Iterator[Plot]:
    """What a table gave of each kind of capacity, and what it refused."""
    place, of_table = dict([state.resource.dimension]), partial(_line, "AWS/DynamoDB")
    for side in Side:
        consumed = of_table("consumed", f"Consumed{side}CapacityUnits", "Sum", place)
        yield graph(f"{state.name} {side.lower()} units per minute", "Count", (consumed,))
    throttled = tuple(
        of_table(f"{side.lower()}s", throttle_events(side), "Sum", place) for side in Side
    )
    yield graph(f"{state.name} throttled per minute", "Count", throttled)


def _of_databases(deployment: Deployment) -> Iterator[Plot]:
    """How busy the instances of a cluster are, or the one that stands alone."""
    own = [instance.resource.dimension for instance in deployment.instances]

    def lines(metric: str) -> list[Line]:
        return [_line("AWS/RDS", who[1], metric, "Average", dict([who])) for who in own]

    yield graph(f"{deployment.id} CPUUtilization", "Percent", lines("CPUUtilization"), high=100.0)
    yield graph(f"{deployment.id} DatabaseConnections", "Count", lines("DatabaseConnections"))


def graphs_of(world: World) -> tuple[Plot, ...]:
    """The graphs that tell how each load balancer and each group fares."""
    graphs: list[Plot] = []
    for balancer in world.elb.balancers.values():
        own = balancer.resource.dimension
        elb = partial(_line, balancer.resource.namespace)
        graphs += GRAPHS[balancer.resource.kind](elb, dict([own]))
        for group in balancer.groups.values():
            if group.leader is not None or not group.resource.counts_hosts:
                continue
            place = dict([own, group.resource.dimension])
            graphs.append(
                graph(
                    f"{group.id} hosts",
                    "Count",
                    (
                        elb("healthy", "HealthyHostCount", "Average", place),
                        elb("unhealthy", "UnHealthyHostCount", "Average", place),
                    ),
                )
            )
    for name in world.functions.hosts:
        place = {"FunctionName": name}
        of_function = partial(_line, "AWS/Lambda")
        number = (
            of_function("invocations", "Invocations", "Sum", place),
            of_function("throttles", "Throttles", "Sum", place),
        )
        busy = (of_function("at a time", "ConcurrentExecutions", "Maximum", place),)
        graphs += [
            graph(f"{name} per minute", "Count", number),
            graph(f"{name} ConcurrentExecutions", "Count", busy),
        ]
    for scheduler in world.ecs.schedulers.values():
        graphs += _of_tasks(scheduler.id, scheduler.service.dimensions)
    for state in world.dynamodb.tables.values():
        graphs += _of_table(state)
    for deployment in world.rds.deployments.values():
        graphs += _of_databases(deployment)
    for asg in world.autoscaling.groups.values():
        place = {"AutoScalingGroupName": asg.name}
        cpu = MetricKey.of("AWS/EC2", "CPUUtilization", place)
        graphs.append(
            graph(
                f"{asg.id} CPUUtilization",
                "Percent",
                (Line("average", cpu, "Average"), Line("maximum", cpu, "Maximum")),
                high=100.0,
            )
        )
        if asg.resource.enabled_metrics is not None:
            scaling = (
                ("desired", "GroupDesiredCapacity"),
                ("in service", "GroupInServiceInstances"),
            )
            lines = tuple(
                Line(label, MetricKey.of("AWS/AutoScaling", metric, place), "Average")
                for label, metric in scaling
            )
            graphs.append(graph(f"{asg.id} capacity", "Count", lines))
    return tuple(graphs)


Place = dict[str, str]
Maker = Callable[[str, str, str, Place], Line]
"""Makes a line of its label, metric, statistic and dimensions."""


def _line(namespace: str, label: str, metric: str, statistic: str, place: Place) -> Line:
    return Line(label, MetricKey.of(namespace, metric, place), statistic)


def _of_tasks(name: str, place: Place) -> list[Plot]:
    """Graphs of a service of containers."""
    ecs = partial(_line, "AWS/ECS")
    cpu = (
        ecs("average", "CPUUtilization", "Average", place),
        ecs("maximum", "CPUUtilization", "Maximum", place),
    )
    tasks = (ecs("live", "LiveTaskCount", "Average", place),)
    return [
        graph(f"{name} CPUUtilization", "Percent", cpu, high=100.0),
        graph(f"{name} tasks", "Count", tasks),
    ]


def _of_requests(elb: Maker, place: Place) -> list[Plot]:
    """Graphs of an Application Load Balancer."""
    requests = (
        elb("requests", "RequestCount", "Sum", place),
        elb("ELB 5xx", "HTTPCode_ELB_5XX_Count", "Sum", place),
        elb("target 5xx", "HTTPCode_Target_5XX_Count", "Sum", place),
    )
    times = (
        elb("p50", "TargetResponseTime", "p50", place),
        elb("p99", "TargetResponseTime", "p99", place),
    )
    return [
        graph("Requests per minute", "Count", requests),
        graph("TargetResponseTime", "Seconds", times),
    ]


def _of_flows(elb: Maker, place: Place) -> list[Plot]:
    """Graphs of a Network Load Balancer."""
    flows = (
        elb("new flows", "NewFlowCount", "Sum", place),
        elb("resets by targets", "TCP_Target_Reset_Count", "Sum", place),
        elb("resets by the NLB", "TCP_ELB_Reset_Count", "Sum", place),
    )
    active = (elb("active", "ActiveFlowCount", "Average", place),)
    return [graph("Flows per minute", "Count", flows), graph("Active flows", "Count", active)]


def _of_instances(elb: Maker, place: Place) -> list[Plot]:
    """Graphs of a Classic Load Balancer."""
    requests = (
        elb("requests", "RequestCount", "Sum", place),
        elb("ELB 5xx", "HTTPCode_ELB_5XX", "Sum", place),
        elb("backend 5xx", "HTTPCode_Backend_5XX", "Sum", place),
        elb("spillover", "SpilloverCount", "Sum", place),
    )
    times = (elb("average", "Latency", "Average", place), elb("p99", "Latency", "p99", place))
    queue = (elb("longest", "SurgeQueueLength", "Maximum", place),)
    return [
        graph("Requests per minute", "Count", requests),
        graph("Latency", "Seconds", times),
        graph("SurgeQueueLength", "Count", queue),
    ]


GRAPHS: dict[str, Callable[[Maker, Place], list[Plot]]] = {
    "application": _of_requests,
    "network": _of_flows,
    "classic": _of_instances,
}
"""By the kind of load balancer."""

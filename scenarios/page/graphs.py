"""Which graphs a report shows: how each resource fared, and what each alarm watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from model.clock import MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.world import World
from scenarios.metric_data import ask
from scenarios.metric_names import key_of

PERIODS = (60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0)
MOST_POINTS = 400
"""Datapoints of a line, for which the shortest of the periods is chosen."""
MOST_ALARMS = 24
"""Alarms whose metric is drawn."""

Wanted = tuple[str, str, str]
"""A label, a metric and its statistic."""

BALANCERS: Mapping[str, tuple[tuple[str, tuple[Wanted, ...]], ...]] = {
    "application": (
        (
            "requests",
            (
                ("requests", "RequestCount", "Sum"),
                ("ELB 5xx", "HTTPCode_ELB_5XX_Count", "Sum"),
                ("target 5xx", "HTTPCode_Target_5XX_Count", "Sum"),
            ),
        ),
        (
            "TargetResponseTime",
            (("p50", "TargetResponseTime", "p50"), ("p99", "TargetResponseTime", "p99")),
        ),
    ),
    "network": (
        (
            "flows",
            (
                ("new flows", "NewFlowCount", "Sum"),
                ("resets by targets", "TCP_Target_Reset_Count", "Sum"),
                ("resets by the load balancer", "TCP_ELB_Reset_Count", "Sum"),
            ),
        ),
        ("ActiveFlowCount", (("active flows", "ActiveFlowCount", "Average"),)),
    ),
    "classic": (
        (
            "requests",
            (
                ("requests", "RequestCount", "Sum"),
                ("ELB 5xx", "HTTPCode_ELB_5XX", "Sum"),
                ("backend 5xx", "HTTPCode_Backend_5XX", "Sum"),
                ("spillover", "SpilloverCount", "Sum"),
            ),
        ),
        ("Latency", (("average", "Latency", "Average"), ("p99", "Latency", "p99"))),
        ("SurgeQueueLength", (("longest", "SurgeQueueLength", "Maximum"),)),
    ),
}
"""By the kind of load balancer: what is drawn together, and under which title."""
HOSTS: tuple[Wanted, ...] = (
    ("healthy", "HealthyHostCount", "Minimum"),
    ("unhealthy", "UnHealthyHostCount", "Maximum"),
)
FUNCTION: tuple[Wanted, ...] = (
    ("invocations", "Invocations", "Sum"),
    ("errors", "Errors", "Sum"),
    ("throttles", "Throttles", "Sum"),
)
TABLE: tuple[tuple[str, tuple[Wanted, ...]], ...] = (
    (
        "consumed units",
        (
            ("read", "ConsumedReadCapacityUnits", "Sum"),
            ("write", "ConsumedWriteCapacityUnits", "Sum"),
        ),
    ),
    (
        "throttled",
        (("reads", "ReadThrottleEvents", "Sum"), ("writes", "WriteThrottleEvents", "Sum")),
    ),
)
CPU: tuple[Wanted, ...] = (
    ("average", "CPUUtilization", "Average"),
    ("maximum", "CPUUtilization", "Maximum"),
)


@frozen
class Line:
    """One line: its datapoints, or steps from level to level where `period` is 0."""

    label: str
    times: tuple[float, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)
    period: float


@frozen
class Graph:
    """Lines with one scale, and the limits that alarms set."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    limits: tuple[tuple[float, str], ...] = ()


def graphs_of(world: World, report: Mapping[str, Any]) -> list[Graph]:
    """All graphs of a world that was played, in the order of its resources."""
    maker = _Maker(world)
    graphs: list[Graph] = []
    for name, balancer in world.elb.balancers.items():
        for title, wanted in BALANCERS[balancer.resource.kind]:
            graphs += maker.graph(f"{name}: {title}", name, wanted)
    for name, group in world.elb.groups.items():
        if name not in world.elb.balancers and group.resource.counts_hosts:
            graphs += maker.graph(f"{name}: hosts", name, HOSTS)
    for name in world.functions.hosts:
        if name in world.stack.resources:
            graphs += maker.graph(f"{name}: invocations", name, FUNCTION)
    for name in world.ecs.schedulers:
        graphs += maker.graph(f"{name}: CPUUtilization", name, CPU)
        rows = report["services"][name]["capacity"]
        graphs.append(_capacity(name, rows, world.now, "running"))
    for name in world.dynamodb.tables:
        for title, wanted in TABLE:
            graphs += maker.graph(f"{name}: {title}", name, wanted)
    for deployment in world.rds.deployments.values():
        for instance in (i.id for i in deployment.instances if i.id in world.stack.resources):
            graphs += maker.graph(f"{instance}: CPUUtilization", instance, CPU)
    for name in world.autoscaling.groups:
        graphs += maker.graph(f"{name}: CPUUtilization", name, CPU)
        graphs.append(_capacity(name, report["groups"][name]["capacity"], world.now))
    return [*graphs, *maker.of_alarms()]


def _capacity(
    name: str, rows: list[Mapping[str, Any]], end: float, there: str = "in_service"
) -> Graph:
    """A group's capacity (or a service's), from the report's rows: it changes at instants."""
    times = tuple(float(row["time"]) for row in rows)
    lines = [
        Line(label, (*times, end), (*values, values[-1]), 0.0)
        for label, key in (("desired", "desired"), (there.replace("_", " "), there))
        if (values := tuple(float(row[key]) for row in rows))
    ]
    return Graph(f"{name}: capacity", "Count", tuple(lines))


class _Maker:
    """Asks CloudWatch for what graphs need, and remembers which metrics were drawn."""

    def __init__(self, world: World) -> None:
        self._world = world
        fitting = (p for p in PERIODS if world.now <= p * MOST_POINTS)
        self._period = next(fitting, PERIODS[-1])
        self._drawn: set[MetricKey] = set()

    def graph(self, title: str, resource: str, wanted: Iterable[Wanted]) -> list[Graph]:
        """A graph of some metrics of a resource; none where none of them has a datapoint."""
        named = [(label, key_of(resource, m, self._world), stat) for label, m, stat in wanted]
        queries = {
            f"m{number}": (label, MetricStat(key, self._period, stat))
            for number, (label, key, stat) in enumerate(named)
        }
        self._drawn |= {key for _, key, _ in named}
        stats = [stat for _, stat in queries.values()]
        made = self._lines(
            [MetricQuery(id=id_, metric_stat=s, label=label) for id_, (label, s) in queries.items()]
        )
        per = _per(self._period) if any(stat.stat == "Sum" for stat in stats) else ""
        lines = tuple(line for line in made if line.times)
        graph = Graph(title + per, self._unit(stats), lines, tuple(self._limits(stats)))
        return [graph] if lines else []

    def of_alarms(self) -> Iterator[Graph]:
        """What a person's alarms watch, where that was not drawn yet."""
        own = [a for a in self._world.cloudwatch.describe_alarms() if a.alarm.owner is None]
        for view in own[:MOST_ALARMS]:
            alarm = view.alarm
            if alarm.metric in self._drawn:
                continue
            queries = alarm.queries
            if alarm.metric is not None:
                alike = [v.alarm for v in own if v.alarm.metric == alarm.metric]
                stat = MetricStat(alarm.metric, max(self._period, alarm.period), alarm.statistic)
                queries = (MetricQuery(id="m", metric_stat=stat, label=alarm.statistic),)
                self._drawn.add(alarm.metric)
                title, unit = alarm.metric.name, self._unit([stat])
            else:
                alike, title, unit = [alarm], alarm.name, "None"
            limits = tuple(
                (float(one.threshold), one.name) for one in alike if one.threshold is not None
            )
            yield Graph(title, unit, tuple(self._lines(queries)), limits)

    def _lines(self, queries: Iterable[MetricQuery]) -> list[Line]:
        try:
            answer = ask(self._world, tuple(queries), 0.0, self._world.now)
        except QueryError:
            return []
        return [Line(r.label, r.times, r.values, r.period) for r in answer.results]

    def _unit(self, stats: Iterable[MetricStat]) -> str:
        found = (self._world.cloudwatch.metrics.get(stat.metric) for stat in stats)
        return next((metric.unit for metric in found if metric is not None), "None")

    def _limits(self, stats: Iterable[MetricStat]) -> Iterator[tuple[float, str]]:
        """Thresholds of a person's alarms on what is drawn; a sum's holds for its own period."""
        drawn = {(stat.metric, stat.stat) for stat in stats}
        for view in self._world.cloudwatch.describe_alarms():
            alarm = view.alarm
            summed = alarm.statistic in ("Sum", "SampleCount")
            fits = not summed or alarm.period == self._period
            if alarm.threshold is None or alarm.owner is not None or not fits:
                continue
            if (alarm.metric, alarm.statistic) in drawn:
                yield float(alarm.threshold), alarm.name


def _per(period: float) -> str:
    """What a sum is the sum of."""
    if period == MINUTE:
        return " per minute"
    return f" per {period / 3600:g} h" if period >= 3600 else f" per {period / MINUTE:g} minutes"

"""The graphs on offer: which CloudWatch metrics each one draws, and what is marked on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from attrs import frozen

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.service import AlarmView
from model.events.bus import CloudEvent
from model.world import World
from tui.charts.views import ChartView, Direction, Mark, MarkKind, Series, Span, Threshold, Unit

RANGES: tuple[float, ...] = (3600.0, 3 * 3600.0, 12 * 3600.0, 24 * 3600.0)
"""How much time a graph shows, as the CloudWatch console offers it."""

PERIODS = {3600.0: 60.0, 3 * 3600.0: 60.0, 12 * 3600.0: 300.0, 24 * 3600.0: 300.0}
"""The period of the datapoints for each range."""


@frozen
class Line:
    """One metric on a graph."""

    label: str
    key: MetricKey
    statistic: str


@frozen
class Graph:
    """One graph: its lines share a unit."""

    title: str
    unit: Unit
    lines: tuple[Line, ...]
    high: float | None = None


DIRECTIONS: dict[str, Direction] = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


def graphs_of(world: World) -> tuple[Graph, ...]:
    """The graphs that tell how each load balancer and each group fares."""
    graphs: list[Graph] = []
    for balancer in world.elb.balancers.values():
        own = balancer.resource.dimension
        elb = partial(_line, balancer.resource.namespace)
        graphs += GRAPHS[balancer.resource.kind](elb, dict([own]))
        for group in balancer.groups.values():
            if group.leader is not None or not group.resource.counts_hosts:
                continue
            place = dict([own, group.resource.dimension])
            graphs.append(
                Graph(
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
            Graph(f"{name} per minute", "Count", number),
            Graph(f"{name} ConcurrentExecutions", "Count", busy),
        ]
    for asg in world.autoscaling.groups.values():
        place = {"AutoScalingGroupName": asg.name}
        cpu = MetricKey.of("AWS/EC2", "CPUUtilization", place)
        graphs.append(
            Graph(
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
            graphs.append(Graph(f"{asg.id} capacity", "Count", lines))
    return tuple(graphs)


Place = dict[str, str]
Maker = Callable[[str, str, str, Place], Line]
"""Makes a line of its label, metric, statistic and dimensions."""


def _line(namespace: str, label: str, metric: str, statistic: str, place: Place) -> Line:
    return Line(label, MetricKey.of(namespace, metric, place), statistic)


def _of_requests(elb: Maker, place: Place) -> list[Graph]:
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
        Graph("Requests per minute", "Count", requests),
        Graph("TargetResponseTime", "Seconds", times),
    ]


def _of_flows(elb: Maker, place: Place) -> list[Graph]:
    """Graphs of a Network Load Balancer."""
    flows = (
        elb("new flows", "NewFlowCount", "Sum", place),
        elb("resets by targets", "TCP_Target_Reset_Count", "Sum", place),
        elb("resets by the NLB", "TCP_ELB_Reset_Count", "Sum", place),
    )
    active = (elb("active", "ActiveFlowCount", "Average", place),)
    return [Graph("Flows per minute", "Count", flows), Graph("Active flows", "Count", active)]


def _of_instances(elb: Maker, place: Place) -> list[Graph]:
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
        Graph("Requests per minute", "Count", requests),
        Graph("Latency", "Seconds", times),
        Graph("SurgeQueueLength", "Count", queue),
    ]


GRAPHS: dict[str, Callable[[Maker, Place], list[Graph]]] = {
    "application": _of_requests,
    "network": _of_flows,
    "classic": _of_instances,
}
"""By the kind of load balancer."""


def chart_view(world: World, graph: Graph, window: float) -> ChartView:
    """A graph of the last `window` seconds."""
    period = PERIODS[window]
    end = world.schedule.boundary(period) - period
    start = end - window
    series = []
    for line in graph.lines:
        data = world.cloudwatch.metrics.get_metric_data(
            line.key, line.statistic, period, start, end
        )
        if data.times or line is graph.lines[0]:
            series.append(Series(line.label, data.times, data.values, period))
    watching = _alarms_on(world, graph)
    return ChartView(
        title=graph.title,
        epoch=world.schedule.epoch,
        start=start,
        end=end,
        unit=graph.unit,
        series=tuple(series),
        thresholds=tuple(
            Threshold(view.alarm.threshold, "", DIRECTIONS[view.alarm.comparison_operator])
            for view in watching
        ),
        marks=tuple(_marks(world, start, end)),
        spans=_spans(world, watching[0], start, end) if watching else (),
        high=graph.high,
    )


def _alarms_on(world: World, graph: Graph) -> list[AlarmView]:
    """Alarms that judge one of the graph's lines; a person's own first."""
    lines = {(line.key, line.statistic) for line in graph.lines}
    found = [
        view
        for view in world.cloudwatch.describe_alarms()
        if (view.alarm.metric, view.alarm.statistic) in lines
    ]
    return sorted(found, key=lambda view: view.alarm.owner is not None)


def _spans(world: World, view: AlarmView, start: float, end: float) -> tuple[Span, ...]:
    """The alarm's states within the window."""
    history = world.journal.history(view.id, "alarm")
    ends = [change.time for change in history[1:]] + [math.inf]
    return tuple(
        Span(max(change.time, start), min(until, end), AlarmState(change.value.state).value)
        for change, until in zip(history, ends, strict=True)
        if until > start and change.time < end
    )


_GLYPHS: dict[str, tuple[str, str, MarkKind]] = {
    "EC2 Instance Launch Successful": ("+", "launch", "scaling"),
    "EC2 Instance Terminate Successful": ("-", "termination", "scaling"),
    "AWS API Call via CloudTrail": ("*", "API call", "move"),
}


def _marks(world: World, start: float, end: float) -> list[Mark]:
    """What happened within the window, from the newest event back."""
    marks: list[Mark] = []
    for event in reversed(world.bus.events):
        if event.time < start:
            break
        mark = _mark(event)
        if mark is not None and event.time < end:
            marks.append(mark)
    return list(reversed(marks))


def _mark(event: CloudEvent) -> Mark | None:
    if event.detail_type == "FIS Experiment State Change":
        status = event.detail["new-state"]["status"]
        glyph = "!" if status == "running" else "~"
        return Mark(event.time, glyph, f"{event.detail['action-id']} {status}", "fault")
    if event.detail_type in _GLYPHS:
        glyph, label, kind = _GLYPHS[event.detail_type]
        return Mark(event.time, glyph, str(event.detail.get("eventName", label)), kind)
    return None

"""The main graphs as plots, and how much time graphs show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from model.clock import MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.world import World
from scenarios.graphs import GraphLine, main_graphs
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


def graph(title: str, unit: Unit, lines: Sequence[GraphLine], high: float | None = None) -> Plot:
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


def graphs_of(world: World) -> tuple[Plot, ...]:
    """The graphs that tell how each load balancer and each group fares."""
    graphs: list[Plot] = []
    several = len(world.elb.balancers) > 1
    for shown in main_graphs(world):
        title = f"{shown.title} per minute" if shown.summed else shown.title
        named = several or shown.resource not in world.elb.balancers
        title = f"{shown.resource} {title}" if named else title[0].upper() + title[1:]
        graphs.append(graph(title, _unit(shown.unit), shown.lines, shown.high))
        group = world.autoscaling.groups.get(shown.resource)
        if group is not None and group.resource.enabled_metrics is not None:
            place = {"AutoScalingGroupName": group.name}
            lines = [
                GraphLine(label, MetricKey.of("AWS/AutoScaling", metric, place), "Average")
                for label, metric in CAPACITY
            ]
            graphs.append(graph(f"{group.id} capacity", "Count", lines))
    return tuple(graphs)


CAPACITY = (("desired", "GroupDesiredCapacity"), ("in service", "GroupInServiceInstances"))


def _unit(name: str) -> Unit:
    return next((unit for unit in get_args(Unit) if unit == name), "None")

"""The graphs of a report: how each resource fared, and what each alarm watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import field, frozen

from model.clock import MINUTE
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.world import World
from scenarios.graphs import MainGraph, main_graphs
from scenarios.metric_data import ask

PERIODS = (60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0)
MOST_POINTS = 400
"""Datapoints of a line, for which the shortest of the periods is chosen."""
MOST_ALARMS = 24
"""Alarms whose metric is drawn."""


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
    for shown in main_graphs(world):
        graphs += maker.graph(shown)
        if shown.resource in world.autoscaling.groups:
            rows = report["groups"][shown.resource]["capacity"]
            graphs.append(_capacity(shown.resource, rows, world.now))
        elif shown.resource in world.ecs.schedulers and shown.unit == "Percent":
            rows = report["services"][shown.resource]["capacity"]
            graphs.append(_capacity(shown.resource, rows, world.now, "running"))
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

    def graph(self, shown: MainGraph) -> list[Graph]:
        """A graph of some metrics of a resource; none where none of them has a datapoint."""
        stats = [MetricStat(line.key, self._period, line.statistic) for line in shown.lines]
        self._drawn |= {line.key for line in shown.lines}
        made = self._lines(
            MetricQuery(id=f"m{number}", metric_stat=stat, label=line.label)
            for number, (line, stat) in enumerate(zip(shown.lines, stats, strict=True))
        )
        title = f"{shown.resource}: {shown.title}" + (_per(self._period) if shown.summed else "")
        lines = tuple(line for line in made if line.times)
        graph = Graph(title, self._unit(stats), lines, tuple(self._limits(stats)))
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

"""What the widgets of a dashboard show, read from a world as plain frozen values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime

from attrs import evolve, frozen

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.dashboards.body import (
    AlarmWidget,
    DashboardBody,
    HorizontalAnnotation,
    MetricWidget,
    Summary,
)
from model.cloudwatch.dashboards.resource import Dashboard
from model.cloudwatch.evaluation import queries_of
from model.cloudwatch.queries import MetricQuery, QueryError
from model.world import World
from tui import views
from tui.charts.axis import clock, format_value
from tui.charts.numbers import Number
from tui.charts.views import Band, ChartView, Mark, Series, Threshold, Unit
from tui.plots import Line, Plot, PlotReader, labels_apart
from tui.views import AnyAlarmView

HOUR, DAY = 3600.0, 24 * 3600.0


@frozen
class NumbersView:
    """Values to be written large, as gauges, as bars, or as parts of a whole."""

    numbers: tuple[Number, ...]
    low: float = 0.0
    high: float | None = None
    sparkline: bool = False
    problem: str = ""


@frozen
class TableView:
    """A row for each series: its name, what sums it up, its datapoints newest first."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problem: str = ""


def dashboards(world: World) -> tuple[Dashboard, ...]:
    """ListDashboards."""
    return tuple(world.stack.of(Dashboard))


@frozen
class Window:
    """What is shown of time: the last `span` seconds until `end` (None: until now)."""

    span: float
    end: float | None = None


class WidgetReader:
    """Reads the widgets of one dashboard."""

    def __init__(self, world: World, body: DashboardBody) -> None:
        self._world = world
        self._body = body
        self._plots = PlotReader(world)

    def window(self, chosen: float | None) -> Window:
        """What is shown of time: what the dashboard says, unless somebody chose a range."""
        if chosen is not None:
            return Window(chosen)
        if self._body.start is None:
            return Window(self._body.range)
        start = self._seconds(self._body.start)
        if self._body.end is None:
            return Window(max(self._world.now - start, HOUR))
        end = self._seconds(self._body.end)
        return Window(end - start, end)

    # -- graphs -------------------------------------------------------------------------------

    def charts(self, widget: MetricWidget, window: Window) -> tuple[ChartView, ...]:
        """The charts of a graph, one for each axis and unit. Raises `QueryError`."""
        charts = self._plots.charts(self._plot(widget, window), window.span, window.end)
        # the frame has the title; what is on the axis is more than it tells
        return tuple(evolve(chart, title=UNITS.get(chart.unit, chart.unit)) for chart in charts)

    def _plot(self, widget: MetricWidget, window: Window) -> Plot:
        alarm = self._alarm(widget.alarm)
        if alarm is not None:
            record = self._world.cloudwatch.alarms[alarm]
            label = f"{record.alarm.subject} {record.alarm.statistic}".rstrip()
            queries = tuple(
                evolve(query, label=label) if query.return_data else query
                for query in queries_of(record.alarm)
            )
            return Plot(title=title_of(widget), queries=queries, alarm=alarm, inherit=True)
        queries = _labelled(tuple(line.query for line in widget.metrics))
        right = frozenset(line.query.id for line in widget.metrics if line.right)
        axis = widget.right if right and len(right) == len(queries) else widget.left
        return Plot(
            title=title_of(widget),
            queries=queries,
            right=right,
            alarms=False,
            inherit=self._body.inherit,
            stacked=widget.stacked,
            low=axis.low if axis.low is not None else 0.0,
            high=axis.high,
            limits=_limits(widget.horizontal),
            bands=self._shades(widget, window),
            notes=tuple(
                Mark(self._seconds(note.value), "▾", note.label or "note", "note")
                for note in widget.vertical
            ),
        )

    def _alarm(self, arn: str | None) -> str | None:
        """The id of the metric alarm of that ARN."""
        found = views.alarm_ids(self._world).get(arn or "")
        return found if found in self._world.cloudwatch.alarms else None

    def _seconds(self, moment: datetime) -> float:
        return (moment - self._world.schedule.utc(0.0)).total_seconds()

    def _shades(self, widget: MetricWidget, window: Window) -> tuple[Band, ...]:
        """What annotations shade: from one value to another, or from one instant to another."""
        end = self._world.now if window.end is None else window.end
        begin, until = end - window.span - DAY, end + HOUR
        made = []
        for flat in widget.horizontal:
            low, high = _range(flat.value, flat.other, flat.fill == "above")
            if flat.other is not None or flat.fill != "none":
                made.append(Band.between(begin, until, low, high))
        for upright in widget.vertical:
            at = self._seconds(upright.value)
            other = None if upright.other is None else self._seconds(upright.other)
            start, stop = _range(at, other, upright.fill == "after")
            if upright.other is not None or upright.fill != "none":
                start, stop = max(start, begin), min(stop, until)
                made.append(Band.between(start, stop, -math.inf, math.inf))
        return tuple(made)

    # -- numbers ------------------------------------------------------------------------------

    def numbers(self, widget: MetricWidget, window: Window) -> NumbersView:
        """The newest value of each series."""
        lines, problem = self._lines(widget, window)
        high = widget.left.high
        low = widget.left.low if widget.left.low is not None else 0.0
        numbers = tuple(
            Number(line.series.label, _newest(line.series), line.unit, line.series.values)
            for line in lines
        )
        return NumbersView(numbers, low, high, widget.sparkline, problem)

    def table(self, widget: MetricWidget, window: Window) -> TableView:
        """A row for each series."""
        lines, problem = self._lines(widget, window)
        times = sorted({time for line in lines for time in line.series.times}, reverse=True)
        shown = times if widget.time_series else []
        epoch = self._world.schedule.epoch
        columns = ("", *map(str.lower, widget.summaries), *(clock(epoch, t) for t in shown))
        rows = []
        for line in lines:
            series, unit = line.series, line.unit
            values = dict(zip(series.times, series.values, strict=True))
            sums = [
                format_value(SUMS[name](series.values), unit) if series.values else "-"
                for name in widget.summaries
            ]
            points = [format_value(values[t], unit) if t in values else "-" for t in shown]
            rows.append((series.label, *sums, *points))
        return TableView(columns, tuple(rows), problem)

    def _lines(self, widget: MetricWidget, window: Window) -> tuple[tuple[Line, ...], str]:
        """All series of a widget, or what is wrong."""
        try:
            return self._plots.lines(self._plot(widget, window), window.span, window.end), ""
        except QueryError as problem:
            return (), str(problem)

    # -- alarms -------------------------------------------------------------------------------

    def alarms(self, widget: AlarmWidget) -> tuple[AnyAlarmView, ...]:
        """The alarms of a status widget, in the order that it wants."""
        ids = views.alarm_ids(self._world)
        wanted = {ids[arn] for arn in widget.alarms if arn in ids}
        found = [view for view in views.alarms(self._world) if view.id in wanted]
        if widget.states:
            found = [view for view in found if view.state in widget.states]
        if widget.sort_by == "timestamp":
            return tuple(sorted(found, key=lambda view: -view.since))
        if widget.sort_by == "stateUpdatedTimestamp":
            return tuple(sorted(found, key=lambda view: (RANK[view.state], -view.since)))
        return tuple(sorted(found, key=lambda view: view.alarm.name))

    def unknown(self, widget: AlarmWidget) -> tuple[str, ...]:
        """The ARNs of alarms that are not of this account."""
        ids = views.alarm_ids(self._world)
        return tuple(arn for arn in widget.alarms if arn not in ids)


RANK = {AlarmState.ALARM: 0, AlarmState.INSUFFICIENT_DATA: 1, AlarmState.OK: 2}
UNITS: dict[Unit, str] = {"None": ""}

SUMS: dict[Summary, Callable[[Sequence[float]], float]] = {
    "MIN": min,
    "MAX": max,
    "SUM": math.fsum,
    "AVG": lambda values: math.fsum(values) / len(values),
}


def _range(value: float, other: float | None, onward: bool) -> tuple[float, float]:
    """From one value to another, or without another from it on, or up to it."""
    if other is not None:
        return min(value, other), max(value, other)
    return (value, math.inf) if onward else (-math.inf, value)


def _newest(series: Series) -> float | None:
    return series.values[-1] if series.values else None


def _labelled(queries: tuple[MetricQuery, ...]) -> tuple[MetricQuery, ...]:
    """The queries with labels for those that have none, as the console makes them."""
    stats = [query.metric_stat for query in queries if query.metric_stat is not None]
    labels = iter(labels_apart(stats))
    made = []
    for query in queries:
        label = next(labels) if query.metric_stat is not None else query.label
        made.append(query if query.label else evolve(query, label=label))
    return tuple(made)


def title_of(widget: MetricWidget) -> str:
    """The title of a graph; where it has none, the metrics' names."""
    if widget.title or widget.alarm is not None:
        return widget.title or (widget.alarm or "").rpartition(":")[2]
    names = [
        line.query.metric_stat.metric.name
        for line in widget.metrics
        if line.query.metric_stat is not None and line.query.return_data
    ]
    return ", ".join(dict.fromkeys(names)) or "Untitled graph"


def _limits(notes: Sequence[HorizontalAnnotation]) -> tuple[Threshold, ...]:
    """The lines of annotations; a band has two."""
    made = []
    for note in notes:
        made.append(Threshold(note.value, note.label))
        if note.other is not None:
            made.append(Threshold(note.other, note.other_label))
    return tuple(made)

"""Plots: queries of GetMetricData, read from a world as what a chart is given.

The graphs of the live screen, those a person makes, an alarm's and a dashboard's all come from
here. Series of different units share no axis: each unit has a chart of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

from attrs import evolve, frozen

from model.clock import MINUTE
from model.cloudwatch.dashboards.body import adapted
from model.cloudwatch.math.series import Array
from model.cloudwatch.math.series import Series as Values
from model.cloudwatch.math.syntax import Call
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.cloudwatch.records import AlarmView
from model.cloudwatch.requests import Request
from model.world import World
from tui.charts.units import chart_unit
from tui.charts.views import Band, ChartView, Direction, Mark, Series, Threshold, Unit
from tui.marks import marks, spans

KEPT = 64
"""Answers that a reader remembers."""

DIRECTIONS: dict[str, Direction] = {
    "GreaterThanOrEqualToThreshold": ">=",
    "GreaterThanThreshold": ">",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}


@frozen(kw_only=True)
class Plot:
    """What a graph draws: the queries that return data, over as long as somebody wants to see."""

    title: str
    queries: tuple[MetricQuery, ...]
    unit: Unit | None = None
    """What all of it is counted in; None: as the metrics say, a chart for each unit."""
    sparing: bool = False
    """Whether series without datapoints are left out (but the first)."""
    right: frozenset[str] = frozenset()
    """Ids of queries that are drawn apart from the others."""
    alarm: str | None = None
    """The id of the alarm whose graph it is."""
    alarms: bool = True
    """Whether the alarms on its metrics are shown, where it is not one alarm's graph."""
    inherit: bool = False
    """Whether periods are obeyed however long the range is."""
    fixed: bool = False
    """Whether its periods were chosen, so that they do not follow the range that is shown."""
    stacked: bool = False
    low: float | None = 0.0
    high: float | None = None
    limits: tuple[Threshold, ...] = ()
    """Lines besides the thresholds of alarms."""
    bands: tuple[Band, ...] = ()
    notes: tuple[Mark, ...] = ()
    """Marks besides what happened."""


@frozen(eq=False)
class Line:
    """One series of a plot, and the query it comes from."""

    query: MetricQuery
    series: Series
    unit: Unit
    factor: float
    """What its values were multiplied by."""


@frozen(eq=False)
class Answer:
    """What the queries of a plot came to, or why they came to nothing."""

    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    problem: QueryError | None = None


def at_range(queries: Sequence[MetricQuery], span: float) -> tuple[MetricQuery, ...]:
    """The queries as they are put for a range of so many seconds: long ranges have long periods."""
    made = []
    for query in queries:
        if query.metric_stat is not None:
            stat = query.metric_stat
            query = evolve(query, metric_stat=evolve(stat, period=adapted(stat.period, span)))
        elif query.period is not None:
            query = evolve(query, period=adapted(query.period, span))
        made.append(query)
    return tuple(made)


def with_period(plot: Plot, period: float) -> Plot:
    """The plot with one period for all that it draws, unless its periods are fixed."""
    if plot.fixed:
        return plot
    queries = tuple(
        query
        if query.metric_stat is None
        else evolve(query, metric_stat=evolve(query.metric_stat, period=period))
        for query in plot.queries
    )
    return evolve(plot, queries=queries)


def periods_of(queries: Sequence[MetricQuery]) -> list[float]:
    """The periods of all metrics, or of expressions where there is no metric; one at least."""
    metrics = [query.metric_stat.period for query in queries if query.metric_stat is not None]
    return metrics or [query.period for query in queries if query.period] or [MINUTE]


class PlotReader:
    """Reads plots from one world, and remembers what it read while no datapoint is added."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._answers: dict[object, Answer] = {}

    def charts(self, plot: Plot, span: float, end: float | None = None) -> tuple[ChartView, ...]:
        """The charts of a plot for the last `span` seconds (until `end`), one for each unit.

        There is one at least. Raises `QueryError` where the queries cannot be answered.
        """
        answer, start, end = self._answer(plot, span, end)
        groups = _groups(answer.lines, plot)
        return tuple(
            self._chart(plot, lines, unit, start, end, answer.bands if not order else ())
            for order, (unit, lines) in enumerate(groups)
        )

    def lines(self, plot: Plot, span: float, end: float | None = None) -> tuple[Line, ...]:
        """The series of a plot, in the order of its queries. Raises `QueryError`."""
        return self._answer(plot, span, end)[0].lines

    def _answer(self, plot: Plot, span: float, end: float | None) -> tuple[Answer, float, float]:
        queries = plot.queries if plot.inherit else at_range(plot.queries, span)
        start, end = self._window(queries, span, end)
        answer = self.read(queries, start, end)
        if answer.problem is not None:
            raise answer.problem
        return answer, start, end

    def by_unit(self, plot: Plot, span: float) -> tuple[Plot, ...]:
        """A plot for each of its charts, to be shown one by one."""
        start, end = self._window(plot.queries, span, None)
        groups = _groups(self.read(plot.queries, start, end).lines, plot)
        if len(groups) == 1:
            return (plot,)
        made = []
        for unit, lines in groups:
            drawn = {line.query.id for line in lines}
            queries = tuple(
                evolve(query, return_data=query.return_data and query.id in drawn)
                for query in plot.queries
            )
            title = ", ".join(dict.fromkeys(line.series.label for line in lines))
            made.append(evolve(plot, queries=queries, title=title, unit=unit))
        return tuple(made)

    def _window(
        self, queries: Sequence[MetricQuery], span: float, end: float | None
    ) -> tuple[float, float]:
        """The span, on whole periods of the calendar."""
        shortest, now = min(periods_of(queries)), self.world.now
        last = now if end is None else min(end, now)
        end = self.world.schedule.boundary(shortest, last) - shortest
        return end - span, end

    def read(self, queries: tuple[MetricQuery, ...], start: float, end: float) -> Answer:
        """What the queries come to from `start` (at the latest) to `end`."""
        longest = max(periods_of(queries))
        schedule, store = self.world.schedule, self.world.cloudwatch.metrics
        # a period is of the calendar, not of the window
        first = schedule.boundary(longest, start) - longest
        found = [
            store.get(query.metric_stat.metric)
            for query in queries
            if query.metric_stat is not None
        ]
        state = tuple((-1 if metric is None else metric.corrections) for metric in found)
        key = (queries, first, end, state)
        answer = self._answers.get(key)
        if answer is None:
            while len(self._answers) >= KEPT:
                del self._answers[next(iter(self._answers))]
            answer = self._answers[key] = self._ask(queries, first, end)
        return answer

    def _ask(self, queries: tuple[MetricQuery, ...], start: float, end: float) -> Answer:
        try:
            cloudwatch, utc = self.world.cloudwatch, self.world.schedule.utc
            request = Request(cloudwatch.metrics, queries, utc, cloudwatch.bands)
            values = request.over(start, end)
        except QueryError as problem:
            return Answer(problem=problem)
        lines: list[Line] = []
        bands: list[Band] = []
        for query in queries:
            value = values[query.id]
            if not query.return_data:
                continue
            if _is_band(query) and isinstance(value, tuple):
                bands.append(_band(value))
            else:
                lines += self._lines(query, value)
        return Answer(tuple(lines), tuple(bands))

    def _lines(self, query: MetricQuery, value: Values | Array) -> list[Line]:
        unit, factor = self._unit(query)
        if isinstance(value, Values):
            return [_line(query, value, query.label or label_of(query), unit, factor)]
        own = query.label or ""
        return [_line(query, one, f"{own} {one.label}".strip(), unit, factor) for one in value]

    def _unit(self, query: MetricQuery) -> tuple[Unit, float]:
        """Expressions have no unit."""
        stat = query.metric_stat
        if stat is None:
            return "None", 1.0
        metric = self.world.cloudwatch.metrics.get(stat.metric)
        return chart_unit("None" if metric is None else metric.unit, stat.stat)

    def _chart(
        self,
        plot: Plot,
        lines: Sequence[Line],
        unit: Unit,
        start: float,
        end: float,
        bands: tuple[Band, ...],
    ) -> ChartView:
        watching = self._alarms(plot, lines)
        factor = lines[0].factor if lines else 1.0
        strip = watching[0].id if watching else plot.alarm
        return ChartView(
            title=plot.title,
            epoch=self.world.schedule.epoch,
            start=start,
            end=end,
            unit=unit,
            series=tuple(line.series for line in lines),
            thresholds=(*thresholds(watching, factor), *plot.limits),
            marks=(*marks(self.world, start, end), *plot.notes),
            spans=() if strip is None else spans(self.world, strip, start, end),
            bands=(*bands, *plot.bands),
            stacked=plot.stacked,
            low=plot.low,
            high=plot.high,
        )

    def _alarms(self, plot: Plot, lines: Sequence[Line]) -> list[AlarmView]:
        """The alarm whose plot it is, or those on one of its metrics."""
        if plot.alarm is not None:
            views = self.world.cloudwatch.describe_alarms()
            return [view for view in views if view.id == plot.alarm]
        if not plot.alarms:
            return []
        drawn = [line.query for line in lines] if plot.unit is None else plot.queries
        return alarms_on(self.world, [query for query in drawn if query.return_data])


def alarms_on(world: World, queries: Sequence[MetricQuery]) -> list[AlarmView]:
    """The alarms that judge one of the metrics of queries, a person's own first."""
    stats = [query.metric_stat for query in queries]
    judged = {(stat.metric, stat.stat) for stat in stats if stat is not None}
    views = world.cloudwatch.describe_alarms()
    found = [view for view in views if (view.alarm.metric, view.alarm.statistic) in judged]
    return sorted(found, key=lambda view: view.alarm.owner is not None)


def thresholds(views: Sequence[AlarmView], factor: float = 1.0) -> tuple[Threshold, ...]:
    """What alarms compare with, times a factor; those that judge by a band have none."""
    return tuple(
        Threshold(view.alarm.threshold * factor, "", DIRECTIONS[view.alarm.comparison_operator])
        for view in views
        if view.alarm.threshold is not None and view.alarm.comparison_operator in DIRECTIONS
    )


def label_of(query: MetricQuery) -> str:
    """What a query is called that has no label."""
    if query.metric_stat is None:
        return query.expression if query.expression and len(query.expression) < 30 else query.id
    return query.metric_stat.metric.name


def labels_apart(stats: Sequence[MetricStat]) -> list[str]:
    """A label for each metric: its name, and where several have it what tells them apart."""
    return [_label_apart(stat, stats) for stat in stats]


def _label_apart(stat: MetricStat, stats: Sequence[MetricStat]) -> str:
    name = stat.metric.name
    alike = [other for other in stats if other.metric.name == name]
    if len(alike) == 1:
        return name
    if len({other.metric for other in alike}) == 1:
        return f"{name} {stat.stat}"
    places = [dict(other.metric.dimensions) for other in alike]
    telling = [
        _short(value)
        for key, value in stat.metric.dimensions
        if len({place.get(key) for place in places}) > 1
    ]
    return " ".join([name, *telling])


def _short(value: str) -> str:
    """The part of a dimension's value by which a person knows it."""
    parts = value.split("/")
    return parts[1] if len(parts) == 3 else value[:10] if value.startswith("i-") else value


def _line(query: MetricQuery, values: Values, label: str, unit: Unit, factor: float) -> Line:
    points: Mapping[float, float] = values.points
    series = Series(
        label,
        tuple(points),
        tuple(points.values()) if factor == 1.0 else tuple(v * factor for v in points.values()),
        values.period if math.isfinite(values.period) else MINUTE,
    )
    return Line(query, series, unit, factor)


def _groups(lines: Sequence[Line], plot: Plot) -> list[tuple[Unit, list[Line]]]:
    """The lines that share an axis, in order of appearance; one group at least."""
    if plot.sparing:
        lines = [line for n, line in enumerate(lines) if not n or line.series.times]
    if plot.unit is not None or not lines:
        return [(plot.unit or "None", list(lines))]

    def axis(line: Line) -> tuple[bool, Unit]:
        # what a metric counts without saying so goes with what others count
        plain = line.unit == "None" and line.query.metric_stat is not None
        return line.query.id in plot.right, "Count" if plain else line.unit

    order = list(dict.fromkeys(map(axis, lines)))
    ranked = sorted(lines, key=lambda line: order.index(axis(line)))
    groups = [list(group) for _, group in groupby(ranked, axis)]
    return [(max(group, key=lambda line: line.unit != "None").unit, group) for group in groups]


def _is_band(query: MetricQuery) -> bool:
    tree = query.tree if query.expression is not None else None
    return isinstance(tree, Call) and tree.function == "ANOMALY_DETECTION_BAND"


def _band(pair: Array) -> Band:
    """The range between the series of an anomaly detection band, whichever comes first."""
    first, second = pair
    times = tuple(time for time in first.points if time in second.points)
    limits = [sorted((first.points[time], second.points[time])) for time in times]
    period = first.period if math.isfinite(first.period) else MINUTE
    lower, upper = (tuple(pair[k] for pair in limits) for k in (0, 1))
    return Band(times, lower, upper, period)

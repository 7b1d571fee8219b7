"""What GetMetricData gave, drawn with the app's own charts into plain lines of text."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from typing import get_args

from rich.text import Text

from model.cloudwatch.queries import MetricQuery
from model.cloudwatch.requests import QueryResult
from model.world import World
from scenarios.metric_data import Answer
from tui.charts.drawing import draw
from tui.charts.pens import Role
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView, Series, Unit
from tui.marks import spans
from tui.plots import alarms_on, thresholds
from tui.summary import for_standard_output

HEIGHT = 16
"""Lines of a chart."""
LEAST_WIDTH = 60

STYLES: dict[Role, str] = {
    "title": "bold",
    "value": "bold",
    "threshold": "red",
    "mark-fault": "red",
    "mark-move": "magenta",
    "mark-scaling": "cyan",
    "mark-alarm": "red",
    "ok": "green",
    "alarm": "bold red",
    "insufficient": "yellow",
    "series-1": "blue",
    "series-2": "yellow",
    "series-3": "green",
    "series-4": "magenta",
    "series-5": "cyan",
    "series-6": "red",
}
"""Of the sixteen colours that every terminal has, on light and dark; the rest is dim."""
_PLAIN = str.maketrans({"…": "~", "µ": "u", "▲": "^", "▼": "v"})


def plot(
    world: World, queries: Sequence[MetricQuery], answer: Answer, charts: str | None = None
) -> str:
    """A chart for each unit, and one for each expression, as wide as the terminal."""
    glyphs = fitting_glyphs() if charts is None else Glyphs(charts)
    console, text = for_standard_output(LEAST_WIDTH)
    for number, view in enumerate(_views(world, queries, answer)):
        if number:
            console.print()
        for line in draw(view, console.width, HEIGHT, glyphs).lines:
            row = Text()
            for run in line:
                row.append(run.text, STYLES.get(run.role, "dim"))
            row.rstrip()
            console.print(row, no_wrap=True, crop=False)
    drawn = text.getvalue()
    return drawn.translate(_PLAIN) if glyphs is Glyphs.ASCII else drawn


def fitting_glyphs() -> Glyphs:
    """What standard output can show."""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    plain = not encoding.startswith("utf") or os.environ.get("TERM") == "dumb"
    return Glyphs.ASCII if plain else Glyphs.BRAILLE


def _views(world: World, queries: Sequence[MetricQuery], answer: Answer) -> list[ChartView]:
    """Metrics of one unit share a chart; what an expression gives has one to itself."""
    by_id = {query.id: query for query in queries}
    charts: dict[str, list[tuple[str, QueryResult]]] = {}
    for heading, result in zip(answer.headings, answer.results, strict=True):
        query = by_id[result.id]
        name = result.id if query.metric_stat is None else f"in {_unit(world, query)}"
        charts.setdefault(name, []).append((heading, result))
    return [_view(world, by_id, answer, lines) for lines in charts.values()]


def _view(
    world: World,
    queries: dict[str, MetricQuery],
    answer: Answer,
    lines: list[tuple[str, QueryResult]],
) -> ChartView:
    query = queries[lines[0][1].id]
    unit = _unit(world, query)
    values = [value for _, result in lines for value in result.values]
    watching = alarms_on(world, [queries[result.id] for _, result in lines])
    return ChartView(
        title=lines[0][0] if len(lines) == 1 else unit if query.metric_stat else query.id,
        epoch=answer.epoch,
        start=answer.start,
        end=answer.end,
        unit=unit if unit in get_args(Unit) else "None",  # type: ignore[arg-type]
        series=tuple(Series(name, r.times, r.values, r.period) for name, r in lines),
        thresholds=thresholds(watching),
        spans=spans(world, watching[0].id, answer.start, answer.end) if watching else (),
        low=0.0 if min(values, default=math.inf) >= 0 else None,
    )


def _unit(world: World, query: MetricQuery) -> str:
    """The unit of a metric; nobody knows that of an expression."""
    if query.metric_stat is None:
        return "None"
    metric = world.cloudwatch.metrics.get(query.metric_stat.metric)
    return "None" if metric is None else metric.unit

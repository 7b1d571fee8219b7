"""Graphs and timelines as SVG: shapes and classes only, the page's style sheet gives colours."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from html import escape

from attrs import frozen

from scenarios.page.graphs import Graph, Line

WIDTH, HEIGHT = 960, 200
LEFT, RIGHT, TOP, BOTTOM = 64, 22, 10, 22
"""Around the plot, for labels."""
BAR = 22
"""Height of a row of a timeline."""
NAMES = 268
"""Width of a timeline's names."""
LEAST = 2.5
"""Width of the shortest stretch of a timeline."""
STEPS = (60, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800)
"""Seconds between two ticks of the time axis."""
_UUID = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""What AWS ends the names of its own alarms with."""
FLAT = 1e-6
"""Data that differ by less than this share of their size are drawn as if they were the same."""
COLOURS = 6
"""How many lines are told apart by colour."""

Place = Callable[[float], str]
"""Where a time or a value lies in the picture."""


@frozen
class Axis:
    """The time axis that all pictures of a page share."""

    epoch: datetime
    end: float

    def ticks(self, most: int = 9) -> list[tuple[float, str]]:
        """Round times of the calendar and their labels."""
        span = max(self.end, 1.0)
        step = next((s for s in STEPS if span / s <= most), STEPS[-1] * math.ceil(span / 5e6))
        midnight = self.epoch.replace(hour=0, minute=0, second=0, microsecond=0)
        offset = (midnight - self.epoch).total_seconds()
        found, time = [], offset + math.ceil(-offset / step) * step
        while time <= self.end:
            moment = self.epoch + timedelta(seconds=time)
            form = "%d %b" if moment.hour == moment.minute == 0 else "%H:%M"
            found.append((time, f"{moment:{form}}"))
            time += step
        return found

    def stamp(self, time: float) -> str:
        """The date and time of an instant."""
        return f"{self.epoch + timedelta(seconds=time):%Y-%m-%d %H:%M:%S}"


@frozen
class Span:
    """A stretch of a timeline in one state."""

    start: float
    end: float
    state: str
    note: str


# -- graphs -----------------------------------------------------------------------------------


def chart(graph: Graph, axis: Axis, faults: Iterable[Span]) -> str:
    """A graph, with what was broken behind it."""
    values = [value for line in graph.lines for value in line.values]
    values += [limit for limit, _ in graph.limits if _near(limit, values)]
    low, high, step = scale(min(values, default=0.0), max(values, default=1.0))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(time: float) -> str:
        return _n(LEFT + (right - LEFT) * time / max(axis.end, 1.0))

    def y(value: float) -> str:
        return _n(bottom - (bottom - TOP) * (value - low) / (high - low))

    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(graph.title)}">']
    for fault in faults:
        width = _n(max((right - LEFT) * (fault.end - fault.start) / max(axis.end, 1.0), 1.0))
        parts.append(
            f'<rect class="fault" x="{x(fault.start)}" y="{TOP}" width="{width}" '
            f'height="{bottom - TOP}"><title>{escape(fault.note)}</title></rect>'
        )
    for index in range(round((high - low) / step) + 1):
        value = low + index * step
        parts.append(f'<path class="grid" d="M{LEFT} {y(value)}H{right}"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(value)}" dy="4" class="left">'
            f"{escape(amount(value, graph.unit))}</text>"
        )
    parts += [f'<text x="{x(t)}" y="{HEIGHT - 6}" class="mid">{n}</text>' for t, n in axis.ticks()]
    for limit, name in graph.limits:
        if low <= limit <= high:
            parts.append(
                f'<path class="limit" d="M{LEFT} {y(limit)}H{right}"><title>{escape(name)} '
                f"{escape(amount(limit, graph.unit))}</title></path>"
            )
    for number, line in enumerate(graph.lines):
        for shape, path in zip(("line", "dot"), _paths(line, x, y), strict=True):
            if path:
                parts.append(f'<path class="{shape} s{number % COLOURS}" d="{path}"/>')
    return "".join((*parts, "</svg>"))


def _near(limit: float, values: Sequence[float]) -> bool:
    """Whether a limit can be shown without flattening the data."""
    return not values or limit <= 3 * max(max(values), 0.0) or max(values) <= 0


def _paths(line: Line, x: Place, y: Place) -> tuple[str, str]:
    """A line that breaks at gaps, and the dots that lone datapoints are."""
    runs: list[list[tuple[float, float]]] = []
    before = -math.inf
    for time, value in zip(line.times, line.values, strict=True):
        if runs and (line.period == 0 or time - before <= line.period * 1.001):
            runs[-1].append((time, value))
        else:
            runs.append([(time, value)])
        before = time
    drawn = (
        f"M{x(run[0][0])} {y(run[0][1])}" + "".join(_to(line, point, x, y) for point in run[1:])
        for run in runs
        if len(run) > 1
    )
    dots = (f"M{x(run[0][0])} {y(run[0][1])}h.01" for run in runs if len(run) == 1)
    return "".join(drawn), "".join(dots)


def _to(line: Line, point: tuple[float, float], x: Place, y: Place) -> str:
    """On to the next datapoint, or the next step."""
    time, value = point
    return f"L{x(time)} {y(value)}" if line.period else f"H{x(time)}V{y(value)}"


def scale(least: float, greatest: float) -> tuple[float, float, float]:
    """Round limits around the data, zero among them where it is not far, and the step of labels."""
    low = min(least, 0.0)
    span, size = greatest - low, max(-low, abs(greatest))
    if span <= FLAT * size:
        span = size or 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if span / (power * nice) <= 4 + 1e-9)
    bottom = math.floor(low / step + 1e-9) * step
    top = max(math.ceil(greatest / step - 1e-9) * step, bottom + step)
    return bottom, top, step


def amount(value: float, unit: str) -> str:
    """A value with its unit, for a person."""
    if unit == "Seconds":
        return f"{value:g} s" if value >= 1 or value == 0 else f"{1000 * value:.4g} ms"
    suffix = {"Percent": " %", "Milliseconds": " ms"}.get(unit, "")
    for by, prefix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= by:
            by = 1e3 if prefix == "k" else by
            return f"{value / by:.4g}{prefix}{suffix}"
    return f"{value:.4g}{suffix}"


# -- timelines --------------------------------------------------------------------------------


def timeline(rows: Sequence[tuple[str, Sequence[Span]]], axis: Axis) -> str:
    """A row of stretches for each name, over one time axis."""
    height = BAR * len(rows) + BOTTOM
    right = WIDTH - RIGHT

    def x(time: float) -> float:
        return NAMES + (right - NAMES) * time / max(axis.end, 1.0)

    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="timeline">']
    for number, (name, spans) in enumerate(rows):
        top = BAR * number
        short = _UUID.sub("", name)
        shown = short if len(short) <= 36 else f"{short[:35]}…"
        title = f"<title>{escape(name)}</title>"
        parts.append(
            f'<text x="{NAMES - 8}" y="{top + BAR / 2:g}" dy="4" class="left">'
            f"{title}{escape(shown)}</text>"
        )
        # what must not be missed is drawn last, over its neighbours
        for span in sorted(spans, key=lambda span: span.state == "ALARM"):
            width = max(x(span.end) - x(span.start), LEAST)
            parts.append(
                f'<rect class="{escape(span.state)}" x="{_n(x(span.start))}" y="{top + 3}" '
                f'width="{_n(width)}" height="{BAR - 6}"><title>{escape(span.note)}</title></rect>'
            )
    parts += [
        f'<text x="{_n(x(time))}" y="{height - 6}" class="mid">{label}</text>'
        for time, label in axis.ticks(7)
    ]
    return "".join((*parts, "</svg>"))


def _n(number: float) -> str:
    """A coordinate to a tenth of a pixel."""
    return f"{number:.1f}".removesuffix(".0")

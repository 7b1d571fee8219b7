"""The rows above a plot: title, each series with its value, the time under the cursor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len

from tui.charts.axis import clock, column_of, format_value
from tui.charts.layout import Layout
from tui.charts.pens import Pen, Role, series_role
from tui.charts.views import ChartView, Series
from tui.widgets.cells import clean, cut

VALUE_WIDTH = 8
"""Values are padded to this, so that what follows stays where it is."""
LEAST_LABEL = 4
LEAST_NOTED = 20
"""Columns below which the cursor's time finds no room."""


class Run(NamedTuple):
    """Text in one role; `hair` says that the cursor's hair line runs through it."""

    text: str
    role: Role
    hair: bool = False


Line = tuple[Run, ...]


def values_shown(view: ChartView, cursor: float | None) -> list[str]:
    """The value of each series at the cursor, or in the newest period that any of them has."""
    moment = view.newest() if cursor is None else cursor
    shown = []
    for one in view.series:
        value = None if moment is None else one.at(moment)
        shown.append("-" if value is None else format_value(value, one.unit or view.unit))
    return shown


def legend_fits(view: ChartView, width: int) -> bool:
    """Whether one row holds the title and the whole legend with room for a clock time."""
    items = sum(_item_width(series.label, VALUE_WIDTH, _bare(view)) for series in view.series)
    return cell_len(view.title) + items + 8 <= width


def header(view: ChartView, layout: Layout, cursor: float | None, pen: Pen) -> list[Line]:
    """One or two rows: with one, the legend follows the title."""
    width = layout.width
    note = cursor_note(view, cursor, layout)
    space = max(width - (cell_len(note) + 1 if note else 0), 0)
    if layout.header > 1:
        title = [Run(cut(clean(view.title), space), "title")]
        return [_close(title, note, width), _close(legend(view, width, cursor, pen), "", width)]
    # The current value matters more than the end of the title.
    shown = values_shown(view, cursor)
    least = 1 + _widest(view.series[:1], shown, _bare(view), len(shown) > 1) if shown else 0
    title = [Run(cut(clean(view.title), max(space - least, min(space, 4))), "title")]
    used = cell_len(title[0].text) + 1
    items = legend(view, space - used, cursor, pen)
    return [_close([*title, Run(" ", "title"), *items] if items else title, note, width)]


def cursor_note(view: ChartView, cursor: float | None, layout: Layout) -> str:
    """The time under the cursor and the marks in its column, for the right end of the title."""
    if cursor is None or layout.width < LEAST_NOTED:
        return ""
    seconds = view.end - view.start < 30 * 60
    time = clock(view.epoch, cursor, seconds=seconds)
    here = column_of(cursor, view.start, view.end, layout.columns)
    marks = [
        f"{mark.glyph} {clean(mark.label)}"
        for mark in view.marks
        if here is not None and here == column_of(mark.time, view.start, view.end, layout.columns)
    ]
    return cut("  ".join([*marks, time]), max(layout.width // 2, len(time)))


def legend(view: ChartView, width: int, cursor: float | None, pen: Pen) -> list[Run]:
    """As many series as fit, their labels shortened alike; `+2` counts those left out."""
    values = values_shown(view, cursor)
    bare = _bare(view)
    count = len(values)
    while count and _widest(view.series[:count], values, bare, count < len(values)) > width:
        count -= 1
    if not count:
        return []
    rest = f" +{len(values) - count}" if count < len(values) else ""
    spare = width - cell_len(rest) - sum(_item_width("", cell_len(v), bare) for v in values[:count])
    runs: list[Run] = []
    for index, (series, value) in enumerate(zip(view.series[:count], values[:count], strict=True)):
        label = "" if bare else cut(clean(series.label), max(spare // (count - index), 0))
        spare -= cell_len(label)
        # Padding for steadiness is given only where nothing else wants the room.
        runs.append(Run(f" {pen.markers[index % len(pen.markers)]}", series_role(index)))
        runs.append(Run(f" {label}" if label else "", "legend"))
        runs.append(Run(f" {value}", "value"))
        pad = min(max(VALUE_WIDTH - cell_len(value), 0), max(spare, 0) if index < count - 1 else 0)
        runs.append(Run(" " * pad, "value"))
        spare -= pad
    return [run for run in [*runs, Run(rest, "legend")] if run.text]


def _bare(view: ChartView) -> bool:
    """A single series that says no more than the title needs no label."""
    return len(view.series) == 1 and view.series[0].label in ("", view.title)


def _item_width(label: str, value: int, bare: bool) -> int:
    """Cells of one item: a space, the marker, a space and the label, a space and the value."""
    return 3 + value + (0 if bare else 1 + cell_len(label))


def _widest(series: Iterable[Series], values: list[str], bare: bool, more: bool) -> int:
    """The least width that shows these series with labels cut to the shortest still readable."""
    return sum(
        _item_width(one.label[:LEAST_LABEL], cell_len(value), bare)
        for one, value in zip(series, values, strict=False)
    ) + (3 if more else 0)


def _close(runs: list[Run], note: str, width: int) -> Line:
    """Pad to the full width, with the note at the right end."""
    used = sum(cell_len(run.text) for run in runs)
    gap = max(width - used - cell_len(note), 0)
    return (*runs, Run(" " * gap, "legend"), Run(note, "clock"))

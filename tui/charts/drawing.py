"""A chart as lines of text in roles: everything that is drawn, before any colour.

Layers, from the back: bands, grid, marks, thresholds, hair line, data, the series' markers.
Composed once for each change of data or size.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rich.cells import cell_len

from tui.charts.axis import column_of, format_labels
from tui.charts.layout import Layout, arrange, has_data, limit_label, threshold_label
from tui.charts.legend import Line, Run, header, legend_fits
from tui.charts.pens import MARK_ROLES, NUMBER, PENS, ROLES, Pen, Role, series_role
from tui.charts.raster import Glyphs, rasterize
from tui.charts.stacking import stack
from tui.charts.strips import strip
from tui.charts.views import Band, ChartView, Limit
from tui.widgets.cells import cut, fit

NO_DATA = "no datapoints yet"


@frozen
class Drawing:
    """The lines of a chart, top to bottom, each as wide as the chart, and where its plot lies."""

    lines: tuple[Line, ...]
    layout: Layout | None


def draw(
    view: ChartView | None,
    width: int,
    height: int,
    glyphs: Glyphs = Glyphs.BRAILLE,
    cursor: float | None = None,
) -> Drawing:
    """Draw a view into `width` by `height` cells."""
    if width <= 0 or height <= 0:
        return Drawing((), None)
    if view is None:
        return Drawing(_nothing(width, height), None)
    pen, plotted = PENS[glyphs], stack(view)
    if cursor is not None and column_of(cursor, view.start, view.end, width) is None:
        cursor = None
    layout = arrange(plotted, width, height, legend_fits=legend_fits(view, width))
    lines = header(view, layout, cursor, pen)
    if layout.rows > 0:
        lines += _Plot(plotted, layout, pen, glyphs, cursor).lines()
    return Drawing(tuple(lines[:height]), layout)


def _nothing(width: int, height: int) -> tuple[Line, ...]:
    """A blank chart that says so."""
    message = fit(NO_DATA, width, "center")
    return tuple(
        (Run(message if row == (height - 1) // 2 else " " * width, "empty"),)
        for row in range(height)
    )


class _Plot:
    """The part below the header: plot, axes, strip."""

    def __init__(
        self, view: ChartView, layout: Layout, pen: Pen, glyphs: Glyphs, cursor: float | None
    ) -> None:
        self.view = view
        self.layout = layout
        self.pen = pen
        self.glyphs = glyphs
        self.hair = None if cursor is None else self._column(cursor)
        self.text = np.full((layout.rows, layout.columns), " ")
        self.role = np.full((layout.rows, layout.columns), NUMBER["axis"])
        self.margin: dict[int, str] = {}
        """Threshold labels for the right margin, by row."""

    def lines(self) -> list[Line]:
        """Everything from the first row of the plot to the strip."""
        for band in self.view.bands:
            self._band(band)
        if has_data(self.view):
            self._grid()
        self._marks()
        self._thresholds()
        for limit in self.view.limits:
            self._limit(limit)
        if self.hair is not None:
            self._put(slice(None), self.hair, self.pen.hair, "hair")
        if has_data(self.view):
            self._data()
        else:
            self._message()
        self._write_margin()
        lines = [self._row(row) for row in range(self.layout.rows)]
        if self.layout.axis_line:
            lines.append(self._floor())
        if self.layout.time_labels:
            lines.append(self._times())
        if self.layout.strip:
            lines.append(self._strip())
        return lines

    def _column(self, time: float) -> int | None:
        return column_of(time, self.view.start, self.view.end, self.layout.columns)

    def _put(self, rows: int | slice, columns: int | slice, glyph: str, role: Role) -> None:
        self.text[rows, columns] = glyph
        self.role[rows, columns] = NUMBER[role]

    def _write(self, row: int, column: int, text: str, role: Role) -> None:
        """Write over a row of the plot what fits; for text of narrow characters."""
        for offset, character in enumerate(text[: self.layout.columns - column]):
            self._put(row, column + offset, character, role)

    # Layers

    def _band(self, band: Band) -> None:
        """Shade the cells whose middle lies within the limits of their time."""
        layout, view = self.layout, self.view
        if not (layout.columns and band.times):
            return
        width = (view.end - view.start) / layout.columns
        moments = view.start + (np.arange(layout.columns) + 0.5) * width
        times = np.asarray(band.times, np.float64)
        index = np.searchsorted(times, moments, "right") - 1
        held = (index >= 0) & (moments < times[index] + max(band.period, width))
        lower, upper = np.asarray(band.lower)[index], np.asarray(band.upper)[index]
        scale = layout.scale
        # a band thinner than a row is still seen: a row reaches half a row up and down
        middles = scale.high - np.arange(layout.rows)[:, None] * 2 * scale.half_row
        half = scale.half_row
        shaded = held & (middles + half > lower) & (middles - half < upper)
        self.text[shaded] = self.pen.band
        self.role[shaded] = NUMBER["band"]

    def _grid(self) -> None:
        """A point where a labelled row meets a labelled time: a guide that stays out of the way."""
        for row in self.layout.labels:
            for tick in self.layout.ticks:
                self._put(row, tick.column, self.pen.grid, "grid")

    def _marks(self) -> None:
        now = self.view.now
        column = None if now is None else self._column(now)
        if column is not None:
            self._put(slice(None), column, self.pen.hair, "mark-line")
        for mark in self.view.marks:
            column = self._column(mark.time)
            if column is None:
                continue
            self._put(slice(None), column, self.pen.mark, "mark-line")
            if not self.layout.axis_line:
                self._put(0, column, self._mark_glyph(mark.glyph), MARK_ROLES[mark.kind])

    def _mark_glyph(self, wanted: str) -> str:
        """A glyph that fills exactly one cell."""
        glyph = self.pen.glyph(wanted)
        return glyph if len(glyph) == 1 and cell_len(glyph) == 1 else self.pen.mark

    def _thresholds(self) -> None:
        if not self.layout.time_labels:
            return
        for threshold in self.view.thresholds:
            row = self.layout.scale.row(threshold.value)
            if row is not None:
                self._put(row, slice(None), self.pen.threshold, "threshold")
                label = threshold_label(threshold, self.view)
            else:
                high = threshold.value > self.layout.scale.high
                row = 0 if high else self.layout.rows - 1
                arrow = self.pen.above if high else self.pen.below
                label = f"{arrow} {format_labels([threshold.value], self.view.unit)[0]}"
            self.margin[row] = label

    def _limit(self, limit: Limit) -> None:
        """A threshold that changes; where it lies outside, its label says so."""
        layout, view = self.layout, self.view
        if not layout.time_labels:
            return
        width = (view.end - view.start) / max(layout.columns, 1)
        for column in range(layout.columns):
            value = limit.at(view.start + (column + 0.5) * width)
            row = None if value is None else layout.scale.row(value)
            if row is not None:
                self._put(row, column, self.pen.threshold, "threshold")
        value = limit.at(view.end if view.now is None else view.now)
        if value is None:
            return
        row, label = layout.scale.row(value), limit_label(limit, view)
        if row is None:
            high = value > layout.scale.high
            row = 0 if high else layout.rows - 1
            label = f"{self.pen.above if high else self.pen.below} {label}"
        # where two limits are equal their labels are next to each other
        free = (near for near in (row, row - 1, row + 1) if near not in self.margin)
        self.margin[next((near for near in free if 0 <= near < layout.rows), row)] = label

    def _data(self) -> None:
        stacked = self.view.stacked
        # areas are drawn from the top down, each over the one that it stands on
        order = list(range(len(self.view.series)))[:: -1 if stacked else 1]
        raster = rasterize(
            [self.view.series[index] for index in order],
            self.layout.columns,
            self.layout.rows,
            self.layout.frame,
            self.glyphs,
            filled=stacked,
        )
        drawn = raster.bits > 0
        self.text[drawn] = raster.text[drawn]
        roles = np.array([NUMBER[series_role(index)] for index in order])
        self.role[drawn] = roles[raster.owner[drawn]]
        if len(self.view.series) > 1 and self.layout.time_labels:
            self._markers()

    def _markers(self) -> None:
        """The marker of each series on its newest datapoint: tells them apart without colour."""
        for index, series in enumerate(self.view.series):
            for time, value in zip(reversed(series.times), reversed(series.values), strict=True):
                column = self._column(time)
                if column is not None and math.isfinite(value):
                    scale = self.layout.scale
                    row = scale.row(min(max(value, scale.low), scale.high))
                    marker = self.pen.markers[index % len(self.pen.markers)]
                    self._put(row or 0, column, marker, series_role(index))
                    break

    def _message(self) -> None:
        text = cut(NO_DATA, self.layout.columns)
        self._write(
            (self.layout.rows - 1) // 2, (self.layout.columns - len(text)) // 2, text, "empty"
        )

    def _write_margin(self) -> None:
        """Where there is no margin the label lies on the oldest data, which matter least."""
        if not self.layout.right:
            for row, label in self.margin.items():
                self._write(row, 1, f" {label} ", "threshold")

    # Lines

    def _row(self, row: int) -> Line:
        layout, pen = self.layout, self.pen
        runs: list[Run] = []
        if layout.left:
            label = layout.labels.get(row)
            runs.append(Run((label or "").rjust(layout.left - 1), "label"))
            runs.append(Run(pen.side if label is None else pen.side_label, "axis"))
        runs += self._runs(self.text[row], self.role[row])
        if layout.right:
            label = self.margin.get(row, "")
            runs.append(Run(" " + fit(label, layout.right - 1), "threshold"))
        return tuple(runs)

    def _runs(self, text: NDArray[np.str_], role: NDArray[np.int64]) -> list[Run]:
        """Cells side by side in the same role become one run."""
        code = role * 2
        if self.hair is not None:
            code[self.hair] += 1
        line = "".join(text.tolist())
        cuts = [0, *(np.flatnonzero(np.diff(code)) + 1).tolist(), len(line)]
        return [
            Run(line[begin:end], ROLES[code[begin] // 2], bool(code[begin] % 2))
            for begin, end in pairwise(cuts)
            if end > begin
        ]

    def _below(self, text: NDArray[np.str_], role: NDArray[np.int64], name: str = "") -> Line:
        """A line under the plot, with room left for the y labels and the margin."""
        layout = self.layout
        name = name if len(name) < layout.left else ""
        return (
            Run(name.rjust(layout.left - 1) + " " if layout.left else "", "label"),
            *self._runs(text, role),
            Run(" " * layout.right, "label"),
        )

    def _floor(self) -> Line:
        layout, pen = self.layout, self.pen
        text = np.full(layout.columns, pen.floor)
        role = np.full(layout.columns, NUMBER["axis"])
        for tick in layout.ticks:
            text[tick.column] = pen.floor_tick
        for mark in self.view.marks:
            column = self._column(mark.time)
            if column is not None:
                text[column] = self._mark_glyph(mark.glyph)
                role[column] = NUMBER[MARK_ROLES[mark.kind]]
        line = self._below(text, role)
        if not layout.left:
            return line
        return (Run(" " * (layout.left - 1), "label"), Run(pen.corner, "axis"), *line[1:])

    def _times(self) -> Line:
        text = np.full(self.layout.columns, " ")
        role = np.full(self.layout.columns, NUMBER["label"])
        for tick in self.layout.ticks:
            text[tick.at : tick.end] = list(tick.label)
        return self._below(text, role)

    def _strip(self) -> Line:
        """The states of the alarm."""
        view = self.view
        text, role = strip(view.spans, view.start, view.end, self.layout.columns, self.pen)
        return self._below(text, role, "alarm")

"""Where everything of a chart goes: how many cells for legend, labels, plot and strip at each size.

A chart gives up in order: axis line, legend row, alarm strip, threshold margin, y labels, time
labels. What remains of the smallest is its title and current value.
"""

from __future__ import annotations

import math

from attrs import evolve, frozen
from rich.cells import cell_len

from tui.charts.axis import Scale, Tick, format_labels, nice_scale, time_ticks
from tui.charts.raster import Frame
from tui.charts.views import ChartView, Limit, Threshold

LABELLED_HEIGHT = 4
"""Rows below which a chart is a title over a sparkline."""
STRIP_HEIGHT = 6
LEGEND_HEIGHT = 8
AXIS_LINE_HEIGHT = 11
LABELLED_WIDTH = 20
"""Columns below which there are no y labels."""
MARGIN_WIDTH = 40
"""Columns from which threshold labels have a margin of their own at the right."""


@frozen
class Layout:
    """The cells of one chart of a given size."""

    width: int
    header: int
    """Rows for title and legend, one or two."""
    left: int
    """Columns for y labels, the axis included."""
    right: int
    """Columns for threshold labels; 0 writes them into the plot."""
    columns: int
    rows: int
    axis_line: bool
    time_labels: bool
    strip: bool
    scale: Scale
    labels: dict[int, str]
    """The y label of each labelled row."""
    ticks: tuple[Tick, ...]
    frame: Frame


def arrange(view: ChartView, width: int, height: int, *, legend_fits: bool = True) -> Layout:
    """Share out `width` by `height` cells; `legend_fits`: one row holds title and legend."""
    labelled = height >= LABELLED_HEIGHT
    header = 1 if legend_fits or height < LEGEND_HEIGHT else 2
    strip = bool(view.spans) and height >= STRIP_HEIGHT
    axis_line = height >= AXIS_LINE_HEIGHT
    rows = max(height - header - labelled - strip - axis_line, 0)

    scale = scale_of(view, rows if labelled else 2)
    labels: dict[int, str] = {}
    right = 0
    if labelled and width >= LABELLED_WIDTH:
        values = scale.labels()
        labels = dict(zip(values, format_labels(values.values(), view.unit), strict=True))
        asked_for = view.thresholds or view.limits or view.bands or view.high is not None
        if not has_data(view) and not asked_for:
            # A scale that neither data nor a threshold asked for would be invented.
            labels = {}
        if (view.thresholds or view.limits) and width >= MARGIN_WIDTH:
            right = 1 + min(max(map(cell_len, map_threshold_labels(view))), width // 5)
    left = 1 + max(map(len, labels.values())) if labels else 0
    columns = max(width - left - right, 0)
    # A sparkline uses all of its height; a labelled row stands for the value at its middle.
    half = scale.half_row if labelled else 0.0
    return Layout(
        width=width,
        header=header,
        left=left,
        right=right,
        columns=columns,
        rows=rows,
        axis_line=axis_line,
        time_labels=labelled,
        strip=strip,
        scale=scale if labelled else evolve(scale, rows=rows),
        labels=labels,
        ticks=time_ticks(view.start, view.end, columns, view.epoch) if labelled else (),
        frame=Frame(view.start, view.end, scale.low - half, scale.high + half),
    )


def has_data(view: ChartView) -> bool:
    """Whether any datapoint lies in the window."""
    return next(_visible(view), None) is not None


def _visible(view: ChartView) -> filter[float]:
    """The finite values of all series in the window."""
    return filter(
        math.isfinite,
        (
            value
            for series in view.series
            for time, value in zip(series.times, series.values, strict=True)
            if view.start <= time <= view.end
        ),
    )


def _limits(view: ChartView) -> filter[float]:
    """The finite limits of all bands in the window."""
    return filter(
        math.isfinite,
        (
            value
            for band in view.bands
            for time, *limits in zip(band.times, band.lower, band.upper, strict=True)
            if view.start <= time + band.period and time <= view.end
            for value in limits
        ),
    )


def scale_of(view: ChartView, rows: int) -> Scale:
    """The scale that shows the data, and the thresholds that are not too far from them."""
    values = [*_visible(view), *_limits(view)]
    if not values:
        values = [view.low if view.low is not None else 0.0]
    least, greatest = min(values), max(values)
    bottom = least if view.low is None else view.low
    # Within twice the height of the data; above flat zero a threshold is all there is to show.
    span = greatest - bottom
    changing = (v for limit in view.limits for v in limit.values)
    for value in (*(threshold.value for threshold in view.thresholds), *changing):
        if span <= 0 or value - bottom <= 2 * span:
            greatest = max(greatest, value)
        if span <= 0 or greatest - value <= 2 * span:
            least = min(least, value)
    return nice_scale(least, greatest, rows, view.low, view.high, whole=view.whole)


def threshold_label(threshold: Threshold, view: ChartView) -> str:
    """What is written beside a threshold."""
    value = format_labels([threshold.value], view.unit)[0]
    return threshold.label or f"{threshold.direction} {value}"


def limit_label(limit: Limit, view: ChartView) -> str:
    """What is written beside a limit: its value now."""
    value = limit.at(view.end if view.now is None else view.now)
    return f"{limit.label} {'' if value is None else format_labels([value], view.unit)[0]}".strip()


def map_threshold_labels(view: ChartView) -> list[str]:
    """Every label the right margin may have to hold, with the arrow of one out of range."""
    return [
        *(f"▲ {format_labels([each.value], view.unit)[0]}" for each in view.thresholds),
        *(threshold_label(each, view) for each in view.thresholds),
        *(f"▲ {limit_label(each, view)}" for each in view.limits),
    ]

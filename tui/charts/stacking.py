"""Series that stand on each other: each drawn at the sum of those before and itself."""

from __future__ import annotations

import math

from attrs import evolve

from tui.charts.views import ChartView, Series


def stack(view: ChartView) -> ChartView:
    """A view whose series are drawn where a stacked one has them; the same if it is not stacked."""
    if not view.stacked:
        return view
    times = sorted({time for one in view.series for time in one.times})
    height = dict.fromkeys(times, 0.0)
    made: list[Series] = []
    for one in view.series:
        for time, value in zip(one.times, one.values, strict=True):
            if math.isfinite(value):
                height[time] += value
        made.append(evolve(one, times=tuple(times), values=tuple(height.values())))
    return evolve(view, series=tuple(made))

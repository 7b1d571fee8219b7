"""The level and the trend of a metric once its patterns are taken off.

Medians of an hour each are followed by exponential smoothing. What is far off moves the level only
a little, so a spike or an outage is not learned; what stays off for long is a new level.
"""

from __future__ import annotations

import math

import numpy as np
from attrs import frozen

from model.clock import DAY, HOUR
from model.cloudwatch.anomaly.robust import Floats, cells, medians, typical

MEMORIES = (6 * HOUR, 24 * HOUR, 96 * HOUR)
"""How far back the level looks (s), the time constant of the smoothing; the best one is taken.
With less than a day of history they are shorter in proportion."""
FAR = 2.5
"""Standard deviations by which one median moves the level at most."""
SETTLED = 6
"""Medians in a row that must be far off on one side to be taken for a new level."""
BACK = 2
"""Medians in a row near the level before the last one that are taken for a return to it."""
BETTER = 0.02
"""The share by which a trend or a shorter memory must lower the error to be believed."""
TREND_AFTER = 4
"""Days it takes to see a trend."""
FEWEST = 24
"""Into how many stretches a history shorter than a day is cut."""


@frozen
class Level:
    """A level followed through the history."""

    before: Floats
    """For each value, the level that was expected of its stretch before it was seen."""
    last: float
    """At the end of the history."""
    error: float
    """Mean size of the errors of the stretches' medians, the large ones cut off."""
    slope: float = 0.0
    """Per second."""


def stretch_of(history: float, period: float) -> float:
    """How long the stretches are whose medians are followed (s)."""
    length = min(HOUR, history / FEWEST)
    return max(math.ceil(length / period), 1) * period


def follow(times: Floats, values: Floats, end: float, period: float) -> Level:
    """The level of values at `times`; `end` is the end of the history (s)."""
    history = end - float(times[0])
    stretch = stretch_of(history, period)
    memories = [memory * min(history / DAY, 1.0) for memory in MEMORIES]
    back = np.floor((end - times - 1e-6) / stretch).astype(np.int64)
    count = int(back[0]) + 1
    place = count - 1 - back
    middles = cells(np.zeros_like(place), place, values, (1, count))[0]
    width = _width(middles, stretch)
    chosen, best = memories[-1], _smoothed(middles, stretch, memories[-1], 0.0, width)
    for memory in memories[-2::-1]:
        found = _smoothed(middles, stretch, memory, 0.0, width)
        if found[2] < best[2] * (1.0 - BETTER):
            chosen, best = memory, found
    trend = _slope(middles, stretch)
    if abs(trend) * history > width:
        found = _smoothed(middles, stretch, chosen, trend, width)
        if found[2] < best[2] * (1.0 - BETTER):
            return Level(found[0][place], *found[1:], trend)
    return Level(best[0][place], *best[1:])


def _width(middles: Floats, stretch: float) -> float:
    """How far medians usually are from that of their day: shifts between days do not count."""
    per_day = max(round(DAY / stretch), 1)
    padded = np.append(middles, np.full(-middles.size % per_day, np.nan)).reshape(-1, per_day)
    if per_day == 1:
        return typical(np.diff(middles[~np.isnan(middles)])) / math.sqrt(2.0)
    return typical(padded - medians(padded, axis=1)[:, None])


def _slope(middles: Floats, stretch: float) -> float:
    """The median slope between the medians of any two days (Theil 1950, Sen 1968), per second."""
    per_day = max(round(DAY / stretch), 1)
    padded = np.append(np.full(-middles.size % per_day, np.nan), middles).reshape(-1, per_day)
    known = np.sum(~np.isnan(padded), axis=1) * 2 > per_day
    level, day = medians(padded, axis=1)[known], np.flatnonzero(known)
    if level.size < TREND_AFTER:
        return 0.0
    one, other = np.triu_indices(level.size, 1)
    slopes = (level[other] - level[one]) / (day[other] - day[one])
    return float(np.median(slopes)) / DAY


def _smoothed(
    middles: Floats, stretch: float, memory: float, slope: float, width: float
) -> tuple[Floats, float, float]:
    """What is expected of each stretch, the level after the last, the mean size of the errors."""
    share = 1.0 - math.exp(-stretch / memory)
    reach, step = FAR * width, slope * stretch
    known = middles[~np.isnan(middles)]
    level = float(np.median(known[: max(FEWEST // 4, 1)]))
    expected = []
    off: list[float] = []
    former = start = math.nan
    seen, total = 1, 0.0
    for middle in middles.tolist():
        level, former = level + step, former + step
        expected.append(level)
        if middle != middle:
            continue
        seen += 1
        gain, miss = 1.0 / seen, middle - level
        if gain < share:
            gain = share
        if -reach <= miss <= reach:
            if off:
                off.clear()
            total += miss if miss > 0.0 else -miss
            level += gain * miss
            continue
        side = 1.0 if miss > 0.0 else -1.0
        total += min(abs(miss), 2.0 * reach)
        if off and (off[-1] > level) != (miss > 0.0):
            off.clear()
        if not off:
            start = level
        off.append(middle)
        back = len(off) >= BACK and all(abs(one - former) <= reach for one in off[-BACK:])
        if back or len(off) == SETTLED:
            level, former = (former if back else sorted(off)[SETTLED // 2]), start
            off.clear()
        else:
            level += gain * side * reach
    return np.array(expected), level, total / seen

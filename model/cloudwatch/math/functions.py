"""The functions of metric math, on arguments whose kinds were checked.

Source: "Using metric math", Functions supported for metric math.
"""

from __future__ import annotations

import math
import statistics
from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from model.cloudwatch.math.series import Array, Series, Span, Value, times_of

# -- each point by itself -------------------------------------------------------------------------


def _logarithm(value: float) -> float:
    return math.log(value) if value > 0 else math.nan


def _logarithm_10(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan


POINTWISE: dict[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
    "LOG": _logarithm,
    "LOG10": _logarithm_10,
}


# -- a series as a whole --------------------------------------------------------------------------


def _differences(series: Series, make: Callable[[float, float], float]) -> Series:
    """Of each point and the one before it: a function of how values and times differ."""
    pairs = list(series.points.items())
    made = {
        time: make(value - before, time - earlier)
        for (earlier, before), (time, value) in pairwise(pairs)
    }
    return series.but(made)


def _running_sum(series: Series) -> Series:
    total, made = 0.0, {}
    for time, value in series.points.items():
        total += value
        made[time] = total
    return series.but(made)


WHOLE: dict[str, Callable[[Series], Series]] = {
    "DIFF": lambda series: _differences(series, lambda value, _: value),
    "DIFF_TIME": lambda series: _differences(series, lambda _, time: time),
    "RATE": lambda series: _differences(series, lambda value, time: value / time),
    "RUNNING_SUM": _running_sum,
}


# -- many values as one ---------------------------------------------------------------------------

Reduction = Callable[[Sequence[float], int], float]
"""Of the values that are there, of so many that could be."""


def _total(values: Sequence[float]) -> float:
    """Without errors of rounding, so that what does not vary has no deviation."""
    try:
        return math.fsum(values)
    except OverflowError:
        return math.inf


def _average(values: Sequence[float], number: int) -> float:
    """Missing values count as 0."""
    return _total(values) / number if values else math.nan


def _deviation(values: Sequence[float], _: int) -> float:
    """The standard deviation of what is there, as of a whole population."""
    if not values:
        return math.nan
    try:
        return statistics.pstdev(values)
    except OverflowError:
        return math.inf


REDUCTIONS: dict[str, Reduction] = {
    "AVG": _average,
    "DATAPOINT_COUNT": lambda values, _: float(len(values)),
    "MAX": lambda values, _: max(values, default=math.nan),
    "MIN": lambda values, _: min(values, default=math.nan),
    "STDDEV": _deviation,
    "SUM": lambda values, _: _total(values),
}


def reduce(name: str, value: Series | Array, span: Span) -> Value:
    """A series to a number; an array, at each time, to a series."""
    function = REDUCTIONS[name]
    if isinstance(value, Series):
        return function(list(value.points.values()), len(span.times(value.period)))
    made = {
        time: function([s.points[time] for s in value if time in s.points], len(value))
        for time in times_of(value)
    }
    return Series(min((s.period for s in value), default=math.inf)).but(made)


# -- gaps -----------------------------------------------------------------------------------------


def fill(series: Series, filler: Value, span: Span) -> Series:
    """FILL: every period without a point gets one, where the filler has one for it.

    REPEAT takes the value before the gap, LINEAR a straight line across it; so the first ones stay
    missing with REPEAT, with LINEAR the last ones too.
    """
    points = series.points
    made: dict[float, float] = {}
    known = list(points)
    for time in sorted({*span.times(series.period), *points}):
        if time in points:
            made[time] = points[time]
        elif isinstance(filler, float):
            made[time] = filler
        elif isinstance(filler, Series):
            made[time] = filler.points.get(time, math.nan)
        else:
            place = bisect_left(known, time)
            if place == 0:
                continue
            before, after = known[place - 1], known[place] if place < len(known) else None
            if filler == "REPEAT":
                made[time] = points[before]
            elif after is not None:
                share = (time - before) / (after - before)
                made[time] = points[before] + share * (points[after] - points[before])
    return series.but(made)


# -- IF -------------------------------------------------------------------------------------------


def choose(condition: Value, true: Value, false: Value | None) -> Series:
    """IF: by the condition's value at each time, or by its one value.

    Where the condition is true (anything but 0) and the value of `true` is missing, the result is
    0; where it is false and that of `false` is missing or left out, there is no point; nor where
    the condition has none.
    """
    if isinstance(condition, float):
        chosen = true if condition != 0 else false
        sides = [side for side in (true, false) if isinstance(side, Series)]
        if math.isnan(condition) or not isinstance(chosen, Series):
            return sides[0].but({})
        return chosen
    assert isinstance(condition, Series)
    label = next((s.label for s in (true, false) if isinstance(s, Series)), condition.label)
    made: dict[float, float] = {}
    for time, value in condition.points.items():
        side, missing = (true, 0.0) if value != 0 else (false, math.nan)
        if isinstance(side, Series):
            made[time] = side.points.get(time, missing)
        else:
            made[time] = side if isinstance(side, float) else math.nan
    return Series(condition.period, label=label).but(made)


# -- the calendar ---------------------------------------------------------------------------------

CALENDAR: dict[str, Callable[[datetime], int]] = {
    "MINUTE": lambda moment: moment.minute,
    "HOUR": lambda moment: moment.hour,
    "DAY": lambda moment: moment.isoweekday(),
    "DATE": lambda moment: moment.day,
    "MONTH": lambda moment: moment.month,
    "YEAR": lambda moment: moment.year,
    "EPOCH": lambda moment: int(moment.timestamp()),
}
"""Of the start of each period (UTC); Monday is day 1."""


def stamp(name: str, series: Series, span: Span, utc: Callable[[float], datetime]) -> Series:
    """A part of the date for every period of the request, whether the series has points or not."""
    part = CALENDAR[name]
    return series.but({t: float(part(utc(t))) for t in span.times(series.period)})


# -- arrays ---------------------------------------------------------------------------------------


def sort(array: Array, by: str, order: str, limit: float | None, span: Span) -> Array:
    """SORT: by a number of each series; those without points come last."""
    sign = -1.0 if order == "DESC" else 1.0

    def rank(series: Series) -> tuple[bool, float]:
        value: Any = reduce(by, series, span) if series.points else math.nan
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value

    return tuple(sorted(array, key=rank))[: _index(limit)]


def cut(array: Array, start: float, end: float | None) -> Array:
    """SLICE: from `start` until before `end`, counted from 0."""
    return array[_index(start) : _index(end)]


def _index(number: float | None) -> int | None:
    """A number as a place in an array; one that cannot be told is the first."""
    return None if number is None else max(int(number), 0) if math.isfinite(number) else 0


def pick(array: Array, place: int) -> Series:
    """FIRST and LAST: a series without points, where the array is empty."""
    return array[place] if array else Series(math.inf)

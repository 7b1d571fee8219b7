"""Scales and words: rows on round values, ticks on round times, numbers with their units.

A row of the plot stands for the value at its middle. The scale is chosen so that every few rows is
a round number: labels, threshold and line then agree to the row.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from attrs import frozen

from tui.charts.views import Unit

NICE = (1.0, 2.0, 2.5, 5.0)
"""The steps a person counts in, times any power of ten."""

ROWS_PER_LABEL = (3, 4, 2, 5, 6)
"""How many rows apart the labels may stand, the best looking first."""

MINUTE, HOUR, DAY = 60, 3600, 86400
TIME_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 4, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14, 28)),
)
"""Seconds between time ticks."""


@frozen
class Scale:
    """The values of a plot's rows: `low` at the middle of the last, `high` at that of the first."""

    low: float
    high: float
    step: float
    """The difference between two labels."""
    rows: int

    @property
    def half_row(self) -> float:
        """What the upper half of a row is worth."""
        return (self.high - self.low) / (2 * max(self.rows - 1, 1))

    def row(self, value: float) -> int | None:
        """The row, counted from the top, that shows this value; None when it lies outside."""
        share = (self.high - value) / (self.high - self.low)
        row = math.floor(share * (self.rows - 1) + 0.5)
        return row if 0 <= row < self.rows else None

    def labels(self) -> dict[int, float]:
        """The labelled rows and their values."""
        count = math.floor((self.high - self.low) / self.step * (1 + 1e-9))
        values = (tidy(self.low + index * self.step) for index in range(count + 1))
        return {row: value for value in values if (row := self.row(value)) is not None}


def tidy(value: float) -> float:
    """Rid a round number of the last digits that floating point gave it."""
    return float(f"{value:.9g}")


def nice_steps(at_least: float, *, whole: bool = False) -> Iterable[float]:
    """Round steps in rising order, the first not smaller than `at_least`; `whole`: integers."""
    exponent = math.floor(math.log10(at_least)) if at_least > 0 else 0
    while True:
        for nice in NICE:
            step = tidy(nice * 10.0**exponent)
            if step >= at_least * (1 - 1e-9) and not (whole and step % 1):
                yield step
        exponent += 1


def nice_scale(
    least: float,
    greatest: float,
    rows: int,
    low: float | None = 0.0,
    high: float | None = None,
    *,
    whole: bool = False,
) -> Scale:
    """A scale of `rows` rows that holds the data and has labels on round values.

    `low` and `high`, where given, are kept as they are; data beyond them is not waited for.
    `whole`: the labels are integers.
    """
    bottom = least if low is None else low
    top = max(greatest, bottom) if high is None else high
    if top <= bottom:
        top = bottom + (abs(bottom) * 0.1 if low is None and bottom else 1.0)
        bottom = bottom - (top - bottom) if low is None and bottom else bottom
    if high is not None:
        return _between(bottom, top, rows)
    rows = max(rows, 2)
    choices = [_above(bottom, top, rows, each, low is None, whole) for each in ROWS_PER_LABEL]
    fitting = [scale for scale in choices if scale is not None]
    if not fitting:
        # Two or three rows: a label on each, as round as can be.
        return _above(bottom, top, rows, 1, low is None, whole) or Scale(
            bottom, top, top - bottom, rows
        )
    # The order is by looks: a later choice must waste clearly less of the height to win.
    costs = [_waste(scale, bottom, top) + 0.08 * order for order, scale in enumerate(fitting)]
    return fitting[costs.index(min(costs))]


def _waste(scale: Scale, bottom: float, top: float) -> float:
    """How many times the data's height is empty."""
    return (scale.high - scale.low) / (top - bottom) - 1


def _above(
    bottom: float, top: float, rows: int, each: int, snap: bool, whole: bool
) -> Scale | None:
    """The smallest scale with a label every `each` rows; `snap`: the bottom is round too."""
    if each > rows - 1:
        return None
    intervals = (rows - 1) / each
    enough = 5 * max(abs(bottom), abs(top), top - bottom)
    for step in nice_steps((top - bottom) / intervals, whole=whole):
        low = tidy(math.floor(bottom / step * (1 + 1e-12)) * step) if snap else bottom
        high = low + step * intervals
        if high >= top * (1 - 1e-12) and low <= bottom:
            return Scale(low, high, step, rows)
        if step > enough:
            # Data on both sides of zero and but one interval: no step will ever do.
            break
    return None


def _between(bottom: float, top: float, rows: int) -> Scale:
    """A scale with both limits fixed: labels at round steps, on the nearest row."""
    for step in nice_steps((top - bottom) * 2 / (rows - 1)):
        if math.isclose((top - bottom) / step, round((top - bottom) / step), rel_tol=1e-9):
            return Scale(bottom, top, step, rows)
        if step > top - bottom:
            break
    return Scale(bottom, top, top - bottom, rows)


# Words for numbers

_THOUSANDS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""))
_SUFFIXES: dict[Unit, str] = {
    "Bytes": "B",
    "Bytes/Second": "B/s",
    "Bits": "bit",
    "Bits/Second": "bit/s",
    "Count/Second": "/s",
}
_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def _prefix(value: float, unit: Unit) -> tuple[float, str]:
    """What to divide by and the unit to write for numbers of about this size."""
    size = abs(value)
    if unit == "Percent":
        return 1.0, "%"
    if unit == "Seconds":
        return next(((by, name) for by, name in _SECONDS if size >= by), _SECONDS[1])
    by, prefix = next(((by, name) for by, name in _THOUSANDS if size >= by), (1.0, ""))
    suffix = _SUFFIXES.get(unit, "")
    return by, prefix + suffix


def _digits(number: float) -> str:
    """Three digits that matter, and no zeros that do not."""
    size = abs(number)
    places = 0 if size >= 100 else 1 if size >= 10 else 2
    text = f"{number:.{places}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def format_value(value: float, unit: Unit = "None") -> str:
    """A current value for a person: `63.2 %`, `1.24 k`, `212 ms`, `9.1 k/s`."""
    if not math.isfinite(value):
        return "-"
    if value == 0 and unit == "Seconds":
        return "0 s"
    by, name = _prefix(float(f"{value:.3g}"), unit)
    return f"{_digits(value / by)} {name}".rstrip()


def format_labels(values: Iterable[float], unit: Unit = "None") -> list[str]:
    """Labels of one axis: all in the same unit, with as many decimals as tell them apart."""
    values = list(values)
    by, name = _prefix(max((abs(value) for value in values), default=0.0), unit)
    numbers = [tidy(value / by) for value in values]
    places = max((_places(number) for number in numbers), default=0)
    return [f"{number:.{places}f}{name}" if number else "0" for number in numbers]


def _places(number: float) -> int:
    """How many decimals a round number needs, three at most."""
    return next((n for n in range(3) if math.isclose(round(number, n), number, abs_tol=1e-9)), 3)


# Words for times


def utc(epoch: datetime, time: float) -> datetime:
    """The UTC instant of `time` seconds since `epoch`."""
    start = epoch.replace(tzinfo=UTC) if epoch.tzinfo is None else epoch.astimezone(UTC)
    return start + timedelta(seconds=time)


def clock(epoch: datetime, time: float, *, seconds: bool = False) -> str:
    """The clock time, `14:05` or `14:05:30`."""
    return utc(epoch, time).strftime("%H:%M:%S" if seconds else "%H:%M")


@frozen
class Tick:
    """A round time on the time axis: its column, and where its label begins."""

    column: int
    at: int
    label: str

    @property
    def end(self) -> int:
        """The column after the label."""
        return self.at + len(self.label)


def column_of(time: float, start: float, end: float, columns: int) -> int | None:
    """The column of cells that shows `time`; None when it lies outside."""
    if end <= start or not start <= time <= end:
        return None
    return min(math.floor((time - start) / (end - start) * columns), columns - 1)


def time_ticks(start: float, end: float, columns: int, epoch: datetime) -> tuple[Tick, ...]:
    """Ticks on round UTC times, as close as their labels allow."""
    if end <= start or columns < 5:
        return ()
    for step in TIME_STEPS:
        # No use in building thousands of labels to find that they do not fit.
        if (end - start) / step * 8 > columns * 1.5:
            continue
        ticks = _ticks(start, end, columns, epoch, step)
        if all(one.end + 2 <= two.at for one, two in pairwise(ticks)):
            return ticks
    return ()


def _ticks(start: float, end: float, columns: int, epoch: datetime, step: int) -> tuple[Tick, ...]:
    """All ticks `step` seconds apart, counted from midnight UTC."""
    day = utc(epoch, start).replace(hour=0, minute=0, second=0, microsecond=0)
    if step > DAY:
        # Days of the year, not of the window: ticks must not move as the window slides.
        day -= timedelta(days=day.toordinal() % (step // DAY))
    offset = (day - utc(epoch, 0.0)).total_seconds()
    ticks = []
    first = math.ceil((start - offset) / step)
    last = math.floor((end - offset) / step)
    for index in range(first, last + 1):
        time = offset + index * step
        column = column_of(time, start, end, columns)
        if column is None:
            continue
        moment = utc(epoch, time)
        midnight = moment.hour == moment.minute == moment.second == 0
        form = "%b %d" if midnight else "%H:%M:%S" if step < MINUTE else "%H:%M"
        label = moment.strftime(form)
        at = min(max(column - len(label) // 2, 0), columns - len(label))
        if at >= 0:
            ticks.append(Tick(column, at, label))
    return tuple(ticks)

"""What a chart is given: plain frozen values, made by hand in a test or read from CloudWatch.

Times are seconds since the view's `epoch`. Nothing here knows Textual, so a report or a test can
build the same views.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from datetime import datetime
from typing import Literal

from attrs import Attribute, field, frozen

Unit = Literal[
    "None",
    "Percent",
    "Count",
    "Count/Second",
    "Seconds",
    "Bytes",
    "Bytes/Second",
    "Bits",
    "Bits/Second",
]
"""CloudWatch's names of the units a chart can write."""

Direction = Literal[">", ">=", "<", "<="]
"""Which side of a threshold is breaching, as an alarm's comparison operator has it."""

MarkKind = Literal["fault", "move", "scaling", "alarm", "note"]
"""What a mark tells of: a fault, an operator's move, a scaling activity, an alarm, a note."""

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
"""CloudWatch's alarm states."""


@frozen
class Series:
    """One line of a chart: datapoints in rising order of time, one for each period."""

    label: str
    times: tuple[float, ...]
    """The start of each datapoint's period."""
    values: tuple[float, ...] = field()
    """A value for each time; NaN says that there is no datapoint."""
    period: float = 60.0
    """Seconds; two times further apart than this have a gap between them."""
    unit: Unit | None = None
    """Of its values, where the chart shows several units; None: that of the chart."""
    steps: bool = False
    """Whether each value holds until the next time, at which the line goes straight up or down."""

    @values.validator
    def _one_value_for_each_time(
        self, attribute: Attribute[tuple[float, ...]], values: tuple[float, ...]
    ) -> None:
        if len(values) != len(self.times):
            raise ValueError(f"{self.label}: {len(self.times)} times but {len(values)} values")

    def newest(self, before: float) -> float | None:
        """The start of the last period with a datapoint that began no later than `before`."""
        for time, value in zip(reversed(self.times), reversed(self.values), strict=True):
            if time <= before and math.isfinite(value):
                return time
        return None

    def at(self, time: float) -> float | None:
        """The value of the period that contains `time`; None where there is no datapoint."""
        for start, value in zip(reversed(self.times), reversed(self.values), strict=True):
            if start <= time:
                holds = self.steps and start != self.times[-1]
                inside = holds or time < start + self.period
                return value if inside and math.isfinite(value) else None
        return None


@frozen
class Threshold:
    """A value an alarm compares with, drawn as a dashed row."""

    value: float
    label: str = ""
    """Written at the right; the direction and value when empty."""
    direction: Direction = ">"


@frozen
class Limit:
    """A threshold that changes: each value holds until the next time, the last one to the end."""

    times: tuple[float, ...]
    values: tuple[float, ...]
    label: str = ""
    """Written at the right, before the value."""

    def at(self, time: float) -> float | None:
        """The value at a time; None before the first."""
        index = bisect_right(self.times, time) - 1
        return self.values[index] if index >= 0 else None


@frozen
class Band:
    """Values that are expected or marked: shaded behind the data, period by period."""

    times: tuple[float, ...]
    """The start of each period, in rising order."""
    lower: tuple[float, ...]
    """For each time; minus infinity: down to the floor."""
    upper: tuple[float, ...]
    """For each time; infinity: up to the top."""
    period: float = 60.0
    """Seconds for which each pair holds."""

    @classmethod
    def between(cls, start: float, end: float, lower: float, upper: float) -> Band:
        """The same limits from `start` to `end`."""
        return cls((start,), (lower,), (upper,), end - start)


@frozen
class Mark:
    """Something that happened at an instant: a column behind the data."""

    time: float
    glyph: str
    label: str
    kind: MarkKind = "move"


@frozen
class Span:
    """A stretch of time an alarm spent in one state: a part of the strip at the bottom."""

    start: float
    end: float
    state: AlarmState


@frozen(kw_only=True)
class ChartView:
    """Everything one chart shows. Two equal views draw the same picture."""

    title: str
    epoch: datetime
    """The instant that times count from; naive means UTC."""
    start: float
    """Left edge of the time axis."""
    end: float
    """Right edge of the time axis, usually now."""
    unit: Unit = "None"
    series: tuple[Series, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    limits: tuple[Limit, ...] = ()
    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()
    """States of the alarm to show in the strip; none: no strip."""
    bands: tuple[Band, ...] = ()
    """What an anomaly detection band expects, or what annotations shade."""
    stacked: bool = False
    """Whether each series stands on the one before; the legend tells its own value."""
    low: float | None = 0.0
    """A fixed lower limit; None: follows the data."""
    high: float | None = None
    """A fixed upper limit; None: follows the data."""
    whole: bool = False
    """Whether its values are whole numbers, and so are the labels of its scale."""
    now: float | None = None
    """Where what is only expected begins; None: at the right edge."""

    def newest(self) -> float | None:
        """The start of the newest period in the window (until now) that any series has a datapoint
        for."""
        until = self.end if self.now is None else min(self.now, self.end)
        found = (one.newest(until) for one in self.series)
        return max((time for time in found if time is not None), default=None)

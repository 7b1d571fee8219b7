"""The shapes of traffic over time: a rate at each instant and its exact integral.

Times are seconds since the source began; rates are requests per second. A shape is an immutable
function of time, so that whoever integrates it may cut time as they like.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import Protocol

from attrs import field, frozen

from model.clock import DAY, HOUR
from model.fields import above, at_least, between


class Shape(Protocol):
    """A rate of requests over time."""

    def rate(self, t: float) -> float:
        """Requests per second at `t` seconds after the source began."""
        ...

    def requests(self, start: float, end: float) -> float:
        """Requests from `start` until `end` (the integral of `rate`)."""
        ...

    def next_break(self, t: float) -> float:
        """When after `t` the rate jumps or turns sharply; infinity: never again."""
        ...


@frozen
class Constant:
    """The same rate for ever."""

    requests_per_second: float = field(validator=at_least(0))

    def rate(self, t: float) -> float:
        return self.requests_per_second if t >= 0 else 0.0

    def requests(self, start: float, end: float) -> float:
        return self.requests_per_second * (max(end, 0.0) - max(start, 0.0))

    def next_break(self, t: float) -> float:
        return 0.0 if t < 0 else math.inf


@frozen
class Stage:
    """A straight line from the rate before it to `rate`, over `duration` seconds."""

    duration: float = field(validator=at_least(0))
    rate: float = field(validator=at_least(0))


@frozen
class Stages:
    """Straight lines from rate to rate; the last rate holds. A stage of no length is a jump."""

    start_rate: float = field(validator=at_least(0))
    stages: tuple[Stage, ...]
    _ends: tuple[float, ...] = field(init=False, repr=False, eq=False)
    _totals: tuple[float, ...] = field(init=False, repr=False, eq=False)

    @_ends.default
    def _compute_ends(self) -> tuple[float, ...]:
        return (0.0, *accumulate(stage.duration for stage in self.stages))

    @_totals.default
    def _compute_totals(self) -> tuple[float, ...]:
        before = (self.start_rate, *(stage.rate for stage in self.stages))
        areas = (
            stage.duration * (start + stage.rate) / 2
            for start, stage in zip(before, self.stages, strict=False)
        )
        return (0.0, *accumulate(areas))

    def _place(self, t: float) -> tuple[float, float, int]:
        """The rate at `t`, the rate when its stage began, and how many stages are over."""
        over = bisect_right(self._ends, t) - 1
        start = self.start_rate if over == 0 else self.stages[over - 1].rate
        if over >= len(self.stages):
            return start, start, over
        stage = self.stages[over]
        share = (t - self._ends[over]) / stage.duration
        return start + (stage.rate - start) * share, start, over

    def rate(self, t: float) -> float:
        return self._place(t)[0] if t >= 0 else 0.0

    def _total(self, t: float) -> float:
        if t <= 0:
            return 0.0
        rate, start, over = self._place(t)
        return self._totals[over] + (t - self._ends[over]) * (start + rate) / 2

    def requests(self, start: float, end: float) -> float:
        return self._total(end) - self._total(start)

    def next_break(self, t: float) -> float:
        later = bisect_right(self._ends, t)
        return self._ends[later] if later < len(self._ends) else math.inf


@frozen
class Trace:
    """Requests counted in each period of a real system, spread evenly within the period.

    `counts` holds one number a period, the first for [0, period); after the last there is silence.
    """

    counts: tuple[float, ...] = field(repr=False)
    period: float = field(validator=above(0))
    scale: float = field(default=1.0, validator=at_least(0))
    _totals: tuple[float, ...] = field(init=False, repr=False, eq=False)

    @_totals.default
    def _compute_totals(self) -> tuple[float, ...]:
        return (0.0, *accumulate(count * self.scale for count in self.counts))

    def rate(self, t: float) -> float:
        index = math.floor(t / self.period)
        if not 0 <= index < len(self.counts):
            return 0.0
        return self.counts[index] * self.scale / self.period

    def _total(self, t: float) -> float:
        if t <= 0:
            return 0.0
        index = math.floor(t / self.period)
        if index >= len(self.counts):
            return self._totals[-1]
        return self._totals[index] + (t - index * self.period) * self.rate(t)

    def requests(self, start: float, end: float) -> float:
        return self._total(end) - self._total(start)

    def next_break(self, t: float) -> float:
        index = max(math.floor(t / self.period) + 1, 0)
        return index * self.period if index <= len(self.counts) else math.inf


@frozen
class Pattern:
    """A daily wave between `low` and `high`, shaped by weekday, with seeded noise.

    The rate follows a raised cosine with its crest at `peak_hour` (UTC), is multiplied by the
    weekday's factor (Monday first), and, where `noise` is given, by a log-normal factor with that
    coefficient of variation, drawn anew for each `NOISE_PERIOD` and joined by straight lines.
    `offset` is where in the week (seconds since Monday 00:00 UTC) the source begins; `factors` are
    the drawn multipliers, repeated when used up.
    """

    NOISE_PERIOD = 300.0
    STEP = 60.0
    KNOWN = 8

    low: float = field(validator=at_least(0))
    high: float = field(validator=at_least(0))
    peak_hour: float = field(default=14.0, validator=between(0, 24))
    weekdays: tuple[float, ...] = (1.0,) * 7
    noise: float = field(default=0.0, validator=at_least(0))
    offset: float = 0.0
    factors: tuple[float, ...] = field(default=(1.0,), repr=False)
    _known: dict[int, float] = field(factory=dict, init=False, repr=False, eq=False)
    """Rates at the last few knots: whoever asks for one asks for it again."""

    def _knot(self, index: int) -> float:
        """The rate at knot `index`; between knots (one a `STEP`) it is a straight line."""
        if index not in self._known:
            if len(self._known) >= self.KNOWN:
                del self._known[next(iter(self._known))]
            self._known[index] = self._compute_knot(index)
        return self._known[index]

    def _compute_knot(self, index: int) -> float:
        week_time = self.offset + index * self.STEP
        angle = (week_time / HOUR - self.peak_hour) / 24 * 2 * math.pi
        wave = self.low + (self.high - self.low) * (1 + math.cos(angle)) / 2
        place = index * self.STEP / self.NOISE_PERIOD
        before = math.floor(place)
        first = self.factors[before % len(self.factors)]
        second = self.factors[(before + 1) % len(self.factors)]
        noise = first + (second - first) * (place - before)
        return wave * self.weekdays[math.floor(week_time / DAY) % 7] * noise

    def rate(self, t: float) -> float:
        if t < 0:
            return 0.0
        place = t / self.STEP
        index = math.floor(place)
        first = self._knot(index)
        if place == index:
            return first
        return first + (self._knot(index + 1) - first) * (place - index)

    def requests(self, start: float, end: float) -> float:
        start, end = max(start, 0.0), max(end, 0.0)
        first, last = math.floor(start / self.STEP) + 1, math.ceil(end / self.STEP) - 1
        if first > last:  # no knot lies between
            return (end - start) * (self.rate(start) + self.rate(end)) / 2
        places = [start, *(index * self.STEP for index in range(first, last + 1)), end]
        return sum(
            (after - before) * (self.rate(before) + self.rate(after)) / 2
            for before, after in pairwise(places)
        )

    def next_break(self, t: float) -> float:
        return 0.0 if t < 0 else math.inf

"""Training: from a metric's datapoints to what is expected of it, and a band around that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike

from model.clock import DAY, HOUR
from model.cloudwatch.anomaly.calendar import EPOCH, Calendar
from model.cloudwatch.anomaly.level import follow
from model.cloudwatch.anomaly.pattern import Pattern, learn
from model.cloudwatch.anomaly.robust import Floats, cells
from model.cloudwatch.anomaly.scale import Scale, choose
from model.cloudwatch.anomaly.spread import Spread, measure

HISTORY = 14 * DAY
"""Seconds of datapoints that a model is trained on ("up to two weeks")."""
THINNEST = 0.005
"""One deviation is at least this share of the value: a constant metric has a band, too."""
WEEKLY_GAIN = 0.03
"""The share by which the pattern of the week must lower the error of the level to be believed."""


@frozen(eq=False)
class Band:
    """What is expected of a metric, and between which values it is usual."""

    times: Floats
    """Starts of the periods, s since the epoch."""
    lower: Floats
    expected: Floats
    upper: Floats

    def outside(self, values: Floats) -> np.ndarray:
        """Which values are out of the band; on it is within, as for an alarm."""
        return (values < self.lower) | (values > self.upper)


@frozen(eq=False)
class Model:
    """A trained model of one metric and statistic."""

    calendar: Calendar
    scale: Scale
    pattern: Pattern
    level: float
    """At the end of the history, on the model's scale."""
    slope: float
    """Of the level, per second."""
    spread: Spread
    end: float
    """The end of the history, s since the epoch."""
    limits: tuple[float, float]
    """Values that the metric cannot go beyond."""

    def band(self, times: ArrayLike, deviations: float = 2.0) -> Band:
        """The band for the periods that begin at `times` (s): `deviations` standard deviations."""
        starts = np.asarray(times, dtype=np.float64)
        local = self.calendar.local(starts)
        ahead = np.clip(starts - self.end, 0.0, DAY)
        middle = self.level + self.slope * ahead + self.pattern.at(local)
        below, above = self.spread.widths(local, deviations)
        low, high = self.limits
        # Within its limits, so that the band there has a width, too.
        expected = np.clip(self.scale.back(middle), low, high)
        thin = deviations * THINNEST * np.maximum(np.abs(expected), self.scale.unit / 10.0)
        lower = np.minimum(self.scale.back(middle - below), expected - thin)
        upper = np.maximum(self.scale.back(middle + above), expected + thin)
        return Band(starts, *(np.clip(line, low, high) for line in (lower, expected, upper)))


def fit(
    times: ArrayLike,
    values: ArrayLike,
    period: float,
    *,
    excluded: Sequence[tuple[float, float]] = (),
    epoch: datetime = EPOCH,
    zone: tzinfo = UTC,
    limits: tuple[float, float] | None = None,
    spikes: bool = False,
) -> Model:
    """Train on datapoints: starts of their periods (s since `epoch`, ascending) and values (n,).

    Datapoints in `excluded` ranges [start, end) and more than two weeks before the last are left
    out, and so are gaps (NaN). `zone` tells when days begin. `limits` are those of the metric;
    None: not below zero if it never was. `spikes`: MetricCharacteristics.PeriodicSpikes.

    Raises ValueError if nothing is left to train on.
    """
    starts, seen = _usable(times, values, period, excluded)
    calendar = Calendar(epoch, zone)
    local = calendar.local(starts)
    end = float(starts[-1]) + period
    history = end - float(starts[0])
    if limits is None:
        limits = (0.0 if seen.min() >= 0.0 else -np.inf, np.inf)
    scale = choose(seen, _around(starts, seen))
    even = scale.forward(seen)
    pattern, predicted, weekly = learn(local, even, period)
    level = follow(starts, even - predicted, end, period)
    if level.slope:
        # What a trend adds between midnight and midnight is no pattern of the day.
        pattern, predicted, weekly = learn(local, even - level.slope * (starts - end), period)
        level = follow(starts, even - predicted, end, period)
    if weekly.any():
        other = follow(starts, even - predicted - weekly, end, period)
        if other.error < level.error * (1.0 - WEEKLY_GAIN):
            level, predicted = other, predicted + weekly
        else:
            pattern.weekly[:] = 0.0
    else:
        pattern.weekly[:] = 0.0
    errors = even - predicted - level.before
    least = THINNEST * float(scale.slope(np.array([scale.unit]))[0])
    spread = measure(starts, local, errors, history, least, spikes)
    return Model(calendar, scale, pattern, level.last, level.slope, spread, end, limits)


def _usable(
    times: ArrayLike, values: ArrayLike, period: float, excluded: Sequence[tuple[float, float]]
) -> tuple[Floats, Floats]:
    """The datapoints to train on."""
    starts = np.asarray(times, dtype=np.float64)
    seen = np.asarray(values, dtype=np.float64)
    kept = np.isfinite(seen)
    for begin, end in excluded:
        kept &= (starts + period <= begin) | (starts >= end)
    starts, seen = starts[kept], seen[kept]
    if not starts.size:
        raise ValueError("there is no datapoint to train on")
    recent = starts > starts[-1] - HISTORY
    return starts[recent], seen[recent]


def _around(starts: Floats, values: Floats) -> Floats:
    """The median of the hour that each value is in."""
    hour = np.floor(starts / HOUR).astype(np.int64)
    hour -= hour[0]
    middles = cells(np.zeros_like(hour), hour, values, (1, int(hour[-1]) + 1))
    return np.asarray(middles[0, hour], dtype=np.float64)

"""How far a metric strays from what was expected by time of day, and the band that makes."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from model.clock import DAY, HOUR
from model.cloudwatch.anomaly.calendar import slots
from model.cloudwatch.anomaly.habits import REACHED_AT, explained, habits
from model.cloudwatch.anomaly.robust import Floats, Indices, trust, typical

BLOCKS = 14
"""Into how many stretches the history is cut, days if it is two weeks long."""
LEFT_OUT = 2
"""How many of them, those with the largest errors, do not count: an incident of a day, even around
midnight, does not widen the band."""
TAILS = ((1.0, 0.8413), (2.0, 0.9772), (3.0, 0.99865))
"""Deviations and the normal distribution's share below them."""
LEAST = 0.6
"""The band is at least this share as wide as for normal errors."""
WORSE = 3.0
"""They are left out if they are this many times as bad as the others are on average."""
OF_ALL_DAY = 60.0
"""How many errors' worth the whole day counts for in the spread at an hour."""
NARROWEST = 0.4
"""An hour's spread is at least this share of the day's."""
MOODS_AFTER = 5
"""Days of history it takes to see that calm and wild days come in spells."""
SPELL = 2.0
"""How many days back a spell is looked for, the time constant of a mean of logarithms."""
USUAL = 0.5
"""How many days' worth the history as a whole counts for in that mean."""
YOUTH = 24 * HOUR
"""A history of this length has sqrt(2) times the spread it shows: what a day holds is not known."""


@frozen(eq=False)
class Side:
    """How far the band reaches on one side of what is expected."""

    widths: Floats
    """At 0, 1, 2 and 3 deviations, times an hour's deviation."""
    spikes: Floats
    """How far spikes are usual by hour of the day (24,), on the chosen scale."""

    def reach(self, hour: Indices, unit: Floats, deviations: float) -> Floats:
        """Half-widths at these hours of the day, whose deviation is `unit`."""
        usual = self.spikes[hour] * (deviations / REACHED_AT)
        return np.maximum(unit * _at(self.widths, deviations), usual)


@frozen(eq=False)
class Spread:
    """The band's half-widths, on the chosen scale."""

    hourly: Floats
    """One deviation by hour of the day (24,)."""
    above: Side
    below: Side

    def widths(self, local: Floats, deviations: float) -> tuple[Floats, Floats]:
        """Half-widths below and above at moments of local time (s)."""
        hour = slots(local, HOUR)
        unit = self.hourly[hour]
        below, above = (side.reach(hour, unit, deviations) for side in (self.below, self.above))
        return below, above


def _at(widths: Floats, deviations: float) -> float:
    """Straight between whole deviations and on beyond the last."""
    if deviations >= 3.0:
        return float(widths[3] * deviations / 3.0)
    return float(np.interp(deviations, np.arange(4.0), widths))


def measure(
    times: Floats, local: Floats, errors: Floats, history: float, least: float, spikes: bool
) -> Spread:
    """The spread of errors made out of sample, oldest first.

    `least` is the smallest standard deviation there can be; with `spikes` no part of the history is
    left out.
    """
    whole = max(typical(errors), least)
    hourly = np.full(24, whole)
    if history >= 2 * DAY:
        hourly = _by_hour(local, errors, whole)
    hour = slots(local, HOUR)
    parts = errors / hourly[hour]
    days = np.floor((times[0] + history - times) / DAY - 1e-9).astype(np.int64)
    day = int(days[0]) - days
    mood, next_mood = _moods(day, parts)
    parts = parts / mood
    block = np.minimum((times - times[0]) / history * BLOCKS, BLOCKS - 1).astype(np.int64)
    sides = []
    for off in (parts, -parts):
        usual = habits(day, hour, off)
        rest = ~explained(hour, off, usual)
        sides.append(Side(_widths(off[rest], block[rest], spikes), hourly * usual))
    young = float(np.sqrt(1.0 + YOUTH / max(history, 1.0)))
    return Spread(hourly * (young * next_mood), *sides)


def _moods(day: Indices, parts: Floats) -> tuple[Floats, float]:
    """How wild each error's day was to be expected, and how wild the next day is, 1 as usual.

    Days are counted from the oldest and end with the history. What the days before tell is believed
    as far as it would have told the days that are known; a few wild hours do not make a wild day.
    """
    count = int(day[-1]) + 1
    if count < MOODS_AFTER:
        return np.ones(parts.size), 1.0
    whole = typical(parts)
    sizes = np.full(count, np.nan)
    enough = parts.size / count / 4
    for index, own in enumerate(np.split(parts, np.searchsorted(day, np.arange(1, count)))):
        size = typical(own)
        if own.size > enough and size > 0.0 < whole:
            sizes[index] = np.log(size / whole)
    predicted = np.zeros(count + 1)
    for index in range(1, count + 1):
        weights = np.exp((np.arange(index) - index + 1) / SPELL) * ~np.isnan(sizes[:index])
        told = float(weights @ np.nan_to_num(sizes[:index]))
        predicted[index] = told / (float(weights.sum()) + USUAL)
    predicted *= trust(sizes, predicted[:-1])
    factors = np.exp(predicted)
    return factors[day], float(factors[-1])


def _by_hour(local: Floats, errors: Floats, whole: float) -> Floats:
    """One deviation by hour of the day, from the hour and its neighbours, drawn to the day's."""
    hour = slots(local, HOUR)
    order = np.argsort(hour, kind="stable")
    groups = np.split(np.abs(errors[order]), np.searchsorted(hour[order], np.arange(1, 24)))
    hourly = np.empty(24)
    for index in range(24):
        near = np.concatenate((groups[index - 1], groups[index], groups[(index + 1) % 24]))
        square = near.size * typical(near) ** 2 + OF_ALL_DAY * whole**2
        hourly[index] = np.sqrt(square / (near.size + OF_ALL_DAY))
    return np.maximum(hourly, NARROWEST * whole)


def _widths(parts: Floats, block: Indices, spikes: bool) -> Floats:
    """Half-widths at 0 to 3 deviations on the side where `parts` are positive."""
    if not spikes:
        far = np.maximum(parts - 2.0, 0.0)
        badness = np.bincount(block, far, BLOCKS)
        worst = np.argsort(badness, kind="stable")[-LEFT_OUT:]
        rest = (badness.sum() - badness[worst].sum()) / (BLOCKS - LEFT_OUT)
        kept = parts[~np.isin(block, worst[badness[worst] > WORSE * rest])]
        parts = kept if kept.size else parts
    widths = [0.0]
    for (deviations, _), reach in zip(
        TAILS, np.quantile(parts, [q for _, q in TAILS]), strict=True
    ):
        least = max(LEAST * deviations, widths[-1] + LEAST)
        widths.append(max(float(reach), least))
    return np.array(widths)

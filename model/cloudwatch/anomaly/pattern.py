"""What repeats: by hour of the day, minute of the hour, time of the day and day of the week.

Each layer is learned from what the ones before leave over, and is believed as far as it predicts a
day (or hour) from the others: a pattern that is not there comes out as zero.
"""

from __future__ import annotations

import numpy as np
from attrs import define, field

from model.clock import DAY, HOUR
from model.cloudwatch.anomaly.calendar import days, slots
from model.cloudwatch.anomaly.robust import (
    Bools,
    Floats,
    Indices,
    cells,
    means,
    medians,
    scatter,
    trust,
)

SLOT = 300.0
"""The finest stretch of a day or hour that has a value of its own (s)."""
ROUNDS = 3
"""How often the days' levels and the pattern of the day are told from each other."""
CLEAR = 4.0
"""Standard errors that a single slot must differ from its hour to be told from noise."""
LATELY = 3
"""Hours or days in which a slot must have stood out to be expected to: all days, all hours but one.
What ended is no pattern, and what is not always at the same minute is none either."""
ENOUGH_DAYS = 3
"""Days it takes to tell what happens at the same five minutes of each."""
WEEK = 7
WEEKEND = 5
"""The first day of the weekend, counted from Monday as 0."""


@define
class Pattern:
    """What to add to the level at each time of the week, on the chosen scale."""

    slot: float
    hourly: Floats = field(factory=lambda: np.zeros(24))
    """By hour of the day, between whose middles one goes straight."""
    fine: Floats = field(factory=lambda: np.zeros(288))
    """By slot of the day."""
    weekly: Floats = field(factory=lambda: np.zeros((WEEK, 24)))
    """By day of the week and hour."""

    def at(self, local: Floats) -> Floats:
        """The pattern at moments of local time (s since a Monday)."""
        by_day = days(local) % WEEK
        found = between(self.hourly, local, self.slot) + self.fine[slots(local, self.slot)]
        found += self.weekly[by_day, slots(local, HOUR)]
        return found


def between(hourly: Floats, local: Floats, slot: float) -> Floats:
    """Values by hour of the day at moments; around the clock if slots are shorter than hours."""
    if slot >= HOUR:
        return hourly[slots(local, HOUR)]
    place = ((local + slot / 2) % DAY) / HOUR - 0.5
    first = np.floor(place).astype(np.int64)
    part = place - first
    result: Floats = (1.0 - part) * hourly[first % 24] + part * hourly[(first + 1) % 24]
    return result


def learn(local: Floats, values: Floats, period: float) -> tuple[Pattern, Floats, Floats]:
    """The pattern of values at moments of local time (s since a Monday), oldest first.

    Returned with it: for each value what the other days say of it, without the layer of the week
    and that layer alone.
    """
    slot = slot_of(period)
    number = days(local)
    # Where clocks go back, local time does, too: the last moment need not be the latest.
    first = int(number.min())
    number = number - first
    shape = int(number.max()) + 1, 24
    hour = slots(local, HOUR)
    table = cells(number, hour, values, shape)
    hourly, hourly_others = _day(table)
    predicted = _along(hourly_others, number, local, slot)
    pattern = Pattern(slot, hourly, np.zeros(round(DAY / slot)))
    if slot < HOUR:
        left = values - predicted
        fine, fine_others = _fine(number, slots(local, slot), _within(local, left), shape[0], slot)
        pattern.fine = fine
        predicted = predicted + fine_others[number, slots(local, slot)]
    weekly = np.zeros(values.size)
    if shape[0] > WEEK:
        pattern.weekly, by_others = _week(table - hourly_others, (first + np.arange(shape[0])) % 7)
        weekly = by_others[number, hour]
    return pattern, predicted, weekly


def slot_of(period: float) -> float:
    """The stretch that has a value of its own: five minutes, or a period that is longer."""
    slot = max(period, SLOT)
    fits = HOUR % slot == 0.0 or (slot >= HOUR and DAY % slot == 0.0)
    return slot if fits else HOUR


def _day(table: Floats) -> tuple[Floats, Floats]:
    """By hour of the day (24,), and the same from the other days (days, 24).

    Days' levels and the pattern are told from each other in turns (Tukey's median polish), so half
    a day does not look like a day of another level.
    """
    mean, rest, off = np.zeros(24), np.zeros_like(table), table
    if table.shape[0] < 2:
        return mean, rest
    for _ in range(ROUNDS):
        off = table - medians(table - mean, axis=1)[:, None]
        mean, rest = means(off)
    middle = medians(rest, axis=1)[:, None]
    believed = trust(off, np.where(rest != 0.0, rest - middle, 0.0))
    return believed * mean, believed * rest


def _along(hourly: Floats, number: Indices, local: Floats, slot: float) -> Floats:
    """Each day's own values by hour, at moments of these days."""
    if slot >= HOUR:
        return np.asarray(hourly[number, slots(local, HOUR)], dtype=np.float64)
    place = ((local + slot / 2) % DAY) / HOUR - 0.5
    first = np.floor(place).astype(np.int64)
    part = place - first
    result: Floats = (1.0 - part) * hourly[number, first % 24]
    result += part * hourly[number, (first + 1) % 24]
    return result


def _within(local: Floats, values: Floats) -> Floats:
    """What values differ by from a line through the medians of their hours."""
    hour = np.floor(local / HOUR).astype(np.int64)
    hour -= hour.min()
    middles = cells(np.zeros_like(hour), hour, values, (1, int(hour.max()) + 1))[0]
    moments = cells(np.zeros_like(hour), hour, local, (1, middles.size))[0]
    there = ~np.isnan(middles)
    line = np.interp(local, moments[there], middles[there])
    return np.asarray(values - line, dtype=np.float64)


def _fine(
    number: Indices, slot_index: Indices, left: Floats, count: int, slot: float
) -> tuple[Floats, Floats]:
    """What the slots of the day differ from their hour by: (slots,), and from the others' days.

    First what every hour does at these minutes, then what every day does at this time. Only slots
    that clearly stand out have a value; all others would add noise.
    """
    per_day, per_hour = round(DAY / slot), round(HOUR / slot)
    table = cells(number, slot_index, left, (count, per_day))
    every = table.reshape(-1, per_hour)
    mean, rest = _clear(every, LATELY - 1)
    fine = np.tile(mean, 24)
    others = rest.reshape(table.shape)
    if count >= ENOUGH_DAYS:
        mean, rest = _clear(table - others, LATELY)
        # A job that missed a night may come again: it is then a habit of its hour.
        rest[:, mean == 0.0] = 0.0
        fine, others = fine + mean, others + rest
    return fine, others


def _clear(table: Floats, needed: int) -> tuple[Floats, Floats]:
    """The columns' means, and from the other rows, where these differ clearly from zero.

    What stands out of the noise is expected only where `needed` of the last rows showed it.
    """
    mean, rest = means(table)
    counts = np.sum(~np.isnan(table), axis=0)
    noise = scatter(table - medians(table))
    error = CLEAR * noise / np.sqrt(np.maximum(counts - 1, 1))
    kept = (np.abs(mean) > error) & (counts > 2)
    ended = _ended(table, mean, noise, needed)
    return (
        np.where(kept & ~ended[-1], mean, 0.0),
        np.where(kept & ~ended[:-1], rest, 0.0),
    )


def _ended(table: Floats, mean: Floats, noise: float, needed: int) -> Bools:
    """Where columns no longer show what they used to, at each row and at the one after the last."""
    count = table.shape[0]
    ended = np.zeros((count + 1, table.shape[1]), dtype=bool)
    clear = np.flatnonzero(np.abs(mean) > CLEAR * noise)
    if clear.size and count >= LATELY:
        own = table[:, clear]
        last = np.where(np.isnan(own), 0, np.arange(count)[:, None])
        own = np.take_along_axis(own, np.maximum.accumulate(last), axis=0)
        seen = (np.abs(own) > np.abs(own - mean[clear])).cumsum(axis=0)
        seen[LATELY:] -= seen[:-LATELY].copy()
        ended[LATELY:, clear] = seen[LATELY - 1 :] < needed
    return ended


def _week(table: Floats, weekday: Indices) -> tuple[Floats, Floats]:
    """By day of the week and hour (7, 24), and for each day from the others like it.

    First the weekend against the other days, then each day of the week that was seen twice.
    """
    left = table - medians(medians(table)[None, :], axis=1)
    pattern = np.zeros((WEEK, 24))
    others = np.zeros_like(left)
    for groups in ((weekday >= WEEKEND).astype(int), weekday):
        by_group = {int(group): groups == group for group in np.unique(groups)}
        layer, rest = np.zeros((WEEK, 24)), np.zeros_like(left)
        for rows in by_group.values():
            mean, without = means(left[rows])
            seen = np.sum(~np.isnan(left[rows]), axis=0)
            layer[np.unique(weekday[rows])] = _smooth(np.where(seen > 1, mean, 0.0))
            rest[rows] = _smooth(without)
        believed = trust(left, rest)
        pattern += believed * layer
        others += believed * rest
        left = left - believed * rest
    return pattern, others


def _smooth(values: Floats) -> Floats:
    """Means over three hours, around the clock, along the last axis."""
    before = np.concatenate((values[..., -1:], values[..., :-1]), axis=-1)
    after = np.concatenate((values[..., 1:], values[..., :1]), axis=-1)
    total: Floats = values + before + after
    return total / 3.0

"""Simple forecasts of two days from the days before: each is right for some kind of load.

A history is a table, a row for each 24 hours, the last one ending where the forecast begins,
without gaps. A candidate makes two rows of it, or None where it needs more days. What recurs by the
day is a *profile*; where the load stands is its *level*, which is either a factor of the profile or
added to it. Profiles are medians, so one odd day does not count.

Seasonal-naive forecasts and the median over past days are the usual yardsticks (Hyndman and
Athanasopoulos, "Forecasting: Principles and Practice", 5.2); shares of the day times a level is how
practice forecasts profiles (the same, 13.1). `combination` mixes them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

AHEAD = 2
"""Days that are forecast."""
WEEK = 7
ODD = 2.0
MOST = 5.0
"""How many times higher or lower than its past a level is believed to be."""

Candidate = Callable[[Floats, Bools], Floats | None]
"""Takes the table of days and, for its rows and the two to come, which hours are on a weekend."""


def ratio(above: float, below: float) -> float:
    """How many times as high, within reason; 1 where there is nothing to compare with."""
    if above <= 0.0 or below <= 0.0:
        return 1.0
    return float(min(max(above / below, 1.0 / MOST), MOST))


def middle(table: Floats) -> Floats:
    """The median of each column."""
    ordered = np.sort(table, axis=0)
    count = len(ordered)
    return np.asarray((ordered[(count - 1) // 2] + ordered[count // 2]) / 2)


def twice(day: Floats) -> Floats:
    return np.stack([day] * AHEAD)


# -- without a pattern ------------------------------------------------------------------------


def recent(hours: int) -> Candidate:
    """The median of the last hours."""

    def candidate(days: Floats, weekend: Bools) -> Floats:
        return np.full((AHEAD, 24), np.median(days.ravel()[-hours:]))

    return candidate


# -- the pattern of a day ---------------------------------------------------------------------


def last_day(days: Floats, weekend: Bools) -> Floats:
    """The last 24 hours again."""
    return twice(days[-1])


def usual_day(count: int) -> Candidate:
    """The median of each hour over the last days."""
    return lambda days, weekend: twice(middle(days[-count:]))


def shares(days: Floats) -> Floats:
    """The median share that each hour has of its day (of the day's mean)."""
    levels = days.mean(axis=1, keepdims=True)
    known = days[(levels > 0).ravel()]
    return middle(known / levels[levels > 0][:, None]) if len(known) else np.ones(24)


def day_by_factor(count: int) -> Candidate:
    """The day's shares over the last days, times the level of the last day."""

    def candidate(days: Floats, weekend: Bools) -> Floats:
        profile = shares(days[-count:])
        total = profile.mean()
        return twice(profile * (days[-1].mean() / total if total > 0 else 1.0))

    return candidate


def day_by_sum(count: int, hours: int) -> Candidate:
    """The day's differences from its median, on the level of the last hours."""

    def candidate(days: Floats, weekend: Bools) -> Floats:
        rows = days[-count:]
        profile = middle(rows - middle(rows.T)[:, None])
        off = (days - profile).ravel()[-hours:]
        return twice(profile + np.median(off))

    return candidate


# -- the pattern of a week --------------------------------------------------------------------


def same_days(days: Floats, back: int) -> Floats | None:
    """The days to come as they were so many weeks ago."""
    first = len(days) - WEEK * back
    return days[first : first + AHEAD] if first >= 0 else None


def last_week(days: Floats, weekend: Bools) -> Floats | None:
    """The same days of last week, no hour more than `ODD` times as high as the week before and as
    usual."""
    one, two = same_days(days, 1), same_days(days, 2)
    if one is None or two is None:
        return one
    return np.minimum(one, ODD * np.maximum(np.abs(two), np.abs(middle(days))))


def usual_week(days: Floats, weekend: Bools) -> Floats | None:
    """The same days of the last two weeks: of each hour the median of both and of the usual day,
    so what was odd in one week alone does not count."""
    one, two = same_days(days, 1), same_days(days, 2)
    if one is None or two is None:
        return one
    return np.asarray(np.median([one, two, twice(middle(days))], axis=0))


def week_by_factor(level: int) -> Candidate:
    """The same days of the weeks before, times what the last `level` days were to theirs."""

    def candidate(days: Floats, weekend: Bools) -> Floats | None:
        usual = usual_week(days, weekend)
        count = min(level, len(days) - WEEK)
        if usual is None or count < 1:
            return None
        return usual * ratio(days[-count:].sum(), days[-count - WEEK : -WEEK].sum())

    return candidate


def weekday_by_factor(days: Floats, weekend: Bools) -> Floats | None:
    """The day's shares, times the level of the last day, times how much busier the days to come
    were a week ago than the day before them."""
    if len(days) <= WEEK:
        return None
    totals = days.mean(axis=1)
    profile = shares(days) * totals[-1]
    before = totals[-WEEK - 1]
    return np.stack([profile * ratio(totals[d - WEEK], before) for d in range(AHEAD)])


def kind_of_day(days: Floats, weekend: Bools) -> Floats | None:
    """The median of each hour over past weekends or over working days, whichever it will be."""
    past, ahead = weekend[: len(days)], weekend[len(days) :]
    if min(past.sum(axis=0).min(), (~past).sum(axis=0).min()) < 1:
        return None
    return np.where(ahead, medians_where(days, past), medians_where(days, ~past))


def medians_where(table: Floats, chosen: Bools) -> Floats:
    """The median of the chosen values of each column, one of which there must be."""
    ordered = np.sort(np.where(chosen, table, np.inf), axis=0)
    count = chosen.sum(axis=0)
    column = np.arange(table.shape[1])
    return np.asarray((ordered[(count - 1) // 2, column] + ordered[count // 2, column]) / 2)


CANDIDATES: tuple[Candidate, ...] = (
    *(recent(3), recent(24), recent(14 * 24)),
    *(last_day, usual_day(14), day_by_factor(14), day_by_sum(14, 24), day_by_sum(14, 6)),
    *(last_week, usual_week, week_by_factor(7), week_by_factor(1), weekday_by_factor, kind_of_day),
)

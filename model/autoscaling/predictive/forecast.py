"""Forecasts of an hourly load: two weeks of history make the next 48 hours.

"How predictive scaling works" says what goes in (at least 24 hours, up to 14 days) and comes out
(48 hours, by the hour), not how. Here the past decides: every candidate (`candidates`) is tried
from many earlier moments of the history, and the forecast is their mean, weighted by how small
their errors were. A combination by inverse errors is rarely worse than the best of its parts and
safer than a choice (Bates and Granger 1969; Timmermann, "Forecast combinations", 2006).
docs/forecasts.md says how good it is.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from model.autoscaling.predictive.candidates import AHEAD, CANDIDATES, WEEK, Bools, Floats, last_day

HORIZON = 24 * AHEAD
"""Hours that are forecast."""
LEAST = 24
"""Hours of history it takes."""
HISTORY = 14 * 24
"""Hours of history that are looked at."""
STEP = 12
"""Hours between the moments from which candidates are tried."""
HALVED = 3.0
"""Days after which an error counts half."""
SAME_DAYS = 5.0
"""How many times as much the trial of a week ago counts: it was about the same days of the week."""
SHARP = 12.0
"""The power of the inverse error that a candidate counts by."""
EXACT = 1e-3
"""Errors this much smaller than the usual one make no difference between candidates."""
UNTRIED: Floats = np.array([float(candidate is last_day) for candidate in CANDIDATES])
"""The weights of candidates as long as there are less than two days of history."""
THURSDAY = 3
"""The day of the week (from Monday, 0) on which time began, 1970-01-01."""


@frozen
class Trial:
    """The errors of all candidates from one moment of the past."""

    days: float
    """How long ago that was."""
    errors: Floats
    """The sum of each one's absolute errors; nan where it had too little history."""


def forecast(values: Floats, end: int) -> Floats | None:
    """The load of each hour of the 48 from `end` on, or None if less than 24 hours are known.

    `values` are those of the hours before `end` (hours since 1970, UTC), the last one ending there;
    nan where nothing is known. What never was below zero is not forecast to be.
    """
    values = np.asarray(values, dtype=np.float64)[-HISTORY:]
    known = ~np.isnan(values)
    if known.sum() < LEAST:
        return None
    values = values[int(np.argmax(known)) :]
    filled = whole_days(values).ravel()
    made = candidates(filled, end)
    trials = [
        _trial(filled, values[-filled.size :], end, back)
        for back in range(STEP, filled.size - LEAST + 1, STEP)
    ]
    weights = weigh(
        [trial for trial in trials if trial is not None], np.asarray(~np.isnan(made).any(axis=1))
    )
    mixed: Floats = weights @ np.where(np.isnan(made), 0.0, made)
    return np.maximum(mixed, 0.0) if np.nanmin(values) >= 0.0 else mixed


def whole_days(values: Floats) -> Floats:
    """The last whole days, a row for each. Gaps become the median of their hour of the day, or lie
    on a line between the hours that are known."""
    days = values[values.size % 24 :].reshape(-1, 24)
    if not np.isnan(days).any():
        return days
    known = ~np.isnan(days)
    hours = np.flatnonzero(known.any(axis=0))
    usual = [np.median(days[known[:, hour], hour]) for hour in hours]
    return np.where(known, days, np.interp(np.arange(24), hours, usual, period=24))


def weekends(count: int, end: int) -> Bools:
    """Which hours of so many days until `end`, and of the days after, are on a weekend (UTC)."""
    hours = end + np.arange(-24 * count, HORIZON)
    return ((hours // 24 + THURSDAY) % 7 >= 5).reshape(-1, 24)


def candidates(filled: Floats, end: int) -> Floats:
    """What each candidate forecasts, a row each; nan where one cannot."""
    days = filled[filled.size % 24 :].reshape(-1, 24)
    weekend = weekends(len(days), end)
    made = [candidate(days, weekend) for candidate in CANDIDATES]
    return np.stack([np.full(HORIZON, np.nan) if x is None else x.ravel() for x in made])


def _trial(filled: Floats, values: Floats, end: int, back: int) -> Trial | None:
    """Forecast from `back` hours ago what came; None if nothing of it is known."""
    came = values[filled.size - back :][:HORIZON]
    known = ~np.isnan(came)
    if not known.any():
        return None
    made = candidates(filled[: filled.size - back], end - back)[:, : came.size]
    return Trial(back / 24.0, np.abs(made - came)[:, known].sum(axis=1))


def weigh(trials: list[Trial], able: Bools) -> Floats:
    """How much each candidate counts; those that are not able, not at all.

    A candidate that could not be tried somewhere is taken to have done there as the others did.
    Where nothing could be tried, the last day comes again.
    """
    if not trials:
        return UNTRIED
    total, usual = np.zeros(able.size), 0.0
    for trial in trials:
        weight = 0.5 ** (trial.days / HALVED) * (SAME_DAYS if trial.days == WEEK else 1.0)
        mean = float(np.nanmean(trial.errors))
        total += weight * np.where(np.isnan(trial.errors), mean, trial.errors)
        usual += weight * mean
    if usual == 0.0:
        return np.asarray(able / able.sum())
    worse = total / usual + EXACT
    weights = np.where(able, (worse[able].min() / worse) ** SHARP, 0.0)
    return np.asarray(weights / weights.sum())

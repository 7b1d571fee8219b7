"""What comes back is usual where it comes, what has ended is not, and a level may come back."""

from __future__ import annotations

import numpy as np
import pytest

from model.cloudwatch.anomaly.fit import fit
from model.cloudwatch.anomaly.habits import explained, habits
from tests.model.cloudwatch.anomaly.samples import DAY, PERIOD, Floats, noise, times

HOUR = 12
"""Periods an hour."""


def steady(days: int) -> Floats:
    return 20.0 + noise(days * DAY, seed=4)


def after(days: float, periods: int) -> Floats:
    """The periods that follow so many days."""
    return times(days + periods / DAY)[-periods:]


def wandering_job(days: int) -> Floats:
    """A job that takes five minutes at about three in the night, each night at another minute."""
    values = steady(days)
    for day, minute in enumerate(np.random.default_rng(1).integers(0, HOUR, days)):
        values[day * DAY + 3 * HOUR + minute] += 40.0
    return values


@pytest.mark.parametrize("deviations", [2.0, 3.0])
def test_a_job_that_comes_at_about_the_same_hour_is_usual_then(deviations: float) -> None:
    band = fit(times(7), wandering_job(7), PERIOD).band(after(7, DAY), deviations)
    assert band.upper[3 * HOUR : 4 * HOUR].min() > 60.0
    assert band.upper[6 * HOUR :].max() < 30.0, "and at no other hour"
    assert band.lower.min() > 10.0, "a job that has not come yet is usual, too"


def test_a_spike_much_higher_than_the_job_is_not_part_of_it() -> None:
    values = wandering_job(7)
    values[5 * DAY + 3 * HOUR + 2] += 400.0
    band = fit(times(7), values, PERIOD).band(after(7, DAY), 3.0)
    assert band.upper[3 * HOUR : 4 * HOUR].max() < 150.0


def test_two_days_with_the_same_spike_are_a_habit_and_one_is_none() -> None:
    hour = np.tile(np.repeat(np.arange(24), HOUR), 2)
    day = np.repeat(np.arange(2), DAY)
    parts = noise(2 * DAY)
    parts[100] = 30.0
    assert not habits(day, hour, parts).any()
    parts[DAY + 110] = 20.0
    reach = habits(day, hour, parts)
    # At 08:20 and at 09:10: near both are eight and nine o'clock.
    assert np.flatnonzero(reach).tolist() == [8, 9]
    assert reach[8] == pytest.approx(22.0), "as far as the lower of them, and a tenth"
    assert np.flatnonzero(explained(hour, parts, reach)).tolist() == [100, DAY + 110]


def test_a_habit_of_last_week_is_forgotten() -> None:
    values = np.concatenate((wandering_job(5), steady(5)))
    band = fit(times(10), values, PERIOD).band(after(10, DAY), 3.0)
    assert band.upper.max() < 30.0


def test_an_hourly_job_that_ended_is_not_expected() -> None:
    """Two hours without it, and neither is the job expected nor its absence unusual."""
    starts = times(6)
    values = steady(6) + 50.0 * (starts % 3600 == 600)
    still = fit(starts, values, PERIOD).band(after(6, HOUR))
    assert still.expected[2] > 60.0
    values[-2 * HOUR :] = 20.0 + noise(2 * HOUR)
    ended = fit(starts, values, PERIOD).band(after(6, HOUR))
    assert ended.expected.max() < 25.0
    assert not ended.outside(np.full(HOUR, 20.0)).any()


def test_a_nightly_job_that_missed_a_night_is_not_expected_at_its_minute() -> None:
    values = steady(6)
    values[3 * HOUR :: DAY] += 50.0
    assert fit(times(6), values, PERIOD).band(after(6, DAY)).lower[3 * HOUR] > 50.0
    values[5 * DAY + 3 * HOUR] -= 50.0
    missed = fit(times(6), values, PERIOD).band(after(6, DAY))
    assert missed.lower[3 * HOUR] < 20.0
    assert missed.upper[3 * HOUR] > 70.0, "it may come again"


def test_chance_in_a_metric_of_few_values_is_seldom_taken_for_a_pattern() -> None:
    """An idle instance reports 0.066 or 0.132 %: which of them is not told by the minute."""
    outside = []
    for seed in range(5):
        values = np.random.default_rng(seed).choice([0.066, 0.132], 7 * DAY, p=[0.85, 0.15])
        band = fit(times(7), values, PERIOD).band(after(7, DAY), 3.0)
        outside.append(band.outside(np.full(DAY, 0.066)).mean())
    assert np.mean(outside) < 0.003


def test_a_level_that_was_left_comes_back_in_two_hours() -> None:
    """Eight hours down make a new level; back up, nobody has to wait six hours for the old."""
    values = steady(10)
    values[-10 * HOUR : -2 * HOUR] -= 15.0
    low = fit(times(10)[: -2 * HOUR], values[: -2 * HOUR], PERIOD).band(after(10, HOUR))
    assert low.expected.mean() == pytest.approx(5.0, abs=2.0)
    back = fit(times(10), values, PERIOD).band(after(10, HOUR))
    assert back.expected.mean() == pytest.approx(20.0, abs=2.0)


def test_bursts_that_come_all_the_time_widen_the_band_as_far_as_they_go() -> None:
    """No day is worse than the others, so none is left out."""
    values = steady(14)
    bursts = np.random.default_rng(2).choice(14 * DAY, 40, replace=False)
    values[bursts] += 80.0
    band = fit(times(14), values, PERIOD).band(after(14, DAY), 3.0)
    assert band.upper.min() > 90.0

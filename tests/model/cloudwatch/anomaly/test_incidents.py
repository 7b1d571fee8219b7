"""Incidents are found within three periods, quiet days are let alone."""

from __future__ import annotations

import numpy as np
import pytest

from model.cloudwatch.anomaly.fit import fit
from tests.model.cloudwatch.anomaly.samples import DAY, PERIOD, Floats, noise, times, wave

FIRST = 10 * DAY + 120
"""When something happens, at 10 o'clock."""


def walk(values: Floats, first: int, count: int, deviations: float = 2.0) -> np.ndarray:
    """Which of `count` points from `first` are out of the band, trained again each hour."""
    starts = times(14)
    found = []
    for index in range(first, first + count, 12):
        since = max(index - 14 * DAY, 0)
        model = fit(starts[since:index], values[since:index], PERIOD)
        part = slice(index, min(index + 12, first + count))
        found.append(model.band(starts[part], deviations).outside(values[part]))
    return np.concatenate(found)


def alarm(outside: np.ndarray) -> int | None:
    """How many periods it took to have three in a row out of the band."""
    three = outside[:-2] & outside[1:-1] & outside[2:]
    return int(np.argmax(three)) + 3 if three.any() else None


def usual() -> Floats:
    starts = times(14)
    return wave(starts) + 4.0 * noise(starts.size, seed=2)


def test_a_spike_is_found_at_once() -> None:
    values = usual()
    values[FIRST] += 30.0
    outside = walk(values, FIRST, 12, 3.0)
    assert outside[0]
    assert outside[1:].sum() == 0


@pytest.mark.parametrize("size", [-40.0, 25.0, 200.0])
def test_a_level_shift_is_found_in_three_periods(size: float) -> None:
    values = usual()
    values[FIRST:] += size
    assert alarm(walk(values, FIRST, 12)) == 3


def test_a_new_level_is_the_usual_one_after_a_day() -> None:
    values = usual()
    values[FIRST:] += 60.0
    assert walk(values, FIRST + 30 * 12, 12, 3.0).mean() < 0.1


def test_nothing_at_all_is_found_in_three_periods() -> None:
    values = usual()
    values[FIRST:] = 0.0
    assert alarm(walk(values, FIRST, 12)) == 3


def test_a_metric_that_stands_still_is_found_once_it_should_have_moved() -> None:
    """By four hours later the load would have moved by more than the band is wide."""
    values = usual()
    first = 10 * DAY + 72
    values[first:] = values[first]
    taken = alarm(walk(values, first, 48))
    assert taken is not None
    assert taken <= 48


def test_a_slow_climb_is_found() -> None:
    """Twelve standard deviations over a day."""
    values = usual()
    values[FIRST : FIRST + DAY] += np.linspace(0.0, 48.0, DAY)
    taken = alarm(walk(values, FIRST, DAY))
    assert taken is not None
    assert taken < 0.6 * DAY


@pytest.mark.parametrize("seed", [5, 6])
def test_quiet_days_are_let_alone(seed: int) -> None:
    starts = times(14)
    values = wave(starts) + 4.0 * noise(starts.size, seed)
    outside = walk(values, 11 * DAY, 2 * DAY)
    assert outside.mean() < 0.08
    assert alarm(outside) is None
    assert walk(values, 11 * DAY, 2 * DAY, 3.0).mean() < 0.012

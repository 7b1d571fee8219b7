"""Forecasts: what they never do, and that they are better than what was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.forecasts import before, read, score
from benchmarks.loads import FAMILIES, loads
from model.autoscaling.predictive.candidates import Floats
from model.autoscaling.predictive.forecast import HORIZON, LEAST, forecast, weekends

MONDAY = 395_568
"""Hours since 1970 until 2015-02-16, a Monday, 00:00."""
REAL = Path(__file__).parents[5] / "shared/data/elb-request-count.csv"
HOURS = np.arange(336)
WAVE = 100 + 50 * np.sin(2 * np.pi * HOURS / 24)


def made(values: Floats, end: int = MONDAY) -> Floats:
    found = forecast(values, end)
    assert found is not None
    return found


def test_it_takes_a_day() -> None:
    assert forecast(WAVE[: LEAST - 1], MONDAY) is None
    assert forecast(np.full(336, np.nan), MONDAY) is None
    assert made(WAVE[:LEAST]).shape == (HORIZON,)


@pytest.mark.parametrize("hours", [24, 30, 47, 100, 336])
def test_what_recurs_by_the_day_is_foreseen(hours: int) -> None:
    expected = 100 + 50 * np.sin(2 * np.pi * (336 + np.arange(48)) / 24)
    assert made(WAVE[-hours:]) == pytest.approx(expected, rel=0.15)
    assert made(WAVE) == pytest.approx(expected, rel=0.005)


def test_a_weekend_is_foreseen() -> None:
    friday = MONDAY + 5 * 24
    rest = weekends(14, friday).ravel()
    values = np.where(rest, 10.0, 100.0)
    assert made(values[:336], friday) == pytest.approx(values[336:], rel=0.1)


def test_more_than_two_weeks_are_not_looked_at() -> None:
    assert made(np.append(1000 + WAVE, WAVE)) == pytest.approx(made(WAVE))


def test_a_gap_is_bridged() -> None:
    holed = WAVE.copy()
    holed[100:130] = np.nan
    holed[::17] = np.nan
    assert made(holed) == pytest.approx(made(WAVE), rel=0.05)


def test_one_mad_hour_hardly_shows() -> None:
    mad = WAVE.copy()
    mad[200] *= 50
    assert made(mad) == pytest.approx(made(WAVE), rel=0.2)


def test_a_new_level_is_taken_up() -> None:
    shifted = np.where(HOURS < 250, WAVE, 2 * WAVE)
    assert made(shifted) == pytest.approx(2 * made(WAVE), rel=0.1)


def test_nothing_stays_nothing() -> None:
    assert (made(np.zeros(100)) == 0).all()
    assert made(np.full(336, 7.0)) == pytest.approx(np.full(48, 7.0))


HISTORIES = st.lists(
    st.one_of(st.just(float("nan")), st.floats(0, 1e6, allow_subnormal=False)),
    min_size=24,
    max_size=400,
)


@settings(max_examples=25)
@given(HISTORIES, st.integers(0, 167))
def test_what_never_was_negative_is_not_forecast_to_be(history: list[float], hour: int) -> None:
    values = np.array(history)
    found = forecast(values, MONDAY + hour)
    known = values[-336:][~np.isnan(values[-336:])]
    if known.size < LEAST:
        assert found is None
        return
    assert found is not None
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@settings(max_examples=15)
@given(st.integers(0, len(FAMILIES) - 1), st.sampled_from([0.001, 0.5, 3.0, 1e6]))
def test_the_unit_does_not_matter(family: int, times: float) -> None:
    values = FAMILIES[family](np.random.default_rng(family))[:336]
    assert made(times * values) == pytest.approx(times * made(values), rel=1e-6)


def test_last_weeks_hour_and_yesterdays() -> None:
    values = np.arange(300.0)
    assert before(values, 200, 24).tolist() == [*range(176, 200), *range(176, 200)]
    assert before(values, 200, 168)[0] == 32


def test_better_than_yesterday_and_last_week_on_the_whole() -> None:
    scores = [score(load, every=216) for load in loads(3)]
    ratios = np.log([one.ratios for one in scores if one is not None])
    yesterday, week = np.exp(ratios.mean(axis=0))
    assert yesterday < 0.8
    assert week < 0.8


def test_better_on_a_real_series() -> None:
    if not REAL.exists():
        pytest.skip("the data are not here")
    found = score(read(REAL))
    assert found is not None
    yesterday, week = found.ratios
    assert yesterday < 0.9
    assert week < 0.95

"""What a model learns of a metric, and what it does not learn."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from model.cloudwatch.anomaly.fit import fit
from tests.model.cloudwatch.anomaly.samples import (
    DAY,
    MONDAY,
    PERIOD,
    Floats,
    noise,
    times,
    wave,
)


def next_day(starts: Floats) -> Floats:
    """The periods of the day after."""
    return np.asarray(starts[-1] + PERIOD * np.arange(1, DAY + 1), dtype=np.float64)


def test_the_pattern_of_the_day_is_learned() -> None:
    starts = times(14)
    model = fit(starts, wave(starts) + 3.0 * noise(starts.size), PERIOD)
    ahead = next_day(starts)
    band = model.band(ahead)
    assert np.abs(band.expected - wave(ahead)).mean() < 1.5
    assert np.mean(band.upper - band.lower) == pytest.approx(12.0, rel=0.2)


def test_the_pattern_of_the_week_is_learned() -> None:
    starts = times(14)
    weekend = (starts - MONDAY) // 86_400 % 7 >= 5
    values = np.where(weekend, 0.4, 1.0) * wave(starts) + noise(starts.size)
    ahead = starts[-1] + PERIOD * np.arange(1, 7 * DAY + 1)
    quiet = (ahead - MONDAY) // 86_400 % 7 >= 5
    band = fit(starts, values, PERIOD).band(ahead)
    expected = np.where(quiet, 0.4, 1.0) * wave(ahead)
    assert np.abs(band.expected - expected).mean() < 4.0
    busy = wave(ahead) > 80.0
    assert band.outside(wave(ahead))[quiet & busy].mean() > 0.9, "a missing weekly dip is found"


def test_a_job_on_the_hour_is_learned() -> None:
    starts = times(3)
    job = starts % 3600 == 600
    values = 5.0 + 0.2 * noise(starts.size) + 20.0 * job
    band = fit(starts, values, PERIOD).band(next_day(starts))
    on_the_hour = next_day(starts) % 3600 == 600
    assert band.expected[on_the_hour] == pytest.approx(25.0, abs=3.0)
    assert band.upper[~on_the_hour].max() < 8.0


def test_a_backup_every_night_is_learned() -> None:
    starts = times(7)
    backup = starts % 86_400 == 7200
    values = 5.0 + 0.2 * noise(starts.size) + 20.0 * backup
    band = fit(starts, values, PERIOD).band(next_day(starts))
    at_night = next_day(starts) % 86_400 == 7200
    assert band.expected[at_night] == pytest.approx(25.0, abs=3.0)
    assert band.upper[~at_night].max() < 8.0


def test_noise_makes_no_pattern() -> None:
    starts = times(14)
    model = fit(starts, 50.0 + noise(starts.size), PERIOD)
    assert np.ptp(model.band(next_day(starts)).expected) < 0.5


def test_a_trend_goes_on() -> None:
    starts = times(14)
    trend = (starts - starts[0]) / 86_400
    values = 100.0 + 5.0 * trend + 2.0 * noise(starts.size)
    band = fit(starts, values, PERIOD).band(starts[-1] + PERIOD * np.arange(1, 13))
    assert band.expected.mean() == pytest.approx(170.0, abs=2.0)


@pytest.mark.parametrize(
    ("deviations", "at_most"),
    [pytest.param(2.0, 0.08, id="two deviations"), pytest.param(3.0, 0.012, id="three")],
)
def test_noise_of_the_promised_size_stays_within(deviations: float, at_most: float) -> None:
    starts = times(15)
    values = wave(starts) + 3.0 * noise(starts.size, seed=4)
    model = fit(starts[: 14 * DAY], values[: 14 * DAY], PERIOD)
    last = slice(14 * DAY, None)
    assert model.band(starts[last], deviations).outside(values[last]).mean() <= at_most


def test_an_incident_in_training_barely_widens_the_band() -> None:
    starts = times(14)
    values = wave(starts) + 3.0 * noise(starts.size)
    broken = values.copy()
    broken[8 * DAY + 60 : 8 * DAY + 108] += 400.0
    ahead = next_day(starts)
    clean, hit = (fit(starts, some, PERIOD).band(ahead, 3.0) for some in (values, broken))
    assert np.mean(hit.upper - hit.lower) < 1.15 * np.mean(clean.upper - clean.lower)
    assert np.abs(hit.expected - clean.expected).max() < 6.0


def test_excluded_ranges_are_not_learned_from() -> None:
    starts = times(10)
    values = wave(starts) + noise(starts.size)
    sale = slice(7 * DAY, 10 * DAY)
    sold = values.copy()
    sold[sale] *= 5.0
    excluded = [(float(starts[7 * DAY]), float(starts[-1]) + PERIOD)]
    ahead = next_day(starts)
    told = fit(starts, sold, PERIOD, excluded=excluded).band(ahead)
    without = fit(starts[: 7 * DAY], values[: 7 * DAY], PERIOD).band(ahead)
    assert told.expected == pytest.approx(without.expected)
    assert fit(starts, sold, PERIOD).band(ahead).expected.mean() > 2 * told.expected.mean()


def test_the_day_begins_where_the_time_zone_says() -> None:
    """Clocks in Berlin go forward on 2026-03-29: the same load comes an hour earlier in UTC."""
    start = datetime(2026, 3, 15, tzinfo=UTC).timestamp()
    berlin = ZoneInfo("Europe/Berlin")
    starts = times(15, start)
    hours = np.array([datetime.fromtimestamp(time, berlin).hour for time in starts])
    values = np.where((hours >= 8) & (hours < 18), 100.0, 20.0) + noise(starts.size)
    known = starts < datetime(2026, 3, 28, 23, tzinfo=UTC).timestamp()
    ahead = starts[~known]
    working = values[~known] > 60.0
    local = fit(starts[known], values[known], PERIOD, zone=berlin).band(ahead)
    universal = fit(starts[known], values[known], PERIOD).band(ahead)
    near = np.abs(local.expected - values[~known]) < 30.0
    assert near.mean() > 0.93
    assert (np.abs(universal.expected - values[~known]) < 30.0).mean() < near.mean() - 0.04
    assert working.any()


@pytest.mark.parametrize("minutes", [30, 90, 150])
def test_an_hour_that_comes_twice(minutes: int) -> None:
    """Clocks in Havana go back from one o'clock to midnight on 2026-11-01, at 05:00 UTC."""
    havana = ZoneInfo("America/Havana")

    def load(starts: Floats) -> Floats:
        moments = [datetime.fromtimestamp(time, havana) for time in starts.tolist()]
        seconds = [60.0 * (60 * moment.hour + moment.minute) for moment in moments]
        return wave(np.array(seconds))

    end = datetime(2026, 11, 1, 4, tzinfo=UTC).timestamp() + 60 * minutes
    starts = np.arange(end - 10 * 86_400, end, PERIOD)
    band = fit(starts, load(starts) + noise(starts.size), PERIOD, zone=havana).band(
        next_day(starts)
    )
    assert np.abs(band.expected - load(band.times)).mean() < 4.0


def test_times_count_from_the_epoch() -> None:
    starts = times(10)
    values = wave(starts) + noise(starts.size)
    epoch = datetime.fromtimestamp(MONDAY + 3 * 86_400 + 5 * 3600, UTC)
    shifted = starts - epoch.timestamp()
    one = fit(starts, values, PERIOD).band(next_day(starts))
    other = fit(shifted, values, PERIOD, epoch=epoch).band(next_day(shifted))
    assert other.expected == pytest.approx(one.expected)
    assert other.upper == pytest.approx(one.upper)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 12, 36, 100, 288, 600, 1500, 2017])
def test_a_short_history_makes_a_band(count: int) -> None:
    starts = times(14)[:count]
    values = wave(starts) + noise(count)
    band = fit(starts, values, PERIOD).band(starts[-1] + PERIOD * np.arange(1, 13))
    assert np.isfinite([band.lower, band.expected, band.upper]).all()
    assert (band.lower < band.upper).all()
    truth = wave(band.times)
    assert np.abs(band.expected - truth).max() < 40.0


def test_a_short_history_is_trusted_less() -> None:
    """The same noise, seen for two hours or for two weeks."""
    widths = []
    for count in (24, DAY, 14 * DAY):
        starts = times(14)[:count]
        band = fit(starts, 100.0 + noise(count), PERIOD).band(starts[-1:] + PERIOD)
        widths.append(float(band.upper[0] - band.lower[0]))
    assert widths[0] > 1.5 * widths[1] > 1.5 * widths[2]


@pytest.mark.parametrize("value", [0.0, 3.0, -7.0, 1e12, 1e-9])
def test_a_constant_metric_has_a_thin_band(value: float) -> None:
    starts = times(5)
    band = fit(starts, np.full(starts.size, value), PERIOD).band(next_day(starts))
    assert band.expected == pytest.approx(value)
    assert (band.upper > band.expected).all()
    assert band.upper == pytest.approx(value, abs=0.1 * abs(value) or 0.1)
    assert band.outside(np.full(DAY, 1.3 * value or 1.0)).all()


def test_gaps_are_nothing() -> None:
    starts = times(10)
    values = wave(starts) + noise(starts.size)
    there = np.random.default_rng(1).uniform(size=starts.size) < 0.6
    there[4 * DAY : 5 * DAY] = False
    gaps = np.where(there, values, np.nan)
    with_gaps = fit(starts, gaps, PERIOD).band(next_day(starts))
    left_out = fit(starts[there], values[there], PERIOD).band(next_day(starts))
    assert with_gaps.expected == pytest.approx(left_out.expected)
    assert np.abs(with_gaps.expected - wave(next_day(starts))).mean() < 3.0


def test_nothing_to_train_on_is_an_error() -> None:
    with pytest.raises(ValueError, match="no datapoint"):
        fit([0.0, 300.0], [np.nan, np.nan], PERIOD)


def test_only_two_weeks_count() -> None:
    starts = times(20)
    values = wave(starts) + noise(starts.size)
    values[: 6 * DAY] *= 9.0
    recent = slice(6 * DAY, None)
    ahead = next_day(starts)
    whole = fit(starts, values, PERIOD).band(ahead)
    assert (whole.upper == fit(starts[recent], values[recent], PERIOD).band(ahead).upper).all()


def test_skewed_metrics_have_a_lopsided_band() -> None:
    starts = times(14)
    band = fit(starts, np.exp(3.0 + 0.5 * noise(starts.size)), PERIOD).band(next_day(starts))
    assert np.mean(band.upper - band.expected) > 1.7 * np.mean(band.expected - band.lower)
    assert band.lower.min() > 0.0


@pytest.mark.parametrize("period", [60.0, 420.0, 600.0, 900.0, 2700.0, 3600.0, 21_600.0, 86_400.0])
def test_any_period(period: float) -> None:
    starts = np.arange(MONDAY, MONDAY + 10 * 86_400, period)
    values = wave(starts) + noise(starts.size)
    ahead = starts[-1] + period * np.arange(1, max(int(86_400 / period), 1) + 1)
    band = fit(starts, values, period).band(ahead)
    assert np.abs(band.expected - wave(ahead)).mean() < 4.0


def test_the_same_data_make_the_same_band() -> None:
    starts = times(14)
    values = wave(starts) + noise(starts.size)
    one, other = (fit(starts, values, PERIOD).band(next_day(starts)) for _ in range(2))
    assert one.lower.tobytes() == other.lower.tobytes()
    assert one.upper.tobytes() == other.upper.tobytes()


def test_limits_are_kept() -> None:
    starts = times(5)
    values = np.clip(97.0 + 3.0 * noise(starts.size), 0.0, 100.0)
    band = fit(starts, values, PERIOD, limits=(0.0, 100.0)).band(next_day(starts), 5.0)
    assert band.upper.max() <= 100.0
    quiet = np.clip(noise(starts.size), 0.0, None)
    assert fit(starts, quiet, PERIOD).band(next_day(starts), 5.0).lower.min() >= 0.0


def test_spikes_that_come_back_can_be_usual() -> None:
    """With PeriodicSpikes no part of the history is set aside as an incident."""
    starts = times(14)
    values = 10.0 + noise(starts.size)
    for day in (4, 9):
        values[day * DAY + 100 : day * DAY + 112] = 60.0
    usual = fit(starts, values, PERIOD, spikes=True).band(next_day(starts), 3.0)
    rare = fit(starts, values, PERIOD).band(next_day(starts), 3.0)
    assert usual.upper.mean() > 1.5 * rare.upper.mean()

"""Wall clock windows and warm-up ("Alarm evaluation window", "Alarm warm-up periods")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from model.clock import DAY, HOUR, MINUTE
from model.cloudwatch.alarms import Missing
from model.cloudwatch.windows import (
    WEEK,
    EvaluationWindow,
    WallClockWindow,
    WarmUpConfiguration,
    period_end,
    read_zone,
)
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, Cloud
from tests.model.cloudwatch.test_alarm_properties import make

MOMENT = datetime(2026, 11, 25, 9, 17, 42, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("period", "zone", "end"),
    [
        (MINUTE, "UTC", "2026-11-25T09:17:00"),
        (5 * MINUTE, "UTC", "2026-11-25T09:15:00"),
        (HOUR, "UTC", "2026-11-25T09:00:00"),
        (HOUR, "+05:30", "2026-11-25T08:30:00"),
        (DAY, "UTC", "2026-11-25T00:00:00"),
        (DAY, "America/New_York", "2026-11-25T05:00:00"),
        (DAY, "UTC+10:00", "2026-11-24T14:00:00"),
        (WEEK, "UTC", "2026-11-23T00:00:00"),
    ],
)
def test_periods_end_with_those_of_the_calendar(period: float, zone: str, end: str) -> None:
    assert period_end(MOMENT, period, read_zone(zone)) == datetime.fromisoformat(end + "+00:00")


def test_a_day_begins_at_midnight_on_either_side_of_a_change_of_the_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    noon = datetime(2026, 10, 25, 11, tzinfo=UTC)  # the clocks go back that night
    assert period_end(noon, DAY, berlin) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    later = noon + timedelta(days=1)
    assert period_end(later, DAY, berlin) == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+05:31", "UTC+25:00", "5:30"])
def test_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        WallClockWindow(timezone=zone)


def test_an_alarm_by_the_hour_waits_for_the_hour() -> None:
    """A sliding window sees the breach at once, a wall clock window when the hour is over."""
    cloud = Cloud.make()
    sliding = cloud.alarm(period=HOUR, statistic="Sum", threshold=100.0)
    found = []
    for zone in (None, UTC):
        cloud = Cloud.make()
        record = cloud.alarm(period=HOUR, statistic="Sum", threshold=100.0, zone=zone)
        states = cloud.play(record, *[1.0] * 70, 200.0, *[1.0] * 60)
        found.append(states.index(ALARM))
    assert found == [70, 119]
    assert sliding.state is INSUFFICIENT_DATA


def test_only_some_periods_lie_on_the_clock() -> None:
    clock = EvaluationWindow(wall_clock_window=WallClockWindow())
    assert make(period=300, evaluation_window=clock).zone == ZoneInfo("UTC")
    with pytest.raises(ValueError, match="must be one of 60, 300, 3600, 86400, 604800, not 600"):
        make(period=600, evaluation_window=clock)
    with pytest.raises(ValueError, match="exactly one of SlidingWindow and WallClockWindow"):
        EvaluationWindow()
    assert make(evaluation_window=EvaluationWindow(sliding_window={})).zone is None


def test_warming_up_ends_early_where_data_fill_the_window() -> None:
    cloud = Cloud.make()
    warm = WarmUpConfiguration(warm_up_period_duration_in_minutes=30)
    record = cloud.alarm(evaluation_periods=2, warm_up=warm)
    assert cloud.play(record, 90.0, None, 90.0, 10.0) == [*[INSUFFICIENT_DATA] * 3, OK]
    assert not record.view.warming


def test_warming_up_to_the_end() -> None:
    cloud = Cloud.make()
    warm = WarmUpConfiguration(
        warm_up_period_duration_in_minutes=3, only_start_evaluating_after_warm_up_period_ends=True
    )
    record = cloud.alarm(warm_up=warm, alarm_actions=("pager",))
    assert cloud.play(record, 90.0, 90.0) == [INSUFFICIENT_DATA] * 2
    assert record.view.warming
    assert cloud.play(record, 90.0) == [ALARM]
    assert [delivery.time for delivery in cloud.sns.deliveries] == [180.0]


def test_without_data_it_warms_up_to_the_end_and_then_judges() -> None:
    cloud = Cloud.make()
    warm = WarmUpConfiguration(warm_up_period_duration_in_minutes=2)
    record = cloud.alarm(warm_up=warm, treat_missing_data=Missing.BREACHING)
    states = cloud.play(record, None, None, None)
    assert states == [INSUFFICIENT_DATA, ALARM, ALARM]


@pytest.mark.parametrize("minutes", [0, 2881])
def test_how_long_it_may_take(minutes: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 2880"):
        WarmUpConfiguration(warm_up_period_duration_in_minutes=minutes)

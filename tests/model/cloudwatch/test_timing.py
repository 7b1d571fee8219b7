"""When alarms are evaluated, and over which window: "Alarm evaluation"."""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import AlarmState, Missing
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import as_it_is
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import (
    ALARM,
    INSUFFICIENT_DATA,
    KEY,
    OK,
    Cloud,
    make_alarm,
)


def test_a_new_alarm_knows_nothing() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    assert record.state is INSUFFICIENT_DATA
    assert record.reason == "Unchecked: Initial alarm creation"
    [change] = cloud.journal.history("busy", "alarm")
    assert (change.time, change.value.state) == (0.0, "INSUFFICIENT_DATA")


def test_it_is_evaluated_at_every_full_minute_after_the_datapoints_are_in() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.cloudwatch.publishers.append(
        lambda start, _: cloud.cloudwatch.put(KEY, "Count", start, Datapoint.single(90.0))
    )
    cloud.run(59.9)
    assert record.state is INSUFFICIENT_DATA
    cloud.run(60.0)
    assert (record.state, record.since) == (ALARM, 60.0)


def test_data_from_before_the_alarm_was_created_is_used() -> None:
    cloud = Cloud.make()
    for minute in range(3):
        cloud.report(minute, 90.0)
    cloud.run(179.0)
    record = cloud.alarm(evaluation_periods=3)
    cloud.run(180.0)
    assert record.state is ALARM


def test_there_is_no_hysteresis() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(evaluation_periods=3, datapoints_to_alarm=2)
    states = cloud.play(record, 10, 90, 90, 10, 10, 90, 90)
    # too few datapoints at first, but some that do not breach: OK
    assert states == [OK, OK, ALARM, ALARM, OK, OK, ALARM]


def test_a_stopped_metric_is_judged_on_its_last_datapoints_for_a_while() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(evaluation_periods=3)
    states = cloud.play(record, 10, 10, 10, *[None] * 5)
    assert states == [OK] * 7 + [INSUFFICIENT_DATA]


def test_a_sparse_metric_holds_its_alarm_until_the_breach_leaves_the_range() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(treat_missing_data=Missing.NOT_BREACHING)
    assert cloud.play(record, 90, None, None, None) == [ALARM, ALARM, ALARM, OK]


def test_ignore_keeps_the_state_for_ever() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(treat_missing_data=Missing.IGNORE)
    assert cloud.play(record, 90, *[None] * 9) == [ALARM] * 10


def test_the_window_slides_by_the_minute_and_is_not_aligned_to_the_period() -> None:
    """With a period of five minutes, minutes 1 to 5 are judged first and then minutes 2 to 6."""
    cloud = Cloud.make()
    record = cloud.alarm(period=300.0, statistic="Sum", threshold=100.0)
    states = cloud.play(record, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0)
    assert states == [OK] * 7 + [ALARM] + [OK] * 2


def test_a_datapoint_of_the_window_is_stamped_with_its_start() -> None:
    """As in the sample event: asked at 17:04, a period of 300 s is stamped 16:59."""
    cloud = Cloud.make()
    record = cloud.alarm(period=300.0)
    cloud.play(record, *[90.0] * 7)
    assert [slot.start for slot in record.judged] == [120.0]
    assert record.judged[0].samples == 5.0


@pytest.mark.parametrize(
    ("statistic", "value"),
    [("Sum", 45.0), ("Average", 5.0), ("Maximum", 9.0), ("Minimum", 1.0), ("SampleCount", 9.0)],
)
def test_a_longer_period_is_judged_by_the_statistic_of_all_its_samples(
    statistic: str, value: float
) -> None:
    cloud = Cloud.make()
    record = cloud.alarm(period=180.0, statistic=statistic)
    for minute, samples in enumerate([(1, 2, 3, 4), (5, 6, 7), (8, 9)]):
        cloud.report(minute, *samples)
    cloud.run(180.0)
    assert [slot.value for slot in record.judged] == [value]


def test_an_hourly_alarm_on_two_of_three() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(
        period=3600.0, evaluation_periods=3, datapoints_to_alarm=2, statistic="Maximum"
    )
    hours: dict[int, AlarmState] = {}
    for hour, value in enumerate((10, 90, 10, 90, 10, 10), start=1):
        cloud.report(60 * hour - 30, value)
        cloud.run(3600.0 * hour)
        hours[hour] = record.state
    assert [hours[hour] for hour in (2, 3, 4, 6)] == [OK, OK, ALARM, OK]


def test_a_window_of_more_than_a_day_is_evaluated_once_an_hour() -> None:
    """A breach just after the full hour is seen only after the next one."""
    assert not make_alarm(period=3600.0, evaluation_periods=24).hourly
    assert make_alarm(period=3600.0, evaluation_periods=25).hourly
    cloud = Cloud.make()
    record = cloud.alarm(period=3600.0, evaluation_periods=25, datapoints_to_alarm=1)
    cloud.report(0, 10)
    cloud.run(3600.0)
    assert record.state is OK
    cloud.report(60, 90)
    cloud.run(7199.0)
    assert record.state is OK
    cloud.run(7200.0)
    assert record.state is ALARM


@pytest.mark.parametrize(
    ("unit", "state"), [(None, OK), ("Count", OK), ("Percent", INSUFFICIENT_DATA)]
)
def test_a_wrong_unit_leaves_it_without_data(unit: str | None, state: AlarmState) -> None:
    cloud = Cloud.make()
    record = cloud.alarm(unit=unit)
    assert cloud.play(record, 10, 10, 10) == [state] * 3


def test_a_statistic_that_cannot_be_told_is_missing_data() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(statistic="p90")
    cloud.cloudwatch.put(KEY, "Count", 0.0, Datapoint.gauge(80.0, 70.0, 90.0, 3))
    cloud.run(60.0)
    assert record.state is INSUFFICIENT_DATA


def test_describe_alarms_shows_where_each_stands() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.play(record, 10, 90)
    [view] = cloud.cloudwatch.describe_alarms()
    assert (view.id, view.state, view.since) == ("busy", ALARM, 120.0)
    assert view.alarm.sentence == "Orders > 50 for 1 datapoint within 1 minute"
    assert [slot.value for slot in record.judged] == [90.0]


def test_a_datapoint_of_five_minutes_is_judged_when_it_comes() -> None:
    """An alarm on single minutes sees it in the minute that its period began."""
    cloud = Cloud.make()
    record = cloud.alarm(evaluation_periods=15)
    ledger = Ledger[Datapoint](300.0)
    cloud.cloudwatch.metrics.metric(KEY, "Count").add_column(ledger, as_it_is)
    for period in range(6):
        cloud.run(300.0 * (period + 1) - 1)
        ledger.enter(300.0 * period, Datapoint.single(90.0))
        cloud.run(300.0 * (period + 1))
    assert record.state is ALARM
    assert len(record.judged) == 3

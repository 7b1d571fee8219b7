"""High-resolution metrics and alarms ("Publish custom metrics", "Alarm evaluation")."""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import AlarmState, Missing
from model.cloudwatch.feeds import Feed
from model.cloudwatch.records import AlarmRecord
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, KEY, OK, Cloud


def feed(*values: float | None, period: float = 10.0, resolution: int | None = None) -> Feed:
    return Feed(
        namespace="Shop",
        name="Orders",
        dimensions={"Queue": "checkout"},
        unit="Count",
        period=period,
        values=values,
        storage_resolution=resolution,
    )


def states(cloud: Cloud, record: AlarmRecord, until: int, step: int = 10) -> list[AlarmState]:
    found = []
    for moment in range(step, until + 1, step):
        cloud.run(float(moment))
        found.append(record.state)
    return found


def test_an_alarm_on_ten_seconds_is_judged_every_ten_seconds() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(period=10.0, evaluation_periods=2)
    cloud.cloudwatch.feeds.begin(feed(10.0, 10.0, 90.0, 90.0, 90.0, 10.0))
    assert states(cloud, record, 60) == [OK, OK, OK, ALARM, ALARM, OK]


def test_thirty_seconds_slide_by_ten() -> None:
    """The average of three values, at every ten seconds."""
    cloud = Cloud.make()
    record = cloud.alarm(period=30.0, statistic="Sum", threshold=100.0)
    cloud.cloudwatch.feeds.begin(feed(10.0, 10.0, 60.0, 60.0, 10.0, 10.0, 10.0))
    assert states(cloud, record, 60)[2:] == [OK, ALARM, ALARM, OK]


def test_a_metric_kept_by_the_second_is_read_by_any_period() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(*(float(n) for n in range(12)), period=5.0))
    cloud.run(60.0)
    read = cloud.cloudwatch.metrics.get_metric_data
    assert read(KEY, "Sum", 5.0, 0.0, 15.0).values == (0.0, 1.0, 2.0)
    assert read(KEY, "Sum", 10.0, 0.0, 30.0).values == (1.0, 5.0, 9.0)
    assert read(KEY, "Sum", 60.0, 0.0, 60.0).values == (66.0,)
    assert read(KEY, "Sum", 1.0, 0.0, 7.0).times == (0.0, 5.0)


def test_a_minute_metric_is_mostly_missing_data_for_ten_seconds() -> None:
    """A high-resolution alarm on a metric of a minute sees one datapoint in six."""
    cloud = Cloud.make()
    record = cloud.alarm(period=10.0, treat_missing_data=Missing.BREACHING)
    cloud.cloudwatch.feeds.begin(feed(10.0, 10.0, resolution=60))
    cloud.run(120.0)
    read = cloud.cloudwatch.metrics.get_metric_data
    assert read(KEY, "Sum", 10.0, 0.0, 60.0).times == (0.0,)
    assert record.state is ALARM


def test_scaling_is_asked_for_once_a_minute_however_often_it_is_judged() -> None:
    cloud = Cloud.make()
    cloud.alarm(period=10.0, alarm_actions=("grow",))
    cloud.cloudwatch.feeds.begin(feed(*[90.0] * 20))
    cloud.run(200.0)
    assert [time for time, _ in cloud.invocations] == [10.0, 70.0, 130.0, 190.0]


def test_alarms_on_minutes_are_judged_each_minute_beside() -> None:
    cloud = Cloud.make()
    slow = cloud.alarm(period=60.0)
    cloud.alarm(period=10.0)
    cloud.cloudwatch.feeds.begin(feed(*[90.0] * 12))
    cloud.run(59.0)
    assert slow.state is INSUFFICIENT_DATA


@pytest.mark.parametrize(("period", "resolution"), [(10.0, 1.0), (60.0, 60.0), (300.0, 60.0)])
def test_values_closer_than_a_minute_are_kept_by_the_second(
    period: float, resolution: float
) -> None:
    assert feed(1.0, period=period).resolution == resolution
    assert feed(1.0, period=period, resolution=60).resolution == 60.0


def test_the_condition_in_seconds() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(period=10.0, evaluation_periods=3, datapoints_to_alarm=2)
    assert record.alarm.sentence == "Orders > 50 for 2 datapoints within 30 seconds"

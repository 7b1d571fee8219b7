"""Custom metrics: values for periods that need not be a minute long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.cloudwatch.feeds import Feed
from model.cloudwatch.statistics import STATISTICS
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, KEY, OK, Cloud


def feed(*values: float | None, period: float = 60.0, resolution: int | None = None) -> Feed:
    return Feed(
        namespace="Shop",
        name="Orders",
        dimensions={"Queue": "checkout"},
        unit="Count",
        period=period,
        values=values,
        storage_resolution=resolution,
    )


def told(cloud: Cloud, minute: int) -> list[float] | None:
    """The five plain statistics of a minute."""
    point = cloud.cloudwatch.metrics.read(KEY, 60.0 * minute, 60.0 * (minute + 1))
    return None if point is None else [point.statistic(name) for name in STATISTICS]


def test_a_value_can_be_read_once_its_period_is_over() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(4.0, 7.0))
    cloud.run(59.0)
    assert told(cloud, 0) is None
    cloud.run(60.0)
    assert told(cloud, 0) == [1.0, 4.0, 4.0, 4.0, 4.0]
    assert told(cloud, 1) is None
    cloud.run(120.0)
    assert told(cloud, 1) == [1.0, 7.0, 7.0, 7.0, 7.0]


def test_null_means_that_nothing_was_reported() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(4.0, None, 12.0))
    cloud.run(600.0)
    metric = cloud.cloudwatch.metrics.get(KEY)
    assert metric is not None
    assert sorted(metric.points) == [0.0, 120.0]
    assert metric.unit == "Count"


def test_high_resolution_values_are_samples_of_their_minute() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(1.0, 2.0, 3.0, None, 5.0, 7.0, 100.0, period=10.0))
    cloud.run(120.0)
    assert told(cloud, 0) == [5.0, 18.0, 3.6, 1.0, 7.0]
    assert told(cloud, 1) == [1.0, 100.0, 100.0, 100.0, 100.0]


def test_percentiles_see_every_high_resolution_value() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(*(float(n) for n in range(1, 61)), period=1.0))
    cloud.run(60.0)
    point = cloud.cloudwatch.metrics.read(KEY, 0.0, 60.0)
    assert point is not None
    assert point.statistic("p90") == 54.0


def test_a_value_of_five_minutes_is_one_sample_at_their_start() -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(10.0, 20.0, period=300.0))
    cloud.run(299.0)
    assert told(cloud, 0) is None
    cloud.run(600.0)
    data = cloud.cloudwatch.metrics.get_metric_data(KEY, "Sum", 300.0, 0.0, 600.0)
    assert data.times == (0.0, 300.0)
    assert data.values == (10.0, 20.0)
    assert told(cloud, 1) is None


def test_minutes_are_those_of_the_calendar() -> None:
    """A scenario may start in the middle of a minute."""
    cloud = Cloud.make(datetime(2026, 11, 25, 9, 0, 40, tzinfo=UTC))
    cloud.cloudwatch.feeds.begin(feed(1.0, 2.0, 4.0, period=10.0, resolution=60))
    cloud.run(300.0)
    metric = cloud.cloudwatch.metrics.get(KEY)
    assert metric is not None
    assert {start: point.total for start, point in metric.points.items()} == {-40.0: 3.0, 20.0: 4.0}


def test_several_sources_feed_one_metric() -> None:
    cloud = Cloud.make()
    for value in (3.0, 5.0):
        cloud.cloudwatch.feeds.begin(feed(value))
    cloud.run(60.0)
    assert told(cloud, 0) == [2.0, 8.0, 4.0, 3.0, 5.0]


def test_an_alarm_judges_what_is_fed() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.cloudwatch.feeds.begin(feed(90.0, 10.0))
    states = []
    for minute in range(1, 3):
        cloud.run(60.0 * minute)
        states.append(record.state)
    assert states == [ALARM, OK]


def test_a_minute_alarm_on_five_minute_values_never_sees_them() -> None:
    """Pick a period that is not finer than the metric ("Amazon CloudWatch concepts")."""
    cloud = Cloud.make()
    fine = cloud.alarm(period=60.0)
    cloud.cloudwatch.feeds.begin(feed(*[90.0] * 4, period=300.0))
    cloud.run(1200.0)
    assert fine.state is INSUFFICIENT_DATA


@pytest.mark.parametrize("value", [0.0, -5.0, 1e9])
def test_any_number_may_be_reported(value: float) -> None:
    cloud = Cloud.make()
    cloud.cloudwatch.feeds.begin(feed(value))
    cloud.run(60.0)
    assert told(cloud, 0) == [1.0, value, value, value, value]

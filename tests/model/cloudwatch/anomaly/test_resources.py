"""AWS::CloudWatch::AnomalyDetector."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from model.cloudwatch.anomaly.resources import (
    AnomalyDetector,
    DetectorConfiguration,
    MetricCharacteristics,
    MetricMathAnomalyDetector,
    Range,
    SingleMetricAnomalyDetector,
)
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.resources import (
    Dimension,
    MetricDataQuery,
    MetricOfQuery,
    StatOfQuery,
)
from model.cloudwatch.subjects import Statistic
from model.resources import Identity

IDENTITY = Identity("Detector", AnomalyDetector.TYPE, "Detector")
METRIC: dict[str, Any] = {
    "namespace": "AWS/EC2",
    "metric_name": "CPUUtilization",
    "dimensions": (Dimension(name="AutoScalingGroupName", value="web"),),
    "stat": "Average",
}


def test_both_ways_to_name_the_metric_mean_the_same() -> None:
    inner = SingleMetricAnomalyDetector(**METRIC)
    one = AnomalyDetector(identity=IDENTITY, single_metric_anomaly_detector=inner)
    other = AnomalyDetector(identity=IDENTITY, **METRIC)
    key = MetricKey.of("AWS/EC2", "CPUUtilization", {"AutoScalingGroupName": "web"})
    assert one.statistic == other.statistic == Statistic(key, "Average")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give SingleMetricAnomalyDetector, or"),
        ({"namespace": "AWS/EC2", "metric_name": "CPUUtilization"}, "Namespace, MetricName"),
        ({**METRIC, "stat": "Mean"}, "must be a statistic such as Average, p99"),
        (
            {**METRIC, "single_metric_anomaly_detector": SingleMetricAnomalyDetector(**METRIC)},
            "not both",
        ),
    ],
)
def test_a_metric_must_be_named_once(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AnomalyDetector(identity=IDENTITY, **given)


def query(id: str, **fields: Any) -> MetricDataQuery:
    return MetricDataQuery(id=id, **fields)


def cpu() -> StatOfQuery:
    metric = MetricOfQuery(namespace="AWS/EC2", metric_name="CPUUtilization")
    return StatOfQuery(metric=metric, period=60, stat="Average")


def test_a_model_of_metric_math() -> None:
    queries = (
        query("m1", metric_stat=cpu(), return_data=False),
        query("e1", expression="m1 / 100"),
    )
    inner = MetricMathAnomalyDetector(metric_data_queries=queries)
    detector = AnomalyDetector(identity=IDENTITY, metric_math_anomaly_detector=inner)
    assert [query.id for query in detector.queries] == ["m1", "e1"]


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ((query("m1", metric_stat=cpu()), query("e1", expression="m1")), "exactly one query"),
        ((query("e1", expression="m1"),), "m1"),
        (
            (
                query("m1", metric_stat=cpu(), return_data=False),
                query("e1", expression="METRICS()"),
            ),
            "one time series is wanted",
        ),
    ],
)
def test_what_metric_math_can_be_learned(
    queries: tuple[MetricDataQuery, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        MetricMathAnomalyDetector(metric_data_queries=queries)


def test_one_metric_or_metric_math() -> None:
    inner = MetricMathAnomalyDetector(metric_data_queries=(query("m1", metric_stat=cpu()),))
    single = SingleMetricAnomalyDetector(**METRIC)
    with pytest.raises(ValueError, match="not both"):
        AnomalyDetector(
            identity=IDENTITY,
            metric_math_anomaly_detector=inner,
            single_metric_anomaly_detector=single,
        )


def test_the_configuration_in_seconds() -> None:
    detector = AnomalyDetector(
        identity=IDENTITY,
        **METRIC,
        configuration=DetectorConfiguration(
            excluded_time_ranges=(
                Range(start_time="2026-07-01T01:00:00", end_time="2026-07-01T04:00:00+02:00"),
            ),
            metric_time_zone="America/New_York",
        ),
        metric_characteristics=MetricCharacteristics(periodic_spikes=True),
    )
    trained = detector.trained(datetime(2026, 7, 1, tzinfo=UTC))
    assert trained.excluded == ((3600.0, 7200.0),)
    assert trained.zone == ZoneInfo("America/New_York")
    assert trained.spikes


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc", ""])
def test_a_time_zone_must_exist(zone: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|items"):
        DetectorConfiguration(metric_time_zone=zone)


@pytest.mark.parametrize("moment", ["yesterday", "2026-07-32T00:00:00", "2026-07-01"])
def test_a_range_is_of_times(moment: str) -> None:
    with pytest.raises(ValueError, match="must be a time such as"):
        Range(start_time=moment, end_time="2026-08-01T00:00:00")


def test_a_range_begins_before_it_ends() -> None:
    with pytest.raises(ValueError, match="must be before"):
        Range(start_time="2026-07-02T00:00:00", end_time="2026-07-01T00:00:00")


def test_ten_ranges_at_most() -> None:
    one = Range(start_time="2026-07-01T00:00:00", end_time="2026-07-02T00:00:00")
    with pytest.raises(ValueError, match="from 0 to 10 items"):
        DetectorConfiguration(excluded_time_ranges=(one,) * 11)

"""Alarms on metric math: what they judge, and what is told of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cloudwatch.alarms import Missing
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, KEY, OK, Cloud, make_alarm

INSTANCE = {"InstanceId": "i-12345678901234567"}


def traffic(id: str, name: str, period: float = 300.0) -> MetricQuery:
    stat = MetricStat(MetricKey.of("AWS/EC2", name, INSTANCE), period, "Maximum")
    return MetricQuery(id=id, metric_stat=stat, return_data=False)


def query(id: str, expression: str, **more: Any) -> MetricQuery:
    return MetricQuery(id=id, expression=expression, **more)


ORDERS = MetricQuery(id="m1", metric_stat=MetricStat(KEY, 60.0, "Average"), return_data=False)


def watching(*queries: MetricQuery, **changes: Any) -> dict[str, Any]:
    """The fields of an alarm on these queries."""
    return {"metric": None, "statistic": "", "queries": queries} | changes


def test_the_sample_event_of_a_metric_math_alarm() -> None:
    """Alarm events and EventBridge: at 17:15 its newest five minutes are those from 17:10."""
    cloud = Cloud.make(datetime(2019, 10, 2, 17, 10, tzinfo=UTC))
    cloud.alarm(
        name="TotalNetworkTrafficTooHigh",
        arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:TotalNetworkTrafficTooHigh",
        description="Goes into alarm if total network traffic exceeds 10Kb",
        period=300.0,
        threshold=10000.0,
        datapoints_to_alarm=1,
        **watching(
            query("e1", "SUM(METRICS())", label="Total Network Traffic"),
            traffic("m1", "NetworkIn"),
            traffic("m2", "NetworkOut"),
        ),
    )
    for name, value in (("NetworkIn", 40000.0), ("NetworkOut", 5628.0)):
        key = MetricKey.of("AWS/EC2", name, INSTANCE)
        cloud.cloudwatch.put(key, "Bytes", 240.0, Datapoint.single(value))
    cloud.run(300.0)
    event = cloud.bus.events[-1]
    assert event.detail["alarmName"] == "TotalNetworkTrafficTooHigh"
    metrics = [
        {
            "id": id,
            "metricStat": {
                "metric": {"dimensions": INSTANCE, "name": name, "namespace": "AWS/EC2"},
                "period": 300,
                "stat": "Maximum",
            },
            "returnData": False,
        }
        for id, name in (("m1", "NetworkIn"), ("m2", "NetworkOut"))
    ]
    assert event.detail["configuration"] == {
        "description": "Goes into alarm if total network traffic exceeds 10Kb",
        "metrics": [
            {
                "expression": "SUM(METRICS())",
                "id": "e1",
                "label": "Total Network Traffic",
                "returnData": True,
            },
            *metrics,
        ],
    }
    state = event.detail["state"]
    assert state["value"] == "ALARM"
    assert state["reason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [45628.0 (02/10/19 17:10:00)] was "
        "greater than the threshold (10000.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert json.loads(state["reasonData"]) == {
        "version": "1.0",
        "queryDate": "2019-10-02T17:15:00.000+0000",
        "startDate": "2019-10-02T17:10:00.000+0000",
        "period": 300,
        "recentDatapoints": [45628.0],
        "threshold": 10000.0,
        "evaluatedDatapoints": [{"timestamp": "2019-10-02T17:10:00.000+0000", "value": 45628.0}],
    }


def test_the_message_of_a_topic_lists_the_metrics() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(
        alarm_actions=("pager",), **watching(query("e1", "m1 * 2", label="Twice"), ORDERS)
    )
    cloud.play(record, 30)
    assert json.loads(cloud.sns.deliveries[-1].message)["Trigger"] == {
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 50.0,
        "TreatMissingData": "missing",
        "EvaluateLowSampleCountPercentile": "",
        "Metrics": [
            {"Id": "e1", "Expression": "m1 * 2", "Label": "Twice", "ReturnData": True},
            {
                "Id": "m1",
                "MetricStat": {
                    "Metric": {
                        "Dimensions": [{"value": "checkout", "name": "Queue"}],
                        "MetricName": "Orders",
                        "Namespace": "Shop",
                    },
                    "Period": 60,
                    "Stat": "Average",
                },
                "ReturnData": False,
            },
        ],
    }


def test_without_data_there_is_none_to_judge() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**watching(query("e1", "m1 / 2"), ORDERS))
    assert cloud.play(record, None, 90, 110, None, None, None, None) == [
        *(INSUFFICIENT_DATA, OK, ALARM),
        *(ALARM, ALARM, INSUFFICIENT_DATA, INSUFFICIENT_DATA),
    ]


def test_filled_gaps_are_datapoints() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**watching(query("e1", "FILL(m1, 0)"), ORDERS))
    assert cloud.play(record, None, 90, None) == [OK, ALARM, OK]


def test_a_scaling_policy_is_told_the_values_of_the_expression() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("grow",), **watching(query("e1", "m1 * 2"), ORDERS))
    cloud.play(record, 30, 40)
    assert [invocation.values for _, invocation in cloud.invocations] == [(60.0,), (80.0,)]


@settings(deadline=None)
@given(
    minutes=st.lists(st.none() | st.sampled_from([10, 90]), min_size=1, max_size=12),
    periods=st.integers(1, 4),
    missing=st.sampled_from(Missing),
    period=st.sampled_from([60.0, 120.0]),
)
def test_an_alarm_on_the_expression_m1_goes_as_the_alarm_on_the_metric(
    minutes: list[float | None], periods: int, missing: Missing, period: float
) -> None:
    changes: dict[str, Any] = {
        "evaluation_periods": periods,
        "treat_missing_data": missing,
        "period": period,
    }
    stat = MetricStat(KEY, period, "Average")
    plain, math, direct = Cloud.make(), Cloud.make(), Cloud.make()
    states = plain.play(plain.alarm(**changes), *minutes)
    metric = MetricQuery(id="m1", metric_stat=stat, return_data=False)
    assert (
        math.play(math.alarm(**watching(query("e1", "m1"), metric, **changes)), *minutes) == states
    )
    watched = MetricQuery(id="m1", metric_stat=stat)
    assert direct.play(direct.alarm(**watching(watched, **changes)), *minutes) == states
    reasons = [cloud.cloudwatch.alarms["busy"].reason for cloud in (plain, math, direct)]
    assert len(set(reasons)) == 1


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ((query("e1", "m1 /\n  2"), ORDERS), "m1 / 2 > 50 for 1 datapoint within 1 minute"),
        (
            (MetricQuery(id="m1", metric_stat=MetricStat(KEY, 60.0, "Average")),),
            "Orders > 50 for 1 datapoint within 1 minute",
        ),
    ],
)
def test_the_condition_in_words(queries: tuple[MetricQuery, ...], words: str) -> None:
    assert make_alarm(**watching(*queries)).sentence == words

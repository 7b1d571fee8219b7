"""What others are told of a change of state: the event on the bus, and the topic's message."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from model.cloudwatch.alarms import Missing
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import ALARM, DEFAULTS, Cloud

ARN = DEFAULTS["arn"]


def message(cloud: Cloud) -> dict[str, Any]:
    """What the last notification of the topic says."""
    content: dict[str, Any] = json.loads(cloud.sns.deliveries[-1].message)
    return content


def test_the_sample_event_of_a_single_metric_alarm() -> None:
    """Alarm events and EventBridge, as far as a simulated minute allows: at 17:04:00 it asks."""
    cloud = Cloud.make(datetime(2019, 10, 2, 16, 54, tzinfo=UTC))
    instance = {"InstanceId": "i-12345678901234567"}
    key = MetricKey.of("AWS/EC2", "CPUUtilization", instance)
    cloud.alarm(
        name="ServerCpuTooHigh",
        arn="arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh",
        description="Goes into alarm when server CPU utilization is too high!",
        metric=key,
        period=300.0,
        datapoints_to_alarm=1,
    )
    cloud.cloudwatch.put(key, "Percent", 0.0, Datapoint.single(0.0666851903306472))
    cloud.run(599.0)
    cloud.cloudwatch.put(key, "Percent", 300.0, Datapoint.single(99.50160229693434))
    cloud.run(600.0)
    event = cloud.bus.events[-1]
    assert (event.source, event.detail_type) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert event.resources == ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:ServerCpuTooHigh",)
    assert cloud.schedule.utc(event.time) == datetime(2019, 10, 2, 17, 4, tzinfo=UTC)
    detail = dict(event.detail)
    [query] = detail["configuration"]["metrics"]
    assert str(uuid.UUID(query["id"])) == query["id"]
    assert detail["alarmName"] == "ServerCpuTooHigh"
    assert detail["configuration"] == {
        "description": "Goes into alarm when server CPU utilization is too high!",
        "metrics": [
            {
                "id": query["id"],
                "metricStat": {
                    "metric": {
                        "dimensions": instance,
                        "name": "CPUUtilization",
                        "namespace": "AWS/EC2",
                    },
                    "period": 300,
                    "stat": "Average",
                },
                "returnData": True,
            }
        ],
    }
    assert detail["previousState"]["value"] == "OK"
    assert "0.0666851903306472" in detail["previousState"]["reasonData"]
    state = detail["state"]
    assert (state["value"], state["timestamp"]) == ("ALARM", "2019-10-02T17:04:00.000+0000")
    assert state["reason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)]"
        " was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(state["reasonData"])
    assert (data["startDate"], data["period"]) == ("2019-10-02T16:59:00.000+0000", 300)


def test_the_first_state_has_no_reason_data() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.play(record, 90)
    [event] = cloud.bus.events
    assert event.detail["previousState"] == {
        "value": "INSUFFICIENT_DATA",
        "reason": "Unchecked: Initial alarm creation",
        "timestamp": "2026-11-25T09:00:00.000+0000",
    }


def test_a_state_set_by_hand_is_told_with_the_operators_words() -> None:
    cloud = Cloud.make()
    cloud.alarm(alarm_actions=("pager",))
    cloud.cloudwatch.set_alarm_state("busy", ALARM, "testing only", "")
    assert cloud.bus.events[-1].detail["state"] == {
        "value": "ALARM",
        "reason": "testing only",
        "timestamp": "2026-11-25T09:00:00.000+0000",
    }
    assert message(cloud)["NewStateReason"] == "testing only"


def test_there_is_one_event_for_each_change_and_none_without() -> None:
    cloud = Cloud.make()
    record = cloud.alarm()
    cloud.play(record, 10, 10, 90, 90, 10)
    told = [(event.time, event.detail["state"]["value"]) for event in cloud.bus.events]
    assert told == [(60.0, "OK"), (180.0, "ALARM"), (300.0, "OK")]
    for before, after in zip(cloud.bus.events, cloud.bus.events[1:], strict=False):
        assert after.detail["previousState"] == before.detail["state"]


def test_the_unit_is_part_of_the_configuration_where_one_was_given() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(unit="Count")
    cloud.play(record, 90)
    [event] = cloud.bus.events
    assert event.detail["configuration"]["metrics"][0]["metricStat"]["unit"] == "Count"
    assert json.loads(event.detail["state"]["reasonData"])["unit"] == "Count"


def test_the_message_of_a_topic() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(
        description="Too many orders",
        evaluation_periods=3,
        datapoints_to_alarm=2,
        alarm_actions=("pager",),
        treat_missing_data=Missing.NOT_BREACHING,
    )
    cloud.play(record, 10, 90, 90)
    delivery = cloud.sns.deliveries[-1]
    assert delivery.subject == 'ALARM: "busy" in US East (N. Virginia)'
    assert json.loads(delivery.message) == {
        "AlarmName": "busy",
        "AlarmDescription": "Too many orders",
        "AWSAccountId": "123456789012",
        "AlarmConfigurationUpdatedTimestamp": "2026-11-25T09:00:00.000+0000",
        "NewStateValue": "ALARM",
        "NewStateReason": record.reason,
        "StateChangeTime": "2026-11-25T09:03:00.000+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": ARN,
        "OldStateValue": "OK",
        "OKActions": [],
        "AlarmActions": ["pager"],
        "InsufficientDataActions": [],
        "Trigger": {
            "MetricName": "Orders",
            "Namespace": "Shop",
            "StatisticType": "Statistic",
            "Statistic": "AVERAGE",
            "Unit": None,
            "Dimensions": [{"value": "checkout", "name": "Queue"}],
            "Period": 60,
            "EvaluationPeriods": 3,
            "DatapointsToAlarm": 2,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 50.0,
            "TreatMissingData": "notBreaching",
            "EvaluateLowSampleCountPercentile": "",
        },
    }


@pytest.mark.parametrize(
    ("statistic", "told"),
    [
        ("SampleCount", {"StatisticType": "Statistic", "Statistic": "SAMPLE_COUNT"}),
        ("Maximum", {"StatisticType": "Statistic", "Statistic": "MAXIMUM"}),
        ("p90", {"StatisticType": "ExtendedStatistic", "ExtendedStatistic": "p90"}),
    ],
)
def test_the_statistic_in_a_message(statistic: str, told: dict[str, str]) -> None:
    cloud = Cloud.make()
    record = cloud.alarm(statistic=statistic, threshold=0.5, alarm_actions=("pager",))
    cloud.play(record, 90)
    trigger = message(cloud)["Trigger"]
    assert {key: trigger[key] for key in told} == told
    assert ("Statistic" in trigger) is ("Statistic" in told)
    assert "DatapointsToAlarm" not in trigger


def test_a_message_without_a_description_says_null() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("pager",))
    cloud.play(record, 90)
    assert message(cloud)["AlarmDescription"] is None

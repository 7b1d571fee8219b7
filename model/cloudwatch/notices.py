"""What the event bus and the subscribers of a topic are told of alarms, in AWS's shapes.

Sources: "Alarm events and EventBridge" with its sample events; API Metrics. The message of a topic
follows what alarms in use were seen to send.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from model.cloudwatch.alarms import AlarmState, MetricAlarm
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.resources import ACCOUNT, REGION

STATE_CHANGE = "CloudWatch Alarm State Change"
CONFIGURATION_CHANGE = "CloudWatch Alarm Configuration Change"
REGION_NAME = "US East (N. Virginia)"

CAPITALS = {
    "SampleCount": "SAMPLE_COUNT",
    "Sum": "SUM",
    "Average": "AVERAGE",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}
"""The plain statistics as they stand in a notification."""

Named = Callable[[Iterable[str]], list[str]]
"""Gives the ARNs of actions."""


def subject(name: str, state: AlarmState) -> str:
    """The subject of the message about an alarm that entered `state`."""
    return f'{state.value}: "{name}" in {REGION_NAME}'


def message(
    alarm: MetricAlarm,
    *,
    state: AlarmState,
    before: AlarmState | None,
    reason: str,
    changed: str,
    updated: str,
    named: Named,
) -> Mapping[str, Any]:
    """The message about an alarm on metrics; `changed` is when its state did, `updated` when its
    configuration did."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": ACCOUNT,
        "AlarmConfigurationUpdatedTimestamp": updated,
        "NewStateValue": state.value,
        "NewStateReason": reason,
        "StateChangeTime": changed,
        "Region": REGION_NAME,
        "AlarmArn": alarm.arn,
        "OldStateValue": before.value if before else None,
        "OKActions": named(alarm.ok_actions),
        "AlarmActions": named(alarm.alarm_actions),
        "InsufficientDataActions": named(alarm.insufficient_data_actions),
        "Trigger": _trigger(alarm),
    }


def configuration(alarm: MetricAlarm) -> Mapping[str, Any]:
    """What the alarm watches, as the event bus is told."""
    queries = alarm.queries
    if alarm.metric is not None:
        stat = MetricStat(alarm.metric, alarm.period, alarm.statistic, alarm.unit)
        made_up = str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.arn))
        queries = (MetricQuery(id=made_up, metric_stat=stat),)
    described = {"description": alarm.description} if alarm.description else {}
    return described | {"metrics": [_event_query(query) for query in queries]}


def whole_configuration(alarm: MetricAlarm, updated: str, named: Named) -> Mapping[str, Any]:
    """All of the alarm's configuration, as the event bus is told when it changes."""
    threshold = (
        {"threshold": alarm.threshold}
        if alarm.threshold is not None
        else {"thresholdMetricId": alarm.threshold_metric_id}
    )
    counted = {"datapointsToAlarm": alarm.datapoints_to_alarm} if alarm.datapoints_to_alarm else {}
    return {
        "evaluationPeriods": alarm.evaluation_periods,
        **counted,
        **threshold,
        "comparisonOperator": alarm.comparison_operator,
        "treatMissingData": alarm.treat_missing_data.value,
        **configuration(alarm),
        "alarmName": alarm.name,
        "actionsEnabled": alarm.actions_enabled,
        "timestamp": updated,
        "okActions": named(alarm.ok_actions),
        "alarmActions": named(alarm.alarm_actions),
        "insufficientDataActions": named(alarm.insufficient_data_actions),
    }


def function_payload(arn: str, time: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a function is invoked with ("Invoke a Lambda function from an alarm")."""
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn,
        "accountId": ACCOUNT,
        "time": time,
        "region": REGION,
        "alarmData": detail,
    }


def _trigger(alarm: MetricAlarm) -> Mapping[str, Any]:
    """What the alarm watches, as the subscribers of a topic are told."""
    trigger: dict[str, Any] = {}
    if alarm.metric is not None:
        kind = "Statistic" if alarm.statistic in CAPITALS else "ExtendedStatistic"
        pairs = alarm.metric.dimensions
        trigger = {
            "MetricName": alarm.metric.name,
            "Namespace": alarm.metric.namespace,
            "StatisticType": kind,
            kind: CAPITALS.get(alarm.statistic, alarm.statistic),
            "Unit": alarm.unit,
            "Dimensions": [{"value": value, "name": name} for name, value in pairs],
        }
    trigger |= {"Period": int(alarm.period), "EvaluationPeriods": alarm.evaluation_periods}
    if alarm.datapoints_to_alarm is not None:
        trigger["DatapointsToAlarm"] = alarm.datapoints_to_alarm
    trigger |= {
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": 0.0 if alarm.threshold is None else float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data.value,
        "EvaluateLowSampleCountPercentile": "ignore" if alarm.ignore_low_samples else "",
    }
    if alarm.queries:
        trigger["Metrics"] = [_trigger_query(query) for query in alarm.queries]
    return trigger


def _event_query(query: MetricQuery) -> Mapping[str, Any]:
    """A query as the event bus is told."""
    made: dict[str, Any] = {}
    if query.expression is not None:
        made["expression"] = query.expression
    made["id"] = query.id
    if query.label is not None:
        made["label"] = query.label
    if query.metric_stat is not None:
        made["metricStat"] = _event_stat(query.metric_stat)
    if query.period is not None:
        made["period"] = int(query.period)
    return made | {"returnData": query.return_data}


def _event_stat(stat: MetricStat) -> Mapping[str, Any]:
    metric = {
        "namespace": stat.metric.namespace,
        "name": stat.metric.name,
        "dimensions": dict(stat.metric.dimensions),
    }
    made = {"metric": metric, "period": int(stat.period), "stat": stat.stat}
    return made | ({"unit": stat.unit} if stat.unit is not None else {})


def _trigger_query(query: MetricQuery) -> Mapping[str, Any]:
    """A query as the subscribers of a topic are told."""
    made: dict[str, Any] = {"Id": query.id}
    if query.expression is not None:
        made["Expression"] = query.expression
    if query.metric_stat is not None:
        made["MetricStat"] = _trigger_stat(query.metric_stat)
    if query.label is not None:
        made["Label"] = query.label
    if query.period is not None:
        made["Period"] = int(query.period)
    return made | {"ReturnData": query.return_data}


def _trigger_stat(stat: MetricStat) -> Mapping[str, Any]:
    metric = {
        "Dimensions": [{"value": value, "name": name} for name, value in stat.metric.dimensions],
        "MetricName": stat.metric.name,
        "Namespace": stat.metric.namespace,
    }
    made = {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat}
    return made | ({"Unit": stat.unit} if stat.unit is not None else {})

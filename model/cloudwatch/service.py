"""Amazon CloudWatch: takes datapoints, judges alarms every minute, and runs their actions."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from attrs import define, evolve, field, frozen

from model.clock import MINUTE, Phase, Schedule
from model.cloudwatch.alarms import AlarmState, MetricAlarm, Missing, Slot, Verdict, evaluate
from model.cloudwatch.composites import (
    Child,
    CompositeRecord,
    Composites,
    Reach,
    composite_configuration,
    composite_message,
)
from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import Metric, MetricKey, MetricStore
from model.cloudwatch.queries import MetricQuery, MetricStat, Request
from model.cloudwatch.reasons import UNCHECKED, state_reason, state_reason_data, timestamp
from model.cloudwatch.resources import Alarm
from model.cloudwatch.statistics import Datapoint
from model.cloudwatch.watching import QueryReader, event_query, trigger_query
from model.events.bus import EventBus
from model.events.sns import Sns
from model.journal import Journal
from model.resources import ACCOUNT, REGION

STATE_CHANGE = "CloudWatch Alarm State Change"

CAPITALS = {
    "SampleCount": "SAMPLE_COUNT",
    "Sum": "SUM",
    "Average": "AVERAGE",
    "Minimum": "MINIMUM",
    "Maximum": "MAXIMUM",
}
"""The plain statistics as they stand in a notification."""

Publisher = Callable[[float, float], None]
"""Called at each full minute with the start and end of the minute that is over."""


@frozen
class AlarmStatus:
    """An alarm's state as the journal and the panes show it."""

    state: str
    reason: str


@frozen
class AlarmView:
    """What DescribeAlarms shows of an alarm, with the datapoints it judged last."""

    id: str
    alarm: MetricAlarm
    state: AlarmState
    reason: str
    since: float
    judged: tuple[Slot, ...]


@define(eq=False)
class AlarmRecord:
    """An alarm and where it stands."""

    alarm: MetricAlarm
    id: str
    """The logical id in the template, or the name for alarms that AWS makes itself."""
    state: AlarmState
    reason: str
    reason_data: str
    since: float
    updated: float
    """When its configuration was."""
    judged: tuple[Slot, ...] = ()
    window: list[Slot] = field(factory=list)
    """The evaluation range as it was seen last, newest first."""
    metric: Metric | None = None
    """What it watches, once that exists."""
    corrections: int = 0
    """Of the metric, as of then."""
    reader: QueryReader | None = None
    """Of an alarm on metric math."""
    scales: bool = False
    """Whether any of its actions is run every minute: those of scaling policies are."""


@frozen
class Invocation:
    """A scaling policy is told that its alarm is in this state."""

    alarm: str
    state: AlarmState
    values: tuple[float, ...]
    """The newest datapoints that the alarm judged, newest first."""
    threshold: float


class CloudWatch:
    """The metrics and alarms of one region."""

    def __init__(
        self,
        schedule: Schedule,
        bus: EventBus,
        journal: Journal,
        sns: Sns,
        arns: Mapping[str, str] | None = None,
    ) -> None:
        """`arns` are those of what alarms may act on, by logical id."""
        self._arns = arns or {}
        self._schedule = schedule
        self._bus = bus
        self._journal = journal
        self._sns = sns
        self.metrics = MetricStore()
        self.alarms: dict[str, AlarmRecord] = {}
        """Every alarm by id (see `AlarmRecord.id`), in order of creation."""
        self.publishers: list[Publisher] = []
        self.policies: Callable[[str, Invocation], bool] | None = None
        """Invokes the scaling policy of that id, if there is one, and says whether there is."""
        reach = Reach(self._children, self._publish_composite, self._note_composite, self._tell)
        self.composites = Composites(schedule, reach)
        first = schedule.boundary(MINUTE)
        schedule.at(first, Phase.DATAPOINT, self._publish)
        schedule.at(first, Phase.ALARM, self._evaluate)

    # -- metrics ------------------------------------------------------------------------------

    def put(self, key: MetricKey, unit: str, start: float, point: Datapoint) -> None:
        """Store a datapoint of the minute that began at `start`; it can be read at once."""
        late = start + MINUTE < self._schedule.now
        self.metrics.put(key, unit, start, point, late=late)

    def feed(self, feed: Feed, begins: float) -> None:
        """Have the values of a feed reported, each when its period ends."""
        key = MetricKey.of(feed.namespace, feed.name, feed.dimensions)
        for index, value in enumerate(feed.values):
            if value is not None:
                start = begins + index * feed.period
                self._schedule.at(
                    start + feed.period, Phase.CHANGE, self._report, key, feed.unit, start, value
                )

    def _report(self, key: MetricKey, unit: str, start: float, value: float | Datapoint) -> None:
        minute = self._schedule.boundary(MINUTE, start) - MINUTE
        point = value if isinstance(value, Datapoint) else Datapoint.single(value)
        self.put(key, unit, minute, point)

    def _publish(self) -> None:
        now = self._schedule.now
        for publish in self.publishers:
            publish(now - MINUTE, now)
        self._schedule.after(MINUTE, Phase.DATAPOINT, self._publish)

    # -- alarms -------------------------------------------------------------------------------

    def put_metric_alarm(self, alarm: MetricAlarm, alarm_id: str) -> None:
        """PutMetricAlarm: a new alarm knows nothing yet."""
        now = self._schedule.now
        record = AlarmRecord(
            alarm, alarm_id, AlarmState.INSUFFICIENT_DATA, UNCHECKED, "", since=now, updated=now
        )
        if alarm.queries:
            record.reader = QueryReader(
                Request(self.metrics, alarm.queries, self._schedule.utc), alarm
            )
        actions = chain.from_iterable(map(alarm.actions, AlarmState))
        record.scales = any(action not in self._sns.topics for action in actions)
        self.alarms[alarm_id] = record
        self._note(record)

    def put_alarm(self, resource: Alarm) -> None:
        """Create the alarm of a template."""
        self.put_metric_alarm(_from_template(resource), resource.logical_id)

    def delete_alarm(self, alarm_id: str) -> None:
        """DeleteAlarms for one."""
        del self.alarms[alarm_id]

    def set_alarm_state(self, alarm_id: str, state: AlarmState, reason: str, data: str) -> None:
        """SetAlarmState: holds until the next evaluation tells the truth again."""
        record = self.alarms[alarm_id]
        values = json.loads(data).get("recentDatapoints", []) if data else []
        judged = tuple(Slot(self._schedule.now, float(value), 1.0) for value in reversed(values))
        if record.state is not state:
            self._transition(record, Verdict(state, judged), reason, data)

    def describe_alarms(self) -> tuple[AlarmView, ...]:
        """DescribeAlarms: all alarms in order of creation."""
        return tuple(
            AlarmView(r.id, r.alarm, r.state, r.reason, r.since, r.judged)
            for r in self.alarms.values()
        )

    def _slots(self, record: AlarmRecord, end: float) -> list[Slot]:
        """The alarm's evaluation range as of the full minute `end`, newest first.

        The window slides: its periods end at this minute, whatever the calendar says. What it saw a
        minute ago is kept, unless something was added to the past since.
        """
        alarm = record.alarm
        if alarm.metric is None:
            assert record.reader is not None
            return record.reader.slots(end)
        metric = record.metric = record.metric or self.metrics.get(alarm.metric)
        if metric is None or alarm.unit not in (None, metric.unit):
            # no units are converted: a read that asks for another unit gets nothing
            return [Slot(end - (age + 1) * alarm.period, None) for age in range(alarm.range)]
        window, corrections = record.window, metric.corrections
        follows = window and window[0].start == end - 2 * alarm.period
        if follows and record.corrections == corrections:
            record.window = [_slot(metric, alarm, end - alarm.period), *window[:-1]]
        else:
            starts = (end - (age + 1) * alarm.period for age in range(alarm.range))
            record.window = [_slot(metric, alarm, start) for start in starts]
            record.corrections = corrections
        return record.window

    def _evaluate(self) -> None:
        now, utc = self._schedule.now, self._schedule.utc
        end = self._schedule.boundary(MINUTE) - MINUTE
        for record in list(self.alarms.values()):
            alarm = record.alarm
            if alarm.hourly and utc().minute != 0:
                self._go_on(record)
                continue
            verdict = evaluate(alarm, record.state, self._slots(record, end))
            record.judged = verdict.judged
            if verdict.state is not record.state:
                data = state_reason_data(alarm, verdict, now, utc)
                self._transition(record, verdict, state_reason(alarm, verdict, utc), data)
            else:
                self._go_on(record)
        self.composites.evaluate_new()
        self._schedule.after(MINUTE, Phase.ALARM, self._evaluate)

    def _transition(self, record: AlarmRecord, verdict: Verdict, reason: str, data: str) -> None:
        before = self._state_detail(record)
        old = record.state
        record.state, record.reason, record.reason_data = verdict.state, reason, data
        record.since = self._schedule.now
        record.judged = verdict.judged
        self._note(record)
        alarm = record.alarm
        self._bus.publish(
            "aws.cloudwatch",
            STATE_CHANGE,
            (alarm.arn,),
            {
                "alarmName": alarm.name,
                "state": self._state_detail(record),
                "previousState": before,
                "configuration": _configuration(alarm),
            },
        )
        self._act(record, entered=True, before=old)
        self.composites.changed(_child(record))

    def _go_on(self, record: AlarmRecord) -> None:
        """An alarm stays in its state."""
        if record.scales:
            self._act(record, entered=False)

    def _act(self, record: AlarmRecord, *, entered: bool, before: AlarmState | None = None) -> None:
        """Run the actions of the state: topics on entering it, scaling policies every minute."""
        alarm = record.alarm
        actions = alarm.actions(record.state) if alarm.actions_enabled else ()
        if not entered and actions:
            actions = tuple([a for a in actions if a not in self._sns.topics])
        if not actions:
            return
        values = tuple([slot.value for slot in record.judged if slot.value is not None])
        invocation = Invocation(alarm.name, record.state, values, alarm.threshold)
        for action in actions:
            if action in self._sns.topics:
                self._notify(record, action, before)
            elif self.policies is not None:
                self.policies(action, invocation)

    def _notify(self, record: AlarmRecord, topic: str, before: AlarmState | None) -> None:
        alarm = record.alarm
        message = {
            "AlarmName": alarm.name,
            "AlarmDescription": alarm.description or None,
            "AWSAccountId": ACCOUNT,
            "AlarmConfigurationUpdatedTimestamp": self._stamp(record.updated),
            "NewStateValue": record.state.value,
            "NewStateReason": record.reason,
            "StateChangeTime": self._stamp(record.since),
            "Region": "US East (N. Virginia)",
            "AlarmArn": alarm.arn,
            "OldStateValue": before.value if before else None,
            "OKActions": self._named(alarm.ok_actions),
            "AlarmActions": self._named(alarm.alarm_actions),
            "InsufficientDataActions": self._named(alarm.insufficient_data_actions),
            "Trigger": _trigger(alarm),
        }
        subject = f'{record.state.value}: "{alarm.name}" in US East (N. Virginia)'
        self._sns.publish(topic, subject, json.dumps(message))

    # -- composite alarms ---------------------------------------------------------------------

    def enable_actions(self, alarm_id: str, *, enabled: bool) -> None:
        """EnableAlarmActions, DisableAlarmActions: states go on changing."""
        if alarm_id in self.composites.records:
            self.composites.records[alarm_id].enabled = enabled
        else:
            record = self.alarms[alarm_id]
            record.alarm = evolve(record.alarm, actions_enabled=enabled)

    def _children(self) -> Iterator[Child]:
        for record in self.alarms.values():
            yield _child(record)

    def _note_composite(self, record: CompositeRecord) -> None:
        status = AlarmStatus(record.state.value, record.reason)
        self._journal.write(self._schedule.now, record.alarm.logical_id, "alarm", status)

    def _publish_composite(self, record: CompositeRecord, previous: Mapping[str, Any]) -> None:
        self._bus.publish(
            "aws.cloudwatch",
            STATE_CHANGE,
            (record.alarm.arn,),
            {
                "alarmName": record.alarm.name,
                "state": self.composites.detail(record),
                "previousState": previous,
                "configuration": composite_configuration(record.alarm),
            },
        )

    def _tell(self, record: CompositeRecord, topic: str) -> None:
        message = composite_message(record, self._stamp(record.since))
        subject = f'{record.state.value}: "{record.alarm.name}" in US East (N. Virginia)'
        self._sns.publish(topic, subject, json.dumps(message))

    # -- in AWS's shapes ----------------------------------------------------------------------

    def _named(self, actions: tuple[str, ...]) -> list[str]:
        return [self._arns.get(action, action) for action in actions]

    def _note(self, record: AlarmRecord) -> None:
        status = AlarmStatus(record.state.value, record.reason)
        self._journal.write(self._schedule.now, record.id, "alarm", status)

    def _stamp(self, time: float) -> str:
        return timestamp(self._schedule.utc(time))

    def _state_detail(self, record: AlarmRecord) -> Mapping[str, Any]:
        detail = {
            "value": record.state.value,
            "reason": record.reason,
            "timestamp": self._stamp(record.since),
        }
        return detail | ({"reasonData": record.reason_data} if record.reason_data else {})


def _child(record: AlarmRecord) -> Child:
    alarm = record.alarm
    return Child(record.id, alarm.name, alarm.arn, record.state, record.since)


def _slot(metric: Metric, alarm: MetricAlarm, start: float) -> Slot:
    """One period of the evaluation range; a statistic that cannot be told is missing data."""
    point = metric.read(start, alarm.period)
    if point is None:
        return Slot(start, None)
    value = point.statistic(alarm.statistic)
    return Slot(start, None if math.isnan(value) else value, point.count)


def _configuration(alarm: MetricAlarm) -> Mapping[str, Any]:
    """What the alarm watches, as the event bus is told."""
    queries = alarm.queries
    if alarm.metric is not None:
        stat = MetricStat(alarm.metric, alarm.period, alarm.statistic, alarm.unit)
        made_up = str(uuid.uuid5(uuid.NAMESPACE_URL, alarm.arn))
        queries = (MetricQuery(id=made_up, metric_stat=stat),)
    described = {"description": alarm.description} if alarm.description else {}
    return described | {"metrics": [event_query(query) for query in queries]}


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
        "Threshold": float(alarm.threshold),
        "TreatMissingData": alarm.treat_missing_data.value,
        "EvaluateLowSampleCountPercentile": "ignore" if alarm.ignore_low_samples else "",
    }
    if alarm.queries:
        trigger["Metrics"] = [trigger_query(query) for query in alarm.queries]
    return trigger


def _from_template(resource: Alarm) -> MetricAlarm:
    name = resource.alarm_name or resource.logical_id
    return MetricAlarm(
        name=name,
        metric=resource.metric,
        statistic=resource.extended_statistic or resource.statistic or "",
        queries=resource.queries,
        period=float(resource.length),
        threshold=resource.threshold,
        comparison_operator=resource.comparison_operator,
        evaluation_periods=resource.evaluation_periods,
        datapoints_to_alarm=resource.datapoints_to_alarm,
        treat_missing_data=Missing(resource.treat_missing_data),
        ignore_low_samples=resource.evaluate_low_sample_count_percentile == "ignore",
        unit=resource.unit,
        description=resource.alarm_description or "",
        actions_enabled=resource.actions_enabled,
        ok_actions=resource.ok_actions,
        alarm_actions=resource.alarm_actions,
        insufficient_data_actions=resource.insufficient_data_actions,
        arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
    )

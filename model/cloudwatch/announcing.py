"""Who hears of an alarm's changes: the journal, the event bus, its history and its actions.

Sources: "Alarm events and EventBridge"; API DescribeAlarmHistory. What a template creates is there
before the scenario begins, so that only later changes of a configuration are events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from model.clock import Schedule
from model.cloudwatch.acting import Actions, Invocation, Occasion
from model.cloudwatch.alarms import AlarmState, MetricAlarm, Slot
from model.cloudwatch.composites import (
    CompositeRecord,
    composite_configuration,
    composite_message,
)
from model.cloudwatch.history import AlarmHistory, HistoryItem, HistoryKind
from model.cloudwatch.notices import (
    CONFIGURATION_CHANGE,
    STATE_CHANGE,
    configuration,
    function_payload,
    message,
    subject,
    whole_configuration,
)
from model.cloudwatch.reasons import timestamp
from model.cloudwatch.records import AlarmRecord, AlarmStatus
from model.events.bus import EventBus
from model.journal import Journal

SOURCE = "aws.cloudwatch"


class Announcer:
    """Tells of the changes of alarms."""

    def __init__(
        self,
        schedule: Schedule,
        bus: EventBus,
        journal: Journal,
        history: AlarmHistory,
        actions: Actions,
    ) -> None:
        self._schedule = schedule
        self._bus = bus
        self._journal = journal
        self._history = history
        self._actions = actions

    # -- alarms on metrics --------------------------------------------------------------------

    def created(self, record: AlarmRecord) -> None:
        """A new alarm is there."""
        self._journal_state(record.id, record.state, record.reason)
        told = {"type": "Create", "createdAlarm": self._configuration(record.alarm)}
        self._configured(record.alarm.name, "created", told)

    def entered(self, record: AlarmRecord, old: AlarmState, before: Mapping[str, Any]) -> None:
        """An alarm has entered another state; `before` tells of the one it left."""
        alarm, state = record.alarm, self.state(record)
        self._journal_state(record.id, record.state, record.reason)
        detail = {
            "alarmName": alarm.name,
            "state": state,
            "previousState": before,
            "configuration": configuration(alarm),
        }
        self._changed_state(alarm.name, old, record.state, before, state)
        self._bus.publish(SOURCE, STATE_CHANGE, (alarm.arn,), detail)
        actions = alarm.actions(record.state) if alarm.actions_enabled else ()
        if actions:
            self._actions.enter(actions, self._occasion(record, old, detail))

    def stays(self, record: AlarmRecord) -> None:
        """An alarm stays in its state: its scaling policies are told again, once a minute."""
        if record.alarm.high_resolution and (self._schedule.now - record.since) % 60:
            return
        self._actions.repeat(record.repeated, invocation_of(record, record.judged))

    def updated(self, record: AlarmRecord, previous: MetricAlarm) -> None:
        """An alarm has another configuration."""
        new, old = self._configuration(record.alarm), self._configuration(previous)
        told = {"type": "Update", "updatedAlarm": new}
        self._configured(record.alarm.name, "updated", told)
        self._reconfigured(record, "update", new, old)

    def deleted(self, record: AlarmRecord) -> None:
        """An alarm is gone."""
        old = self._configuration(record.alarm)
        told = {"type": "Delete", "deletedAlarm": old}
        self._configured(record.alarm.name, "deleted", told)
        self._reconfigured(record, "delete", old)

    def state(self, record: AlarmRecord) -> Mapping[str, Any]:
        """The state, as the event bus is told."""
        detail = {
            "value": record.state.value,
            "reason": record.reason,
            "timestamp": self._stamp(record.since),
        }
        return detail | ({"reasonData": record.reason_data} if record.reason_data else {})

    def _occasion(
        self, record: AlarmRecord, old: AlarmState, detail: Mapping[str, Any]
    ) -> Occasion:
        alarm = record.alarm
        told = message(
            alarm,
            state=record.state,
            before=old,
            reason=record.reason,
            changed=self._stamp(record.since),
            updated=self._stamp(record.updated),
            named=self._actions.named,
        )
        dimensions = dict(alarm.metric.dimensions) if alarm.metric is not None else {}
        return Occasion(
            alarm.name,
            alarm.arn,
            subject(alarm.name, record.state),
            told,
            function_payload(alarm.arn, self._stamp(record.since), detail),
            dimensions.get("InstanceId"),
            invocation_of(record, record.judged),
        )

    def _reconfigured(
        self,
        record: AlarmRecord,
        operation: str,
        now: Mapping[str, Any],
        before: Mapping[str, Any] | None = None,
    ) -> None:
        alarm = record.alarm
        detail = {
            "alarmName": alarm.name,
            "operation": operation,
            "state": {"value": record.state.value, "timestamp": self._stamp(record.since)},
            "configuration": now,
        }
        detail |= {} if before is None else {"previousConfiguration": before}
        self._bus.publish(SOURCE, CONFIGURATION_CHANGE, (alarm.arn,), detail)

    def _configuration(self, alarm: MetricAlarm) -> Mapping[str, Any]:
        return whole_configuration(alarm, self._stamp(self._schedule.now), self._actions.named)

    # -- composite alarms ---------------------------------------------------------------------

    def composite_stands(self, record: CompositeRecord) -> None:
        """A composite alarm is in a state."""
        self._journal_state(record.alarm.logical_id, record.state, record.reason)

    def composite_entered(
        self, record: CompositeRecord, before: Mapping[str, Any], state: Mapping[str, Any]
    ) -> None:
        """A composite alarm has entered another state."""
        alarm, old = record.alarm, record.before or AlarmState.INSUFFICIENT_DATA
        self._changed_state(alarm.name, old, record.state, before, state)
        self._bus.publish(SOURCE, STATE_CHANGE, (alarm.arn,), _composite(record, before, state))

    def composite_acts(self, record: CompositeRecord, state: Mapping[str, Any]) -> None:
        """The actions of a composite alarm are due."""
        alarm, since = record.alarm, self._stamp(record.since)
        occasion = Occasion(
            alarm.name,
            alarm.arn,
            subject(alarm.name, record.state),
            composite_message(record, since),
            function_payload(alarm.arn, since, _composite(record, {}, state)),
        )
        self._actions.enter(alarm.actions(record.state), occasion)

    # -- both ---------------------------------------------------------------------------------

    def _journal_state(self, alarm_id: str, state: AlarmState, reason: str) -> None:
        status = AlarmStatus(state.value, reason)
        self._journal.write(self._schedule.now, alarm_id, "alarm", status)

    def _configured(self, name: str, done: str, data: Mapping[str, Any]) -> None:
        kind = HistoryKind.CONFIGURATION_UPDATE
        told = {"version": "1.0"} | dict(data)
        now = self._schedule.now
        self._history.note(HistoryItem(now, name, kind, f'Alarm "{name}" {done}', told))

    def _changed_state(
        self,
        name: str,
        old: AlarmState,
        new: AlarmState,
        before: Mapping[str, Any],
        state: Mapping[str, Any],
    ) -> None:
        data = {"version": "1.0", "oldState": _remembered(before), "newState": _remembered(state)}
        summary = f"Alarm updated from {old.value} to {new.value}"
        item = HistoryItem(self._schedule.now, name, HistoryKind.STATE_UPDATE, summary, data)
        self._history.note(item)

    def _stamp(self, time: float) -> str:
        return timestamp(self._schedule.utc(time))


def invocation_of(record: AlarmRecord, judged: Iterable[Slot]) -> Invocation:
    """What an alarm tells a scaling policy, having judged these periods."""
    alarm = record.alarm
    return Invocation(alarm.name, record.state, tuple(judged), alarm.threshold or 0.0)


def _composite(
    record: CompositeRecord, before: Mapping[str, Any], state: Mapping[str, Any]
) -> Mapping[str, Any]:
    return {
        "alarmName": record.alarm.name,
        "state": state,
        "previousState": before,
        "configuration": composite_configuration(record.alarm),
    }


def _remembered(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """A state as an alarm's history tells it."""
    names = {"value": "stateValue", "reason": "stateReason", "reasonData": "stateReasonData"}
    return {names[key]: value for key, value in state.items() if key in names}

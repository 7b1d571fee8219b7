"""Composite alarms: alarms on the states of others, and what keeps their actions back.

Source: "Combining alarms" (and its "Composite alarm action suppression"), API PutCompositeAlarm.
A composite alarm is evaluated when an alarm that its rule names changes its state. With an actions
suppressor its actions wait: for the suppressor to come (the wait period), and for what follows on
its going (the extension period).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar

from attrs import Attribute, define, field, frozen

from model.clock import Event, Phase, Schedule
from model.cloudwatch.acting import recorded
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.notices import REGION_NAME
from model.cloudwatch.reasons import timestamp
from model.cloudwatch.rules import Rule, RuleError, parse_rule
from model.fields import FieldError, at_least, length, refers_to
from model.resources import ACCOUNT, REGION, Resource

SUPPRESSED_BY_ALARM = "Alarm"
SUPPRESSED_BY_WAIT = "WaitPeriod"
SUPPRESSED_BY_EXTENSION = "ExtensionPeriod"

NotifiedRef = Annotated[str, refers_to("AWS::SNS::Topic", "AWS::Lambda::Function", admits=recorded)]


@frozen(kw_only=True)
class CompositeAlarm(Resource):
    """A composite alarm of a template."""

    TYPE: ClassVar[str] = "AWS::CloudWatch::CompositeAlarm"
    INERT: ClassVar[frozenset[str]] = frozenset({"Tags"})

    alarm_name: str | None = field(default=None, validator=length(1, 255))
    alarm_description: str | None = field(default=None, validator=length(0, 1024))
    alarm_rule: str = field()
    actions_enabled: bool = True
    alarm_actions: tuple[NotifiedRef, ...] = field(default=(), validator=length(0, 5))
    ok_actions: tuple[NotifiedRef, ...] = field(
        default=(), validator=length(0, 5), metadata={"name": "OKActions"}
    )
    insufficient_data_actions: tuple[NotifiedRef, ...] = field(default=(), validator=length(0, 5))
    actions_suppressor: str | None = None
    actions_suppressor_wait_period: int | None = field(default=None, validator=at_least(0))
    actions_suppressor_extension_period: int | None = field(default=None, validator=at_least(0))

    @alarm_rule.validator
    def _readable(self, attribute: Attribute[str], value: str) -> None:
        try:
            parse_rule(value)
        except RuleError as error:
            raise FieldError(attribute, f"must be a rule; column {error.column}: {error}") from None

    def __attrs_post_init__(self) -> None:
        periods = (self.actions_suppressor_wait_period, self.actions_suppressor_extension_period)
        if self.actions_suppressor is not None and None in periods:
            raise ValueError(
                "an ActionsSuppressor needs ActionsSuppressorWaitPeriod and "
                "ActionsSuppressorExtensionPeriod"
            )
        if self.actions_suppressor is None and periods != (None, None):
            raise ValueError("ActionsSuppressorWaitPeriod and its kin need an ActionsSuppressor")

    @property
    def name(self) -> str:
        return self.alarm_name or self.logical_id

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{self.name}"

    @property
    def rule(self) -> Rule:
        """The rule, read."""
        return parse_rule(self.alarm_rule)

    def actions(self, state: AlarmState) -> tuple[str, ...]:
        """What is done on entering a state."""
        return {
            AlarmState.OK: self.ok_actions,
            AlarmState.ALARM: self.alarm_actions,
            AlarmState.INSUFFICIENT_DATA: self.insufficient_data_actions,
        }[state]


@define(eq=False)
class CompositeRecord:
    """A composite alarm and where it stands."""

    alarm: CompositeAlarm
    rule: Rule
    since: float
    enabled: bool
    state: AlarmState = AlarmState.INSUFFICIENT_DATA
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = ""
    suppressed_by: str | None = None
    before: AlarmState | None = None
    pending: Event | None = None
    """The end of the wait or the extension period that runs."""


@frozen
class Described:
    """What the panes show of a composite alarm's configuration."""

    name: str
    sentence: str
    """The rule."""
    owner: str | None = None
    """No policy makes one."""


@frozen
class CompositeView:
    """What DescribeAlarms shows of a composite alarm."""

    id: str
    alarm: Described
    state: AlarmState
    reason: str
    since: float
    suppressed_by: str | None
    """What keeps its actions back: Alarm, WaitPeriod or ExtensionPeriod."""


@frozen
class Child:
    """What is known of an alarm that a rule may name."""

    id: str
    """Its logical id, or its name if AWS made it itself."""
    name: str
    arn: str
    state: AlarmState
    since: float

    @property
    def names(self) -> frozenset[str]:
        """All that a rule may call it."""
        return frozenset({self.id, self.name, self.arn})


@frozen(eq=False)
class Reach:
    """What composite alarms touch: told by CloudWatch."""

    children: Callable[[], Iterable[Child]]
    """All alarms that are no composites."""
    entered: Callable[[CompositeRecord, Mapping[str, Any], Mapping[str, Any]], None]
    """Tells of a change of state: the previous one, and the present."""
    note: Callable[[CompositeRecord], None]
    """Writes the state down."""
    act: Callable[[CompositeRecord, Mapping[str, Any]], None]
    """Runs the actions of its state."""


class Composites:
    """The composite alarms of one region."""

    def __init__(self, schedule: Schedule, reach: Reach) -> None:
        self._schedule = schedule
        self._reach = reach
        self.records: dict[str, CompositeRecord] = {}
        """By logical id."""

    def put(self, resource: CompositeAlarm) -> None:
        """PutCompositeAlarm: a new one knows nothing until it is evaluated."""
        record = CompositeRecord(
            resource, resource.rule, self._schedule.now, resource.actions_enabled
        )
        self.records[resource.logical_id] = record
        self._reach.note(record)

    def delete(self, name: str) -> None:
        """DeleteAlarms for one: its actions that wait are not run."""
        record = self.records.pop(name)
        if record.pending is not None:
            record.pending.cancel()

    def evaluate_new(self) -> None:
        """Evaluate those that never were."""
        for record in self.records.values():
            if record.state is AlarmState.INSUFFICIENT_DATA:
                self._evaluate(record)

    def changed(self, child: Child) -> None:
        """An alarm has changed its state."""
        names = child.names
        for record in self.records.values():
            if record.alarm.actions_suppressor in names:
                self._suppressor_changed(record)
        for record in list(self.records.values()):
            if names.intersection(record.rule.alarms):
                self._evaluate(record, child)

    def set_state(self, record: CompositeRecord, state: AlarmState, reason: str) -> None:
        """SetAlarmState: holds until a child changes."""
        if state is not record.state:
            self._enter(record, state, reason, "")

    def describe(self) -> tuple[CompositeView, ...]:
        """DescribeAlarms: the composite alarms in order of creation."""
        return tuple(
            CompositeView(
                name,
                Described(record.alarm.name, record.alarm.alarm_rule),
                record.state,
                record.reason,
                record.since,
                record.suppressed_by,
            )
            for name, record in self.records.items()
        )

    # -- evaluation ---------------------------------------------------------------------------

    def _children(self) -> dict[str, Child]:
        """Every alarm by its name and by its ARN."""
        found = [
            *self._reach.children(),
            *(_child(record) for record in self.records.values()),
        ]
        return {name: child for child in found for name in child.names}

    def _evaluate(self, record: CompositeRecord, changed: Child | None = None) -> None:
        known = self._children()

        def state_of(name: str) -> AlarmState:
            child = known.get(name)
            return AlarmState.INSUFFICIENT_DATA if child is None else child.state

        state = AlarmState.ALARM if record.rule.holds(state_of) else AlarmState.OK
        if state is record.state:
            return
        own = [known[name] for name in dict.fromkeys(record.rule.alarms) if name in known]
        wanted = AlarmState.ALARM if state is AlarmState.ALARM else AlarmState.OK
        causes = [child for child in own if child.state is wanted] or own
        last = changed or next(iter(causes), None)
        self._enter(record, state, self._reason(last), self._reason_data(causes))

    def _reason(self, last: Child | None) -> str:
        if last is None:
            return "The rule names no alarm"
        when = f"{self._schedule.utc(last.since):%A %d %B, %Y %H:%M:%S UTC}"
        return f"{last.arn} transitioned to {last.state.value} at {when}"

    def _reason_data(self, causes: list[Child]) -> str:
        triggering = [
            {
                "arn": child.arn,
                "state": {
                    "value": child.state.value,
                    "timestamp": timestamp(self._schedule.utc(child.since)),
                },
            }
            for child in causes
        ]
        return json.dumps({"triggeringAlarms": triggering}) if triggering else ""

    def _enter(self, record: CompositeRecord, state: AlarmState, reason: str, data: str) -> None:
        previous = self.detail(record)
        record.before, record.state, record.reason, record.reason_data = (
            record.state,
            state,
            reason,
            data,
        )
        record.since = self._schedule.now
        self._suppress_or_act(record)
        self._reach.note(record)
        self._reach.entered(record, previous, self.detail(record))
        self.changed(_child(record))

    def detail(self, record: CompositeRecord) -> Mapping[str, Any]:
        """The state, as the event bus is told."""
        detail: dict[str, Any] = {
            "value": record.state.value,
            "reason": record.reason,
            "timestamp": timestamp(self._schedule.utc(record.since)),
        }
        if record.reason_data:
            detail["reasonData"] = record.reason_data
        if record.suppressed_by is not None:
            detail["actionsSuppressedBy"] = record.suppressed_by
        return detail

    # -- actions and their suppression ---------------------------------------------------------

    def _suppress_or_act(self, record: CompositeRecord) -> None:
        """The state has changed: run its actions, unless a suppressor is there or may come."""
        if record.alarm.actions_suppressor is None:
            self._act(record)
        elif self._suppressing(record):
            self._hold(record, SUPPRESSED_BY_ALARM, None)
        else:
            self._hold(record, SUPPRESSED_BY_WAIT, record.alarm.actions_suppressor_wait_period)

    def _suppressor_changed(self, record: CompositeRecord) -> None:
        if self._suppressing(record):
            self._hold(record, SUPPRESSED_BY_ALARM, None)
        elif record.suppressed_by == SUPPRESSED_BY_ALARM:
            extension = record.alarm.actions_suppressor_extension_period
            self._hold(record, SUPPRESSED_BY_EXTENSION, extension)

    def _suppressing(self, record: CompositeRecord) -> bool:
        child = self._children().get(record.alarm.actions_suppressor or "")
        return child is not None and child.state is AlarmState.ALARM

    def _hold(self, record: CompositeRecord, by: str, seconds: int | None) -> None:
        """Keep actions back; what ran before is discarded."""
        if record.pending is not None:
            record.pending.cancel()
            record.pending = None
        record.suppressed_by = by
        if seconds is not None:
            record.pending = self._schedule.after(seconds, Phase.ALARM, self._release, record)

    def _release(self, record: CompositeRecord) -> None:
        """A period is over: the actions of the present state run."""
        record.pending = record.suppressed_by = None
        self._act(record)

    def _act(self, record: CompositeRecord) -> None:
        if record.enabled and record.alarm.actions(record.state):
            self._reach.act(record, self.detail(record))


def _child(record: CompositeRecord) -> Child:
    alarm = record.alarm
    return Child(alarm.logical_id, alarm.name, alarm.arn, record.state, record.since)


def composite_configuration(alarm: CompositeAlarm) -> Mapping[str, Any]:
    """What the event bus is told of how a composite alarm is configured."""
    configuration: dict[str, Any] = {"alarmRule": alarm.alarm_rule}
    if alarm.actions_suppressor is not None:
        configuration |= {
            "actionsSuppressor": alarm.actions_suppressor,
            "actionsSuppressorWaitPeriod": alarm.actions_suppressor_wait_period,
            "actionsSuppressorExtensionPeriod": alarm.actions_suppressor_extension_period,
        }
    return configuration


def composite_message(record: CompositeRecord, changed: str) -> Mapping[str, Any]:
    """What the subscribers of a topic are told; `changed` is when the state did."""
    alarm, data = record.alarm, json.loads(record.reason_data or "{}")
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.alarm_description,
        "AWSAccountId": ACCOUNT,
        "NewStateValue": record.state.value,
        "NewStateReason": record.reason,
        "StateChangeTime": changed,
        "Region": REGION_NAME,
        "AlarmArn": alarm.arn,
        "OldStateValue": record.before.value if record.before else None,
        "AlarmRule": alarm.alarm_rule,
        "TriggeringChildren": [
            {
                "Arn": child["arn"],
                "State": {
                    "Value": child["state"]["value"],
                    "Timestamp": child["state"]["timestamp"],
                },
            }
            for child in data.get("triggeringAlarms", [])
        ],
    }

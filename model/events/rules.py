"""The rules of the default event bus: which events they take, and how their targets are told.

Sources: "Amazon EventBridge rules", "Event bus targets in Amazon EventBridge", "Event retry policy
and using dead-letter queues". A delivery that fails for want of a permission or of the target
itself is not tried again; others are, with exponential back-off and jitter, for 24 hours and up to
185 times, unless the target's retry policy says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from attrs import define, evolve, frozen

from model.clock import Phase, Schedule, Streams
from model.events.bus import CloudEvent, EventBus
from model.events.comparisons import ABSENT
from model.events.delivery import Couriers, DeliveryError
from model.events.inputs import Path, Transformer, compact
from model.events.metrics import RuleCounts
from model.events.patterns import Node, compile_pattern
from model.events.resources import Rule, Target, Topic
from model.events.schedules import Timetable, parse_schedule
from model.events.sns import Sns
from model.stack import Stack

LATENCY = 0.5
"""Seconds from an event until a target is told ("typically about half a second", says AWS)."""
FIRST_RETRY = 1.0
LONGEST_RETRY = 600.0
"""Seconds between two tries at first, and at most; AWS does not publish them."""
BUILT_IN = {
    "stop-instance": "ec2:StopInstances",
    "reboot-instance": "ec2:RebootInstances",
    "terminate-instance": "ec2:TerminateInstances",
}
"""Targets that are calls of the EC2 API: `arn:aws:events:REGION:ACCOUNT:target/stop-instance`."""

Call = Callable[[str, str], None]
"""Makes a call of the EC2 API on one instance. Raises `DeliveryError`."""


@frozen
class RuleDelivery:
    """What became of an event on its way to one target; `time` is when that was certain."""

    time: float
    rule: str
    """The rule's logical id."""
    target: str
    """The target's Id."""
    arn: str
    input: str
    """What the target was given, as JSON text."""
    attempts: int
    error: str = ""
    """ERROR_CODE; empty: it arrived."""
    message: str = ""
    dead_letters: str = ""
    """The queue that took what could not be delivered."""

    @property
    def status(self) -> str:
        return "failed" if self.error else "delivered"


@frozen
class _Told:
    """A target, ready to be told of events."""

    target: Target
    path: Path | None
    transformer: Transformer | None

    def input(self, event: Mapping[str, Any], rule: Rule) -> str:
        """What it is given of an event."""
        if self.target.input is not None:
            return compact(json.loads(self.target.input))
        if self.transformer is not None:
            return self.transformer.text(event, rule.arn, rule.rule_name)
        if self.path is not None:
            found = self.path.find(event)
            return "{}" if found is ABSENT else compact(found)
        return compact(event)


@define(eq=False)
class _Rule:
    """A rule, its pattern compiled."""

    resource: Rule
    pattern: Node | None
    timetable: Timetable | None
    targets: tuple[_Told, ...]


@frozen
class _Shipment:
    """An event on its way to one target."""

    rule: Rule
    told: _Told
    event: CloudEvent
    input: str
    attempts: int = 0


class Rules:
    """The rules of a template at work."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        sns: Sns,
        couriers: Couriers,
        stack: Stack,
        call: Call,
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._sns = sns
        self._couriers = couriers
        self._call = call
        self._topics = {topic.arn: topic.logical_id for topic in stack.of(Topic)}
        self._created = schedule.utc()
        self._rules = [_compiled(rule) for rule in stack.of(Rule) if rule.enabled]
        self.counts = RuleCounts(schedule)
        self.deliveries: list[RuleDelivery] = []
        """What targets were told, and what could not be delivered, as it became certain."""
        if any(rule.pattern is not None for rule in self._rules):
            bus.rules = self._take
        for rule in self._rules:
            self._plan(rule, self._created)

    # -- events and times ---------------------------------------------------------------------

    def _take(self, event: CloudEvent) -> None:
        """An event came: the rules that it fits tell their targets."""
        envelope = self._bus.envelope(event)
        fitting = [r for r in self._rules if r.pattern is not None and r.pattern.matches(envelope)]
        self.counts.matched(rule.resource.rule_name for rule in fitting)
        for rule in fitting:
            self._tell(rule, event, envelope)

    def _plan(self, rule: _Rule, after: datetime) -> None:
        if rule.timetable is None:
            return
        due = rule.timetable.next(after, self._created)
        if due is not None:
            time = (due - self._schedule.epoch).total_seconds()
            self._schedule.at(time, Phase.CHANGE, self._run, rule, due)

    def _run(self, rule: _Rule, due: datetime) -> None:
        """A scheduled rule's time has come."""
        arns = (rule.resource.arn,)
        event = self._bus.keep("aws.events", "Scheduled Event", arns, {})
        self.counts.triggered([rule.resource.rule_name])
        self._tell(rule, event, self._bus.envelope(event))
        self._plan(rule, due)

    def _tell(self, rule: _Rule, event: CloudEvent, envelope: Mapping[str, Any]) -> None:
        for told in rule.targets:
            self.counts.note_together("InvocationsCreated")
            given = told.input(envelope, rule.resource)
            shipment = _Shipment(rule.resource, told, event, given)
            self._schedule.after(LATENCY, Phase.CHANGE, self._deliver, shipment)

    # -- deliveries ---------------------------------------------------------------------------

    def _deliver(self, shipment: _Shipment) -> None:
        shipment = evolve(shipment, attempts=shipment.attempts + 1)
        rule, age = shipment.rule.rule_name, self._schedule.now - shipment.event.time
        self.counts.attempted(rule, shipment.attempts, age)
        try:
            self._send(shipment)
        except DeliveryError as problem:
            self._fail(shipment, problem)
        else:
            self.counts.delivered(rule, age)
            self._note(shipment)

    def _send(self, shipment: _Shipment) -> None:
        arn, given = shipment.told.target.arn, shipment.input
        service, name = shipment.told.target.service, arn.split(":", 5)[5]
        if service == "sns":
            if arn not in self._topics:
                raise DeliveryError("NO_RESOURCE", f"there is no topic {arn}")
            self._sns.publish(self._topics[arn], "", given)
        elif service == "sqs":
            self._couriers.to_queue(arn, given)
        elif service == "lambda":
            payload = _read(given)
            self._couriers.to_function(arn, payload, "events.amazonaws.com", shipment.rule.arn)
        elif service == "events" and name.startswith("target/"):
            self._act(name.removeprefix("target/"), _read(given))

    def _act(self, name: str, given: Any) -> None:
        """A built-in target; its input is the id of an instance (or of a volume)."""
        if not isinstance(given, str):
            raise DeliveryError("INVALID_INPUT", f"the input of {name} is an id, as a JSON string")
        if name in BUILT_IN:
            self._call(BUILT_IN[name], given)

    def _fail(self, shipment: _Shipment, problem: DeliveryError) -> None:
        """Try again later, or give up."""
        policy = shipment.told.target.retry_policy
        retries = shipment.attempts - 1
        condition = ""
        if problem.passing:
            draw = float(self._streams["events/retries"].random())
            delay = min(FIRST_RETRY * 2.0**retries, LONGEST_RETRY) * (1 + draw) / 2
            due = self._schedule.now + delay
            if retries >= policy.maximum_retry_attempts:
                condition = "MaximumRetryAttempts"
            elif due > shipment.event.time + policy.maximum_event_age_in_seconds:
                condition = "MaximumEventAgeInSeconds"
            else:
                self._schedule.at(due, Phase.CHANGE, self._deliver, shipment)
                return
        queue = self._bury(shipment, problem, condition, retries)
        wanted = shipment.told.target.dead_letter_config.arn is not None
        self.counts.failed(shipment.rule.rule_name, bool(queue) if wanted else None)
        self._note(shipment, problem, queue)

    def _bury(
        self, shipment: _Shipment, problem: DeliveryError, condition: str, retries: int
    ) -> str:
        """Send what cannot be delivered to the dead-letter queue; which one that was."""
        queue = shipment.told.target.dead_letter_config.arn
        if queue is None:
            return ""
        attributes = {
            "RULE_ARN": shipment.rule.arn,
            "TARGET_ARN": shipment.told.target.arn,
            "ERROR_CODE": problem.code,
            "ERROR_MESSAGE": str(problem),
        }
        if condition:
            attributes["EXHAUSTED_RETRY_CONDITION"] = condition
            attributes["RETRY_ATTEMPTS"] = str(retries)
        try:
            self._couriers.to_queue(queue, compact(self._bus.envelope(shipment.event)), attributes)
        except DeliveryError:
            return ""
        return queue

    def _note(
        self, shipment: _Shipment, problem: DeliveryError | None = None, queue: str = ""
    ) -> None:
        self.deliveries.append(
            RuleDelivery(
                self._schedule.now,
                shipment.rule.logical_id,
                shipment.told.target.id,
                shipment.told.target.arn,
                shipment.input,
                shipment.attempts,
                problem.code if problem else "",
                str(problem) if problem else "",
                queue,
            )
        )


def _read(text: str) -> Any:
    """JSON, or the text itself if a transformer made something else."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def pattern_of(rule: Rule) -> Node | None:
    """The pattern of a rule, compiled. Raises `PatternError`."""
    pattern = rule.event_pattern
    if isinstance(pattern, str):
        pattern = _read(pattern)
    return None if pattern is None else compile_pattern(pattern)


def _compiled(rule: Rule) -> _Rule:
    expression = rule.schedule_expression
    timetable = parse_schedule(expression) if expression else None
    return _Rule(rule, pattern_of(rule), timetable, tuple(map(_told, rule.targets)))


def _told(target: Target) -> _Told:
    given = target.input_transformer
    return _Told(target, target.path, None if given is None else given.transformer)

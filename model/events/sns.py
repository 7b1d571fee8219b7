"""Amazon SNS: topics, what was published to them, and what their subscriptions were sent.

Sources: "Amazon SNS subscription filter policies", "Amazon SNS raw message delivery", "Amazon SNS
message delivery retries", "Fanout Amazon SNS notifications to Lambda functions".
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from model.clock import Phase, Schedule
from model.events.comparisons import ATTRIBUTES, BODY
from model.events.delivery import Couriers, DeliveryError
from model.events.inputs import compact
from model.events.metrics import TopicCounts
from model.events.patterns import Node, compile_pattern
from model.events.resources import Subscription, Topic
from model.resources import REGION
from model.stack import Stack

LATENCY = 0.1
"""Seconds from a message being published until a subscription is sent it; AWS does not say."""
LONGEST = 23 * 86_400.0
"""Seconds for which a function that throttles is tried again."""


@frozen
class Delivery:
    """One message that a topic took; `time` is seconds since the scenario's start."""

    time: float
    topic: str
    subject: str
    message: str


@frozen
class Subscriber:
    """A subscription, ready to be sent messages."""

    id: str
    """Its logical id, or that of its topic and its number there."""
    topic: str
    topic_arn: str
    protocol: str
    endpoint: str
    policy: Node | None = None
    on_body: bool = False
    raw: bool = False
    dead_letters: str | None = None
    """The ARN of a queue."""

    @property
    def arn(self) -> str:
        return f"{self.topic_arn}:{uuid.uuid5(uuid.NAMESPACE_URL, self.id)}"

    def refuses(self, message: str) -> tuple[str, ...]:
        """Why the filter keeps a message out that has no attributes, as metrics put it; nothing:
        it takes it."""
        if self.policy is None:
            return ()
        if not self.on_body:
            refused = ("MessageAttributes", "NoMessageAttributes")
            return () if self.policy.matches({}) else refused
        try:
            body = json.loads(message)
        except ValueError:
            body = None
        if not isinstance(body, Mapping):
            return ("MessageBody", "InvalidMessageBody")
        return () if self.policy.matches(body) else ("MessageBody",)


@frozen
class Sending:
    """What became of a message on its way to one subscription."""

    time: float
    notification: int
    """Which of the deliveries to topics it was."""
    subscription: str
    protocol: str
    endpoint: str
    error: str = ""
    """Why it was given up; empty: it arrived."""


class Sns:
    """The topics of a template and the messages they delivered, oldest first."""

    def __init__(self, schedule: Schedule, topics: tuple[str, ...]) -> None:
        self._schedule = schedule
        self._couriers: Couriers | None = None
        self.topics = topics
        self.counts = TopicCounts(schedule)
        self.deliveries: list[Delivery] = []
        self.subscribers: dict[str, list[Subscriber]] = {}
        """By topic."""
        self.sendings: list[Sending] = []

    def subscribe(self, stack: Stack, couriers: Couriers) -> None:
        """Have the subscriptions of a template sent what their topics take."""
        self._couriers = couriers
        self.counts.names = {t.logical_id: t.arn.rpartition(":")[2] for t in stack.of(Topic)}
        for subscriber in subscribers_of(stack):
            self.subscribers.setdefault(subscriber.topic, []).append(subscriber)

    def publish(self, topic: str, subject: str, message: str) -> None:
        """Deliver a message to a topic (by its logical id)."""
        if topic not in self.topics:
            raise KeyError(topic)
        self.deliveries.append(Delivery(self._schedule.now, topic, subject, message))
        self.counts.published(topic, message)
        for subscriber in self.subscribers.get(topic, ()):
            reasons = subscriber.refuses(message)
            if reasons:
                self.counts.filtered_out(topic, reasons)
            else:
                number = len(self.deliveries) - 1
                self._schedule.after(LATENCY, Phase.CHANGE, self._send, subscriber, number, 0)

    def _send(self, subscriber: Subscriber, number: int, tried: int) -> None:
        error = ""
        try:
            self._hand_over(subscriber, number)
        except DeliveryError as problem:
            delay = _delay(tried)
            due = self._schedule.now + delay
            if problem.passing and due < self.deliveries[number].time + LONGEST:
                self._schedule.at(due, Phase.CHANGE, self._send, subscriber, number, tried + 1)
                return
            error = problem.code
            self.counts.note("NumberOfNotificationsFailed", subscriber.topic)
            self._bury(subscriber, number, problem)
        else:
            self.counts.note("NumberOfNotificationsDelivered", subscriber.topic)
        self.sendings.append(
            Sending(
                self._schedule.now,
                number,
                subscriber.id,
                subscriber.protocol,
                subscriber.endpoint,
                error,
            )
        )

    def _hand_over(self, subscriber: Subscriber, number: int) -> None:
        assert self._couriers is not None
        if subscriber.protocol == "sqs":
            self._couriers.to_queue(subscriber.endpoint, self._body(subscriber, number))
        elif subscriber.protocol == "lambda":
            record = {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscriber.arn,
                "Sns": self._envelope(subscriber, number) | {"MessageAttributes": {}},
            }
            self._couriers.to_function(
                subscriber.endpoint,
                {"Records": [record]},
                "sns.amazonaws.com",
                subscriber.topic_arn,
            )

    def _bury(self, subscriber: Subscriber, number: int, problem: DeliveryError) -> None:
        """What cannot be delivered goes to the dead-letter queue, if there is one."""
        if subscriber.dead_letters is None or self._couriers is None:
            return
        attributes = {"ERROR_CODE": problem.code, "ERROR_MESSAGE": str(problem)}
        body = self._body(subscriber, number)
        try:
            self._couriers.to_queue(subscriber.dead_letters, body, attributes)
        except DeliveryError:  # a queue that is not there takes nothing
            self.counts.note("NumberOfNotificationsFailedToRedriveToDlq", subscriber.topic)
        else:
            self.counts.note("NumberOfNotificationsRedrivenToDlq", subscriber.topic)

    def _body(self, subscriber: Subscriber, number: int) -> str:
        if subscriber.raw:
            return self.deliveries[number].message
        return compact(self._envelope(subscriber, number))

    def _envelope(self, subscriber: Subscriber, number: int) -> dict[str, Any]:
        """A notification as subscribers get it; nothing is really signed."""
        delivery = self.deliveries[number]
        stamp = self._schedule.utc(delivery.time).isoformat(timespec="milliseconds")
        service = f"https://sns.{REGION}.amazonaws.com"
        unsubscribe = f"{service}/?Action=Unsubscribe&SubscriptionArn={subscriber.arn}"
        subject = {"Subject": delivery.subject} if delivery.subject else {}
        return {
            "Type": "Notification",
            "MessageId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{subscriber.topic_arn}/{number}")),
            "TopicArn": subscriber.topic_arn,
            **subject,
            "Message": delivery.message,
            "Timestamp": stamp.replace("+00:00", "Z"),
            "SignatureVersion": "1",
            "Signature": "simulated",
            "SigningCertURL": f"{service}/SimpleNotificationService.pem",
            "UnsubscribeURL": unsubscribe,
        }


def _delay(tried: int) -> float:
    """Seconds until the next try: three at once, two after a second, ten that back off from 1 to
    20 s, then every 20 s ("Delivery policy phases" of AWS managed endpoints)."""
    if tried < 3:
        return 0.0
    if tried < 5:
        return 1.0
    return min(1.0 * 20 ** ((tried - 5) / 9), 20.0)


def subscribers_of(stack: Stack) -> Iterator[Subscriber]:
    """The subscriptions of a template, those inside topics first. Raises `PatternError`."""
    topics = {topic.logical_id: topic for topic in stack.of(Topic)}
    for topic in topics.values():
        for number, item in enumerate(topic.subscription):
            name = f"{topic.logical_id}.{number}"
            yield Subscriber(name, topic.logical_id, topic.arn, item.protocol, item.endpoint)
    for one in stack.of(Subscription):
        redrive = one.redrive_policy
        yield Subscriber(
            one.logical_id,
            one.topic_arn,
            topics[one.topic_arn].arn,
            one.protocol,
            one.endpoint,
            policy=filter_of(one),
            on_body=one.filter_policy_scope == "MessageBody",
            raw=one.raw_message_delivery,
            dead_letters=None if redrive is None else redrive.dead_letter_target_arn,
        )


def filter_of(subscription: Subscription) -> Node | None:
    """The filter policy of a subscription, compiled. Raises `PatternError`."""
    policy = subscription.filter_policy
    if policy is None or policy == {}:
        return None
    on_body = subscription.filter_policy_scope == "MessageBody"
    return compile_pattern(policy, BODY if on_body else ATTRIBUTES)

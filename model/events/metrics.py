"""The metrics of rules, topics and queues: which there are, and by what dimensions.

Sources: "Monitoring Amazon EventBridge", "Monitoring Amazon SNS topics using CloudWatch",
"Available CloudWatch metrics for Amazon SQS". All come at one minute, and only where there is
something to tell: EventBridge and SQS say so, of SNS it is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from model.clock import Schedule
from model.cloudwatch.occurrences import Occurrences

MILLISECONDS = 1000.0
BUS = (("EventBusName", "default"),)

_LATENCIES = (
    "IngestionToInvocationStartLatency",
    "IngestionToInvocationCompleteLatency",
    "IngestionToInvocationSuccessLatency",
)
BY_RULE = frozenset(
    {
        *_LATENCIES,
        "FailedInvocations",
        "InvocationAttempts",
        "Invocations",
        "InvocationsFailedToBeSentToDlq",
        "InvocationsSentToDlq",
        "MatchedEvents",
        "RetryInvocationAttempts",
        "SuccessfulInvocationAttempts",
        "TriggeredRules",
    }
)
"""Metrics of a rule, by RuleName alone: that is one of the default bus."""
BY_BUS = BY_RULE - {
    "FailedInvocations",
    "Invocations",
    "InvocationsFailedToBeSentToDlq",
    "InvocationsSentToDlq",
}
"""Those that are also known by EventBusName."""
OF_ALL = BY_BUS - {"MatchedEvents"} | {"Invocations", "InvocationsCreated"}
"""Those that are also known without any dimension."""


class RuleCounts:
    """Counts what rules do (AWS/Events)."""

    def __init__(self, schedule: Schedule) -> None:
        units = dict.fromkeys(_LATENCIES, "Milliseconds")
        self.occurrences = Occurrences("AWS/Events", schedule, units)

    def note(self, name: str, rule: str, value: float = 1.0) -> None:
        """Something happens to a rule (by its name)."""
        if name in BY_RULE:
            self.occurrences.note(name, (("RuleName", rule),), value)
        self.note_together(name, value)

    def note_together(self, name: str, value: float = 1.0) -> None:
        """Something happens, whichever rule it is."""
        if name in BY_BUS:
            self.occurrences.note(name, BUS, value)
        if name in OF_ALL:
            self.occurrences.note(name, (), value)

    def matched(self, rules: Iterable[str]) -> None:
        """An event came that these rules fit."""
        fitting = list(rules)
        for rule in fitting:
            self.occurrences.note("MatchedEvents", (("RuleName", rule),))
        if fitting:
            self.note_together("MatchedEvents")
            self.triggered(fitting)

    def triggered(self, rules: Iterable[str]) -> None:
        """These rules run."""
        running = list(rules)
        for rule in running:
            self.occurrences.note("TriggeredRules", (("RuleName", rule),))
        self.note_together("TriggeredRules", float(len(running)))

    def attempted(self, rule: str, attempts: int, age: float) -> None:
        """A target of a rule is told of an event that old (seconds), for the so manieth time; here
        that takes no time."""
        self.note("InvocationAttempts", rule)
        if attempts > 1:
            self.note("RetryInvocationAttempts", rule)
            return
        for name in _LATENCIES[:2]:
            self.note(name, rule, age * MILLISECONDS)

    def delivered(self, rule: str, age: float) -> None:
        """It took it."""
        self.note("SuccessfulInvocationAttempts", rule)
        self.note("Invocations", rule)
        self.note(_LATENCIES[2], rule, age * MILLISECONDS)

    def failed(self, rule: str, buried: bool | None) -> None:
        """It is given up, and buried in a dead-letter queue or not (None: there is none)."""
        self.note("Invocations", rule)
        self.note("FailedInvocations", rule)
        if buried is not None:
            self.note("InvocationsSentToDlq" if buried else "InvocationsFailedToBeSentToDlq", rule)


class TopicCounts:
    """Counts what topics do (AWS/SNS)."""

    def __init__(self, schedule: Schedule) -> None:
        self.occurrences = Occurrences("AWS/SNS", schedule, {"PublishSize": "Bytes"})
        self.names: Mapping[str, str] = {}
        """Of the topics, by logical id."""

    def note(self, name: str, topic: str, value: float = 1.0) -> None:
        """Something happens to a topic (by its logical id)."""
        self.occurrences.note(name, (("TopicName", self.names.get(topic, topic)),), value)

    def published(self, topic: str, message: str) -> None:
        """It takes a message."""
        self.note("NumberOfMessagesPublished", topic)
        self.note("PublishSize", topic, size(message))

    def filtered_out(self, topic: str, reasons: Iterable[str]) -> None:
        """A filter policy keeps a message from a subscription, for these reasons."""
        self.note("NumberOfNotificationsFilteredOut", topic)
        for reason in reasons:
            self.note(f"NumberOfNotificationsFilteredOut-{reason}", topic)


class QueueCounts:
    """Counts what queues take, and what they hold (AWS/SQS)."""

    def __init__(self, schedule: Schedule) -> None:
        units = {"SentMessageSize": "Bytes", "ApproximateAgeOfOldestMessage": "Seconds"}
        self.occurrences = Occurrences("AWS/SQS", schedule, units)

    def sent(self, queue: str, message: str) -> None:
        """A queue (by its name) is sent a message."""
        own = (("QueueName", queue),)
        self.occurrences.note("NumberOfMessagesSent", own)
        self.occurrences.note("SentMessageSize", own, size(message))

    def holds(self, start: float, queue: str, messages: int, age: float) -> None:
        """At the end of the minute from `start` it holds messages, the oldest of that age."""
        own = (("QueueName", queue),)
        self.occurrences.sample(start, "ApproximateNumberOfMessagesVisible", own, float(messages))
        self.occurrences.sample(start, "ApproximateAgeOfOldestMessage", own, float(round(age)))


def size(message: str) -> float:
    """Bytes of a message."""
    return float(len(message.encode()))

"""Amazon SNS: topics, and what was delivered to them."""

from __future__ import annotations

from attrs import frozen

from model.clock import Schedule


@frozen
class Delivery:
    """One message that a topic took; `time` is seconds since the scenario's start."""

    time: float
    topic: str
    subject: str
    message: str


class Sns:
    """The topics of a template and the messages they delivered, oldest first."""

    def __init__(self, schedule: Schedule, topics: tuple[str, ...]) -> None:
        self._schedule = schedule
        self.topics = topics
        self.deliveries: list[Delivery] = []

    def publish(self, topic: str, subject: str, message: str) -> None:
        """Deliver a message to a topic (by its logical id)."""
        if topic not in self.topics:
            raise KeyError(topic)
        self.deliveries.append(Delivery(self._schedule.now, topic, subject, message))

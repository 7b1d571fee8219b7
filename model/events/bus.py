"""CloudWatch Events (EventBridge): what happened, in AWS's envelope, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from model.clock import Schedule


@frozen
class CloudEvent:
    """One event on the default bus; `time` is seconds since the scenario's start."""

    time: float
    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any] = field(hash=False)


Subscriber = Callable[[CloudEvent], None]


class EventBus:
    """The default event bus: keeps every event and hands it to the services that listen."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._subscribers: dict[str, list[Subscriber]] = {}
        self.events: list[CloudEvent] = []

    def subscribe(self, detail_type: str, subscriber: Subscriber) -> None:
        """Hand each coming event of this detail-type to `subscriber`, in order of subscription."""
        self._subscribers.setdefault(detail_type, []).append(subscriber)

    def publish(
        self, source: str, detail_type: str, resources: tuple[str, ...], detail: Mapping[str, Any]
    ) -> None:
        """Put an event on the bus now."""
        event = CloudEvent(self._schedule.now, source, detail_type, resources, detail)
        self.events.append(event)
        for subscriber in self._subscribers.get(detail_type, ()):
            subscriber(event)

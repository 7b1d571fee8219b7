"""CloudWatch Events (EventBridge): what happened, in AWS's envelope, and who is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from model.clock import Schedule
from model.resources import ACCOUNT, REGION


@frozen
class CloudEvent:
    """One event on the default bus; `time` is seconds since the scenario's start."""

    time: float
    source: str
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any] = field(hash=False)
    number: int = field(default=0, eq=False)
    """Which one of the bus it is."""


Subscriber = Callable[[CloudEvent], None]


class EventBus:
    """The default event bus: keeps every event and hands it to the services that listen."""

    def __init__(self, schedule: Schedule, seed: int = 0) -> None:
        self._schedule = schedule
        self._seed = seed
        self._subscribers: dict[str, list[Subscriber]] = {}
        self.rules: Subscriber | None = None
        """Is handed every event, if there are rules."""
        self.events: list[CloudEvent] = []

    def subscribe(self, detail_type: str, subscriber: Subscriber) -> None:
        """Hand each coming event of this detail-type to `subscriber`, in order of subscription."""
        self._subscribers.setdefault(detail_type, []).append(subscriber)

    def publish(
        self, source: str, detail_type: str, resources: tuple[str, ...], detail: Mapping[str, Any]
    ) -> None:
        """Put an event on the bus now."""
        event = self.keep(source, detail_type, resources, detail)
        for subscriber in self._subscribers.get(detail_type, ()):
            subscriber(event)
        if self.rules is not None:
            self.rules(event)

    def keep(
        self, source: str, detail_type: str, resources: tuple[str, ...], detail: Mapping[str, Any]
    ) -> CloudEvent:
        """Keep an event that is for one rule alone (a schedule's), and nobody else is told of."""
        number = len(self.events)
        event = CloudEvent(self._schedule.now, source, detail_type, resources, detail, number)
        self.events.append(event)
        return event

    def envelope(self, event: CloudEvent) -> dict[str, Any]:
        """The event as JSON has it ("AWS service event metadata"); its id follows from the seed."""
        return {
            "version": "0",
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self._seed}/{event.number}")),
            "detail-type": event.detail_type,
            "source": event.source,
            "account": ACCOUNT,
            "time": f"{self._schedule.utc(event.time):%Y-%m-%dT%H:%M:%SZ}",
            "region": REGION,
            "resources": list(event.resources),
            "detail": json.loads(json.dumps(dict(event.detail), default=str)),
        }

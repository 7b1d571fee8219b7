"""What Lambda tells others of events that it was given: dead-letter queues and destinations.

Sources: "Capturing records of Lambda asynchronous invocations". Policies of roles are not looked
at: they allow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from model.events.bus import EventBus
from model.events.delivery import Couriers, DeliveryError, is_here
from model.events.resources import Topic
from model.events.sns import Sns
from model.stack import Stack


class Destinations:
    """Reaches queues, topics, functions and the default event bus."""

    def __init__(self, couriers: Couriers, sns: Sns, bus: EventBus, stack: Stack) -> None:
        self._couriers = couriers
        self._sns = sns
        self._bus = bus
        self._topics = {topic.arn: topic.logical_id for topic in stack.of(Topic)}

    def bury(self, arn: str, payload: Any, attributes: Mapping[str, str]) -> None:
        """Send an event to a dead-letter queue or topic. Raises `DeliveryError`."""
        self._send(arn, json.dumps(payload), attributes)

    def tell(self, arn: str, record: Mapping[str, Any], function: str) -> None:
        """Send the record of an invocation to a destination. Raises `DeliveryError`."""
        service = arn.split(":")[2]
        if service == "lambda":
            self._couriers.invoke(arn, record)
        elif service == "events":
            succeeded = record["requestContext"]["condition"] == "Success"
            name = f"Lambda Function Invocation Result - {'Success' if succeeded else 'Failure'}"
            self._bus.publish("lambda", name, (function,), record)
        else:
            self._send(arn, json.dumps(record), {})

    def _send(self, arn: str, text: str, attributes: Mapping[str, str]) -> None:
        if arn.split(":")[2] == "sqs":
            self._couriers.to_queue(arn, text, attributes)
        elif arn in self._topics:
            self._sns.publish(self._topics[arn], "", text)
        elif is_here(arn):
            raise DeliveryError("NO_RESOURCE", f"there is no topic {arn}")

"""What a report tells of rules, subscriptions, queues and functions, where a template has them."""

from __future__ import annotations

import json
from typing import Any

from model.events.resources import Rule
from model.world import World


def events_told(world: World) -> dict[str, Any]:
    """What rules told their targets, what queues hold, and which functions were invoked."""
    parts: dict[str, Any] = {}
    if world.stack.of(Rule):
        parts["deliveries"] = [
            {
                "time": whole(delivery.time),
                "rule": delivery.rule,
                "target": delivery.target,
                "arn": delivery.arn,
                "input": _read(delivery.input),
                "status": delivery.status,
                "attempts": delivery.attempts,
                **(
                    {
                        "error": delivery.error,
                        "message": delivery.message,
                        "dead_letter_queue": delivery.dead_letters or None,
                    }
                    if delivery.error
                    else {}
                ),
            }
            for delivery in world.rules.deliveries
            if delivery.time >= 0
        ]
    if not parts and not world.sns.subscribers:
        return {}
    if world.couriers.messages:
        parts["queues"] = {
            name: {"messages": len(held)} for name, held in world.couriers.messages.items()
        }
    invocations = [
        {
            "time": whole(invocation.time),
            "function": invocation.function,
            "actions": list(invocation.actions),
            "error": invocation.error or None,
            **({"attempt": invocation.attempt} if invocation.attempt > 1 else {}),
        }
        for invocation in world.invocations.invocations
        if invocation.time >= 0
    ]
    if invocations:
        parts["invocations"] = invocations
    return parts


def sent(world: World) -> dict[int, dict[str, Any]]:
    """What the subscriptions of a topic were sent, by the number of the notification."""
    if not world.sns.subscribers:
        return {}
    found: dict[int, dict[str, Any]] = {
        number: {"deliveries": []} for number in range(len(world.sns.deliveries))
    }
    for sending in world.sns.sendings:
        found[sending.notification]["deliveries"].append(
            {
                "time": whole(sending.time),
                "subscription": sending.subscription,
                "protocol": sending.protocol,
                "endpoint": sending.endpoint,
                "status": "failed" if sending.error else "delivered",
                **({"error": sending.error} if sending.error else {}),
            }
        )
    return found


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def whole(seconds: float) -> float:
    """Whole seconds as whole numbers, others to the millisecond."""
    rounded = round(seconds, 3)
    return int(rounded) if rounded == int(rounded) else rounded

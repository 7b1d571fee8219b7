"""Bringing something to a target by its ARN: a queue, a function; and why that can fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from model.clock import Schedule
from model.events.metrics import QueueCounts
from model.events.resources import Queue
from model.functions.resources import Function, Permission
from model.resources import ACCOUNT, REGION
from model.stack import Stack

NO_RESOURCE = "NO_RESOURCE"
"""The code of an error: there is no such target."""


class DeliveryError(Exception):
    """A target did not take what it was sent."""

    def __init__(self, code: str, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.code = code
        """NO_PERMISSIONS, NO_RESOURCE, THROTTLING, ... as in ERROR_CODE of a dead-letter queue."""
        self.passing = passing
        """Whether it is worth another try."""


@frozen
class Message:
    """What a queue holds; `time` is seconds since the scenario's start."""

    time: float
    body: str
    attributes: Mapping[str, str] = field(factory=dict, hash=False)


Invoke = Callable[[str, Any], None]
"""Invokes the function of that ARN with a payload, asynchronously: it is always taken."""


class Couriers:
    """Reaches the queues and functions of a template."""

    def __init__(self, schedule: Schedule, stack: Stack, invoke: Invoke) -> None:
        self._schedule = schedule
        self._invoke = invoke
        self._functions = {item.arn: item for item in stack.of(Function)}
        self._permissions = stack.of(Permission)
        self._queues = {item.arn: item.logical_id for item in stack.of(Queue)}
        self.messages: dict[str, list[Message]] = {q.logical_id: [] for q in stack.of(Queue)}
        """What each queue holds, oldest first, by its logical id."""
        self.counts = QueueCounts(schedule)
        self._names = {q.logical_id: q.arn.rpartition(":")[2] for q in stack.of(Queue)}

    def to_queue(self, arn: str, body: str, attributes: Mapping[str, str] | None = None) -> None:
        """SendMessage. What is sent to another account's queues is taken to arrive."""
        name = self._queues.get(arn)
        if name is not None:
            self.messages[name].append(Message(self._schedule.now, body, attributes or {}))
            self.counts.sent(self._names[name], body)
        elif is_here(arn):
            raise DeliveryError(NO_RESOURCE, f"there is no queue {arn}")

    def count_messages(self, start: float) -> None:
        """Note what the queues hold at the end of the minute from `start`. One without messages is
        inactive, and tells nothing."""
        for name, messages in self.messages.items():
            if messages:
                age = self._schedule.now - messages[0].time
                self.counts.holds(start, self._names[name], len(messages), age)

    def to_function(self, arn: str, payload: Any, principal: str, source_arn: str) -> None:
        """Invoke; `principal` needs a permission for what `source_arn` sends."""
        function = self._function(arn)
        if function is None:
            return
        allowed = any(
            permission.function_name == function.logical_id
            and permission.admits(principal, source_arn)
            for permission in self._permissions
        )
        if not allowed:
            raise DeliveryError(
                "NO_PERMISSIONS",
                f"{principal} has no permission to invoke {function.name}: add an "
                "AWS::Lambda::Permission",
            )
        self._invoke(function.arn, payload)

    def invoke(self, arn: str, payload: Any) -> None:
        """Invoke, for whom no permission of the function's is needed: its role has one."""
        function = self._function(arn)
        if function is not None:
            self._invoke(function.arn, payload)

    def _function(self, arn: str) -> Function | None:
        """The function of an ARN, whichever version it names; None: it is another account's."""
        arn = ":".join(arn.split(":")[:7])
        function = self._functions.get(arn)
        if function is None and is_here(arn):
            raise DeliveryError(NO_RESOURCE, f"there is no function {arn}")
        return function


def is_here(arn: str) -> bool:
    """Whether an ARN means something of this account and region, all of which is known."""
    return arn.split(":")[3:5] == [REGION, ACCOUNT]

"""Functions that are invoked by events: what each one then does, as a scenario says.

Sources: "Invoking a Lambda function asynchronously"; "Lambda quotas" for reserved concurrency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import frozen

from model.actions import Action, ActionError
from model.clock import Phase, Schedule, Streams
from model.events.delivery import DeliveryError
from model.functions.resources import Function
from model.functions.service import Functions


class Reaction(Protocol):
    """One thing that a function does when it is invoked."""

    def action(self, payload: Any) -> Action:
        """What to do about such a payload. Raises `ActionError` if that cannot be told."""


CarryOut = Callable[[Action, str], ActionError | None]
"""Carries out an action in the name of a function; what it was refused for."""


@frozen
class Invocation:
    """A function that was invoked by an event; `time` is seconds since the scenario's start."""

    time: float
    function: str
    """Its logical id."""
    actions: tuple[str, ...]
    """What it did, in order."""
    error: str = ""
    """Why it failed, if it did; what would have come next was not done."""


class Invocations:
    """What functions do when events invoke them."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        functions: Functions,
        reactions: Mapping[str, tuple[Reaction, ...]],
        carry_out: CarryOut,
    ) -> None:
        """`reactions` are those of each function, by its logical id."""
        self._schedule = schedule
        self._streams = streams
        self._functions = functions
        self._reactions = reactions
        self._carry_out = carry_out
        self.invocations: list[Invocation] = []

    def invoke(self, arn: str, payload: Any) -> None:
        """Invoke the function of that ARN. Raises `DeliveryError` while it has no concurrency."""
        function = self._functions.resources[arn]
        host = self._functions.hosts[function.name]
        if host.pool.limit < 1:
            self._functions.count(function.name, throttles=1)
            raise DeliveryError(
                "THROTTLING", f"{function.name} has no concurrency left", passing=True
            )
        delay = min(host.ailing.latency, float(function.timeout))
        if delay > 0.0:
            self._schedule.after(delay, Phase.CHANGE, self._run, function, payload, delay)
        else:
            self._run(function, payload, 0.0)

    def _run(self, function: Function, payload: Any, delay: float) -> None:
        """The function's code, `delay` seconds after the invocation."""
        done: list[str] = []
        error = self._fault(function, delay)
        for reaction in () if error else self._reactions.get(function.logical_id, ()):
            try:
                action = reaction.action(payload)
                refusal = self._carry_out(action, function.name)
            except ActionError as problem:
                error = str(problem)
                break
            done.append(action.name)
            if refusal is not None:
                error = str(refusal)
                break
        self._functions.count(function.name, invocations=1, errors=int(bool(error)))
        self.invocations.append(
            Invocation(self._schedule.now, function.logical_id, tuple(done), error)
        )

    def _fault(self, function: Function, delay: float) -> str:
        """Why a fault keeps the code from running; empty: none does."""
        if delay >= function.timeout:
            return f"Task timed out after {function.timeout:.2f} seconds"
        rate = self._functions.hosts[function.name].ailing.error_rate
        if rate > 0.0 and self._streams[f"functions/{function.name}/errors"].random() < rate:
            return "the invocation failed by a fault"
        return ""

"""Functions that are invoked by events: Lambda's queue of them, and what each function then does,
as a scenario says.

Sources: "How Lambda handles errors and retries with asynchronous invocation", "Capturing records of
Lambda asynchronous invocations", "Types of metrics for Lambda functions: asynchronous invocation
metrics", "Lambda quotas" for reserved concurrency.

Lambda takes every event. A function that fails is tried again after one minute and then after two;
one that is throttled again and again, at intervals that grow from a second to five minutes, until
the event is too old. With a reserved concurrency of zero events are dropped at once. What is
dropped goes to the dead-letter queue and to the destination for failures, if there are any.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import evolve, field, frozen

from model.actions import Action, ActionError
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.occurrences import Occurrences
from model.events.delivery import DeliveryError
from model.functions.destinations import Destinations
from model.functions.resources import EventInvokeConfig, Function
from model.functions.service import Functions
from model.stack import Stack

RETRIES = (60.0, 120.0)
"""Seconds until a function that failed is tried again: for the first time, for the second."""
FIRST_RETRY = 1.0
LONGEST_RETRY = 300.0
"""Seconds between two tries of a function that is throttled: at first, and at most."""
OLDEST = 21_600.0
"""MaximumEventAgeInSeconds where nothing is configured."""
MILLISECONDS = 1000.0


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
    attempt: int = 1
    """For the how manieth time the event was tried."""


@frozen
class _Queued:
    """An event in Lambda's queue."""

    function: Function
    payload: Any = field(repr=False)
    accepted: float
    id: str
    runs: int = 0
    """How often the function ran for it."""
    throttles: int = 0


class Invocations:
    """What functions do when events invoke them."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        functions: Functions,
        stack: Stack,
        reactions: Mapping[str, tuple[Reaction, ...]],
        carry_out: CarryOut,
    ) -> None:
        """`reactions` are those of each function, by its logical id."""
        self._schedule = schedule
        self._streams = streams
        self._functions = functions
        self._configs = {item.function_name: item for item in stack.of(EventInvokeConfig)}
        self._reactions = reactions
        self._carry_out = carry_out
        self._accepted = 0
        self.destinations: Destinations | None = None
        """Whom to tell, once there are any."""
        self.occurrences = Occurrences("AWS/Lambda", schedule, {"AsyncEventAge": "Milliseconds"})
        self.invocations: list[Invocation] = []

    def invoke(self, arn: str, payload: Any) -> None:
        """Invoke the function of that ARN asynchronously."""
        function = self._functions.resources[arn]
        self._accepted += 1
        name = f"{self._streams.seed}/{arn}/{self._accepted}"
        event = _Queued(
            function, payload, self._schedule.now, str(uuid.uuid5(uuid.NAMESPACE_URL, name))
        )
        self._note("AsyncEventsReceived", function)
        self._try(event)

    # -- the queue ----------------------------------------------------------------------------

    def _try(self, event: _Queued) -> None:
        function = event.function
        host = self._functions.hosts[function.name]
        if host.pool.limit < 1:
            self._functions.count(function.name, throttles=1)
            self._drop(event, "RetriesExhausted", "429", "reserved concurrency is zero")
            return
        if host.pool.busy + 1 > host.pool.limit:
            self._functions.count(function.name, throttles=1)
            delay = min(FIRST_RETRY * 2.0**event.throttles, LONGEST_RETRY)
            self._again(evolve(event, throttles=event.throttles + 1), delay, "429", "throttled")
            return
        age = self._schedule.now - event.accepted
        self._note("AsyncEventAge", function, age * MILLISECONDS)
        delay = min(host.ailing.latency, float(function.timeout))
        if delay > 0.0:
            self._schedule.after(delay, Phase.CHANGE, self._run, event, delay)
        else:
            self._run(event, 0.0)

    def _again(self, event: _Queued, delay: float, code: str, problem: str) -> None:
        """Try later, unless the event is too old by then."""
        config = self._configs.get(event.function.logical_id)
        oldest = OLDEST if config is None else config.maximum_event_age_in_seconds
        due = self._schedule.now + delay
        if due > event.accepted + oldest:
            self._drop(event, "EventAgeExceeded", code, problem)
        else:
            self._schedule.at(due, Phase.CHANGE, self._try, event)

    def _drop(self, event: _Queued, condition: str, code: str, problem: str) -> None:
        """Give an event up."""
        function = event.function
        self._note("AsyncEventsDropped", function)
        queue = function.dead_letter_config.target_arn
        if queue is not None and self.destinations is not None:
            attributes = {"RequestID": event.id, "ErrorCode": code, "ErrorMessage": problem[:1024]}
            try:
                self.destinations.bury(queue, event.payload, attributes)
            except DeliveryError:
                self._note("DeadLetterErrors", function)
        self._tell(event, condition, problem)

    def _tell(self, event: _Queued, condition: str, problem: str = "") -> None:
        """Tell the destination of an event that came to its end."""
        config = self._configs.get(event.function.logical_id)
        if config is None or self.destinations is None:
            return
        wanted = config.destination_config
        chosen = wanted.on_failure if problem else wanted.on_success
        if chosen is None:
            return
        now = self._schedule.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        arn = event.function.arn
        record = {
            "version": "1.0",
            "timestamp": now,
            "requestContext": {
                "requestId": event.id,
                "functionArn": f"{arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": event.runs,
            },
            "requestPayload": event.payload,
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                **({"functionError": "Unhandled"} if problem else {}),
            },
            "responsePayload": {"errorMessage": problem} if problem else None,
        }
        try:
            self.destinations.tell(chosen.destination, record, arn)
        except DeliveryError:
            self._note("DestinationDeliveryFailures", event.function)

    # -- the function -------------------------------------------------------------------------

    def _run(self, event: _Queued, delay: float) -> None:
        """The function's code, `delay` seconds after the invocation."""
        function, event = event.function, evolve(event, runs=event.runs + 1)
        done: list[str] = []
        error = self._fault(function, delay)
        for reaction in () if error else self._reactions.get(function.logical_id, ()):
            try:
                action = reaction.action(event.payload)
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
            Invocation(
                self._schedule.now, function.logical_id, tuple(done), error, attempt=event.runs
            )
        )
        if not error:
            self._tell(event, "Success")
            return
        config = self._configs.get(function.logical_id)
        retries = RETRIES if config is None else RETRIES[: config.maximum_retry_attempts]
        if event.runs > len(retries):
            self._drop(event, "RetriesExhausted", "200", error)
        else:
            self._again(event, retries[event.runs - 1], "200", error)

    def _fault(self, function: Function, delay: float) -> str:
        """Why a fault keeps the code from running; empty: none does."""
        if delay >= function.timeout:
            return f"Task timed out after {function.timeout:.2f} seconds"
        rate = self._functions.hosts[function.name].ailing.error_rate
        if rate > 0.0 and self._streams[f"functions/{function.name}/errors"].random() < rate:
            return "the invocation failed by a fault"
        return ""

    def _note(self, name: str, function: Function, value: float = 1.0) -> None:
        self.occurrences.note(name, (("FunctionName", function.name),), value)

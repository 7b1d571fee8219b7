"""Functions that a service invokes and waits for: what each one answers, as a scenario says.

Source: "Synchronously invoke a Lambda function" (Lambda), and the page of the service that asks. An
answer takes no simulated time, unless a fault delays it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from model.clock import Streams
from model.functions.resources import Function
from model.functions.service import Functions


class Answer(Protocol):
    """What a function answers."""

    def answer(self, payload: Any) -> Any:
        """The answer to such a payload. Raises `ValueError` if that cannot be told."""


class NoAnswerError(ValueError):
    """The function did not answer; the message says why."""


class Answers:
    """What the functions of a region answer."""

    def __init__(
        self, streams: Streams, functions: Functions, answers: Mapping[str, Answer]
    ) -> None:
        """`answers` are those of each function that has one, by its logical id."""
        self._streams = streams
        self._functions = functions
        self._answers = answers

    def ask(self, function: str, payload: Any, within: float) -> Any:
        """Invoke a function (by logical id) that has so many seconds. None: it has no answer.

        Raises `NoAnswerError`.
        """
        asked = next(
            item for item in self._functions.resources.values() if item.logical_id == function
        )
        host = self._functions.hosts[asked.name]
        if host.pool.limit < 1:
            self._functions.count(asked.name, throttles=1)
            raise NoAnswerError(f"{asked.name} has no concurrency left")
        answer, problem = None, self._fault(asked, within)
        if not problem and function in self._answers:
            try:
                answer = self._answers[function].answer(payload)
            except ValueError as error:
                problem = str(error)
        self._functions.count(asked.name, invocations=1, errors=int(bool(problem)))
        if problem:
            raise NoAnswerError(problem)
        return answer

    def _fault(self, function: Function, within: float) -> str:
        """Why a fault keeps it from answering; empty: none does."""
        ailing = self._functions.hosts[function.name].ailing
        if ailing.latency >= min(within, function.timeout):
            return f"{function.name} timed out"
        stream = f"functions/{function.name}/errors"
        if ailing.error_rate > 0.0 and self._streams[stream].random() < ailing.error_rate:
            return f"{function.name} failed by a fault"
        return ""

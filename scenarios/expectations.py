"""Expectations: short sentences about what must hold, such as `availability >= 99.5`.

A grammar reads them; what each one looks at is checked against the stack, so that a misspelt
resource or metric is found before anything is played. `scenarios.judge` decides whether they held.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal

from attrs import frozen
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.composites import CompositeAlarm
from model.cloudwatch.extended import STATISTICS, is_statistic, read_extended
from model.cloudwatch.resources import Alarm
from model.stack import Stack
from scenarios.durations import parse_duration
from scenarios.judged import JUDGED, LEVELS, metrics_of
from scenarios.mistakes import nearest

GRAMMAR = r"""
?start: (state | comparison)
state: NAME "is" STATE window?
comparison: subject OPERATOR value window?
subject: NAME ("." PART)*
value: NUMBER UNIT?
?window: at | by | within | held
at: "at" DURATION
by: "by" DURATION
within: "from" DURATION "to" DURATION
held: "for" DURATION ("by" DURATION)?

NAME: /[A-Za-z][A-Za-z0-9_]*/
PART: /([A-Za-z0-9_]+(\.[0-9]+)?|[A-Za-z]+\([^()]*\))(?=[\s.<>=!]|$)/
STATE: "ALARM" | "OK" | "INSUFFICIENT_DATA"
OPERATOR: "<=" | ">=" | "==" | "!=" | "<" | ">"
NUMBER: /[+-]?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d+)?/
UNIT: "%" | "ms" | "s"
DURATION.2: /\d+(\.\d+)?(ms|s|m|h|d)?(\d+(\.\d+)?(ms|s|m|h|d))*/
%ignore /\s+/
"""

FORMS = (
    "write SUBJECT OPERATOR VALUE or ALARM is STATE, then perhaps at, by, from..to or for; "
    "such as: LoadBalancer.TargetResponseTime.p99 < 1.5 from 10m to 60m"
)

LATENCIES = ("mean", "p50", "p90", "p99")
COUNTS = ("total", "succeeded", "failed")
TIMES = ("latency", "TargetResponseTime", "Latency", "Duration")
"""What is measured in seconds or milliseconds."""

Operator = Literal["<", "<=", ">", ">=", "==", "!="]


@frozen
class Window:
    """When an expectation must hold (seconds since the start)."""

    kind: Literal["always", "at", "by", "within", "held"]
    start: float = 0.0
    end: float | None = None
    """None: the end of the scenario."""
    length: float = 0.0
    """For `held`: how long it must hold without a break."""


ALWAYS = Window("always")


@frozen
class Expectation:
    """One sentence."""

    text: str
    subject: tuple[str, ...]
    """`("availability",)`, `("latency", "p99")`, or resource, metric and statistic."""
    operator: Operator | None
    """None: the subject is an alarm, and `state` is what it must be in."""
    value: float = 0.0
    state: AlarmState | None = None
    window: Window = ALWAYS


class ExpectationError(ValueError):
    """The sentence does not parse, or looks at nothing; `column` counts from 1."""

    def __init__(self, message: str, column: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint


def parse(text: str, stack: Stack) -> Expectation:
    """Read one sentence. Raises `ExpectationError`."""
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _explain(text, error) from None
    made: dict[str, Any] = _Reader().transform(tree)
    names: tuple[str, ...] = made.pop("names")
    _check_window(made.get("window", ALWAYS), text)
    if "state" in made:
        _check_alarm(names[0], stack)
        return Expectation(text, names, None, **made)
    subject = check_subject(names, stack)
    number, unit = made.pop("value")
    _check_unit(unit, subject, text)
    return Expectation(text, subject, value=number * _scale(unit, subject), **made)


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="earley", lexer="dynamic", maybe_placeholders=False)


class _Reader(Transformer[Token, Any]):
    def state(self, items: list[Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"names": (str(items[0]),), "state": AlarmState(str(items[1]))}
        return made | ({"window": items[2]} if len(items) > 2 else {})

    def comparison(self, items: list[Any]) -> dict[str, Any]:
        names, operator, value = items[:3]
        made: dict[str, Any] = {"names": names, "operator": str(operator), "value": value}
        return made | ({"window": items[3]} if len(items) > 3 else {})

    def subject(self, items: list[Token]) -> tuple[str, ...]:
        return tuple(str(item) for item in items)

    def value(self, items: list[Token]) -> tuple[float, str]:
        return float(items[0]), str(items[1]) if len(items) > 1 else ""

    def at(self, items: list[Token]) -> Window:
        return Window("at", end=parse_duration(str(items[0])))

    def by(self, items: list[Token]) -> Window:
        return Window("by", end=parse_duration(str(items[0])))

    def within(self, items: list[Token]) -> Window:
        start, end = (parse_duration(str(item)) for item in items)
        return Window("within", start, end)

    def held(self, items: list[Token]) -> Window:
        times = [parse_duration(str(item)) for item in items]
        return Window("held", length=times[0], end=times[1] if len(times) > 1 else None)


def _explain(text: str, error: UnexpectedInput) -> ExpectationError:
    column = getattr(error, "column", None) or 1
    if isinstance(error, UnexpectedCharacters) and 0 < column <= len(text):
        word = re.split(r"\s", text[column - 1 :], maxsplit=1)[0]
        return ExpectationError(f"{text!r} does not parse: {word!r} is not expected", column, FORMS)
    return ExpectationError(f"{text!r} does not parse: it ends too early", len(text) + 1, FORMS)


def _check_window(window: Window, text: str) -> None:
    """A window that nothing fits into is a slip of the pen."""
    end = window.end
    if window.kind == "within" and end is not None and window.start >= end:
        raise ExpectationError("`from` must be before `to`", text.rindex("from") + 1)
    if window.kind == "held" and end is not None and window.length > end:
        raise ExpectationError("`for` must not be longer than `by`", text.rindex("for") + 1)


def _check_unit(unit: str, subject: tuple[str, ...], text: str) -> None:
    """Per cent and seconds go with what is measured in them."""
    measured = {"%": {"availability", "CPUUtilization"}, "": set(subject)}
    fitting = measured.get(unit, set(TIMES))
    statistic = subject[-1]
    if statistic.startswith("PR("):  # a share of the samples, whatever these are measured in
        wrong = unit not in ("", "%")
    elif statistic == "SampleCount" or statistic.startswith(("TC(", "tc")):
        wrong = unit != ""
    else:
        wrong = not fitting & set(subject)
    if wrong:
        found = re.search(rf"[<>=]\s*[-+.\deE]+?\s*{unit}", text)
        column = found.end() - len(unit) + 1 if found else 1
        raise ExpectationError(f"{'.'.join(subject)} is not measured in {unit}", column)


def _scale(unit: str, subject: tuple[str, ...]) -> float:
    """What a value with a unit is multiplied by: the Duration of functions is in milliseconds."""
    if "Duration" in subject:
        return 1000.0 if unit == "s" else 1.0
    return 0.001 if unit == "ms" else 1.0


def _check_alarm(name: str, stack: Stack) -> None:
    if not isinstance(stack.resources.get(name), Alarm | CompositeAlarm):
        known = (*stack.of(Alarm), *stack.of(CompositeAlarm))
        alarms = [alarm.logical_id for alarm in known]
        raise ExpectationError(f"there is no alarm named {name}", 1, nearest(name, alarms))


def check_subject(names: tuple[str, ...], stack: Stack) -> tuple[str, ...]:
    """The subject, with its statistic filled in. Raises `ExpectationError`."""
    first, rest = names[0], names[1:]
    fixed = {"availability": ((),), "cost": ((),)}
    if first in fixed and not rest:
        return names
    for word, parts in (("latency", LATENCIES), ("requests", COUNTS)):
        if first == word:
            if len(rest) != 1 or rest[0] not in parts:
                raise ExpectationError(f"write {word}.{' or '.join(parts)}", 1)
            return names
    resource = stack.resources.get(first)
    metrics = metrics_of(resource, stack)
    if isinstance(resource, Alarm | CompositeAlarm):
        raise ExpectationError(f"{first} is an alarm", 1, f"write {first} is ALARM, or is OK")
    if metrics is None:
        judged = [r.logical_id for r in stack.resources.values() if isinstance(r, JUDGED)]
        hint = nearest(first, ["availability", "cost", "latency", "requests", *judged])
        raise ExpectationError(f"there is nothing named {first} to judge", 1, hint)
    if not metrics:
        raise ExpectationError(f"{first} has no metrics of its own to judge")
    if not rest:
        raise ExpectationError(
            f"name what of {first} is meant, such as {first}.{next(iter(metrics))}"
        )
    if rest[0] not in metrics:
        hint = nearest(rest[0], metrics)
        raise ExpectationError(f"{first} has no metric {rest[0]}", len(first) + 2, hint)
    statistic = rest[1] if len(rest) > 1 else metrics[rest[0]]
    if len(rest) > 2 or (rest[0] in LEVELS and len(rest) > 1):
        raise ExpectationError(f"{'.'.join(names)} has a part too many", len(first) + 2)
    if rest[0] not in LEVELS and not is_statistic(statistic):
        hint = _statistic_hint(statistic) or nearest(
            statistic, [*STATISTICS, "p50", "p90", "p99", "tm99", "IQM"]
        )
        column = len(first) + len(rest[0]) + 3
        raise ExpectationError(f"there is no statistic {statistic}", column, hint)
    return (first, rest[0], statistic) if statistic else (first, rest[0])


def _statistic_hint(name: str) -> str:
    """What is wrong with a name that was meant for an extended statistic."""
    if not re.match(r"(?i)(p|tm|wm|tc|ts|pr)[\d(]", name):
        return ""
    try:
        read_extended(name)
    except ValueError as problem:
        return str(problem)
    return ""

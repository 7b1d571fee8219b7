"""Judges whether expectations held, by what an operator could read: metrics, states, capacity.

A ratio or total (availability, cost, requests, latency) is taken over the expectation's window as a
whole. A metric must hold at every datapoint of the window; a minute without one says nothing, but
where AWS publishes a count only when it is not zero it says zero.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from model.autoscaling.members import Capacity
from model.clock import MINUTE
from model.cloudwatch.statistics import Datapoint
from model.ecs.record import ServiceCounts
from model.flow.buckets import Buckets
from model.flow.latency import Counts
from model.journal import Change
from model.world import Totals, World
from scenarios.expectations import Expectation
from scenarios.judged import EMPTY, LEVELS, SPARSE
from scenarios.metric_names import key_of

OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@frozen
class Verdict:
    """Whether an expectation held, and the value that decided (the worst, where many did)."""

    text: str
    passed: bool
    observed: float | str | None


@frozen
class Level:
    """A value that holds from `start` to `end`."""

    start: float
    end: float
    value: float


TOTALS = ("availability", "cost", "latency", "requests")
"""Subjects that are judged over a window as a whole."""


def checkpoints(expectations: tuple[Expectation, ...]) -> list[float]:
    """Instants at which a world must note its totals for the expectations, in order."""
    wanted = {0.0}
    for expectation in expectations:
        if expectation.subject[0] in TOTALS:
            window = expectation.window
            wanted |= {window.start} | ({window.end} if window.end is not None else set())
    return sorted(wanted)


def not_reached(expectation: Expectation, now: float) -> bool:
    """Whether the expectation looks at times that have not come."""
    end = expectation.window.end
    return end is not None and end > now


def judge(expectations: tuple[Expectation, ...], world: World) -> tuple[Verdict, ...]:
    """Verdicts on a world that was played until now, in the order of the file."""
    return tuple(_judge(expectation, world) for expectation in expectations)


def _judge(expectation: Expectation, world: World) -> Verdict:
    if expectation.state is not None:
        return _judge_alarm(expectation, world)
    assert expectation.operator is not None
    holds = OPERATORS[expectation.operator]
    if expectation.subject[0] in TOTALS:
        value = _total(expectation, world)
        passed = value is not None and holds(value, expectation.value)
        return Verdict(expectation.text, passed, value)
    return _judge_levels(expectation, list(_levels(expectation, world)), world, holds)


def _total(expectation: Expectation, world: World) -> float | None:
    window = expectation.window
    if not_reached(expectation, world.now):
        return None
    end = world.now if window.end is None else window.end
    # `at` and `by` mean everything from the start until then
    start = window.start if window.kind == "within" else 0.0
    first, last = world.totals.get(start), world.totals.get(end)
    if first is None or last is None:
        return None
    return _value(expectation.subject, first, last)


def _value(subject: tuple[str, ...], first: Totals, last: Totals) -> float | None:
    total, succeeded = last.total - first.total, last.succeeded - first.succeeded
    match subject:
        case ("availability",):
            return 100.0 * succeeded / total if total else None
        case ("cost",):
            return last.cost - first.cost
        case ("requests", part):
            parts = {"total": total, "succeeded": succeeded, "failed": total - succeeded}
            return float(parts[part])
    value = response_time(
        last.latencies - first.latencies, "Average" if subject[1] == "mean" else subject[1]
    )
    return None if math.isnan(value) else value


def response_time(latencies: Counts, statistic: str) -> float:
    """A statistic of response times (seconds), as CloudWatch has it; NaN where there are none."""
    if not latencies.any():
        return math.nan
    return Datapoint.latencies(Buckets.of(latencies)).statistic(statistic)


# -- alarms -----------------------------------------------------------------------------------


def _judge_alarm(expectation: Expectation, world: World) -> Verdict:
    assert expectation.state is not None
    wanted = expectation.state.value
    history = world.journal.history(expectation.subject[0], "alarm")
    levels = [
        Level(start, end, 1.0 if change.value.state == wanted else 0.0)
        for change, start, end in _stretches(history, world.now)
    ]
    verdict = _judge_levels(expectation, levels, world, lambda value, _: value == 1.0)
    return Verdict(expectation.text, verdict.passed, _state(expectation, history, world, verdict))


def _state(
    expectation: Expectation, history: list[Change], world: World, verdict: Verdict
) -> str | None:
    """The state that decided: the one wanted, or the one there was at the window's end."""
    assert expectation.state is not None
    if verdict.passed:
        return expectation.state.value
    end = world.now if expectation.window.end is None else expectation.window.end
    before = [change for change in history if change.time <= end]
    return str(before[-1].value.state) if before else None


def _stretches(history: list[Change], end: float) -> Iterator[tuple[Change, float, float]]:
    """Each change with the time it lasted, from the start of the scenario."""
    ends = [change.time for change in history[1:]] + [math.inf]
    for change, until in zip(history, ends, strict=True):
        if until > 0 and change.time <= end:
            yield change, max(change.time, 0.0), min(until, max(end, change.time))


# -- levels over time -------------------------------------------------------------------------


def _judge_levels(
    expectation: Expectation,
    levels: list[Level],
    world: World,
    holds: Callable[[float, float], bool],
) -> Verdict:
    window = expectation.window
    if not_reached(expectation, world.now) and window.kind in ("at", "within"):
        return Verdict(expectation.text, False, None)
    end = world.now if window.end is None else min(window.end, world.now)

    def good(level: Level) -> bool:
        return holds(level.value, expectation.value)

    match window.kind:
        case "at":
            chosen = [level for level in levels if level.start <= end][-1:]
        case "by":
            chosen = [level for level in levels if level.start <= end]
            met = [level for level in chosen if good(level)]
            return _verdict(expectation, bool(met), met[:1] or chosen)
        case "held":
            inside = [level for level in levels if level.start < end]
            passed = _longest(inside, end, good) >= window.length
            return _verdict(expectation, passed, inside)
        case _:
            chosen = [level for level in levels if level.end > window.start and level.start < end]
    return _verdict(expectation, bool(chosen) and all(map(good, chosen)), chosen)


def _longest(levels: Iterable[Level], end: float, good: Callable[[Level], bool]) -> float:
    """The longest stretch without a break in which it held."""
    longest, since, until = 0.0, math.nan, math.nan
    for level in levels:
        if not good(level):
            since = math.nan
            continue
        if math.isnan(since) or level.start > until + MINUTE:
            since = level.start
        until = min(level.end, end)
        longest = max(longest, until - since)
    return longest


def _verdict(expectation: Expectation, passed: bool, levels: list[Level]) -> Verdict:
    """The observed value is the worst of those looked at: the furthest from what was wanted."""
    if not levels:
        return Verdict(expectation.text, False, None)
    values = [level.value for level in levels]
    if expectation.operator in ("<", "<="):
        return Verdict(expectation.text, passed, max(values))
    if expectation.operator in (">", ">="):
        return Verdict(expectation.text, passed, min(values))
    wrong = [value for value in values if value != expectation.value]
    if expectation.operator == "!=":
        wrong = [value for value in values if value == expectation.value]
    return Verdict(expectation.text, passed, (wrong or values)[0])


def _levels(expectation: Expectation, world: World) -> Iterator[Level]:
    name, metric, *rest = expectation.subject
    if metric in LEVELS:
        yield from _capacity(name, metric, world)
        return
    found = world.cloudwatch.metrics.get(key_of(name, metric, world))
    points = {} if found is None else found.points
    silent = rest[0] == "Sum" if metric in SPARSE else metric in EMPTY
    none = 0.0 if silent else math.nan
    for start in _minutes(world) if none == 0.0 else sorted(points):
        value = points[start].statistic(rest[0]) if start in points else none
        if start >= 0 and not math.isnan(value):
            length = MINUTE if found is None else found.length(start)
            yield Level(start, start + length, value)


def _minutes(world: World) -> Iterator[float]:
    """The starts of all whole minutes that are over."""
    start = world.schedule.boundary(MINUTE, -1e-9)
    while start + MINUTE <= world.now:
        yield start
        start += MINUTE


def _capacity(group: str, part: str, world: World) -> Iterator[Level]:
    for change, start, end in _stretches(world.journal.history(group, "capacity"), world.now):
        capacity: Capacity | ServiceCounts = change.value
        yield Level(start, end, float(capacity.part(part)))

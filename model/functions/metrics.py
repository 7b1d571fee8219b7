"""The metrics of the namespace AWS/Lambda.

Source: "Types of metrics for Lambda functions". Each has the dimension FunctionName.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from attrs import frozen

from model.cloudwatch.metrics import Ledger, MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.functions.concurrency import FunctionStation

UNITS = {"Duration": "Milliseconds"}


@frozen
class Reading:
    """What a function had done at an instant (requests, as a flow)."""

    invocations: float = 0.0
    """Without those that were throttled."""
    errors: float = 0.0
    """Functions that failed or ran out of time."""
    throttles: float = 0.0
    seconds: float = 0.0
    """Duration of all invocations, cold starts left out."""

    @classmethod
    def of(cls, stations: Iterable[FunctionStation]) -> Reading:
        """All that the stations of a function did."""
        invocations = errors = throttles = seconds = 0.0
        for station in stations:
            totals = station.totals
            admitted = totals.arrived - totals.refused
            invocations += admitted
            errors += totals.errors + totals.late
            throttles += totals.refused
            seconds += station.seconds
        return cls(invocations, errors, throttles, seconds)

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.invocations + other.invocations,
            self.errors + other.errors,
            self.throttles + other.throttles,
            self.seconds + other.seconds,
        )


@frozen(eq=False)
class Minute:
    """What a function did in a minute."""

    before: Reading
    after: Reading
    highest: float
    """The most requests under way at a time."""


def report_to(metrics: MetricStore, function: str, ledger: Ledger[Minute]) -> None:
    """Make the metrics of a function columns of its ledger."""
    dimensions = (("FunctionName", function),)
    for name in ("Invocations", "Errors", "Throttles"):
        key = MetricKey("AWS/Lambda", name, dimensions)
        metrics.metric(key, "Count").add_column(ledger, partial(_count, name.lower()))
    key = MetricKey("AWS/Lambda", "Duration", dimensions)
    metrics.metric(key, "Milliseconds").add_column(ledger, _duration)
    key = MetricKey("AWS/Lambda", "ConcurrentExecutions", dimensions)
    metrics.metric(key, "Count").add_column(ledger, _concurrent)


def _count(name: str, minute: Minute) -> Datapoint | None:
    """A sum over invocations; none in a minute without any."""
    number = _whole(minute, name)
    tried = _whole(minute, "invocations") + _whole(minute, "throttles")
    if not tried:
        return None
    return Datapoint(float(tried), float(number), float(number > 0), float(number > 0))


def _whole(minute: Minute, name: str) -> int:
    """Whole requests: the flow of all minutes rounded down, less that of those before."""
    return int(getattr(minute.after, name) + 1e-6) - int(getattr(minute.before, name) + 1e-6)


def _duration(minute: Minute) -> Datapoint | None:
    number = minute.after.invocations - minute.before.invocations
    if _whole(minute, "invocations") <= 0:
        return None
    mean = (minute.after.seconds - minute.before.seconds) / number * 1000
    return Datapoint.single(mean, float(_whole(minute, "invocations")))


def _concurrent(minute: Minute) -> Datapoint | None:
    return Datapoint.single(float(round(minute.highest))) if minute.highest >= 0.5 else None

"""The metrics of the namespace AWS/Lambda.

Source: "Types of metrics for Lambda functions". Each is known by the dimension FunctionName
and, of all functions together, by none; UnreservedConcurrentExecutions by none alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from attrs import frozen

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.functions.concurrency import FunctionStation
from model.functions.durations import Durations

NAMESPACE = "AWS/Lambda"
COUNTS = ("Invocations", "Errors", "Throttles")


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
    starting: float = 0.0
    """Seconds of cold starts (the INIT phase): no part of Duration, but billed."""

    @classmethod
    def of(cls, stations: Iterable[FunctionStation], checks: int, seconds: float) -> Reading:
        """All that the stations of a function did, and health checks, which took so many seconds
        together."""
        invocations, errors, throttles = float(checks), 0.0, 0.0
        starting = 0.0
        for station in stations:
            totals = station.totals
            admitted = totals.arrived - totals.refused
            invocations += admitted
            errors += totals.errors + totals.late
            throttles += totals.refused
            seconds += station.seconds
            starting += station.cold * station.cold_start
        return cls(invocations, errors, throttles, seconds, starting)

    def __add__(self, other: Reading) -> Reading:
        return Reading(
            self.invocations + other.invocations,
            self.errors + other.errors,
            self.throttles + other.throttles,
            self.seconds + other.seconds,
            self.starting + other.starting,
        )


@frozen(eq=False)
class Minute:
    """What a function did in a minute."""

    before: Reading
    after: Reading
    highest: float
    """The most requests under way at a time."""
    durations: Durations

    def whole(self, name: str) -> int:
        """Whole requests: the flow of all minutes rounded down, less that of those before."""
        return whole(self.before, self.after, name)


@frozen(eq=False)
class Together:
    """What all functions did in a minute."""

    highest: float
    """The most requests under way at a time: the sum over the functions."""
    unreserved: float
    """Of functions that nothing is reserved for."""


def whole(before: Reading, after: Reading, name: str) -> int:
    """The whole requests between two readings."""
    return int(getattr(after, name) + 1e-6) - int(getattr(before, name) + 1e-6)


def report_to(
    metrics: MetricStore, ledgers: Mapping[str, Ledger[Minute]], together: Ledger[Together]
) -> None:
    """Make the metrics of functions columns of their ledgers."""
    for name, ledger in ledgers.items():
        own = (("FunctionName", name),)
        for dimensions in (own, ()):
            for metric in COUNTS:
                key = MetricKey(NAMESPACE, metric, dimensions)
                column = partial(_count, metric.lower())
                metrics.metric(key, "Count").add_column(ledger, column)
            key = MetricKey(NAMESPACE, "Duration", dimensions)
            metrics.metric(key, "Milliseconds").add_column(ledger, _duration)
        key = MetricKey(NAMESPACE, "ConcurrentExecutions", own)
        metrics.metric(key, "Count").add_column(ledger, _concurrent)
    for metric, read in (
        ("ConcurrentExecutions", _concurrent),
        ("UnreservedConcurrentExecutions", _unreserved),
    ):
        metrics.metric(MetricKey(NAMESPACE, metric, ()), "Count").add_column(together, read)


def _count(name: str, minute: Minute) -> Datapoint | None:
    """A sum over invocations; none in a minute without any."""
    number = minute.whole(name)
    tried = minute.whole("invocations") + minute.whole("throttles")
    if not tried:
        return None
    return Datapoint(float(tried), float(number), float(number > 0), float(number > 0))


def _duration(minute: Minute) -> Datapoint | None:
    return minute.durations.datapoint


def _concurrent(minute: Minute | Together) -> Datapoint | None:
    return _level(minute.highest)


def _unreserved(minute: Together) -> Datapoint | None:
    return _level(minute.unreserved)


def _level(number: float) -> Datapoint | None:
    return Datapoint.single(float(round(number))) if number >= 0.5 else None

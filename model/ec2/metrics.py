"""The metrics of the namespace AWS/EC2.

Source: "List the available CloudWatch metrics for your instances". Detailed monitoring gives a
datapoint a minute, basic monitoring one in five. Instances that do not run publish nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property, partial

from attrs import define, field, frozen

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.credits import Credits, CreditStatus
from model.ec2.instances import InstanceState
from model.ec2.meters import Meters, Percents
from model.ec2.service import Ec2

NAMESPACE = "AWS/EC2"
BASIC_PERIOD = 300.0
DETAILED_PERIOD = 60.0

Dimension = tuple[str, str]
"""Name and value."""


@frozen(slots=False)
class Roll:
    """Who reports, and for which metrics each counts."""

    instances: tuple[str, ...]
    groups: tuple[str | None, ...]
    """The Auto Scaling group whose metrics each counts for, if one."""
    types: tuple[str, ...]
    """The instance type whose metrics each counts for; none are with basic monitoring."""

    def dimensions(self) -> Iterator[Dimension]:
        """What they report by."""
        yield from (("InstanceId", name) for name in self.instances)
        yield from (("AutoScalingGroupName", name) for name in self.groups if name is not None)
        yield from (("InstanceType", name) for name in self.types)

    @cached_property
    def places(self) -> dict[Dimension, list[int]]:
        """Which of them make up a metric, by its dimension."""
        places: dict[Dimension, list[int]] = {}
        for place, name in enumerate(self.instances):
            places["InstanceId", name] = [place]
        for kind, names in (("AutoScalingGroupName", self.groups), ("InstanceType", self.types)):
            for place, own in enumerate(names):
                if own is not None:
                    places.setdefault((kind, own), []).append(place)
        return places


@frozen(eq=False)
class Usage:
    """What the instances of a roll used of their CPUs over a period."""

    roll: Roll
    percents: Percents | float
    """One number if it is the same for all."""
    _points: dict[Dimension, Datapoint] = field(factory=dict)

    def point(self, dimension: Dimension) -> Datapoint | None:
        """One sample for each instance that counts."""
        if dimension not in self._points:
            places = self.roll.places.get(dimension)
            if places is None:
                return None
            if isinstance(self.percents, float):
                point = Datapoint.single(self.percents, float(len(places)))
            else:
                point = Datapoint.samples(self.percents[places].tolist())
            self._points[dimension] = point
        return self._points[dimension]


@define(eq=False)
class _Monitoring:
    """The instances with basic or those with detailed monitoring."""

    detailed: bool
    ledger: Ledger[Usage]
    roll: Roll = Roll((), (), ())
    known: set[Dimension] = field(factory=set)
    """What metrics its ledger has columns for."""
    meters: Meters = field(factory=lambda: Meters((), {}, 0.0))
    as_of: tuple[int, float] = (-1, -math.inf)
    """The change of the roster that they belong to, and how long they stay the same."""


@define(eq=False)
class Ec2Metrics:
    """Reads what the instances used, for CloudWatch to make datapoints of."""

    ec2: Ec2
    aggregates: Callable[[], tuple[dict[str, str], float]]
    """The Auto Scaling groups whose metrics instances count for at present, by the instance's id,
    and until when that holds if nothing changes."""
    epoch_offset: float
    """Seconds since the epoch at time 0, to align five-minute periods with the calendar."""
    metrics: MetricStore
    _credits: Ledger[dict[str, CreditStatus]] = field(factory=lambda: Ledger(BASIC_PERIOD))
    _with_credits: set[str] = field(factory=set)
    """Instances whose credits CloudWatch has heard of."""
    _basic: _Monitoring = field(factory=lambda: _Monitoring(False, Ledger(BASIC_PERIOD)))
    _detailed: _Monitoring = field(factory=lambda: _Monitoring(True, Ledger(DETAILED_PERIOD)))

    def publish(self, end: float) -> None:
        """Enter what was used in the periods that end now."""
        self._report(self._detailed, end)
        if round(end + self.epoch_offset) % BASIC_PERIOD == 0:
            self._report(self._basic, end)
            self._report_credits(end)

    def _report_credits(self, end: float) -> None:
        """CPU credits, at a five-minute frequency only."""
        statuses: dict[str, CreditStatus] = {}
        for instance in self.ec2.instances.values():
            if instance.credits is None or instance.state is not InstanceState.RUNNING:
                continue
            instance.settle_credits(end)
            statuses[instance.id] = instance.credits.report()
            if instance.id not in self._with_credits:
                self._with_credits.add(instance.id)
                self._add_credits(instance.id, instance.credits)
        if statuses:
            self._credits.enter(end - BASIC_PERIOD, statuses)

    def _add_credits(self, instance: str, credits: Credits) -> None:
        for name, part in CREDITS.items():
            if credits.unlimited or "Surplus" not in name:
                key = MetricKey(NAMESPACE, name, (("InstanceId", instance),))
                column = partial(_credits, instance, part)
                self.metrics.metric(key, "Count").add_column(self._credits, column)

    def _report(self, monitoring: _Monitoring, end: float) -> None:
        start = end - monitoring.ledger.period
        changes, until = monitoring.as_of
        if changes != self.ec2.roster.changes or end >= until:
            self._call_the_roll(monitoring, start, end)
        if monitoring.roll.instances:
            percents = monitoring.meters.percents(start, end)
            monitoring.ledger.enter(start, Usage(monitoring.roll, percents))

    def _call_the_roll(self, monitoring: _Monitoring, start: float, end: float) -> None:
        aggregates, until = self.aggregates()
        running = [
            instance
            for instance in self.ec2.instances.values()
            if instance.state is InstanceState.RUNNING
            and instance.monitoring is monitoring.detailed
        ]
        instances = [i for i in running if i.running_since is None or i.running_since < end]
        if len(instances) < len(running):
            until = end  # some began this very instant
        monitoring.as_of = self.ec2.roster.changes, until
        monitoring.meters = Meters(instances, monitoring.meters.readings(), start)
        roll = Roll(
            tuple(instance.id for instance in instances),
            tuple(aggregates.get(instance.id) for instance in instances),
            tuple(instance.type.name for instance in instances if monitoring.detailed),
        )
        if roll != monitoring.roll:
            monitoring.roll = roll
            for dimension in roll.dimensions():
                if dimension not in monitoring.known:
                    monitoring.known.add(dimension)
                    self._add_metric(dimension, monitoring.ledger)

    def _add_metric(self, dimension: Dimension, ledger: Ledger[Usage]) -> None:
        key = MetricKey(NAMESPACE, "CPUUtilization", (dimension,))
        self.metrics.metric(key, "Percent").add_column(ledger, partial(_cpu, dimension))


CREDITS = {
    "CPUCreditUsage": "usage",
    "CPUCreditBalance": "balance",
    "CPUSurplusCreditBalance": "surplus",
    "CPUSurplusCreditsCharged": "charged",
}
"""Metrics of burstable instances, and the parts of `CreditStatus` that they tell."""


def _credits(instance: str, part: str, statuses: dict[str, CreditStatus]) -> Datapoint | None:
    status = statuses.get(instance)
    return None if status is None else Datapoint.single(getattr(status, part))


def _cpu(dimension: Dimension, usage: Usage) -> Datapoint | None:
    return usage.point(dimension)

"""The metrics of the namespace AWS/EC2.

Source: "List the available CloudWatch metrics for your instances". Detailed monitoring gives a
datapoint a minute, basic monitoring one in five, of five samples that the hypervisor took
("Metric Collection and Calculation on C5 and M5 Instances"); packets and CPU credits are counted
in five minutes only. Instances that do not run publish nothing. Status checks are in
`status_checks.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from attrs import define, field, frozen

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint, union
from model.ec2.credits import Credits, CreditStatus
from model.ec2.instances import InstanceState
from model.ec2.meters import Meters, Used, Uses
from model.ec2.roll import Dimension, Roll
from model.ec2.service import Ec2
from model.ec2.status_checks import NAMESPACE, StatusChecks
from model.ec2.volume_metrics import VolumeMetrics
from model.traffic.source import PACKET

BASIC_PERIOD = 300.0
DETAILED_PERIOD = 60.0
BASIC_SAMPLES = 5
"""Samples in a datapoint of basic monitoring."""

CPU = "CPUUtilization"
EACH_PERIOD = {CPU: "Percent", "NetworkIn": "Bytes", "NetworkOut": "Bytes"}
"""Metrics at the pace of the instance's monitoring, and their units."""
PACKETS = ("NetworkPacketsIn", "NetworkPacketsOut")
"""Metrics for five minutes only."""
COLUMNS = {
    CPU: 0,
    "NetworkIn": 1,
    "NetworkPacketsIn": 1,
    "NetworkOut": 2,
    "NetworkPacketsOut": 2,
}
"""What part of `Used` each metric tells."""


@frozen(eq=False)
class Usage:
    """What the instances of a roll used over a period."""

    roll: Roll
    uses: Uses | Used
    """Told once if it is the same for all."""
    samples: int = 1
    """How many of each instance make up its datapoint; taken as alike."""
    _points: dict[tuple[str, Dimension], Datapoint] = field(factory=dict)

    def point(self, name: str, dimension: Dimension) -> Datapoint | None:
        """The samples of each instance that counts."""
        key = name, dimension
        if key not in self._points:
            places = self.roll.places.get(dimension)
            if places is None:
                return None
            self._points[key] = self._made(name, places)
        return self._points[key]

    def _made(self, name: str, places: list[int]) -> Datapoint:
        """Percentages are those of each sample, bytes and packets are shared out among them."""
        column = COLUMNS[name]
        if isinstance(self.uses, tuple):
            values = np.array([float(self.uses[column])])
        else:
            values = self.uses[places, column]
        if name in PACKETS:
            values = np.round(values / PACKET)
        if name != CPU:
            values = values / self.samples
        if len(values) == 1:
            return Datapoint.single(float(values[0]), float(len(places) * self.samples))
        return Datapoint.samples(np.repeat(values, self.samples).tolist())


@define(eq=False)
class _Monitoring:
    """The instances with basic or those with detailed monitoring."""

    detailed: bool
    ledger: Ledger[Usage]
    roll: Roll = field(factory=Roll)
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
    _packets: Ledger[tuple[Usage, ...]] = field(factory=lambda: Ledger(BASIC_PERIOD))
    _recent: list[Usage] = field(factory=list)
    """What was used since five minutes of the calendar last ended."""
    _counted: set[Dimension] = field(factory=set)
    """What there are metrics of packets for."""
    checks: StatusChecks = field(init=False)
    volumes: VolumeMetrics = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.checks = StatusChecks(self.metrics)
        self.volumes = VolumeMetrics(self.metrics)

    def publish(self, end: float) -> None:
        """Enter what was used in the periods that end now."""
        self._check(end)
        instances, changes = self.ec2.instances.values(), self.ec2.roster.changes
        self.volumes.enter(instances, changes, end - DETAILED_PERIOD)
        self._report(self._detailed, end)
        if round(end + self.epoch_offset) % BASIC_PERIOD == 0:
            self._report(self._basic, end)
            self._report_credits(end)
            if self._recent:
                self._packets.enter(end - BASIC_PERIOD, tuple(self._recent))
                self._recent.clear()

    def _check(self, end: float) -> None:
        states = self.ec2.roster.states
        if self.checks.stale(states, end):
            groups, until = self.aggregates()
            self.checks.review(list(self.ec2.instances.values()), groups, states, end, until)
        self.checks.enter(end - DETAILED_PERIOD)

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
            samples = 1 if monitoring.detailed else BASIC_SAMPLES
            usage = Usage(monitoring.roll, monitoring.meters.read(start, end), samples)
            monitoring.ledger.enter(start, usage)
            self._recent.append(usage)

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
        roll = Roll.of(instances, aggregates)
        if roll != monitoring.roll:
            monitoring.roll = roll
            for dimension in roll.dimensions():
                if dimension not in monitoring.known:
                    monitoring.known.add(dimension)
                    self._add_metrics(dimension, monitoring.ledger)

    def _add_metrics(self, dimension: Dimension, ledger: Ledger[Usage]) -> None:
        for name, unit in EACH_PERIOD.items():
            key = MetricKey(NAMESPACE, name, (dimension,))
            self.metrics.metric(key, unit).add_column(ledger, partial(_usage, name, dimension))
        kind, owner = dimension
        if kind == "InstanceId" and self._reads_volumes(owner):
            for name, unit in VOLUMES.items():
                key = MetricKey(NAMESPACE, name, (dimension,))
                self.metrics.metric(key, unit).add_column(ledger, partial(_idle, dimension))
        if dimension not in self._counted:
            self._counted.add(dimension)
            for name in PACKETS:
                key = MetricKey(NAMESPACE, name, (dimension,))
                column = partial(_usages, name, dimension)
                self.metrics.metric(key, "Count").add_column(self._packets, column)

    def _reads_volumes(self, instance: str) -> bool:
        """Whether it is a Nitro instance with volumes that are known."""
        found = self.ec2.instances[instance]
        return bool(found.volumes) and found.type.nitro


VOLUMES = {
    "EBSReadOps": "Count",
    "EBSWriteOps": "Count",
    "EBSReadBytes": "Bytes",
    "EBSWriteBytes": "Bytes",
}
"""What Nitro instances tell of their EBS volumes, which are idle (`volume_metrics`)."""
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


def _usage(name: str, dimension: Dimension, usage: Usage) -> Datapoint | None:
    return usage.point(name, dimension)


def _idle(dimension: Dimension, usage: Usage) -> Datapoint | None:
    if dimension not in usage.roll.places:
        return None
    return Datapoint.single(0.0, float(usage.samples))


def _usages(name: str, dimension: Dimension, usages: tuple[Usage, ...]) -> Datapoint | None:
    points = [point for usage in usages if (point := usage.point(name, dimension)) is not None]
    return union(points) if points else None

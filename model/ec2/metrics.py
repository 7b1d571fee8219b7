"""The metrics of the namespace AWS/EC2.

Source: "List the available CloudWatch metrics for your instances". Detailed monitoring gives a
datapoint a minute, basic monitoring one in five. Instances that do not run publish nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from attrs import define, field, frozen

from model.cloudwatch.metrics import Ledger, MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Instance, InstanceState
from model.ec2.service import Ec2

NAMESPACE = "AWS/EC2"
BASIC_PERIOD = 300.0
DETAILED_PERIOD = 60.0

Dimension = tuple[str, str]
"""Name and value."""


@frozen(eq=False)
class Roll:
    """Instances that report, and the metrics that each counts for."""

    instances: list[Instance]
    groups: list[str | None]
    """The Auto Scaling group whose metrics each counts for, if one."""
    detailed: bool
    places: dict[Dimension, list[int]] = field(init=False)
    """Which of them make up a metric, by its dimension."""

    @places.default
    def _compute_places(self) -> dict[Dimension, list[int]]:
        places: dict[Dimension, list[int]] = {}
        for number, (instance, group) in enumerate(zip(self.instances, self.groups, strict=True)):
            places[_of_instance(instance)] = [number]
            if self.detailed:
                places.setdefault(("InstanceType", instance.type.name), []).append(number)
            if group is not None:
                places.setdefault(("AutoScalingGroupName", group), []).append(number)
        return places


@frozen(eq=False)
class Usage:
    """What the instances of a roll used of their CPUs over a period, in percent."""

    roll: Roll
    percents: array[float]


@define(eq=False)
class _Unreported:
    """CPU seconds and time gathered for an instance's next datapoint."""

    cpu: float = 0.0
    vcpu_seconds: float = 0.0


@define(eq=False)
class Ec2Metrics:
    """Gathers what the instances used, for CloudWatch to make datapoints of."""

    ec2: Ec2
    aggregate: Callable[[Instance], str | None]
    """The name of the Auto Scaling group whose metrics an instance counts for at present."""
    epoch_offset: float
    """Seconds since the epoch at time 0, to align five-minute periods with the calendar."""
    metrics: MetricStore
    _detailed: Ledger[Usage] = field(factory=lambda: Ledger(DETAILED_PERIOD))
    _basic: Ledger[Usage] = field(factory=lambda: Ledger(BASIC_PERIOD))
    _unreported: dict[str, _Unreported] = field(factory=dict)
    _rolls: dict[bool, Roll] = field(factory=dict)
    """The last ones, of detailed and of basic monitoring."""

    def publish(self, start: float, end: float) -> None:
        """Enter what was used in the minute from `start` to `end`, when its period is over."""
        reporting = {detailed: (list[Instance](), array("d")) for detailed in (True, False)}
        for instance, percent in self._percents(start, end):
            instances, percents = reporting[instance.monitoring]
            instances.append(instance)
            percents.append(percent)
        for detailed, (instances, percents) in reporting.items():
            if instances:
                ledger = self._detailed if detailed else self._basic
                roll = self._roll(instances, detailed)
                ledger.enter(end - ledger.period, Usage(roll, percents))

    def _percents(self, start: float, end: float) -> Iterator[tuple[Instance, float]]:
        """The running instances whose period is over now, and what each used in it."""
        whole = round(end + self.epoch_offset) % BASIC_PERIOD == 0
        for instance in self.ec2.instances.values():
            if instance.state is InstanceState.TERMINATED:
                self._unreported.pop(instance.id, None)
                continue
            cpu = instance.cpu_seconds(end)
            if instance.state is not InstanceState.RUNNING:
                self._unreported.pop(instance.id, None)
                continue
            since = start if instance.running_since is None else max(instance.running_since, start)
            vcpu_seconds = instance.type.vcpus * (end - since)
            if not instance.monitoring:
                gathered = self._unreported.setdefault(instance.id, _Unreported())
                cpu = gathered.cpu = gathered.cpu + cpu
                vcpu_seconds = gathered.vcpu_seconds = gathered.vcpu_seconds + vcpu_seconds
                if not whole:
                    continue
                del self._unreported[instance.id]
            used = min(100.0 * cpu / vcpu_seconds, 100.0) if vcpu_seconds > 0 else 0.0
            # a sum of many steps; its last digits mean nothing and must not cross a threshold
            yield instance, round(used, 6)

    def _roll(self, instances: list[Instance], detailed: bool) -> Roll:
        groups = [self.aggregate(instance) for instance in instances]
        last = self._rolls.get(detailed)
        if last is not None and last.instances == instances and last.groups == groups:
            return last
        ledger = self._detailed if detailed else self._basic
        roll = self._rolls[detailed] = Roll(instances, groups, detailed)
        before: Iterable[Dimension] = () if last is None else last.places
        for dimension in roll.places.keys() - before:
            key = MetricKey(NAMESPACE, "CPUUtilization", (dimension,))
            metric = self.metrics.metric(key, "Percent")
            metric.add_column(ledger, partial(_cpu_utilization, dimension))
        return roll


def _of_instance(instance: Instance) -> Dimension:
    return "InstanceId", instance.id


def _cpu_utilization(dimension: Dimension, usage: Usage) -> Datapoint | None:
    """One sample for each instance that counts."""
    places = usage.roll.places.get(dimension)
    if places is None:
        return None
    return Datapoint.samples(usage.percents[place] for place in places)

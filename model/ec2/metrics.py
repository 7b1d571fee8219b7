"""The metrics of the namespace AWS/EC2.

Source: "List the available CloudWatch metrics for your instances". Detailed monitoring gives a
datapoint a minute, basic monitoring one in five. Instances that do not run publish nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from attrs import define, field, frozen

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Instance, InstanceState
from model.ec2.service import Ec2

NAMESPACE = "AWS/EC2"
BASIC_PERIOD = 300.0
DETAILED_PERIOD = 60.0


@frozen
class Item:
    """One datapoint on its way to CloudWatch, for the period of `length` seconds from `start`."""

    key: MetricKey
    unit: str
    start: float
    length: float
    point: Datapoint


@define(eq=False)
class _Usage:
    """CPU seconds and time gathered for an instance's next datapoint."""

    cpu: float = 0.0
    vcpu_seconds: float = 0.0

    @property
    def percent(self) -> float:
        if self.vcpu_seconds <= 0:
            return 0.0
        # a sum of many steps; its last digits mean nothing and must not cross a threshold
        return round(min(100.0 * self.cpu / self.vcpu_seconds, 100.0), 6)


@define(eq=False)
class Ec2Metrics:
    """Gathers what the instances used and makes datapoints of it."""

    ec2: Ec2
    aggregate: Callable[[Instance], str | None]
    """The name of the Auto Scaling group whose metrics an instance counts for at present."""
    epoch_offset: float
    """Seconds since the epoch at time 0, to align five-minute periods with the calendar."""
    _usage: dict[str, _Usage] = field(factory=dict)

    def items(self, start: float, end: float) -> Iterator[Item]:
        """The datapoints that can be read once the minute from `start` to `end` is over."""
        whole = round(end + self.epoch_offset) % BASIC_PERIOD == 0
        groups: dict[tuple[str, str, float], list[float]] = {}
        for instance in self.ec2.instances.values():
            if instance.state is InstanceState.TERMINATED and instance.id not in self._usage:
                continue
            self._gather(instance, start, end)
            if instance.state is not InstanceState.RUNNING:
                self._usage.pop(instance.id, None)
                continue
            if not (instance.monitoring or whole):
                continue
            length = DETAILED_PERIOD if instance.monitoring else BASIC_PERIOD
            percent = self._usage.pop(instance.id).percent
            key = _key("InstanceId", instance.id)
            yield Item(key, "Percent", end - length, length, Datapoint.single(percent))
            if instance.monitoring:
                kind = ("InstanceType", instance.type.name, length)
                groups.setdefault(kind, []).append(percent)
            name = self.aggregate(instance)
            if name is not None:
                groups.setdefault(("AutoScalingGroupName", name, length), []).append(percent)
        for (dimension, name, length), values in groups.items():
            key = _key(dimension, name)
            yield Item(key, "Percent", end - length, length, Datapoint.samples(values))

    def _gather(self, instance: Instance, start: float, end: float) -> None:
        usage = self._usage.setdefault(instance.id, _Usage())
        since = start if instance.running_since is None else max(instance.running_since, start)
        usage.cpu += instance.cpu_seconds(end)
        usage.vcpu_seconds += instance.type.vcpus * (end - since)


@lru_cache(maxsize=4096)
def _key(dimension: str, value: str) -> MetricKey:
    return MetricKey.of(NAMESPACE, "CPUUtilization", {dimension: value})

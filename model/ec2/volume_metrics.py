"""The metrics of the namespace AWS/EBS: what is known of volumes that a template attaches.

Source: "Amazon CloudWatch metrics for Amazon EBS". They come at one minute, free of charge, while
the volume is attached to an instance that runs. What a service reads and writes is not in a
scenario, so volumes are idle: no operation is under way, none waits, and no burst credit is spent.
A pause of their I/O shows as a failed check of stalled I/O (Nitro instances).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from attrs import define, field

from model.clock import MINUTE
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Instance, InstanceState
from model.ec2.volumes import AttachedVolume

NAMESPACE = "AWS/EBS"
IDLE = {
    "VolumeReadOps": ("Count", 0.0),
    "VolumeWriteOps": ("Count", 0.0),
    "VolumeReadBytes": ("Bytes", 0.0),
    "VolumeWriteBytes": ("Bytes", 0.0),
    "VolumeQueueLength": ("Count", 0.0),
    "VolumeIdleTime": ("Seconds", MINUTE),
}
"""What an idle volume tells of a minute, and in which unit."""
BURST, FULL = "BurstBalance", 100.0
STALLED = "VolumeStalledIOCheck"
BURSTING = ("gp2", "st1", "sc1")
"""Types of volumes that save credits."""


@define(eq=False)
class VolumeMetrics:
    """Has CloudWatch read of the volumes of a region."""

    metrics: MetricStore
    _ledger: Ledger[dict[str, bool]] = field(factory=Ledger)
    """The volumes that were attached in a minute, by id, and whether their I/O stood still."""
    _known: set[str] = field(factory=set)
    _attached: dict[str, bool] = field(factory=dict)
    """The record of a minute, while nothing changes."""
    _as_of: int = -1
    """The change of the roster that it belongs to."""

    def enter(self, instances: Iterable[Instance], changes: int, start: float) -> None:
        """The minute from `start` is over; the roster has seen so many changes."""
        if changes != self._as_of:
            self._attached, self._as_of = self._look(instances), changes
        if self._attached:
            self._ledger.enter(start, self._attached)

    def _look(self, instances: Iterable[Instance]) -> dict[str, bool]:
        attached: dict[str, bool] = {}
        for instance in instances:
            if instance.volumes and instance.state is InstanceState.RUNNING:
                for volume in instance.volumes:
                    attached[volume.id] = instance.ailing.volumes_impaired
                    if volume.id not in self._known:
                        self._add(volume, instance.type.nitro)
        return attached

    def _add(self, volume: AttachedVolume, nitro: bool) -> None:
        self._known.add(volume.id)
        for name, (unit, value) in IDLE.items():
            self._metric(volume, name, unit, value)
        if volume.type in BURSTING:
            self._metric(volume, BURST, "Percent", FULL)
        if nitro:
            self._metric(volume, STALLED, "None", None)

    def _metric(self, volume: AttachedVolume, name: str, unit: str, value: float | None) -> None:
        key = MetricKey(NAMESPACE, name, (("VolumeId", volume.id),))
        column = partial(_column, volume.id, value)
        self.metrics.metric(key, unit).add_column(self._ledger, column)


def _column(volume: str, value: float | None, attached: dict[str, bool]) -> Datapoint | None:
    """A value that stays the same, or (None) whether the volume's I/O stood still."""
    if volume not in attached:
        return None
    return Datapoint.single(float(attached[volume]) if value is None else value)

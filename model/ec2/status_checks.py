"""Status checks: every minute EC2 looks whether a running instance and its host are well.

Sources: "Status checks for Amazon EC2 instances" and "List the available CloudWatch metrics for
your instances: status check metrics". They come at one minute, free of charge, whatever the
monitoring. What fails them:

- the system status check: the host has lost its network or power, as in a whole zone that fails;
- the instance status check: the same, and an operating system that restarts. It asks the network
  interface itself (ARP), so that network ACLs (a disrupted subnet) do not fail it;
- the attached EBS status check (Nitro instances): a pause of the volumes' I/O.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from attrs import define, field, frozen

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Instance, InstanceState
from model.ec2.roll import Dimension, Roll

NAMESPACE = "AWS/EC2"
INITIALIZING = 120.0
"""Seconds from the state running until the checks first report; AWS says a few minutes."""
EITHER, INSTANCE, SYSTEM, EBS = (
    "StatusCheckFailed",
    "StatusCheckFailed_Instance",
    "StatusCheckFailed_System",
    "StatusCheckFailed_AttachedEBS",
)
CHECKS = (EITHER, INSTANCE, SYSTEM, EBS)


def system_impaired(instance: Instance) -> bool:
    """Whether the system status check of a running instance fails at present."""
    return bool(instance.effects) and instance.ailing.host_impaired


def instance_impaired(instance: Instance, now: float) -> bool:
    """Whether the instance status check of a running instance fails at present."""
    return now <= instance.restarting_until or system_impaired(instance)


def volumes_impaired(instance: Instance) -> bool:
    """Whether the attached EBS status check of a running instance fails at present."""
    return bool(instance.effects) and instance.ailing.volumes_impaired


@frozen(eq=False)
class Checks:
    """What the checks of some instances found, in each minute in which nothing changes."""

    roll: Roll
    nitro: frozenset[int]
    """Places of those with an attached EBS status check."""
    failed: dict[str, frozenset[int]]
    """Places of those that failed a check, by the metric that tells it."""
    _points: dict[tuple[str, Dimension], Datapoint] = field(factory=dict)

    def point(self, name: str, dimension: Dimension) -> Datapoint | None:
        """A sample for each instance that counts: 1 if it failed."""
        if (name, dimension) not in self._points:
            places = self.roll.places.get(dimension, [])
            if name == EBS:
                places = [place for place in places if place in self.nitro]
            if not places:
                return None
            failed = self.failed.get(name, frozenset())
            self._points[name, dimension] = Datapoint.samples(
                [float(place in failed) for place in places]
            )
        return self._points[name, dimension]


@define(eq=False)
class StatusChecks:
    """Checks the instances of a region, and has CloudWatch read what was found."""

    metrics: MetricStore
    _ledger: Ledger[Checks] = field(factory=Ledger)
    _checks: Checks = field(factory=lambda: Checks(Roll(), frozenset(), {}))
    _known: set[Dimension] = field(factory=set)
    """What it has metrics for."""
    _as_of: tuple[int, float] = (-1, -math.inf)
    """The change of the roster that `_checks` belongs to, and how long it stays the same."""

    def stale(self, states: int, end: float) -> bool:
        """Whether something may be different now, after so many changes of the roster."""
        return states != self._as_of[0] or end >= self._as_of[1]

    def review(
        self,
        instances: Sequence[Instance],
        groups: dict[str, str],
        states: int,
        end: float,
        until: float,
    ) -> None:
        """Look at all instances; `groups` are those that they count for until `until`."""
        ready = []
        for instance in instances:
            if instance.state is InstanceState.RUNNING and instance.running_since is not None:
                first = instance.running_since + INITIALIZING
                if first <= end:
                    ready.append(instance)
                    if end <= instance.restarting_until:
                        until = min(until, instance.restarting_until)
                else:
                    until = min(until, first)
        roll = Roll.of(ready, groups)
        system = frozenset([n for n, i in enumerate(ready) if system_impaired(i)])
        own = frozenset([n for n, i in enumerate(ready) if instance_impaired(i, end)])
        stalled = frozenset([n for n, i in enumerate(ready) if volumes_impaired(i)])
        failed = {EITHER: own | system, INSTANCE: own, SYSTEM: system, EBS: stalled}
        nitro = frozenset([n for n, i in enumerate(ready) if i.type.nitro])
        self._checks, self._as_of = Checks(roll, nitro, failed), (states, until)
        for dimension in roll.dimensions():
            if dimension not in self._known:
                self._known.add(dimension)
                self._add(dimension)

    def enter(self, start: float) -> None:
        """The minute from `start` is over."""
        if self._checks.roll.instances:
            self._ledger.enter(start, self._checks)

    def _add(self, dimension: Dimension) -> None:
        for name in CHECKS:
            key = MetricKey(NAMESPACE, name, (dimension,))
            self.metrics.metric(key, "Count").add_column(
                self._ledger, partial(_column, name, dimension)
            )


def _column(name: str, dimension: Dimension, checks: Checks) -> Datapoint | None:
    return checks.point(name, dimension)

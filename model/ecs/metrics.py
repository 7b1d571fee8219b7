"""The metrics of the namespaces AWS/ECS and ECS/ContainerInsights.

Sources: "Amazon ECS CloudWatch metrics", "Amazon ECS service utilization metrics", "Amazon ECS
Container Insights metrics". What AWS/ECS tells of a cluster as a whole is for EC2 instances alone;
how much memory tasks use is not simulated, so that nothing is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
from attrs import define, field, frozen

from model.clock import MINUTE
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Roster
from model.ec2.meters import Meters
from model.ecs.resources import Cluster
from model.ecs.scheduler import Scheduler
from model.ecs.tasks import LIVE, Task

NAMESPACE = "AWS/ECS"
INSIGHTS = "ECS/ContainerInsights"
UTILIZATION = "CPUUtilization"
LIVE_TASKS = "LiveTaskCount"
VENDED = {UTILIZATION: "Percent", LIVE_TASKS: "Count"}
"""Metrics of a service that are always there, and their units."""


@frozen(eq=False)
class Use:
    """What one task used in a minute."""

    family: str
    cpu_units: int
    memory: int
    """MiB."""
    percent: float
    received: float
    """Bytes per second."""
    sent: float

    @property
    def used(self) -> float:
        """CPU units."""
        return self.percent / 100 * self.cpu_units


@frozen(eq=False)
class Minute:
    """What a service was in a minute."""

    uses: tuple[Use, ...]
    """Of the tasks that run."""
    live: int
    running: int
    pending: int
    desired: int
    deployments: int


@define(eq=False)
class _Metered:
    """The running tasks of one service, as long as nothing changes."""

    ledger: Ledger[Minute] = field(factory=Ledger)
    as_of: int = -1
    """The change of the roster that the meters belong to."""
    tasks: list[Task] = field(factory=list)
    meters: Meters = field(factory=lambda: Meters((), {}, 0.0))

    def read(self, scheduler: Scheduler, changes: int, start: float, end: float) -> tuple[Use, ...]:
        """What was used in a minute; `changes` are those of the roster."""
        running = [
            task
            for task in scheduler.tasks
            if task.running_since is not None and task.running and task.running_since < end
        ]
        if changes != self.as_of or running != self.tasks:
            self.tasks, self.as_of = running, changes
            self.meters = Meters(running, self.meters.readings(), start)
        if not running:
            return ()
        found = self.meters.read(start, end)
        rows = np.broadcast_to(np.array(found), (len(running), 3)).tolist()
        return tuple(_use(task, row) for task, row in zip(running, rows, strict=True))


def _use(task: Task, row: Sequence[float]) -> Use:
    percent, received, sent = row
    definition = task.definition
    return Use(
        definition.revision.rpartition(":")[0],
        definition.cpu_units,
        definition.mebibytes,
        percent,
        received / MINUTE,
        sent / MINUTE,
    )


@define(eq=False)
class EcsMetrics:
    """Reads what services used, for CloudWatch to make datapoints of."""

    schedulers: Mapping[str, Scheduler]
    clusters: Mapping[str, Cluster]
    roster: Roster
    _metered: dict[str, _Metered] = field(factory=dict)
    _together: dict[str, Ledger[tuple[Minute, ...]]] = field(factory=dict)
    """What the services of each cluster with Container Insights were, by its name."""
    _families: set[tuple[str, str]] = field(factory=set)
    _store: MetricStore | None = None

    def report_to(self, metrics: MetricStore) -> None:
        """Make the metrics columns of the services' ledgers."""
        self._store = metrics
        for name, scheduler in self.schedulers.items():
            ledger = self._metered.setdefault(name, _Metered()).ledger
            own = scheduler.service.dimensions
            for metric, unit in VENDED.items():
                read = _utilization if metric == UTILIZATION else _live
                metrics.metric(MetricKey.of(NAMESPACE, metric, own), unit).add_column(ledger, read)
            if self._insights(scheduler.service.cluster_name):
                for metric, (unit, count) in COUNTS.items():
                    key = MetricKey.of(INSIGHTS, metric, own)
                    metrics.metric(key, unit).add_column(ledger, partial(_count, count))
                for metric, (unit, part) in USES.items():
                    key = MetricKey.of(INSIGHTS, metric, own)
                    metrics.metric(key, unit).add_column(ledger, partial(_used, part, None))
        for cluster in filter(self._insights, self.clusters):
            together = self._together[cluster] = Ledger[tuple[Minute, ...]]()
            dimensions = {"ClusterName": cluster}
            for metric, read_all in OF_CLUSTER.items():
                key = MetricKey.of(INSIGHTS, metric, dimensions)
                metrics.metric(key, "Count").add_column(together, read_all)
            for metric, (unit, part) in USES.items():
                key = MetricKey.of(INSIGHTS, metric, dimensions)
                metrics.metric(key, unit).add_column(together, partial(_used_together, part, None))

    def _insights(self, cluster: str) -> bool:
        return cluster in self.clusters and self.clusters[cluster].insights

    def publish(self, end: float) -> None:
        """The minute that ends now is over."""
        start = end - MINUTE
        of_clusters: dict[str, list[Minute]] = {name: [] for name in self._together}
        for name, scheduler in self.schedulers.items():
            metered = self._metered[name]
            minute = _minute(scheduler, metered.read(scheduler, self.roster.changes, start, end))
            metered.ledger.enter(start, minute)
            if scheduler.service.cluster_name in of_clusters:
                of_clusters[scheduler.service.cluster_name].append(minute)
        for cluster, minutes in of_clusters.items():
            self._together[cluster].enter(start, tuple(minutes))
            for minute in minutes:
                for use in minute.uses:
                    self._add_family(cluster, use.family)

    def _add_family(self, cluster: str, family: str) -> None:
        if (cluster, family) in self._families or self._store is None:
            return
        self._families.add((cluster, family))
        for metric, (unit, part) in USES.items():
            dimensions = {"ClusterName": cluster, "TaskDefinitionFamily": family}
            key = MetricKey.of(INSIGHTS, metric, dimensions)
            column = partial(_used_together, part, family)
            self._store.metric(key, unit).add_column(self._together[cluster], column)


def _minute(scheduler: Scheduler, uses: tuple[Use, ...]) -> Minute:
    counts = scheduler.counts
    return Minute(
        uses,
        sum(task.status in LIVE for task in scheduler.tasks),
        counts.running,
        counts.pending,
        counts.desired,
        len(scheduler.rollouts.deployments),
    )


COUNTS = {
    "RunningTaskCount": ("Count", "running"),
    "PendingTaskCount": ("Count", "pending"),
    "DesiredTaskCount": ("Count", "desired"),
    "DeploymentCount": ("Count", "deployments"),
}
"""Metrics of Container Insights for a service: units, and the fields of `Minute` that they tell."""
USES = {
    "CpuUtilized": ("None", "used"),
    "CpuReserved": ("None", "cpu_units"),
    "MemoryReserved": ("Megabytes", "memory"),
    "NetworkRxBytes": ("Bytes/Second", "received"),
    "NetworkTxBytes": ("Bytes/Second", "sent"),
}
"""The same of tasks, with the parts of `Use` that they add up."""


def _utilization(minute: Minute) -> Datapoint | None:
    """A sample for each task that runs; without any, nothing is told."""
    return Datapoint.samples([use.percent for use in minute.uses]) if minute.uses else None


def _live(minute: Minute) -> Datapoint | None:
    return Datapoint.single(float(minute.live)) if minute.running else None


def _count(name: str, minute: Minute) -> Datapoint:
    return Datapoint.single(float(getattr(minute, name)))


def _used(part: str, family: str | None, minute: Minute) -> Datapoint | None:
    return _sum(part, [use for use in minute.uses if family in (None, use.family)])


def _used_together(part: str, family: str | None, minutes: Iterable[Minute]) -> Datapoint | None:
    uses = [use for minute in minutes for use in minute.uses if family in (None, use.family)]
    return _sum(part, uses)


def _sum(part: str, uses: Sequence[Use]) -> Datapoint | None:
    if not uses:
        return None
    return Datapoint.single(float(sum(getattr(use, part) for use in uses)))


def _tasks_of_cluster(minutes: Sequence[Minute]) -> Datapoint:
    return Datapoint.single(float(sum(minute.running for minute in minutes)))


def _services_of_cluster(minutes: Sequence[Minute]) -> Datapoint:
    return Datapoint.single(float(len(minutes)))


OF_CLUSTER: dict[str, Callable[[tuple[Minute, ...]], Datapoint]] = {
    "TaskCount": _tasks_of_cluster,
    "ServiceCount": _services_of_cluster,
}
"""Metrics of Container Insights for a cluster as a whole."""

"""The metrics of groups and their warm pools, for groups that have them enabled.

Source: "Amazon CloudWatch metrics for Amazon EC2 Auto Scaling". Capacities are in the units
of the group, instances are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from model.autoscaling.members import Capacity
from model.autoscaling.resources import AutoScalingGroup
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.journal import Journal

NAMESPACE = "AWS/AutoScaling"
SAMPLE_SECOND = 20.0
"""When in each minute the group metrics are sampled; AWS does not say."""
PARTS = {
    "GroupMinSize": "Min",
    "GroupMaxSize": "Max",
    "GroupDesiredCapacity": "Desired",
    "GroupInServiceInstances": "InService",
    "GroupPendingInstances": "Pending",
    "GroupStandbyInstances": "Standby",
    "GroupTerminatingInstances": "Terminating",
    "GroupTotalInstances": "Total",
    "GroupInServiceCapacity": "InServiceCapacity",
    "GroupPendingCapacity": "PendingCapacity",
    "GroupStandbyCapacity": "StandbyCapacity",
    "GroupTerminatingCapacity": "TerminatingCapacity",
    "GroupTotalCapacity": "TotalCapacity",
    "WarmPoolMinSize": "WarmMin",
    "WarmPoolDesiredCapacity": "WarmDesired",
    "WarmPoolWarmedCapacity": "Warmed",
    "WarmPoolPendingCapacity": "WarmPending",
    "WarmPoolTerminatingCapacity": "WarmTerminating",
    "WarmPoolTotalCapacity": "WarmTotal",
    "GroupAndWarmPoolDesiredCapacity": "AllDesired",
    "GroupAndWarmPoolTotalCapacity": "AllTotal",
}
"""The group metrics, each with the part of the capacity that it tells."""


class GroupMetrics:
    """What CloudWatch is told of the groups of one region."""

    def __init__(self, journal: Journal, groups: Iterable[AutoScalingGroup]) -> None:
        self._journal = journal
        self._groups = [group for group in groups if group.enabled_metrics is not None]
        self._ledgers: dict[str, Ledger[Capacity]] = {}

    def report_to(self, metrics: MetricStore, pools: Iterable[str]) -> None:
        """Have CloudWatch read the metrics that are enabled; those of warm pools only of groups
        that have one."""
        pooled = frozenset(pools)
        for group in self._groups:
            wanted, ledger = group.enabled_metrics, Ledger[Capacity]()
            self._ledgers[group.logical_id] = ledger
            for name, part in PARTS.items():
                if "WarmPool" in name and group.logical_id not in pooled:
                    continue
                if not wanted or name in wanted:
                    key = MetricKey(NAMESPACE, name, (("AutoScalingGroupName", group.name),))
                    metrics.metric(key, "None").add_column(ledger, partial(_capacity, part))

    def publish(self, start: float) -> None:
        """Enter the capacities of the minute that began at `start`."""
        for name, ledger in self._ledgers.items():
            capacity = self._journal.at(start + SAMPLE_SECOND, name, "capacity")
            if capacity is not None:
                ledger.enter(start, capacity)


def _capacity(part: str, capacity: Capacity) -> Datapoint:
    return Datapoint.single(float(capacity.part(part)))

"""The metrics of the namespace AWS/Usage: how much of service quotas is used.

Source: "AWS usage metrics". They are collected every minute, and their Maximum is what counts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import define, field

from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import InstanceState
from model.elb.resources import TargetGroup
from model.quotas import BALANCERS, GROUPS, TARGET_GROUPS, VCPUS, Quota

if TYPE_CHECKING:
    from model.world import World

IN_USE = (InstanceState.PENDING, InstanceState.RUNNING)


@define(eq=False)
class UsageMetrics:
    """Counts what is used, for CloudWatch to make datapoints of."""

    world: World
    metrics: MetricStore
    _ledger: Ledger[dict[Quota, int]] = field(factory=Ledger)
    _counts: dict[Quota, int] = field(factory=dict)
    _as_of: int = -1
    """The change of the roster that they belong to."""
    _known: set[Quota] = field(factory=set)

    def publish(self, start: float) -> None:
        """The minute from `start` is over."""
        states = self.world.ec2.roster.states
        if states != self._as_of:
            self._counts, self._as_of = _count(self.world), states
            for quota, number in self._counts.items():
                if number and quota not in self._known:
                    self._known.add(quota)
                    metric = self.metrics.metric(quota.key, "None")
                    metric.add_column(self._ledger, partial(_usage, quota))
        self._ledger.enter(start, self._counts)


def _count(world: World) -> dict[Quota, int]:
    kinds = [balancer.resource.kind for balancer in world.elb.balancers.values()]
    return {
        VCPUS: round(sum(i.type.vcpus for i in world.ec2.instances.values() if i.state in IN_USE)),
        **{quota: kinds.count(kind) for kind, quota in BALANCERS.items()},
        TARGET_GROUPS: len(world.stack.of(TargetGroup)),
        GROUPS: len(world.autoscaling.groups),
    }


def _usage(quota: Quota, counts: dict[Quota, int]) -> Datapoint:
    return Datapoint.single(float(counts[quota]))

"""What a load balancer counts in a minute: the records that its metrics are columns of."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

from attrs import field, frozen

from model.cloudwatch.metrics import Column
from model.cloudwatch.statistics import Datapoint
from model.elb.anomalies import anomalous, compared
from model.elb.capacity import Use
from model.elb.census import Points
from model.elb.classic import Queue
from model.elb.load_balancer import LoadBalancerState
from model.elb.tallies import Settlement
from model.elb.target_group import TargetGroupState

Dimensions = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""
Named = tuple[str, Dimensions, Column]
"""A metric's name and dimensions, and what it is read from."""


@frozen
class Hosts:
    """The registered targets of a group in some zones."""

    healthy: Datapoint
    unhealthy: Datapoint
    sharing: int
    """Those that requests per target are an average over."""
    zones: int
    """The zones that this is about."""
    fit_for_dns: int
    """Those of them where the group meets its requirement to stay in DNS."""
    fit_for_routing: int
    """Those where nodes send to healthy targets only."""
    shifted: int
    """Targets that a zonal shift keeps requests away from."""
    anomalous: int
    """Targets that failed more than their peers at the end of the minute."""
    mitigated: int
    """Targets that were sent less than their share for that, by then."""


@frozen(eq=False)
class Minute:
    """What a load balancer counted in a minute."""

    requests: Settlement
    hosts: dict[tuple[str, str | None], Hosts]
    """By target group and zone (None: in all); without those that have no targets."""
    use: Use
    in_dns: tuple[str, ...]
    """Zones whose nodes clients were sent to at its end."""
    queues: Mapping[str, Queue] = field(factory=dict)
    """The surge queues of a Classic Load Balancer, by zone."""


class _Observed(NamedTuple):
    """What the hosts of a group are counted from."""

    group: str
    gauges: Points
    fitness: dict[str | None, tuple[int, int, int, int]]
    shifted: dict[str | None, int]
    suspects: dict[str | None, tuple[int, int]]

    def hosts(self, zone: str | None) -> Hosts:
        """Those in a zone (None: in all)."""
        suspects = self.suspects.get(zone, (0, 0))
        return Hosts(*self.gauges[zone], *self.fitness[zone], self.shifted.get(zone, 0), *suspects)


class HostCounter:
    """Counts the targets of one load balancer's groups minute by minute."""

    def __init__(self, balancer: LoadBalancerState) -> None:
        self._balancer = balancer
        self._observed: list[_Observed] = []
        self._hosts: dict[tuple[str, str | None], Hosts] = {}

    def count(self, end: float) -> dict[tuple[str, str | None], Hosts]:
        """The targets of each group as the nodes saw them in the minute until `end`; one and the
        same count for all the minutes in which nothing changes."""
        nodes = self._balancer.nodes.values()
        reports = float(max([node.dark for node in nodes].count(False), 1))
        observed = []
        for group in self._balancer.groups.values():
            if group.resource.counts_hosts:
                gauges = group.census.close(end, reports)
                if group.targets:
                    own = group.fitness, group.shifted_targets(), _suspects(group)
                    observed.append(_Observed(group.id, gauges, *own))
        if observed != self._observed:
            self._observed = observed
            self._hosts = {
                (own.group, zone): own.hosts(zone) for own in observed for zone in own.fitness
            }
        return self._hosts


def _suspects(group: TargetGroupState) -> dict[str | None, tuple[int, int]]:
    """Targets of each zone and (None) of all that are anomalous, and that are mitigated."""
    found: dict[str | None, tuple[int, int]] = {}
    if not group.resource.compared:
        return found
    healthy = compared(group.scopes)
    suspects = anomalous(healthy)
    for cohort in healthy:
        fails, less = cohort in suspects, cohort.trust < 1.0
        if fails or less:
            for zone in chain([target.zone for target in cohort.targets], [None] * cohort.size):
                before = found.get(zone, (0, 0))
                found[zone] = before[0] + fails, before[1] + less
    return found


def count(number: int) -> Datapoint | None:
    """A sum that is published only when it is not zero."""
    return Datapoint(number, number, 1.0, 1.0) if number else None


def hosts(state: str, group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    """The column of a group's healthy or unhealthy targets."""
    found = minute.hosts.get((group, zone))
    return None if found is None else found.healthy if state == "healthy" else found.unhealthy

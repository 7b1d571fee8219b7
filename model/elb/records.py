"""What a load balancer counts in a minute: the records that its metrics are columns of."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from attrs import field, frozen

from model.cloudwatch.metrics import Column
from model.cloudwatch.statistics import Datapoint
from model.elb.anomalies import anomalous, compared
from model.elb.capacity import Use
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


def count_hosts(balancer: LoadBalancerState, end: float) -> dict[tuple[str, str | None], Hosts]:
    """The targets of each group as the nodes saw them in the minute until `end`."""
    reports = float(max(sum(not node.dark for node in balancer.nodes.values()), 1))
    found: dict[tuple[str, str | None], Hosts] = {}
    for group in balancer.groups.values():
        if not group.resource.counts_hosts:
            continue
        fitness = group.fitness
        shifted = group.shifted_targets() if group.shifted else {}
        suspects = _suspects(group)
        for zone in (*group.zones, None):
            healthy, unhealthy = group.census.gauges(zone)
            points = healthy.close(end, reports), unhealthy.close(end, reports)
            if group.targets:
                away = sum(shifted.values()) if zone is None else shifted.get(zone, 0)
                of_all = group.census.sharing(zone), *fitness[zone], away
                found[group.id, zone] = Hosts(*points, *of_all, *suspects.get(zone, (0, 0)))
    return found


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

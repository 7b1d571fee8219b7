"""The metrics of the namespace AWS/ApplicationELB, minute by minute.

Source: "CloudWatch metrics for your Application Load Balancer". Most metrics are published only
when they are not zero, so that a missing datapoint means none; host counts come from every node as
long as targets are registered. L, A, T stand for the dimensions LoadBalancer, AvailabilityZone and
TargetGroup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from attrs import frozen

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint, Gauge
from model.elb.load_balancer import Ending, LoadBalancerState
from model.elb.settlement import FAILED, STATUS, Settlement, Tally
from model.elb.target_group import TargetGroupState

NAMESPACE = "AWS/ApplicationELB"


@frozen
class Item:
    """One datapoint on its way to CloudWatch."""

    key: MetricKey
    unit: str
    point: Datapoint


def items(balancer: LoadBalancerState, minute: Settlement, end: float) -> list[Item]:
    """The datapoints of a load balancer and its target groups for a minute that ends at `end`."""
    return [*_of_balancer(balancer, minute)] + [
        item
        for group in balancer.groups.values()
        for item in (*_of_traffic(balancer, group, minute), *_of_hosts(balancer, group, end))
    ]


Dimensions = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""


@lru_cache(maxsize=4096)
def _key(name: str, dimensions: Dimensions) -> MetricKey:
    return MetricKey(NAMESPACE, name, dimensions)


def _item(name: str, unit: str, dimensions: Dimensions, point: Datapoint) -> Item:
    return Item(_key(name, dimensions), unit, point)


def _counts(dimensions: Dimensions, counts: dict[str, int]) -> Iterator[Item]:
    """Sums that are published only when they are not zero."""
    for name, count in counts.items():
        if count:
            yield _item(name, "Count", dimensions, Datapoint(count, count, 1.0, 1.0))


def _target_counts(tally: Tally) -> dict[str, int]:
    outcomes = tally.outcomes
    return {
        "RequestCount": tally.received,
        "HTTPCode_Target_2XX_Count": outcomes["succeeded"],
        "HTTPCode_Target_5XX_Count": outcomes["errors"],
        "TargetConnectionErrorCount": outcomes["refused"] + outcomes["connect_timeouts"],
        "UnhealthyRoutingRequestCount": tally.fail_open,
    }


def _of_balancer(balancer: LoadBalancerState, minute: Settlement) -> Iterator[Item]:
    """Dimensions L and A+L."""
    own = ("LoadBalancer", balancer.resource.full_name)
    for zone in balancer.nodes:
        ended = {ending: n for ending, n in minute.ended.items() if ending.zone == zone}
        yield from _frontend((("AvailabilityZone", zone), own), minute.tally(zone=zone), ended)
    yield from _frontend((own,), minute.tally(), minute.ended)


def _frontend(dimensions: Dimensions, tally: Tally, ended: Mapping[Ending, int]) -> Iterator[Item]:
    own = _own_statuses(tally, ended)
    counts = {name: n for name, n in _target_counts(tally).items() if name[:9] != "Unhealthy"}
    for family in "45":
        of_family = (n for status, n in own.items() if status[0] == family)
        counts[f"HTTPCode_ELB_{family}XX_Count"] = sum(of_family)
    for status in ("500", "502", "503", "504"):
        counts[f"HTTPCode_ELB_{status}_Count"] = own[status]
    fixed = (n for ending, n in ended.items() if ending.fixed)
    counts["HTTP_Fixed_Response_Count"] = sum(fixed)
    yield from _counts(dimensions, counts)
    yield from _response_time(dimensions, tally)


def _own_statuses(tally: Tally, ended: Mapping[Ending, int]) -> Counter[str]:
    """The answers that originate from the load balancer, fixed responses among them."""
    own = Counter[str]()
    for outcome in FAILED:
        own[STATUS[outcome]] += tally.outcomes[outcome]
    for ending, number in ended.items():
        own[ending.status] += number
    return own


def _response_time(dimensions: Dimensions, tally: Tally) -> Iterator[Item]:
    if tally.answered:
        yield _item("TargetResponseTime", "Seconds", dimensions, tally.response_times)


def _of_traffic(
    balancer: LoadBalancerState, group: TargetGroupState, minute: Settlement
) -> Iterator[Item]:
    """Dimensions L+T and A+L+T; RequestCountPerTarget also T and A+T."""
    places: list[tuple[Dimensions, tuple[str, ...], str | None]] = [
        ((("AvailabilityZone", zone),), (zone,), zone) for zone in group.zones
    ]
    own = ("TargetGroup", group.resource.full_name)
    for place, zones, zone in [*places, ((), group.zones, None)]:
        dimensions = (*place, ("LoadBalancer", balancer.resource.full_name), own)
        tally = minute.tally(group.id, zone)
        yield from _counts(dimensions, _target_counts(tally))
        yield from _response_time(dimensions, tally)
        hosts = group.hosts(zones)
        if hosts:
            point = Datapoint.single(tally.received / hosts)
            yield _item("RequestCountPerTarget", "Count", dimensions, point)
            yield _item("RequestCountPerTarget", "Count", (*place, own), point)


def _of_hosts(balancer: LoadBalancerState, group: TargetGroupState, end: float) -> Iterator[Item]:
    """Dimensions L+T and A+L+T; each node reports what it sees."""
    reports = float(max(sum(not node.dark for node in balancer.nodes.values()), 1))
    own = (
        ("LoadBalancer", balancer.resource.full_name),
        ("TargetGroup", group.resource.full_name),
    )
    gauges: list[tuple[Dimensions, Gauge, Gauge]] = [
        (own, group.healthy_total, group.unhealthy_total)
    ]
    gauges += [
        ((("AvailabilityZone", zone), *own), group.healthy[zone], group.unhealthy[zone])
        for zone in group.zones
    ]
    for place, healthy, unhealthy in gauges:
        counts = healthy.close(end, reports), unhealthy.close(end, reports)
        if group.targets:
            for name, point in zip(("HealthyHostCount", "UnHealthyHostCount"), counts, strict=True):
                yield _item(name, "Count", place, point)

"""The metrics of the namespace AWS/ApplicationELB, minute by minute.

Source: "CloudWatch metrics for your Application Load Balancer". Most metrics are published only
when they are not zero, so that a missing datapoint means none; host counts come from every node as
long as targets are registered. L, A, T stand for the dimensions LoadBalancer, AvailabilityZone and
TargetGroup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import frozen

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from model.elb.load_balancer import Ending, LoadBalancerState
from model.elb.settlement import FAILED, STATUS, Settlement, Tally
from model.elb.target_group import TargetGroupState
from model.elb.targets import TargetState

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


def _item(name: str, unit: str, dimensions: dict[str, str], point: Datapoint) -> Item:
    return Item(MetricKey.of(NAMESPACE, name, dimensions), unit, point)


def _counts(dimensions: dict[str, str], counts: dict[str, int]) -> Iterator[Item]:
    """Sums that are published only when they are not zero."""
    for name, count in counts.items():
        if count:
            point = Datapoint(count, count, 1.0, 1.0)
            yield _item(name, "Count", dimensions, point)


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
    name = balancer.resource.full_name
    total = Tally()
    for zone in balancer.nodes:
        tally = Tally()
        for (_, place), part in minute.groups.items():
            if place == zone:
                tally.add(part)
        ended = {ending: n for ending, n in minute.ended.items() if ending.zone == zone}
        total.add(tally)
        yield from _frontend({"AvailabilityZone": zone, "LoadBalancer": name}, tally, ended)
    yield from _frontend({"LoadBalancer": name}, total, minute.ended)


def _frontend(
    dimensions: dict[str, str], tally: Tally, ended: Mapping[Ending, int]
) -> Iterator[Item]:
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


def _response_time(dimensions: dict[str, str], tally: Tally) -> Iterator[Item]:
    if tally.answered:
        point = Datapoint.latencies(tally.latencies)
        yield _item("TargetResponseTime", "Seconds", dimensions, point)


def _of_traffic(
    balancer: LoadBalancerState, group: TargetGroupState, minute: Settlement
) -> Iterator[Item]:
    """Dimensions L+T and A+L+T; RequestCountPerTarget also T and A+T."""
    name, own = balancer.resource.full_name, group.resource.full_name
    total = Tally()
    for zone in group.zones:
        tally = minute.groups.get((group.id, zone), Tally())
        total.add(tally)
        dimensions = {"AvailabilityZone": zone, "LoadBalancer": name, "TargetGroup": own}
        yield from _counts(dimensions, _target_counts(tally))
        yield from _response_time(dimensions, tally)
        yield from _per_target(dimensions, tally, group, (zone,))
    dimensions = {"LoadBalancer": name, "TargetGroup": own}
    yield from _counts(dimensions, _target_counts(total))
    yield from _response_time(dimensions, total)
    yield from _per_target(dimensions, total, group, group.zones)


def _per_target(
    dimensions: dict[str, str], tally: Tally, group: TargetGroupState, zones: tuple[str, ...]
) -> Iterator[Item]:
    """An average over the healthy targets there, or over all registered ones if none is healthy."""
    there = [t for t in group.targets.values() if t.registered and t.zone in zones]
    healthy = sum(target.state is TargetState.HEALTHY for target in there)
    if there:
        point = Datapoint.single(tally.received / (healthy or len(there)))
        yield _item("RequestCountPerTarget", "Count", dimensions, point)
        alone = {name: value for name, value in dimensions.items() if name != "LoadBalancer"}
        yield _item("RequestCountPerTarget", "Count", alone, point)


def _of_hosts(balancer: LoadBalancerState, group: TargetGroupState, end: float) -> Iterator[Item]:
    """Dimensions L+T and A+L+T; each node reports what it sees."""
    reports = float(len(balancer.nodes))
    dimensions = {
        "LoadBalancer": balancer.resource.full_name,
        "TargetGroup": group.resource.full_name,
    }
    gauges = [(dimensions, group.healthy_total, group.unhealthy_total)]
    gauges += [
        ({"AvailabilityZone": zone, **dimensions}, group.healthy[zone], group.unhealthy[zone])
        for zone in group.zones
    ]
    for place, healthy, unhealthy in gauges:
        counts = healthy.close(end, reports), unhealthy.close(end, reports)
        if group.targets:
            for name, point in zip(("HealthyHostCount", "UnHealthyHostCount"), counts, strict=True):
                yield _item(name, "Count", place, point)

"""The metrics of the namespace AWS/ApplicationELB, minute by minute.

Source: "CloudWatch metrics for your Application Load Balancer". Most metrics are published only
when they are not zero, so that a missing datapoint means none; host counts come from every node as
long as targets are registered. L, A, T stand for the dimensions LoadBalancer, AvailabilityZone and
TargetGroup.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from model.elb.load_balancer import LoadBalancerState
from model.elb.settlement import Settlement, Tally
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
    total, total_ended = Tally(), dict[str, int]()
    for zone in balancer.nodes:
        tally, ended = Tally(), dict[str, int]()
        for (_, place), part in minute.groups.items():
            if place == zone:
                tally.add(part)
        for (place, status), number in minute.ended.items():
            if place == zone:
                ended[status] = ended.get(status, 0) + number
                total_ended[status] = total_ended.get(status, 0) + number
        total.add(tally)
        yield from _frontend({"AvailabilityZone": zone, "LoadBalancer": name}, tally, ended)
    yield from _frontend({"LoadBalancer": name}, total, total_ended)


def _frontend(dimensions: dict[str, str], tally: Tally, ended: dict[str, int]) -> Iterator[Item]:
    outcomes = tally.outcomes
    bad_gateway = outcomes["refused"] + outcomes["broken"]
    gateway_timeout = outcomes["connect_timeouts"] + outcomes["late"]
    fixed = {status: n for status, n in ended.items() if status.isdigit() and status != "503"}
    unavailable = ended.get("503", 0)
    counts = {name: n for name, n in _target_counts(tally).items() if name[:9] != "Unhealthy"}
    counts |= {
        "HTTPCode_ELB_4XX_Count": sum(n for status, n in fixed.items() if status[0] == "4"),
        "HTTPCode_ELB_5XX_Count": bad_gateway
        + unavailable
        + gateway_timeout
        + sum(n for status, n in fixed.items() if status[0] == "5"),
        "HTTPCode_ELB_502_Count": bad_gateway,
        "HTTPCode_ELB_503_Count": unavailable,
        "HTTPCode_ELB_504_Count": gateway_timeout,
        "HTTP_Fixed_Response_Count": sum(fixed.values()),
    }
    yield from _counts(dimensions, counts)
    yield from _response_time(dimensions, tally)


def _response_time(dimensions: dict[str, str], tally: Tally) -> Iterator[Item]:
    if tally.answered:
        point = Datapoint.latencies(tally.latencies)
        yield _item("TargetResponseTime", "Seconds", dimensions, point)


def _of_traffic(
    balancer: LoadBalancerState, group: TargetGroupState, minute: Settlement
) -> Iterator[Item]:
    """Dimensions L+T and A+L+T; RequestCountPerTarget also T and A+T."""
    name, own = balancer.resource.full_name, group.resource.full_name
    registered = sum(target.registered for target in group.targets.values())
    total = Tally()
    for zone in group.zones:
        tally = minute.groups.get((group.id, zone), Tally())
        total.add(tally)
        dimensions = {"AvailabilityZone": zone, "LoadBalancer": name, "TargetGroup": own}
        yield from _counts(dimensions, _target_counts(tally))
        yield from _response_time(dimensions, tally)
    dimensions = {"LoadBalancer": name, "TargetGroup": own}
    yield from _counts(dimensions, _target_counts(total))
    yield from _response_time(dimensions, total)
    # an average over the healthy targets, over all registered ones where none is healthy
    hosts = group.healthy_total.level or registered
    if hosts:
        point = Datapoint.single(total.received / hosts)
        yield _item("RequestCountPerTarget", "Count", {"TargetGroup": own}, point)
        yield _item("RequestCountPerTarget", "Count", dimensions, point)


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

"""The metrics of the namespace AWS/NetworkELB.

Source: "CloudWatch metrics for your Network Load Balancer". L, A, T stand for the dimensions
LoadBalancer, AvailabilityZone and TargetGroup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from model.clock import MINUTE
from model.cloudwatch.statistics import Datapoint
from model.elb.application_metrics import consumed
from model.elb.marks import Mark
from model.elb.records import Dimensions, Minute, Named, count, hosts
from model.traffic.source import PACKET

FLOW_PROTOCOLS = ("TCP", "TLS", "UDP")


def of_balancer(dimensions: Dimensions, zone: str | None) -> Iterator[Named]:
    """Dimensions L and A+L; some L only."""
    for name, read in ALWAYS.items():
        yield name, dimensions, partial(_always, read, zone)
    yield "ActiveFlowCount", dimensions, partial(_active, zone)
    yield str(Mark.NO_PORT), dimensions, partial(_marked, Mark.NO_PORT, zone)
    for name in RESETS:
        yield name, dimensions, partial(_resets, name, zone)
    if zone is None:
        yield "ConsumedLCUs", dimensions, consumed
        yield "UnhealthyRoutingFlowCount", dimensions, _fail_open
        for protocol in FLOW_PROTOCOLS:
            yield f"NewFlowCount_{protocol}", dimensions, partial(_of_protocol, protocol)
    else:
        yield "ZonalHealthStatus", dimensions, partial(_zonal_health, zone)


def of_group(
    place: Dimensions, balancer: tuple[str, str], own: tuple[str, str], group: str, zone: str | None
) -> Iterator[Named]:
    """Dimensions L+T and A+L+T."""
    dimensions = (*place, balancer, own)
    yield "HealthyHostCount", dimensions, partial(hosts, "healthy", group, zone)
    yield "UnHealthyHostCount", dimensions, partial(hosts, "unhealthy", group, zone)


Reading = Callable[[Minute, float], float]


def _new(minute: Minute, share: float) -> float:
    return minute.use.new * share


def _bytes(minute: Minute, share: float) -> float:
    return minute.use.bytes * share


def _packets(minute: Minute, share: float) -> float:
    return minute.use.bytes * share / PACKET


def _bytes_per_second(minute: Minute, share: float) -> float:
    return _bytes(minute, share) / MINUTE


def _packets_per_second(minute: Minute, share: float) -> float:
    return _packets(minute, share) / MINUTE


def _none(_: Minute, __: float) -> float:
    """What has no cause in this world."""
    return 0.0


ALWAYS: dict[str, Reading] = {
    "NewFlowCount": _new,
    "ProcessedBytes": _bytes,
    "ProcessedPackets": _packets,
    "PeakBytesPerSecond": _bytes_per_second,
    "PeakPacketsPerSecond": _packets_per_second,
    "RejectedFlowCount": _none,
}
"""Metrics that are published every minute, zero or not. Traffic flows evenly within a minute, so
that a peak is its mean."""
RESETS = {
    "TCP_Client_Reset_Count": (),
    "TCP_ELB_Reset_Count": ("cut", "late"),
    "TCP_Target_Reset_Count": ("refused", "broken"),
}
"""Reset packets, each with the outcomes of flows that it tells of; clients send none."""


def _share(zone: str | None, minute: Minute) -> float:
    return 1.0 if zone is None else minute.use.shares.get(zone, 0.0)


def _always(read: Reading, zone: str | None, minute: Minute) -> Datapoint:
    return Datapoint.single(float(round(read(minute, _share(zone, minute)))))


def _active(zone: str | None, minute: Minute) -> Datapoint:
    return Datapoint.single(float(round(minute.use.active * _share(zone, minute))))


def _marked(mark: Mark, zone: str | None, minute: Minute) -> Datapoint:
    return Datapoint.single(float(minute.requests.with_mark(mark, zone)))


def _resets(name: str, zone: str | None, minute: Minute) -> Datapoint:
    outcomes = minute.requests.tally(None, zone).outcomes
    return Datapoint.single(float(sum(outcomes[outcome] for outcome in RESETS[name])))


def _fail_open(minute: Minute) -> Datapoint | None:
    return count(minute.requests.tally().fail_open)


def _of_protocol(protocol: str, minute: Minute) -> Datapoint | None:
    flows = minute.use.flows
    own = flows.get(protocol, 0.0) + (flows.get("TCP_UDP", 0.0) if protocol == "TCP" else 0.0)
    return count(round(own))


def _zonal_health(zone: str, minute: Minute) -> Datapoint:
    return Datapoint.single(float(zone in minute.in_dns))


METRICS = (
    *ALWAYS,
    "ActiveFlowCount",
    str(Mark.NO_PORT),
    *RESETS,
    "ConsumedLCUs",
    "UnhealthyRoutingFlowCount",
)
"""Metrics of a Network Load Balancer as a whole."""

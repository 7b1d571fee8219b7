"""The metrics of the namespace AWS/ELB, of Classic Load Balancers.

Source: "CloudWatch metrics for your Classic Load Balancer". Each is known by the load balancer's
name, by a zone, and by both; what is known by a zone alone is that of all load balancers there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from model.cloudwatch.statistics import Datapoint, union
from model.elb.endings import Cause
from model.elb.marks import Mark
from model.elb.records import Dimensions, Minute, Named, count, hosts
from model.elb.statuses import OF_REQUESTS
from model.elb.tallies import Tally


def of_balancer(
    dimensions: Dimensions, zone: str | None, pools: frozenset[str], checked: str
) -> Iterator[Named]:
    """All metrics of a load balancer or of its node in one zone; `pools` are those of requests,
    and the health of instances is that of `checked`."""
    yield "RequestCount", dimensions, partial(_requests, zone)
    for name in OF_INSTANCES:
        yield name, dimensions, partial(_tallied, name, pools, zone)
    yield "Latency", dimensions, partial(_latency, pools, zone)
    yield str(Mark.NON_COMPLIANT), dimensions, partial(_marked, zone)
    for name, begins in OF_BALANCER.items():
        yield name, dimensions, partial(_answers, begins, pools, zone)
    yield "SpilloverCount", dimensions, partial(_spilled, zone)
    yield "SurgeQueueLength", dimensions, partial(_waiting, zone)
    yield "BackendConnectionErrors", dimensions, partial(_errors, zone)
    for state in ("healthy", "unhealthy"):
        name = "HealthyHostCount" if state == "healthy" else "UnHealthyHostCount"
        yield name, dimensions, partial(hosts, state, checked, zone)
    if zone is None:
        yield "EstimatedALBActiveConnectionCount", dimensions, _active
        yield "EstimatedALBNewConnectionCount", dimensions, _new
        yield "EstimatedALBConsumedLCUs", dimensions, _units
        yield "EstimatedProcessedBytes", dimensions, _bytes


OF_INSTANCES: dict[str, Callable[[Tally], int]] = {
    "HTTPCode_Backend_2XX": lambda tally: tally.outcomes["succeeded"],
    "HTTPCode_Backend_5XX": lambda tally: tally.outcomes["errors"],
}
"""Answers of instances to requests; connections have none that anybody reads."""
CONNECTING = 0.001
"""Seconds that a connection to an instance takes: the Latency of TCP and SSL listeners."""
OF_BALANCER = {"HTTPCode_ELB_4XX": "4", "HTTPCode_ELB_5XX": "5"}
"""The load balancer's own answers, with how their statuses begin."""
METRICS = (
    "RequestCount",
    str(Mark.NON_COMPLIANT),
    *OF_INSTANCES,
    *OF_BALANCER,
    "SpilloverCount",
    "BackendConnectionErrors",
)
"""Metrics that are sums."""


def _requests(zone: str | None, minute: Minute) -> Datapoint | None:
    """Requests completed and connections made."""
    return count(sum(minute.requests.tally(None, zone).outcomes.values()))


def _tallied(
    name: str, pools: frozenset[str], zone: str | None, minute: Minute
) -> Datapoint | None:
    return count(sum([OF_INSTANCES[name](minute.requests.tally(p, zone)) for p in sorted(pools)]))


def _latency(pools: frozenset[str], zone: str | None, minute: Minute) -> Datapoint | None:
    points = []
    for pool in minute.requests.parts:
        tally = minute.requests.tally(pool, zone)
        if pool in pools and tally.latencies.number:
            points.append(tally.response_times)
        elif pool not in pools and tally.answered:
            points.append(Datapoint.single(CONNECTING, float(tally.answered)))
    return union(points) if points else None


def _marked(zone: str | None, minute: Minute) -> Datapoint | None:
    return count(minute.requests.with_mark(Mark.NON_COMPLIANT, zone))


def _answers(
    begins: str, pools: frozenset[str], zone: str | None, minute: Minute
) -> Datapoint | None:
    number = sum(
        requests
        for ending, requests in minute.requests.ended.items()
        if ending.status.startswith(begins) and zone in (None, ending.zone)
    )
    for pool in pools:
        outcomes = minute.requests.tally(pool, zone).outcomes
        number += OF_REQUESTS.number(outcomes, begins)
    return count(number)


def _spilled(zone: str | None, minute: Minute) -> Datapoint | None:
    return count(
        sum(
            requests
            for ending, requests in minute.requests.ended.items()
            if ending.cause is Cause.SPILLOVER and zone in (None, ending.zone)
        )
    )


def _waiting(zone: str | None, minute: Minute) -> Datapoint | None:
    """The longest queue of each node."""
    lengths = [
        round(queue.longest)
        for place, queue in minute.queues.items()
        if zone in (None, place) and queue.longest >= 1.0
    ]
    return union([Datapoint.single(float(length)) for length in lengths]) if lengths else None


def _errors(zone: str | None, minute: Minute) -> Datapoint | None:
    queues = minute.queues.items()
    return count(round(sum([queue.errors for place, queue in queues if zone in (None, place)])))


def _active(minute: Minute) -> Datapoint | None:
    return count(round(minute.use.active))


def _new(minute: Minute) -> Datapoint | None:
    return count(round(minute.use.new))


def _units(minute: Minute) -> Datapoint:
    return Datapoint.single(minute.use.units)


def _bytes(minute: Minute) -> Datapoint | None:
    return count(round(minute.use.bytes))

"""The metrics of the namespace AWS/ApplicationELB.

Source: "CloudWatch metrics for your Application Load Balancer". Most metrics are published only
when they are not zero, so that a missing datapoint means none; host counts come from every node as
long as targets are registered. L, A, T stand for the dimensions LoadBalancer, AvailabilityZone and
TargetGroup.

What a load balancer counted in a minute is one record; each metric is a column of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from attrs import frozen

from model.clock import HOUR, MINUTE
from model.cloudwatch.metrics import Column, Ledger, MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.elb.capacity import Use
from model.elb.load_balancer import Cause, LoadBalancerState
from model.elb.tallies import FAILED, STATUS, Settlement, Tally
from model.elb.target_group import TargetGroupState

NAMESPACE = "AWS/ApplicationELB"

UNITS = {"TargetResponseTime": "Seconds", "ProcessedBytes": "Bytes"}
"""The units of metrics that are no counts."""

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


@frozen(eq=False)
class Minute:
    """What a load balancer counted in a minute."""

    requests: Settlement
    hosts: dict[tuple[str, str | None], Hosts]
    """By target group and zone (None: in all); without those that have no targets."""
    use: Use


def count_hosts(balancer: LoadBalancerState, end: float) -> dict[tuple[str, str | None], Hosts]:
    """The targets of each group as the nodes saw them in the minute until `end`."""
    reports = float(max(sum(not node.dark for node in balancer.nodes.values()), 1))
    hosts: dict[tuple[str, str | None], Hosts] = {}
    for group in balancer.groups.values():
        for zone in (*group.zones, None):
            healthy, unhealthy = group.gauges(zone)
            points = healthy.close(end, reports), unhealthy.close(end, reports)
            if group.targets:
                hosts[group.id, zone] = Hosts(*points, group.sharing(zone))
    return hosts


def report_to(metrics: MetricStore, balancer: LoadBalancerState, ledger: Ledger[Minute]) -> None:
    """Make the metrics of a load balancer and its target groups columns of its ledger."""
    own = ("LoadBalancer", balancer.resource.full_name)
    columns = [
        *_of_balancer((own,), None),
        ("RuleEvaluations", (own,), _rule_evaluations),
        ("ConsumedLCUs", (own,), _consumed),
    ]
    for zone in balancer.nodes:
        columns += _of_balancer((("AvailabilityZone", zone), own), zone)
    _add(metrics, ledger, columns)
    for group in balancer.groups.values():
        report_group(metrics, balancer, group, ledger)


def report_group(
    metrics: MetricStore,
    balancer: LoadBalancerState,
    group: TargetGroupState,
    ledger: Ledger[Minute],
) -> None:
    """Make the metrics of one of its target groups columns of the ledger."""
    own = ("LoadBalancer", balancer.resource.full_name)
    columns = [*_of_group((), own, group, None)]
    for zone in group.zones:
        columns += _of_group((("AvailabilityZone", zone),), own, group, zone)
    _add(metrics, ledger, columns)


def _add(metrics: MetricStore, ledger: Ledger[Minute], columns: Iterable[Named]) -> None:
    for name, dimensions, column in columns:
        unit = UNITS.get(name, "Count")
        key = MetricKey(NAMESPACE, name, dimensions)
        metrics.metric(key, unit).add_column(ledger, column)


def _of_balancer(dimensions: Dimensions, zone: str | None) -> Iterator[Named]:
    """Dimensions L and A+L."""
    for name in OF_TARGETS:
        if name != "UnhealthyRoutingRequestCount":
            yield name, dimensions, partial(_requests, name, None, zone)
    for name in OF_BALANCER:
        yield name, dimensions, partial(_answers, name, zone)
    for name in USE:
        yield name, dimensions, partial(_used, name, zone)
    yield "TargetResponseTime", dimensions, partial(_response_time, None, zone)


def _of_group(
    place: Dimensions, balancer: tuple[str, str], group: TargetGroupState, zone: str | None
) -> Iterator[Named]:
    """Dimensions L+T and A+L+T; RequestCountPerTarget also T and A+T."""
    own = ("TargetGroup", group.resource.full_name)
    dimensions = (*place, balancer, own)
    for name in OF_TARGETS:
        yield name, dimensions, partial(_requests, name, group.id, zone)
    yield "TargetResponseTime", dimensions, partial(_response_time, group.id, zone)
    for wide in (dimensions, (*place, own)):
        yield "RequestCountPerTarget", wide, partial(_per_target, group.id, zone)
    yield "HealthyHostCount", dimensions, partial(_hosts, "healthy", group.id, zone)
    yield "UnHealthyHostCount", dimensions, partial(_hosts, "unhealthy", group.id, zone)


# -- columns ----------------------------------------------------------------------------------


def _count(number: int) -> Datapoint | None:
    """A sum that is published only when it is not zero."""
    return Datapoint(number, number, 1.0, 1.0) if number else None


def _requests(name: str, group: str | None, zone: str | None, minute: Minute) -> Datapoint | None:
    return _count(_of_tally(name, minute.requests.tally(group, zone)))


def _of_tally(name: str, tally: Tally) -> int:
    match name:
        case "RequestCount":
            return tally.received
        case "HTTPCode_Target_2XX_Count":
            return tally.outcomes["succeeded"]
        case "HTTPCode_Target_5XX_Count":
            return tally.outcomes["errors"]
        case "TargetConnectionErrorCount":
            return tally.outcomes["refused"] + tally.outcomes["connect_timeouts"]
    return tally.fail_open


OF_TARGETS = (
    "RequestCount",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetConnectionErrorCount",
    "UnhealthyRoutingRequestCount",
)
"""Counts of requests that a target was chosen for."""


def _answers(name: str, zone: str | None, minute: Minute) -> Datapoint | None:
    """Answers that originate from the load balancer, fixed responses and redirects among them."""
    begins, cause, number = OF_BALANCER[name], CAUSES.get(name), 0
    for ending, requests in minute.requests.ended.items():
        fits = cause in (None, ending.cause) and ending.status.startswith(begins)
        if fits and zone in (None, ending.zone):
            number += requests
    if cause is None:
        outcomes = minute.requests.tally(None, zone).outcomes
        number += sum([outcomes[name] for name in FAILED if STATUS[name].startswith(begins)])
    return _count(number)


OF_BALANCER = {
    "HTTPCode_ELB_3XX_Count": "3",
    "HTTPCode_ELB_4XX_Count": "4",
    "HTTPCode_ELB_5XX_Count": "5",
    "HTTPCode_ELB_500_Count": "500",
    "HTTPCode_ELB_502_Count": "502",
    "HTTPCode_ELB_503_Count": "503",
    "HTTPCode_ELB_504_Count": "504",
    "HTTP_Fixed_Response_Count": "",
    "HTTP_Redirect_Count": "",
}
"""Counts of the load balancer's own answers, with how their statuses begin."""
CAUSES = {
    "HTTP_Fixed_Response_Count": Cause.FIXED_RESPONSE,
    "HTTP_Redirect_Count": Cause.REDIRECT,
}
"""Those of one action's answers."""


USE = {
    "NewConnectionCount": "new",
    "ActiveConnectionCount": "active",
    "ProcessedBytes": "bytes",
}
"""Metrics of a minute's use, each with the field of `Use` that it tells."""


def _used(name: str, zone: str | None, minute: Minute) -> Datapoint | None:
    share = 1.0 if zone is None else minute.use.shares.get(zone, 0.0)
    return _count(round(getattr(minute.use, USE[name]) * share))


def _consumed(minute: Minute) -> Datapoint:
    """Capacity units, so that the sum over an hour is what is billed."""
    return Datapoint.single(minute.use.units * MINUTE / HOUR)


def _rule_evaluations(minute: Minute) -> Datapoint | None:
    """Rules that were looked at, without default ones."""
    routes = minute.requests.matched.items()
    return _count(sum([route.evaluated * number for route, number in routes]))


def _response_time(group: str | None, zone: str | None, minute: Minute) -> Datapoint | None:
    tally = minute.requests.tally(group, zone)
    return tally.response_times if tally.latencies.number else None


def _per_target(group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    hosts = minute.hosts.get((group, zone))
    if hosts is None or not hosts.sharing:
        return None
    return Datapoint.single(minute.requests.tally(group, zone).received / hosts.sharing)


def _hosts(state: str, group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    hosts = minute.hosts.get((group, zone))
    return None if hosts is None else hosts.healthy if state == "healthy" else hosts.unhealthy

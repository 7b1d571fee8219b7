"""The metrics of the namespace AWS/ApplicationELB.

Source: "CloudWatch metrics for your Application Load Balancer". Most are published only when they
are not zero, so that a missing datapoint means none. L, A, T stand for the dimensions LoadBalancer,
AvailabilityZone and TargetGroup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from model.clock import HOUR, MINUTE
from model.cloudwatch.statistics import Datapoint
from model.elb.endings import Cause
from model.elb.marks import Mark
from model.elb.records import Dimensions, Hosts, Minute, Named, count, hosts
from model.elb.statuses import OF_FUNCTIONS, Statuses
from model.elb.tallies import Tally


def of_balancer(dimensions: Dimensions, zone: str | None) -> Iterator[Named]:
    """Dimensions L and A+L; some L only, some A+L only."""
    if zone is None:
        yield "RuleEvaluations", dimensions, _rule_evaluations
        yield "ConsumedLCUs", dimensions, consumed
        yield "ReservedLCUs", dimensions, _reserved
        yield "LambdaTargetProcessedBytes", dimensions, _of_functions
    for name in OF_TARGETS:
        if name != "UnhealthyRoutingRequestCount":
            yield name, dimensions, partial(_requests, name, None, zone)
    for name in OF_BALANCER:
        yield name, dimensions, partial(_answers, name, zone)
    for name in USE:
        yield name, dimensions, partial(_used, name, zone)
    for mark in (Mark.NON_COMPLIANT, Mark.NON_STICKY):
        yield str(mark), dimensions, partial(_marked, mark, zone)
    if zone is not None:
        yield str(Mark.DROPPED_HEADER), dimensions, partial(_marked, Mark.DROPPED_HEADER, zone)
        yield str(Mark.FORWARDED_HEADER), dimensions, partial(_forwarded, zone)
    yield "TargetResponseTime", dimensions, partial(_response_time, None, zone)


def of_group(
    place: Dimensions, balancer: tuple[str, str], own: tuple[str, str], group: str, zone: str | None
) -> Iterator[Named]:
    """Dimensions L+T and A+L+T; RequestCountPerTarget also T and A+T."""
    dimensions = (*place, balancer, own)
    for name in OF_TARGETS:
        yield name, dimensions, partial(_requests, name, group, zone)
    yield "TargetResponseTime", dimensions, partial(_response_time, group, zone)
    for wide in (dimensions, (*place, own)):
        yield "RequestCountPerTarget", wide, partial(_per_target, group, zone)
    yield "HealthyHostCount", dimensions, partial(hosts, "healthy", group, zone)
    yield "UnHealthyHostCount", dimensions, partial(hosts, "unhealthy", group, zone)
    for name in STATES:
        yield name, dimensions, partial(_state, name, group, zone)
    yield "ActiveZonalShiftHostCount", dimensions, partial(_shifted, group, zone)


def of_function(balancer: tuple[str, str], own: tuple[str, str], group: str) -> Iterator[Named]:
    """Dimensions T and L+T, of a group whose target is a Lambda function."""
    for dimensions in ((own,), (balancer, own)):
        yield "LambdaUserError", dimensions, partial(_user_errors, group)


# -- columns ----------------------------------------------------------------------------------


def _requests(name: str, group: str | None, zone: str | None, minute: Minute) -> Datapoint | None:
    requests = minute.requests
    return count(
        sum(
            [
                _of_tally(name, requests.tally(own, zone), seen)
                for own, seen in requests.statuses.items()
                if group in (None, own)
            ]
        )
    )


def _of_tally(name: str, tally: Tally, seen: Statuses) -> int:
    match name:
        case "RequestCount":
            return tally.received
        case "HTTPCode_Target_2XX_Count":
            return tally.outcomes["succeeded"]
        case "HTTPCode_Target_5XX_Count":
            return 0 if "errors" in seen.own else tally.outcomes["errors"]
        case "TargetConnectionErrorCount":
            tried = tally.outcomes["refused"] + tally.outcomes["connect_timeouts"]
            return 0 if "errors" in seen.own else tried
    return tally.fail_open


OF_TARGETS = (
    "RequestCount",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetConnectionErrorCount",
    "UnhealthyRoutingRequestCount",
)
"""Counts of requests that a target was chosen for."""
OF_INSTANCES = frozenset({"RequestCountPerTarget", "AnomalousHostCount", "MitigatedHostCount"})
"""Metrics that no target group with a Lambda function has."""
OF_FUNCTION_TARGETS = ("RequestCount", "HTTPCode_Target_2XX_Count", "UnhealthyRoutingRequestCount")
"""Those of them that a target group with a Lambda function has: nobody connects to it, and its
errors are the load balancer's own answers."""


def _answers(name: str, zone: str | None, minute: Minute) -> Datapoint | None:
    """Answers that originate from the load balancer, fixed responses and redirects among them."""
    begins, cause, number = OF_BALANCER[name], CAUSES.get(name), 0
    for ending, requests in minute.requests.ended.items():
        fits = cause in (None, ending.cause) and ending.status.startswith(begins)
        if fits and zone in (None, ending.zone):
            number += requests
    if cause is None:
        for group, seen in minute.requests.statuses.items():
            number += seen.number(minute.requests.tally(group, zone).outcomes, begins)
    return count(number)


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
    "RejectedConnectionCount": "",
}
"""Counts of the load balancer's own answers, with how their statuses begin."""
CAUSES = {
    "HTTP_Fixed_Response_Count": Cause.FIXED_RESPONSE,
    "HTTP_Redirect_Count": Cause.REDIRECT,
    "RejectedConnectionCount": Cause.NO_ROOM,
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
    return count(round(getattr(minute.use, USE[name]) * share))


def _of_functions(minute: Minute) -> Datapoint | None:
    return count(round(minute.use.function_bytes))


def _marked(mark: Mark, zone: str | None, minute: Minute) -> Datapoint | None:
    return count(minute.requests.with_mark(mark, zone))


def _forwarded(zone: str, minute: Minute) -> Datapoint | None:
    """Always reported, zero too, while requests come."""
    if minute.use.shares.get(zone, 0.0) <= 0.0:
        return None
    return Datapoint.single(float(minute.requests.with_mark(Mark.FORWARDED_HEADER, zone)))


def consumed(minute: Minute) -> Datapoint:
    """Capacity units, so that the sum over an hour is what is billed."""
    return Datapoint.single(minute.use.units * MINUTE / HOUR)


def _reserved(minute: Minute) -> Datapoint | None:
    """A sixtieth of the reserved units each minute."""
    units = minute.use.reserved * MINUTE / HOUR
    return Datapoint.single(units) if units else None


STATES: dict[str, Callable[[Hosts], int]] = {
    "HealthyStateDNS": lambda found: found.fit_for_dns,
    "UnhealthyStateDNS": lambda found: found.zones - found.fit_for_dns,
    "HealthyStateRouting": lambda found: found.fit_for_routing,
    "UnhealthyStateRouting": lambda found: found.zones - found.fit_for_routing,
    "AnomalousHostCount": lambda found: found.anomalous,
    "MitigatedHostCount": lambda found: found.mitigated,
}
"""Metrics of a group's health that are always reported: zones that meet a requirement, those that
do not, and targets that fail more than their peers."""


def _state(name: str, group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    found = minute.hosts.get((group, zone))
    return None if found is None else Datapoint.single(float(STATES[name](found)))


def _shifted(group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    found = minute.hosts.get((group, zone))
    return None if found is None else count(found.shifted)


def _user_errors(group: str, minute: Minute) -> Datapoint | None:
    """The function failed, was throttled or ran out of time, or a message was too large."""
    requests = minute.requests
    seen, outcomes = requests.statuses.get(group, OF_FUNCTIONS), requests.tally(group).outcomes
    failed = sum([outcomes[name] for name in seen.own if seen.of[name] == "502"])
    return count(failed + sum([n for e, n in requests.ended.items() if e.group == group]))


def _rule_evaluations(minute: Minute) -> Datapoint | None:
    """Rules that were looked at, without default ones."""
    routes = minute.requests.matched.items()
    return count(sum([route.evaluated * number for route, number in routes]))


def _response_time(group: str | None, zone: str | None, minute: Minute) -> Datapoint | None:
    tally = minute.requests.tally(group, zone)
    return tally.response_times if tally.latencies.number else None


def _per_target(group: str, zone: str | None, minute: Minute) -> Datapoint | None:
    found = minute.hosts.get((group, zone))
    if found is None or not found.sharing:
        return None
    return Datapoint.single(minute.requests.tally(group, zone).received / found.sharing)

"""What an operator can read of load balancers: describe calls, and the load at present."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from model.elb.anomalies import detection
from model.elb.classic import ClassicState
from model.elb.endings import Cause
from model.elb.inspection import Fault
from model.elb.load_balancer import LoadBalancerState
from model.elb.records import Minute
from model.elb.resources import AnyListener, ListenerRule
from model.elb.target_group import TargetGroupState
from model.elb.targets import Target


@frozen
class TargetView:
    """What DescribeTargetHealth shows of a target, and its load at present."""

    id: str
    instance: str
    port: int
    zone: str
    state: str
    """Of a Classic Load Balancer's instances as DescribeInstanceHealth has it: `InService`."""
    reason: str
    description: str
    override: str
    """AdministrativeOverride: whether a zonal shift keeps requests away from it."""
    anomaly: str | None
    """Result of its AnomalyDetection: `normal` or `anomalous`; None: it is not compared."""
    mitigated: bool
    """MitigationInEffect of its AnomalyDetection: whether it is sent less for that."""
    rate: float
    """Requests per second sent to it."""
    utilisation: float
    """Rate over capacity; above 1 a backlog grows."""
    in_flight: float
    backlog: float
    response_time: float
    """Mean seconds at present."""
    requests: int

    @property
    def healthy(self) -> bool:
        """Whether nothing is known against it."""
        return self.state in ("healthy", "InService", "unavailable")


@frozen
class RuleView:
    """What DescribeRules shows of a rule, and its traffic at present."""

    id: str | None
    """Its logical id; None: the default rule."""
    priority: int | None
    conditions: tuple[str, ...]
    answer: str | None
    """What the load balancer answers itself: `fixed 404`, `redirect 301`; None: it forwards."""
    groups: tuple[tuple[str, int], ...]
    """The target groups that it forwards to, each with its weight."""
    rate: float
    """Requests per second that meet it."""


@frozen
class ListenerView:
    """What DescribeListeners shows of a listener, and its traffic at present."""

    id: str
    protocol: str
    port: int
    rules: tuple[RuleView, ...]
    """In the order in which they are looked at, the default rule last."""

    @property
    def rate(self) -> float:
        """Requests per second."""
        return sum(rule.rate for rule in self.rules)


@frozen
class BalancerView:
    """What DescribeLoadBalancers shows of a load balancer, and what goes on there."""

    id: str
    listeners: tuple[ListenerView, ...]
    shifted_from: str | None
    """The zone that a zonal shift leads traffic away from."""
    errors: tuple[tuple[str, str, int], ...]
    """Of the last minute: statuses, why, and how many requests ended so."""
    waiting: float = 0.0
    """Requests that wait in the surge queues of a Classic Load Balancer."""


ENDINGS: Mapping[str, str] = {
    "503": "no target is registered",
    "connection_timeout": "clients reach no node (dark zone)",
    "connection_refused": "nobody listens on the port",
    Cause.NO_PORT: "no port left from a node to a target",
    Cause.NO_ROOM: "the load balancer has not grown to it yet",
    Cause.SPILLOVER: "the surge queue is full",
    Cause.TOO_LARGE: "more than a Lambda function takes or gives (1 MB)",
    Cause.WAITED: "waited too long in the surge queue",
    **{str(fault): str(fault) for fault in Fault},
}
"""Why requests end before any target."""


def describe_targets(group: TargetGroupState) -> Iterator[TargetView]:
    """The targets of a group, in order of registration."""
    requests = group.scopes.requests
    found = detection(group.scopes) if group.resource.compared else {}
    for target in group.targets.values():
        yield _target(group, target, requests.get(target.id, 0), found.get(target.id))


def _target(
    group: TargetGroupState, target: Target, requests: int, found: tuple[str, bool] | None
) -> TargetView:
    """One target; `requests` ended on it since the books were opened."""
    station = target.station
    status = group.resource.health_status(target.state, target.reason)
    return TargetView(
        id=target.id,
        instance=target.instance.id,
        port=target.port,
        zone=target.zone,
        state=status.state,
        reason=status.reason,
        description=group.description(target),
        override=group.override(target),
        anomaly=None if found is None else found[0],
        mitigated=found is not None and found[1],
        rate=station.rate,
        utilisation=station.utilisation,
        in_flight=station.in_flight,
        backlog=station.backlog,
        response_time=station.response_time + station.delay,
        requests=requests,
    )


def describe_balancer(
    balancer: LoadBalancerState, shifted_from: str | None, last: Minute | None
) -> BalancerView:
    """One load balancer; `last` is the last minute that was counted."""
    listeners = []
    for port in sorted(balancer.listeners):
        listener = balancer.listeners[port]
        rules = [_rule(balancer, listener, rule) for rule in balancer.rules_of(listener)]
        rules.append(_rule(balancer, listener, None))
        view = ListenerView(listener.logical_id, listener.protocol, port, tuple(rules))
        listeners.append(view)
    errors = () if last is None else tuple(_errors(last))
    waiting = balancer.waiting if isinstance(balancer, ClassicState) else 0.0
    return BalancerView(balancer.id, tuple(listeners), shifted_from, errors, waiting)


def _rule(
    balancer: LoadBalancerState, listener: AnyListener, rule: ListenerRule | None
) -> RuleView:
    action = listener.action if rule is None else rule.action
    answer = None
    if action.fixed_response_config is not None:
        answer = f"fixed {action.fixed_response_config.status_code}"
    elif action.redirect_config is not None:
        answer = f"redirect {action.redirect_config.status}"
    name = None if rule is None else rule.logical_id
    rate = sum(
        rate
        for route, rate in balancer.rates.items()
        if (route.listener, route.rule, route.fault) == (listener.logical_id, name, None)
    )
    return RuleView(
        id=name,
        priority=None if rule is None else rule.priority,
        conditions=() if rule is None else tuple(map(str, rule.conditions)),
        answer=answer,
        groups=tuple(action.groups.items()),
        rate=rate,
    )


def _errors(minute: Minute) -> list[tuple[str, str, int]]:
    found: dict[tuple[str, str], int] = {}
    for group, seen in minute.requests.statuses.items():
        outcomes = minute.requests.tally(group).outcomes
        for outcome, named in seen.told.items():
            if outcomes[outcome]:
                found[named] = found.get(named, 0) + outcomes[outcome]
    for ending, number in minute.requests.ended.items():
        if number and ending.cause not in (Cause.FIXED_RESPONSE, Cause.REDIRECT):
            named = (ending.status, ENDINGS.get(ending.cause or ending.status, ""))
            found[named] = found.get(named, 0) + number
    return [(*named, number) for named, number in sorted(found.items())]

"""What only shows once the resources of a template are seen together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from model.autoscaling.predictive.pairs import labels
from model.autoscaling.resources import AutoScalingGroup, ScalingPolicy
from model.cloudwatch.composites import CompositeAlarm
from model.cloudwatch.resources import Alarm
from model.ec2.firewalls import NetworkAclEntry
from model.ec2.machines import ANYWHERE, StandaloneInstance
from model.ec2.resources import Subnet
from model.elb.resources import (
    Action,
    ClassicLoadBalancer,
    Listener,
    ListenerRule,
    LoadBalancer,
    TargetGroup,
)
from model.elb.resources.listeners import GROUPS_OF, check_redirect, check_stickiness
from model.elb.resources.shapes import Balancer
from model.functions.resources import Function, Permission, no_permission
from model.functions.service import check_reserved
from model.resources import ZONES
from model.route53.resources import HostedZone, RecordSet
from model.route53.rules import Around, record_problems
from model.stack import Stack
from scenarios.cloudformation.container_checks import container_problems
from scenarios.cloudformation.group_checks import group_problems
from scenarios.cloudformation.problems import Problem


def stack_problems(stack: Stack) -> Iterator[Problem]:
    """Everything that is wrong between resources that are right by themselves."""
    yield from _zones(stack)
    yield from _ports(stack)
    yield from _protocols(stack)
    yield from _rules(stack)
    yield from _attachments(stack)
    yield from _targets(stack)
    yield from _concurrency(stack)
    yield from _labels(stack)
    yield from _predictive(stack)
    yield from _composites(stack)
    yield from _records(stack)
    yield from group_problems(stack)
    yield from container_problems(stack)


def _zones(stack: Stack) -> Iterator[Problem]:
    balancers: list[Balancer] = [*stack.of(LoadBalancer), *stack.of(ClassicLoadBalancer)]
    for balancer in balancers:
        zones = [_zone(stack, subnet) for subnet in balancer.subnet_ids]
        if len(set(zones)) < len(zones):
            yield Problem(
                (balancer.logical_id, "Properties"),
                f"{balancer.logical_id} has two subnets in one zone ({', '.join(zones)}); "
                "a load balancer takes one subnet for each zone",
            )


def _zone(stack: Stack, subnet: str) -> str:
    place = stack.resources[subnet]
    assert isinstance(place, Subnet)
    return place.availability_zone


def _ports(stack: Stack) -> Iterator[Problem]:
    taken: dict[tuple[str, int], str] = {}
    for listener in stack.of(Listener):
        other = taken.setdefault((listener.load_balancer_arn, listener.port), listener.logical_id)
        if other != listener.logical_id:
            yield Problem(
                (listener.logical_id, "Properties", "Port"),
                f"{other} listens on port {listener.port} already",
            )


def _protocols(stack: Stack) -> Iterator[Problem]:
    """Listeners and target groups that do not go together."""
    for listener in stack.of(Listener):
        place = (listener.logical_id, "Properties", "Protocol")
        balancer = stack.resources[listener.load_balancer_arn]
        assert isinstance(balancer, LoadBalancer)
        if balancer.network is not listener.network:
            right = "TCP, TLS, UDP or TCP_UDP" if balancer.network else "HTTP or HTTPS"
            yield Problem(
                place,
                f"Protocol must be {right}: {balancer.logical_id} is of type {balancer.type}",
            )
            continue
        yield from _fitting(stack, listener, listener.action, place)
        actions = (listener.logical_id, "Properties", "DefaultActions")
        yield from _sticking(stack, listener.protocol, listener.action, actions)


def _sticking(
    stack: Stack, protocol: str, action: Action, place: tuple[str | int, ...]
) -> Iterator[Problem]:
    """Target groups that may not be as sticky as they are."""
    groups = {group.logical_id: group for group in stack.of(TargetGroup)}
    try:
        check_stickiness(protocol, action, groups)
    except ValueError as problem:
        yield Problem(place, str(problem))


def _fitting(
    stack: Stack, listener: Listener, action: Action, place: tuple[str | int, ...]
) -> Iterator[Problem]:
    """Target groups whose protocol is not that of a listener that forwards to them."""
    for name in action.groups:
        group = stack.resources[name]
        assert isinstance(group, TargetGroup)
        if group.relays and listener.protocol != "TCP":
            yield Problem(
                place,
                f"{name} has a load balancer as its target, which is for TCP listeners; "
                f"{listener.logical_id} is for {listener.protocol}",
            )
            continue
        if group.invokes:
            if listener.network:
                yield Problem(
                    place,
                    f"{name} has a Lambda function as its target, which only an Application Load "
                    f"Balancer can invoke; {listener.logical_id} is for {listener.protocol}",
                )
            continue
        fitting = GROUPS_OF[listener.protocol]
        if group.protocol not in fitting:
            yield Problem(
                place,
                f"a listener for {listener.protocol} forwards to target groups for "
                f"{' or '.join(fitting)}, but {name} is for {group.protocol}",
            )


def _rules(stack: Stack) -> Iterator[Problem]:
    taken: dict[tuple[str, int], str] = {}
    number: Counter[str] = Counter()
    for rule in stack.of(ListenerRule):
        place = (rule.logical_id, "Properties")
        listener = stack.resources[rule.listener_arn]
        assert isinstance(listener, Listener)
        if listener.network:
            message = (
                f"{rule.listener_arn} is for {listener.protocol}: rules are for HTTP and HTTPS"
            )
            yield Problem((*place, "ListenerArn"), message)
            continue
        yield from _fitting(stack, listener, rule.action, (*place, "Actions"))
        yield from _sticking(stack, listener.protocol, rule.action, (*place, "Actions"))
        other = taken.setdefault((rule.listener_arn, rule.priority), rule.logical_id)
        if other != rule.logical_id:
            yield Problem(
                (*place, "Priority"),
                f"priority {rule.priority} of {rule.listener_arn} is that of {other} already",
            )
        try:
            check_redirect(listener.protocol, rule.actions)
        except ValueError as problem:
            yield Problem((*place, "Actions"), str(problem))
        number[listener.load_balancer_arn] += 1
        if number[listener.load_balancer_arn] == MOST_RULES + 1:
            message = f"{listener.load_balancer_arn} has more than {MOST_RULES} rules"
            yield Problem(place, message)


MOST_RULES = 100
"""Rules of one load balancer, default rules not counted (a quota that AWS raises on request)."""


def _attachments(stack: Stack) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    items: list[Listener | ListenerRule] = [*stack.of(Listener), *stack.of(ListenerRule)]
    for item in items:
        listener = item if isinstance(item, Listener) else stack.resources[item.listener_arn]
        assert isinstance(listener, Listener)
        for group in item.action.groups:
            owner = owners.setdefault(group, listener.load_balancer_arn)
            if owner != listener.load_balancer_arn:
                yield Problem(
                    (item.logical_id, "Properties"),
                    f"{group} serves {owner} already; it can serve only one",
                )


def _targets(stack: Stack) -> Iterator[Problem]:
    """Targets that are not there, and groups whose instances cannot be targets by address."""
    instances = {item.identity.ref for item in stack.of(StandaloneInstance)}
    functions = {item.arn: item for item in stack.of(Function)}
    permissions = stack.of(Permission)
    for group in stack.of(TargetGroup):
        for index, target in enumerate(group.targets):
            place = (group.logical_id, "Properties", "Targets", index)
            if group.relays:
                problem = _door(stack, target.id, group.port)
                if problem is not None:
                    yield Problem(place, problem)
                continue
            if group.invokes:
                if target.id not in functions:
                    yield Problem(
                        place, f"{target.id!r} is no function of this template; !GetAtt its Arn"
                    )
                    continue
                function, arn = functions[target.id].logical_id, group.identity.ref
                if not any(permission.allows(function, arn) for permission in permissions):
                    yield Problem(
                        place,
                        f"{no_permission(target.id, arn)}: add an AWS::Lambda::Permission for "
                        "elasticloadbalancing.amazonaws.com (and have the group depend on it)",
                    )
            if group.target_type == "instance" and target.id not in instances:
                yield Problem(
                    (group.logical_id, "Properties", "Targets", index),
                    f"{target.id!r} is no instance of this template; !Ref one",
                )
            zone = target.availability_zone
            if zone not in (None, ANYWHERE, *ZONES):
                yield Problem(
                    (group.logical_id, "Properties", "Targets", index),
                    f"AvailabilityZone must be all or a zone such as {ZONES[0]}, not {zone!r}",
                )
    for classic in stack.of(ClassicLoadBalancer):
        for index, name in enumerate(classic.instances):
            if name not in instances:
                yield Problem(
                    (classic.logical_id, "Properties", "Instances", index),
                    f"{name!r} is no instance of this template; !Ref one",
                )
    numbers: dict[tuple[str, bool, int], str] = {}
    for entry in stack.of(NetworkAclEntry):
        key = entry.network_acl_id, entry.egress, entry.rule_number
        other = numbers.setdefault(key, entry.logical_id)
        if other != entry.logical_id:
            yield Problem(
                (entry.logical_id, "Properties", "RuleNumber"),
                f"{other} is rule {entry.rule_number} of {entry.network_acl_id} already",
            )
    for asg in stack.of(AutoScalingGroup):
        for name in asg.target_group_arns:
            found = stack.resources[name]
            if isinstance(found, TargetGroup) and found.target_type != "instance":
                yield Problem(
                    (asg.logical_id, "Properties", "TargetGroupARNs"),
                    f"{name} takes targets of type {found.target_type}; those of a group are "
                    "instances",
                )


def _concurrency(stack: Stack) -> Iterator[Problem]:
    """More reserved than the account has: told of the function with which it is too much."""
    reserved: list[int | None] = []
    for function in stack.of(Function):
        reserved.append(function.reserved_concurrent_executions)
        try:
            check_reserved(reserved)
        except ValueError as problem:
            place = (function.logical_id, "Properties", "ReservedConcurrentExecutions")
            yield Problem(place, str(problem))
            return


def _door(stack: Stack, name: str, port: int) -> str | None:
    """What is wrong with a load balancer as the target of another one."""
    found = next((b for b in stack.of(LoadBalancer) if name in b.identity.names), None)
    if found is None or found.network:
        return f"{name!r} is no Application Load Balancer of this template; !Ref one"
    own = [item for item in stack.of(Listener) if item.load_balancer_arn == found.logical_id]
    if all(item.port != port for item in own):
        return f"{found.logical_id} has no listener on port {port}, that of the target group"
    return None


def _labels(stack: Stack) -> Iterator[Problem]:
    for policy in stack.of(ScalingPolicy):
        group = stack.resources.get(policy.auto_scaling_group_name)
        if not isinstance(group, AutoScalingGroup):
            continue
        attached = [stack.resources[name] for name in group.target_group_arns]
        names = [item.full_name for item in attached if isinstance(item, TargetGroup)]
        for section, label in _labels_of(policy):
            if not any(label.endswith(name) for name in names):
                yield Problem(
                    (policy.logical_id, "Properties", section),
                    f"the ResourceLabel {label} names no target group of "
                    f"{group.logical_id}; it is LoadBalancerFullName/TargetGroupFullName",
                )


def _labels_of(policy: ScalingPolicy) -> Iterator[tuple[str, str]]:
    tracking = policy.target_tracking_configuration
    predefined = tracking and tracking.predefined_metric_specification
    if predefined and predefined.resource_label:
        yield "TargetTrackingConfiguration", predefined.resource_label
    predictive = policy.predictive_scaling_configuration
    for label in labels(predictive.metrics) if predictive else ():
        yield "PredictiveScalingConfiguration", label


def _predictive(stack: Stack) -> Iterator[Problem]:
    """Of a group's predictive scaling policies, one at most may scale."""
    active: dict[str, str] = {}
    for policy in stack.of(ScalingPolicy):
        configuration = policy.predictive_scaling_configuration
        if configuration is None or configuration.mode != "ForecastAndScale":
            continue
        other = active.setdefault(policy.auto_scaling_group_name, policy.logical_id)
        if other != policy.logical_id:
            yield Problem(
                (policy.logical_id, "Properties", "PredictiveScalingConfiguration"),
                f"only one predictive scaling policy of {policy.auto_scaling_group_name} may be "
                f"ForecastAndScale, and {other} is; let this one be ForecastOnly",
            )


def _records(stack: Stack) -> Iterator[Problem]:
    records = stack.of(RecordSet)
    for record in records:
        if bool(record.hosted_zone_id) == bool(record.hosted_zone_name):
            message = "a record is in one hosted zone: give either HostedZoneId or HostedZoneName"
            yield Problem((record.logical_id, "Properties"), message)
    balancers: list[Balancer] = [*stack.of(LoadBalancer), *stack.of(ClassicLoadBalancer)]
    for problem in record_problems(records, Around.of(balancers, stack.of(HostedZone))):
        place = (problem.record.logical_id, "Properties", problem.key)
        yield Problem(place, problem.message)


def _composites(stack: Stack) -> Iterator[Problem]:
    """Composite alarms on alarms that are not there, or on each other in a circle."""
    composites = stack.of(CompositeAlarm)
    alarms = [*stack.of(Alarm), *composites]
    names = {name: item.logical_id for item in alarms for name in item.identity.names}
    needs = {}
    for composite in composites:
        place = (composite.logical_id, "Properties", "AlarmRule")
        for name in composite.rule.alarms:
            if name not in names:
                yield Problem(place, f"there is no alarm {name} in this template")
        suppressor = composite.actions_suppressor
        if suppressor is not None and suppressor not in names:
            suppressing = (composite.logical_id, "Properties", "ActionsSuppressor")
            yield Problem(suppressing, f"there is no alarm {suppressor} in this template")
        needs[composite.logical_id] = [
            names[name] for name in composite.rule.alarms if name in names
        ]
    circle = find_circle(needs)
    if circle:
        yield Problem(
            (circle[0], "Properties", "AlarmRule"),
            f"composite alarms need each other in a circle: {' -> '.join(circle)}",
        )


def find_circle(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Names that need each other in a circle, the first one again at the end; empty: none do."""
    done: set[str] = set()
    for start in needs:
        way: list[str] = []
        left = [iter([start])]
        while left:
            name = next(left[-1], None)
            if name is None:
                left.pop()
                if way:
                    done.add(way.pop())
            elif name in way:
                return [*way[way.index(name) :], name]
            elif name not in done:
                way.append(name)
                left.append(iter(needs.get(name, ())))
    return []

"""How a group finds out that members are unhealthy, and at what pace it replaces them.

Sources: "Health checks for instances in an Auto Scaling group", "Set the health check grace period"
and "Instance maintenance policies". AWS does not publish how often a group looks: we take a minute.
"""

from __future__ import annotations

import math

from model.autoscaling import activity as text
from model.autoscaling.group import Group
from model.autoscaling.members import Lifecycle, Member
from model.ec2.instances import InstanceState
from model.elb.service import Elb
from model.elb.targets import TargetState

CHECK_SECONDS = 60.0
"""How often a group reads the health that its load balancers report."""
BATCH = 0.1
"""The share of the desired capacity that is replaced at a time (one instance at least)."""


def check(group: Group, elb: Elb, now: float) -> None:
    """One periodic health check of a group: mark, replace, rebalance."""
    unhealthy = _elb_unhealthy(group, elb)
    condition = group.condition
    if condition == group.found_well and not unhealthy:
        return
    if "HealthCheck" not in group.suspended:
        _mark(group, unhealthy, now)
    if any(not member.healthy for member in group.active()):
        replace_unhealthy(group, now)
    else:
        group.rebalance()
        group.found_well = condition


def replace_unhealthy(group: Group, now: float) -> None:
    """Replace members that no longer run at once, and the other unhealthy ones by and by."""
    ailing = [member for member in group.active() if not member.healthy]
    for member in ailing:
        if member.ailment is text.found_gone:
            group.replace(member)
    unhealthy = [member for member in ailing if member.lifecycle is Lifecycle.IN_SERVICE]
    for member in unhealthy[: _allowed(group, now) if unhealthy else 0]:
        group.replace(member)


def _mark(group: Group, unhealthy: set[str], now: float) -> None:
    """Take over what EC2 says of each member and, after its grace period, the load balancer."""
    for member in group.active():
        if member.instance.state not in (InstanceState.PENDING, InstanceState.RUNNING):
            member.ailment = text.found_gone
        elif member.instance.id in unhealthy and member.healthy and _judged(group, member, now):
            member.ailment = text.failed_elb_check


def _judged(group: Group, member: Member, now: float) -> bool:
    """Whether what the load balancer says of a member counts: not before its grace is over."""
    if member.in_service_at is None:
        return False
    return now >= member.in_service_at + group.resource.health_check_grace_period


def _elb_unhealthy(group: Group, elb: Elb) -> set[str]:
    """Instances that a target group calls unhealthy: one is enough, unless nothing ever passed
    there."""
    states = [elb.groups[name] for name in group.attachments.names]
    failing = [s for s in states if s.ever_healthy and s.census.unhealthy_total.level]
    if not failing or "ELB" not in group.resource.health_check_types:
        return set()
    return {
        target.instance.id
        for state in failing
        for target in state.targets.values()
        if target.state is TargetState.UNHEALTHY
    }


def _allowed(group: Group, now: float) -> int:
    """How many may be replaced now, so that a group does not end itself."""
    healthy = [member for member in group.in_service() if member.healthy]
    warmup = group.resource.instance_warmup or 0
    up = sum(member.warm(now, warmup) for member in healthy)
    busy = bool(group.pending() or group.terminating() or up < len(healthy))
    if busy and up <= (1 - BATCH) * group.desired:
        return 0
    return max(math.floor(BATCH * group.desired), 1) if healthy else 1

"""How a group finds out that members are unhealthy, and at what pace it replaces them.

Sources: "Health checks for instances in an Auto Scaling group", "Set the health check grace period"
and "Instance maintenance policies". AWS does not publish how often a group looks: we take a minute.
"""

from __future__ import annotations

import math

from model.autoscaling import activity as text
from model.autoscaling.group import Group
from model.autoscaling.members import Member
from model.clock import Schedule
from model.elb.service import Elb
from model.elb.targets import TargetState

CHECK_SECONDS = 60.0
"""How often a group reads the health that its load balancers report."""
BATCH = 0.1
"""The share of the desired capacity that is replaced at a time (one instance at least)."""


def check(group: Group, elb: Elb, schedule: Schedule) -> None:
    """One periodic health check of a group: mark, replace, rebalance."""
    if "HealthCheck" not in group.suspended:
        _mark(group, elb, schedule.now)
    unhealthy = [member for member in group.in_service() if not member.healthy]
    for member in unhealthy[: _allowed(group, unhealthy, schedule.now)]:
        group.replace(member, text.failed_elb_check(schedule.utc()))
    if not unhealthy:
        group.rebalance()


def _mark(group: Group, elb: Elb, now: float) -> None:
    """Take over what the load balancer says of each member whose grace period is over."""
    if "ELB" not in group.resource.health_check_types:
        return
    for member in group.in_service():
        assert member.in_service_at is not None
        if now >= member.in_service_at + group.resource.health_check_grace_period:
            member.healthy = not _elb_unhealthy(group, elb, member)


def _elb_unhealthy(group: Group, elb: Elb, member: Member) -> bool:
    """One target group that calls it unhealthy is enough, unless nothing ever passed there."""
    for name in group.resource.target_group_arns:
        state = elb.groups[name]
        for target in state.targets.values():
            if target.instance is member.instance and target.state is TargetState.UNHEALTHY:
                return state.ever_healthy
    return False


def _allowed(group: Group, unhealthy: list[Member], now: float) -> int:
    """How many may be replaced now, so that a group does not end itself."""
    in_service = group.in_service()
    if len(unhealthy) == len(in_service):
        return 1
    warmup = group.resource.default_instance_warmup or 0
    up = sum(member.healthy and member.warm(now, warmup) for member in in_service)
    busy = bool(group.pending() or group.terminating())
    if busy and up <= (1 - BATCH) * group.desired:
        return 0
    return max(math.floor(BATCH * group.desired), 1)

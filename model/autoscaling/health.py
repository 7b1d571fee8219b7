"""How a group looks after its instances: it marks unhealthy ones, and replaces them at a pace.

Sources: "Health checks for instances in an Auto Scaling group" and "Instance maintenance policies".
AWS does not publish how often a group looks: we take a minute. What makes an instance unhealthy is
in `checks`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from model.autoscaling import activity as text
from model.autoscaling.checks import AT_ONCE, Verdicts, ailment, impaired, in_grace
from model.autoscaling.group import Group
from model.autoscaling.maintenance import Replacing
from model.autoscaling.members import Lifecycle, Member
from model.elb.service import Elb

CHECK_SECONDS = 60.0
"""How often a group reads the health that its load balancers report."""
BATCH = 0.1
"""The share of the desired capacity that is replaced at a time (one instance at least)."""


def check(group: Group, elb: Elb, now: float) -> bool:
    """One periodic health check of a group: mark, replace, rebalance. Whether any of its members
    is unhealthy."""
    if len(group.members) > group.desired and group.exceeds:
        group.reconcile()  # what a function or a protection held back may go now
    verdicts, condition = Verdicts.of(group.resource, group.attachments.names, elb), group.condition
    if condition == group.found_well and not verdicts.unhealthy:
        return False
    if "HealthCheck" not in group.suspended:
        _mark(group, verdicts, now)
    members = group.active()
    if any(not member.healthy for member in members):
        replace_unhealthy(group, elb, now)
    else:
        group.rebalance()
        watched = any(impaired(member.instance) for member in members)
        group.found_well = None if watched else condition
    return any(not member.healthy for member in group.active())


def replace_unhealthy(group: Group, elb: Elb, now: float) -> None:
    """Replace at once what no longer runs or what a user has marked, and the others by and by."""
    ailing = [member for member in group.active() if not member.healthy]
    for member in ailing:
        if member.ailment in AT_ONCE:
            group.replace(member)
    unhealthy = [m for m in ailing if m.lifecycle is Lifecycle.IN_SERVICE]
    if not unhealthy:
        return
    ready = readiness(group, elb, now, group.resource.instance_warmup or 0)
    if group.bounds is None:
        for member in unhealthy[: _allowed(group, ready)]:
            group.replace(member)
    elif not {"ReplaceUnhealthy", "Terminate", "Launch"} & group.suspended:
        replacing = Replacing(
            group,
            group.bounds,
            ready,
            choose=first_of,
            ended=lambda member: _cause(group, member),
            launched=lambda: text.replaced(group.utc),
        )
        replacing.step(unhealthy, forced=True)


def first_of(members: Sequence[Member], number: int) -> Sequence[Member]:
    """So many of them, as they come."""
    return members[:number]


def _cause(group: Group, member: Member) -> str:
    assert member.ailment is not None
    return member.ailment(group.utc)


def set_instance_health(
    group: Group, elb: Elb, member: Member, healthy: bool, now: float, *, respect_grace: bool
) -> None:
    """SetInstanceHealth: what a check of the customer's own has found."""
    if healthy:
        member.ailment = None
    elif not (respect_grace and in_grace(group.resource, member, now)):
        member.ailment = text.marked_by_user
        replace_unhealthy(group, elb, now)
    group.found_well = None


def readiness(group: Group, elb: Elb, now: float, warmup: float) -> Callable[[Member], bool]:
    """Whether a member is healthy, warm, and past the first checks of its load balancers."""
    verdicts = Verdicts.of(group.resource, group.attachments.names, elb)
    absent = verdicts.unhealthy | verdicts.waiting

    def ready(member: Member) -> bool:
        return member.healthy and member.warm(now, warmup) and member.instance.id not in absent

    return ready


def _mark(group: Group, verdicts: Verdicts, now: float) -> None:
    """Take over what the checks say. What was marked does not recover by itself."""
    for member in group.active():
        found = ailment(group.resource, member, verdicts, now)
        if found is text.found_gone or (found is not None and member.healthy):
            member.ailment = found


def _allowed(group: Group, ready: Callable[[Member], bool]) -> int:
    """How many may be replaced now, so that a group does not end itself: while something else is
    going on, and less than nine tenths are up, none."""
    healthy = [member for member in group.in_service() if member.healthy]
    up = sum(ready(member) for member in healthy)
    batch = max(math.floor(BATCH * group.desired), 1) if healthy else 1
    coming = len(group.pending()) + len(healthy) - up
    if not coming and not group.terminating():
        return batch
    return max(batch - coming, 0) if up > (1 - BATCH) * group.desired else 0

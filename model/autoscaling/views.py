"""What DescribeAutoScalingGroups shows of groups and their instances."""

from __future__ import annotations

from attrs import frozen

from model.autoscaling.group import PROCESSES, Group
from model.autoscaling.members import READY, Lifecycle, Member, units_of
from model.autoscaling.zonal import ZoneCapacity, by_zone, warm_at


@frozen
class WaitView:
    """A lifecycle hook that keeps an instance, and until when if nobody says anything."""

    hook: str
    deadline: float


@frozen
class MemberView:
    """What DescribeAutoScalingGroups shows of an instance (times in seconds since start)."""

    id: str
    zone: str
    type: str
    lifecycle: str
    healthy: bool
    launched: float
    protected: bool = False
    """From scale-in."""
    waiting: tuple[WaitView, ...] = ()
    """Lifecycle hooks that it waits for."""
    template: str | None = None
    """What it was launched from; None: it was attached."""
    template_version: int = 0
    warm_at: float | None = None
    """When it will be warm, if it is in service and not warm yet."""


@frozen
class GroupView:
    """What DescribeAutoScalingGroups shows of a group, counted in its units (but for `warmed`)."""

    id: str
    min: int
    desired: int
    max: int
    in_service: int
    pending: int
    terminating: int
    standby: int
    warmed: int
    suspended: tuple[str, ...]
    members: tuple[MemberView, ...]
    warming: int = 0
    """How many of those in service do not count for the group's metrics yet."""
    protected: int = 0
    """From scale-in."""
    zones: tuple[ZoneCapacity, ...] = ()
    """Zone by zone."""


def group_view(group: Group, now: float) -> GroupView:
    """A group as it is now."""
    warmup = float(group.resource.instance_warmup or 0)
    members = group.members.values()
    zones = by_zone(members, now, warmup)
    return GroupView(
        id=group.id,
        min=group.min,
        desired=group.desired,
        max=group.max,
        in_service=units_of(group.in_service()),
        pending=units_of(group.pending()),
        terminating=units_of(group.terminating()),
        standby=units_of(group.members.in_state(Lifecycle.STANDBY)),
        warmed=len(group.members.in_state(*READY)),
        suspended=tuple(name for name in PROCESSES if name in group.suspended),
        members=tuple(_member(member, now, warmup) for member in members),
        warming=sum(len(zone.warming) for zone in zones),
        protected=sum(zone.protected for zone in zones),
        zones=zones,
    )


def _member(member: Member, now: float, warmup: float) -> MemberView:
    instance = member.instance
    return MemberView(
        id=instance.id,
        zone=instance.zone,
        type=instance.type.name,
        lifecycle=member.lifecycle.value,
        healthy=member.healthy,
        launched=instance.launched,
        protected=member.protected,
        waiting=tuple(WaitView(item.hook.name, item.deadline) for item in member.actions),
        template=instance.template,
        template_version=instance.template_version,
        warm_at=warm_at(member, now, warmup),
    )

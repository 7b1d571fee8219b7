"""A group's instances zone by zone, as the journal notes each change."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from model.autoscaling.members import PENDING, TERMINATING, Lifecycle, Member


@frozen
class ZoneCapacity:
    """The instances of a group in one zone."""

    zone: str
    in_service: int
    pending: int
    terminating: int
    standby: int
    protected: int
    """From scale-in, in service or in standby."""
    warming: tuple[float, ...] = ()
    """Of those in service that are not warm yet: when each will be (seconds since start)."""


def by_zone(members: Iterable[Member], now: float, warmup: float) -> tuple[ZoneCapacity, ...]:
    """Every zone with an instance, by name. `warmup` is the group's DefaultInstanceWarmup."""
    zones: dict[str, list[Member]] = {}
    for member in members:
        zones.setdefault(member.instance.zone, []).append(member)
    return tuple(
        ZoneCapacity(
            zone,
            in_service=sum(member.lifecycle is Lifecycle.IN_SERVICE for member in own),
            pending=sum(member.lifecycle in PENDING for member in own),
            terminating=sum(member.lifecycle in TERMINATING for member in own),
            standby=sum(member.lifecycle is Lifecycle.STANDBY for member in own),
            protected=sum(protects(member) for member in own),
            warming=warming(own, now, warmup),
        )
        for zone, own in sorted(zones.items())
    )


def protects(member: Member) -> bool:
    """Whether its protection from scale-in keeps it."""
    return member.protected and member.lifecycle in (Lifecycle.IN_SERVICE, Lifecycle.STANDBY)


def warming(members: Iterable[Member], now: float, warmup: float) -> tuple[float, ...]:
    """When each of the instances in service that warm up will be warm, the first of them first."""
    ends = (
        member.in_service_at + warmup
        for member in members
        if member.lifecycle is Lifecycle.IN_SERVICE and member.in_service_at is not None
    )
    return tuple(sorted(end for end in ends if end > now))

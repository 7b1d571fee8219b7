"""A group's instances zone by zone, as the journal notes each change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from attrs import frozen

from model.autoscaling.members import PENDING, TERMINATING, Lifecycle, Member


@frozen
class ZoneCapacity:
    """The instances of a group in one zone, counted in the group's units."""

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
    states: defaultdict[str, Counter[Lifecycle]] = defaultdict(Counter)
    ends: dict[str, list[float]] = {}
    protected: Counter[str] = Counter()
    for member in members:
        zone = member.instance.zone
        states[zone][member.lifecycle] += member.units
        if member.protected:
            protected[zone] += member.units * protects(member)
        end = warm_at(member, now, warmup) if warmup else None
        if end is not None:
            ends.setdefault(zone, []).extend([end] * member.units)
    return tuple(
        ZoneCapacity(
            zone,
            in_service=count[Lifecycle.IN_SERVICE],
            pending=sum(count[state] for state in PENDING),
            terminating=sum(count[state] for state in TERMINATING),
            standby=count[Lifecycle.STANDBY],
            protected=protected[zone],
            warming=tuple(sorted(ends.get(zone, ()))),
        )
        for zone, count in sorted(states.items())
    )


def protects(member: Member) -> bool:
    """Whether its protection from scale-in keeps it."""
    return member.protected and member.lifecycle in (Lifecycle.IN_SERVICE, Lifecycle.STANDBY)


def warm_at(member: Member, now: float, warmup: float) -> float | None:
    """When an instance in service will be warm; None: it is, or it is not in service."""
    if member.lifecycle is not Lifecycle.IN_SERVICE or member.in_service_at is None:
        return None
    end = member.in_service_at + warmup
    return end if end > now else None

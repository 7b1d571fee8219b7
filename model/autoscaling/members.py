"""The instances of an Auto Scaling group, as the group sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from attrs import define, frozen

from model.autoscaling.activity import Activity
from model.ec2.instances import Instance

Sentence = Callable[[datetime], str]
"""A sentence of a cause, said at some time."""


class Lifecycle(StrEnum):
    PENDING = "Pending"
    IN_SERVICE = "InService"
    TERMINATING = "Terminating"
    TERMINATED = "Terminated"


@define(eq=False)
class Member:
    """One instance of the group."""

    instance: Instance
    activity: Activity
    """The launch, or once it ends the termination."""
    lifecycle: Lifecycle = Lifecycle.PENDING
    ailment: Sentence | None = None
    """The sentence that tells why it is unhealthy. It never recovers by itself."""
    impaired_since: float | None = None
    """Since when its EC2 status checks have been failing."""
    in_service_at: float | None = None
    balancing: bool = False
    """Launched over the desired capacity, to even out the zones or before another one ends."""
    units: int = 1
    """Units of capacity that it counts for."""
    leaving: bool = False
    """Whether another one is to take its place before it is interrupted."""
    replaces: Member | None = None
    """Whose place it takes."""
    ahead: bool = False
    """Launched over the desired capacity, before what it replaces ends."""
    protected: bool = False
    """From scale-in."""

    @property
    def extra(self) -> bool:
        """Whether it is there beside the desired capacity, for a while."""
        return self.balancing or self.ahead

    @property
    def healthy(self) -> bool:
        return self.ailment is None

    def warm(self, now: float, warmup: float) -> bool:
        """Whether it has been in service for its warm-up time."""
        return (
            self.lifecycle is Lifecycle.IN_SERVICE
            and self.in_service_at is not None
            and now >= self.in_service_at + warmup
        )


def units_of(members: Iterable[Member]) -> int:
    """The capacity of some members, in the group's units."""
    return sum(member.units for member in members)


class Members(dict[str, Member]):
    """The instances of a group by id, and how many there should be."""

    def __init__(self, least: int, most: int) -> None:
        super().__init__()
        self.min = least
        self.max = most
        self.desired = 0

    def active(self) -> list[Member]:
        """Those that are pending or in service."""
        return [m for m in self.values() if m.lifecycle is not Lifecycle.TERMINATING]

    def in_state(self, lifecycle: Lifecycle) -> list[Member]:
        return [m for m in self.values() if m.lifecycle is lifecycle]

    @property
    def capacity(self) -> Capacity:
        """The group's capacity as it is now."""
        in_service, pending, terminating = map(self.in_state, COUNTED)
        return Capacity(
            self.min,
            self.desired,
            self.max,
            len(in_service),
            len(pending),
            len(terminating),
            (units_of(in_service), units_of(pending), units_of(terminating)),
        )


COUNTED = (Lifecycle.IN_SERVICE, Lifecycle.PENDING, Lifecycle.TERMINATING)
"""The states that capacity is counted by."""


@frozen
class Capacity:
    """A group's capacity, as the journal notes each change of it."""

    min: int
    desired: int
    max: int
    in_service: int
    pending: int = 0
    terminating: int = 0
    units: tuple[int, int, int] = (0, 0, 0)
    """Units of capacity that are in service, pending and terminating."""

    def part(self, name: str) -> int:
        """One of Min, Desired, Max, InService, Pending, Standby, Terminating and Total; the last
        five also in units, as in InServiceCapacity."""
        in_service, pending, terminating = self.units
        parts = {
            "InServiceCapacity": in_service,
            "PendingCapacity": pending,
            "StandbyCapacity": 0,
            "TerminatingCapacity": terminating,
            "TotalCapacity": in_service + pending + terminating,
            "Min": self.min,
            "Desired": self.desired,
            "Max": self.max,
            "InService": self.in_service,
            "Pending": self.pending,
            "Standby": 0,
            "Terminating": self.terminating,
            "Total": self.in_service + self.pending + self.terminating,
        }
        return parts[name]

"""The instances of an Auto Scaling group, as the group sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from attrs import define, field, frozen

from model.autoscaling.activity import Activity
from model.autoscaling.lifecycle_resources import Hook, WarmPool
from model.ec2.instances import Instance

Sentence = Callable[[datetime], str]
"""A sentence of a cause, said at some time."""


class Lifecycle(StrEnum):
    """The state an instance is in, of which it has one at a time (API LifecycleState)."""

    PENDING = "Pending"
    PENDING_WAIT = "Pending:Wait"
    PENDING_PROCEED = "Pending:Proceed"
    IN_SERVICE = "InService"
    TERMINATING = "Terminating"
    TERMINATING_WAIT = "Terminating:Wait"
    TERMINATING_PROCEED = "Terminating:Proceed"
    TERMINATED = "Terminated"
    ENTERING_STANDBY = "EnteringStandby"
    STANDBY = "Standby"
    DETACHING = "Detaching"
    DETACHED = "Detached"
    WARMED_PENDING = "Warmed:Pending"
    WARMED_PENDING_WAIT = "Warmed:Pending:Wait"
    WARMED_PENDING_PROCEED = "Warmed:Pending:Proceed"
    WARMED_STOPPED = "Warmed:Stopped"
    WARMED_RUNNING = "Warmed:Running"
    WARMED_HIBERNATED = "Warmed:Hibernated"
    WARMED_TERMINATING = "Warmed:Terminating"
    WARMED_TERMINATING_WAIT = "Warmed:Terminating:Wait"
    WARMED_TERMINATING_PROCEED = "Warmed:Terminating:Proceed"
    WARMED_TERMINATED = "Warmed:Terminated"


PENDING = frozenset({Lifecycle.PENDING, Lifecycle.PENDING_WAIT, Lifecycle.PENDING_PROCEED})
"""On the way into service."""
TERMINATING = frozenset(
    {Lifecycle.TERMINATING, Lifecycle.TERMINATING_WAIT, Lifecycle.TERMINATING_PROCEED}
)
"""On the way out."""
ACTIVE = PENDING | {Lifecycle.IN_SERVICE}
"""What counts towards the desired capacity."""
WARMING = frozenset(
    {
        Lifecycle.WARMED_PENDING,
        Lifecycle.WARMED_PENDING_WAIT,
        Lifecycle.WARMED_PENDING_PROCEED,
    }
)
"""On the way into the warm pool."""
RESTING = {
    "Stopped": Lifecycle.WARMED_STOPPED,
    "Running": Lifecycle.WARMED_RUNNING,
    "Hibernated": Lifecycle.WARMED_HIBERNATED,
}
"""Where instances of the warm pool wait, by its PoolState."""
READY = frozenset(RESTING.values())
POOLED = WARMING | READY
"""What counts towards the size of the warm pool."""
COOLING = frozenset(
    {
        Lifecycle.WARMED_TERMINATING,
        Lifecycle.WARMED_TERMINATING_WAIT,
        Lifecycle.WARMED_TERMINATING_PROCEED,
    }
)
"""On the way out of the warm pool, for good."""
ENDING = TERMINATING | COOLING
UNCHECKED = frozenset({Lifecycle.ENTERING_STANDBY, Lifecycle.STANDBY, Lifecycle.DETACHING})
"""Nobody asks for their health."""
WAITING = {
    Lifecycle.PENDING: Lifecycle.PENDING_WAIT,
    Lifecycle.TERMINATING: Lifecycle.TERMINATING_WAIT,
    Lifecycle.WARMED_PENDING: Lifecycle.WARMED_PENDING_WAIT,
    Lifecycle.WARMED_TERMINATING: Lifecycle.WARMED_TERMINATING_WAIT,
}
"""Where a lifecycle hook keeps an instance, by the state that it comes from."""
PROCEEDING = {
    Lifecycle.PENDING_WAIT: Lifecycle.PENDING_PROCEED,
    Lifecycle.TERMINATING_WAIT: Lifecycle.TERMINATING_PROCEED,
    Lifecycle.WARMED_PENDING_WAIT: Lifecycle.WARMED_PENDING_PROCEED,
    Lifecycle.WARMED_TERMINATING_WAIT: Lifecycle.WARMED_TERMINATING_PROCEED,
}
"""Where it goes on from there."""
PASSING_SECONDS = 2.0
"""How long a state lasts that an instance only passes through; AWS does not say."""


@define(eq=False)
class LifecycleAction:
    """A lifecycle hook at work on an instance: what the instance waits for (times in seconds)."""

    hook: Hook
    token: str
    since: float
    deadline: float = math.inf
    """When the wait ends if nobody says anything."""


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
    actions: list[LifecycleAction] = field(factory=list)
    """Lifecycle hooks that keep it waiting."""
    protected: bool = False
    """From scale-in."""
    prepared: bool = False
    """It comes from the warm pool."""
    decremented: bool = False
    """It left the desired capacity when it went to standby."""
    units: int = 1
    """Units of capacity that it counts for."""
    balancing: bool = False
    """Launched over the desired capacity, to even out the zones or before another one ends."""
    leaving: bool = False
    """Whether another one is to take its place before it is interrupted."""
    replaces: Member | None = None
    """Whose place it takes."""
    ahead: bool = False
    """Launched over the desired capacity, before what it replaces ends."""

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
        self.pool: WarmPool | None = None
        """How the group's warm pool is to be, if it has one."""
        self.weighted = False
        """Whether some count for more than one."""

    def add(self, member: Member) -> None:
        """One more."""
        self[member.instance.id] = member
        self.weigh(member, member.units)

    def weigh(self, member: Member, units: int) -> None:
        """What one counts for from now on."""
        member.units = units
        self.weighted = self.weighted or units > 1

    @property
    def warm_desired(self) -> int:
        """How many instances the warm pool should have."""
        return 0 if self.pool is None else self.pool.size(self.desired, self.max)

    def active(self) -> list[Member]:
        """Those that are pending or in service."""
        return self.in_state(*ACTIVE)

    def in_state(self, *states: Lifecycle) -> list[Member]:
        """Those in one of some states."""
        return [member for member in self.values() if member.lifecycle in states]

    def succeed(self, member: Member) -> None:
        """A member leaves: one that was launched for its place takes that from now on."""
        for other in self.active():
            if other.replaces is member:
                other.balancing, other.replaces = False, None

    @property
    def capacity(self) -> Capacity:
        """The group's capacity as it is now."""
        counted = [
            self.in_state(Lifecycle.IN_SERVICE),
            self.in_state(*PENDING),
            self.in_state(*TERMINATING),
            self.in_state(Lifecycle.STANDBY),
        ]
        in_service, pending, terminating, standby = map(len, counted)
        return Capacity(
            self.min,
            self.desired,
            self.max,
            in_service,
            pending,
            terminating,
            standby,
            len(self.in_state(*READY)),
            len(self.in_state(*WARMING)),
            len(self.in_state(*COOLING)),
            0 if self.pool is None else self.pool.min_size,
            self.warm_desired,
            (
                units_of(counted[0]),
                units_of(counted[1]),
                units_of(counted[2]),
                units_of(counted[3]),
            ),
        )


@frozen
class Capacity:
    """A group's capacity, as the journal notes each change of it."""

    min: int
    desired: int
    max: int
    in_service: int
    pending: int = 0
    terminating: int = 0
    standby: int = 0
    warmed: int = 0
    warm_pending: int = 0
    warm_terminating: int = 0
    warm_min: int = 0
    warm_desired: int = 0
    units: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Units of capacity that are in service, pending, terminating and in standby."""

    def part(self, name: str) -> int:
        """Min, Desired, Max, InService, Pending, Standby, Terminating or Total (the last five also
        in units, as in InServiceCapacity); Warmed and what else is to say of the warm pool;
        AllDesired and AllTotal of group and pool together."""
        in_service, pending, terminating, standby = self.units
        total = in_service + pending + terminating
        warm_total = self.warmed + self.warm_pending + self.warm_terminating
        parts = {
            "Min": self.min,
            "Desired": self.desired,
            "Max": self.max,
            "InService": self.in_service,
            "Pending": self.pending,
            "Standby": self.standby,
            "Terminating": self.terminating,
            "Total": self.in_service + self.pending + self.terminating,
            "InServiceCapacity": in_service,
            "PendingCapacity": pending,
            "TerminatingCapacity": terminating,
            "StandbyCapacity": standby,
            "TotalCapacity": total,
            "Warmed": self.warmed,
            "WarmPending": self.warm_pending,
            "WarmTerminating": self.warm_terminating,
            "WarmTotal": warm_total,
            "WarmMin": self.warm_min,
            "WarmDesired": self.warm_desired,
            "AllDesired": self.desired + self.warm_desired,
            "AllTotal": total + warm_total,
        }
        return parts[name]

"""Between which bounds a group stays while it replaces instances, and a step of such a replacement.

Source: "Instance maintenance policies", "How an instance refresh works in an Auto Scaling group". A
minimum of 100 percent launches before it ends, a maximum of 100 ends and launches at once, and a
wider range does more at a time. A next step waits until what was launched is ready.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import frozen

from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.members import Lifecycle, Member, units_of
from model.autoscaling.resources import AutoScalingGroup


@frozen
class Bounds:
    """How many instances are ready at least, and there at most."""

    least: int
    most: int

    @staticmethod
    def of(desired: int, least: int, most: int) -> Bounds:
        """By percentages of the desired capacity: the minimum is rounded up, the maximum down, and
        there is always room to replace one."""
        low, high = -(-desired * least // 100), max(desired * most // 100, desired)
        if low == high == desired:
            if least == 100:
                high += 1
            else:
                low -= 1
        return Bounds(max(low, 0), high)

    @staticmethod
    def by_policy(resource: AutoScalingGroup, desired: int) -> Bounds | None:
        """Those of a group's instance maintenance policy, if it has one."""
        policy = resource.maintenance
        return None if policy is None else Bounds.of(desired, *policy)


class Replaceable(Protocol):
    """A group, as far as replacing goes."""

    ender: Ender
    launcher: Launcher

    @property
    def desired(self) -> int: ...

    def active(self) -> list[Member]: ...


@frozen
class Replacing:
    """A replacement under way: what of it stays the same from step to step."""

    group: Replaceable
    bounds: Bounds
    ready: Callable[[Member], bool]
    """Whether a member is healthy, in service and warm."""
    choose: Callable[[Sequence[Member], int], Sequence[Member]]
    """So many of some members, in the order in which they end."""
    ended: Callable[[Member], str]
    """Why a member ends."""
    launched: Callable[[], str]
    """Why another is launched."""

    def step(
        self,
        old: Sequence[Member],
        *,
        at_most: int | None = None,
        fresh: Callable[[Member], bool] | None = None,
        forced: bool = False,
    ) -> None:
        """End and launch as many as the bounds allow, once what was launched before is ready.

        `at_most` so many of the old ones are replaced; `fresh` are those to wait for (else all that
        are not old). `forced`: one ends even where too few are ready, if nothing else can be done.
        """
        active = self.group.active()
        left = len(old) if at_most is None else min(len(old), at_most)
        new = [m for m in active if (fresh(m) if fresh is not None else m not in old)]
        if not left or any(not self.ready(member) for member in new if member.healthy):
            return
        spare = units_of(m for m in active if self.ready(m)) - self.bounds.least
        ending = self._affordable(old, spare, left)
        heaviest = max(member.units for member in active)
        goal = min(self.bounds.most, self.group.desired + (left - len(ending)) * heaviest)
        more = goal - units_of(active)
        if not ending and more <= 0:
            heavy = heaviest > 1 and spare >= 0  # one may weigh more than all the room there is
            if heavy and self.bounds.least >= self.group.desired:
                more = 1
            elif heavy or forced:
                ending = list(self.choose(old, 1))
        for member in ending:
            self._end(member)
        while more > 0:
            new_one = self.group.launcher.launch(self.launched())
            if new_one is None:
                return  # it is tried again with the next step
            new_one.ahead = True
            more -= new_one.units

    def _affordable(self, old: Sequence[Member], spare: int, left: int) -> list[Member]:
        """Those that may end now: what is not ready costs nothing, if enough others are."""
        if spare < 0:
            return []
        useless = [member for member in old if not self.ready(member)][:left]
        serving = [member for member in old if self.ready(member)]
        number = min(spare, left - len(useless))
        chosen = list[Member]()
        for member in self.choose(serving, number) if number and serving else ():
            spare -= member.units
            if spare < 0:
                break
            chosen.append(member)
        return [*useless, *chosen]

    def _end(self, member: Member) -> None:
        """One ends; if it is missed, its place is taken by one that was launched ahead, or else by
        a new one."""
        self.group.ender.terminate(member, self.ended(member))
        for other in self.group.active():
            if self._missing() and other.ahead and other.lifecycle is Lifecycle.IN_SERVICE:
                other.ahead = False
        if self._missing():
            self.group.launcher.launch(self.launched())

    def _missing(self) -> bool:
        regular = units_of(member for member in self.group.active() if not member.extra)
        return regular < self.group.desired

"""The longest that an instance may be in service, and at what pace those that are older go.

Source: "Replace Auto Scaling instances based on maximum instance lifetime". They go one at a time,
with a pause; if that takes too long for all of them to be replaced in a lifetime, more at once, up
to a tenth of the group. Protection from scale-in delays it. To spread a group that began together,
the first goes early enough for the last to go in time.
"""

from __future__ import annotations

from attrs import define

from model.autoscaling import activity as text
from model.autoscaling.group import Group
from model.autoscaling.health import BATCH, readiness
from model.autoscaling.maintenance import Bounds, Replacing
from model.autoscaling.members import Member
from model.elb.service import Elb

PAUSE = 600.0
"""Seconds between two replacements, if there is time for that."""


@define(eq=False)
class Lifetimes:
    """Looks after the age of one group's instances."""

    group: Group
    elb: Elb
    _next_at: float = 0.0
    """When the next one may be replaced."""

    def check(self, now: float) -> bool:
        """Replace what has reached its age (or will before its turn comes); whether something is
        under way."""
        longest = self.group.resource.max_instance_lifetime
        if not longest:
            return False
        if now < self._next_at or {"Launch", "Terminate"} & self.group.suspended:
            return True
        members = sorted(self._eligible(), key=lambda member: member.in_service_at or 0.0)
        pause, number = _pace(len(members), longest)
        due = [
            member
            for rank, member in enumerate(members)
            if now - (member.in_service_at or now) >= longest - self._ahead(members, rank, pause)
        ]
        if not due:
            return False
        self._next_at = now + pause
        desired = self.group.desired
        bounds = self.group.bounds or Bounds(max(desired - number, 0), desired)
        ready = readiness(self.group, self.elb, now, self.group.resource.instance_warmup or 0)
        Replacing(
            self.group,
            bounds,
            ready,
            choose=self._choose,
            ended=lambda member: text.outlived(self.group.utc),
            launched=lambda: text.started_for_outlived(self.group.utc),
        ).step(due, at_most=number)
        return True

    @staticmethod
    def _ahead(members: list[Member], rank: int, pause: float) -> float:
        """How much earlier one goes, so that those as old as it, who come later, go in time."""
        mine = members[rank].in_service_at or 0.0
        behind = sum((other.in_service_at or 0.0) <= mine + pause for other in members[rank + 1 :])
        return behind * pause

    def _eligible(self) -> list[Member]:
        return [member for member in self.group.in_service() if not member.protected]

    def _choose(self, members: object, number: int) -> list[Member]:
        assert isinstance(members, list)
        return self.group.ender.select(members, number, "MAX_INSTANCE_LIFETIME")


def _pace(size: int, longest: float) -> tuple[float, int]:
    """Seconds between two replacements, and how many go at a time."""
    if size * PAUSE <= longest:
        return PAUSE, 1
    most = max(int(BATCH * size), 1)
    number = min(-(-size * PAUSE // longest), most)
    return min(PAUSE, longest * number / size), int(number)

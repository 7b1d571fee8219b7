"""How a group comes back into balance over its zones once it has lost it.

Source: "Amazon EC2 Auto Scaling benefits for application architecture" (rebalancing activities):
another instance is launched first, and one in the fullest zone ends when that is in service. An
instance maintenance policy may turn that around.
"""

from __future__ import annotations

from collections.abc import Callable

from model.autoscaling import activity as text
from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import Lifecycle, Member, Members, units_of
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest, imbalance
from model.clock import Schedule


class ZoneBalance:
    """Evens out the zones of one group."""

    def __init__(
        self,
        schedule: Schedule,
        resource: AutoScalingGroup,
        members: Members,
        launcher: Launcher,
        ender: Ender,
        suspended: set[str],
        reconcile: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self.resource = resource
        self._members = members
        self._launcher = launcher
        self._ender = ender
        self._suspended = suspended
        self._reconcile = reconcile

    def restore(self) -> None:
        """Even out the zones if nothing else is going on: launch first, then end another."""
        if {"AZRebalance", "Launch"} & self._suspended or not self._settled():
            return
        active, counts = self._members.active(), self._launcher.counts()
        stranded = len(active) - sum(counts.values())
        if stranded or imbalance(counts) <= 1 or all(member.protected for member in active):
            return
        zone, desired = emptiest(counts), self._members.desired
        others = [other for other in counts if other != zone]
        bounds = Bounds.by_policy(self.resource, desired)
        if bounds is not None and bounds.most == desired:
            self._end_first(others)
            return
        cause = text.balanced(self._schedule.utc(), zone, others)
        fullest = max(counts, key=lambda name: counts[name])
        there = [member for member in active if member.instance.zone == fullest]
        leaving = self._launcher.source.beyond_share(there, active, desired)[0]
        self._launcher.launch(cause, zone=zone, balancing=True, instead=leaving)

    def _settled(self) -> bool:
        """Whether the group has what it should have, and all of it is in service."""
        active = self._members.active()
        surplus = units_of(active) - self._members.desired
        most = max((member.units for member in active), default=1)
        in_service = self._members.in_state(Lifecycle.IN_SERVICE)
        return 0 <= surplus < most and len(in_service) == len(active)

    def _end_first(self, zones: list[str]) -> None:
        """Balance where the maintenance policy lets nothing be launched over the desired capacity:
        the one that ends leaves room for one in another zone."""
        if "Terminate" not in self._suspended:
            candidates = [m for m in self._members.active() if m.instance.zone in zones]
            for chosen in self._ender.select(candidates, cause="REBALANCE"):
                self._end(chosen)
            self._reconcile()

    def give_back(self, member: Member) -> None:
        """The instance launched for balance is in service: end one in the fullest zone."""
        member.balancing = False
        others = [m for m in self._members.in_state(Lifecycle.IN_SERVICE) if m is not member]
        regular = (other for other in self._members.active() if not other.ahead)
        surplus = units_of(regular) - self._members.desired
        free = any(not other.protected for other in others)
        if surplus < 1 or not free or "Terminate" in self._suspended:
            self._reconcile()
            return
        counts = self._launcher.counts()
        most = max(counts.values())
        there = [other for other in others if counts.get(other.instance.zone) == most]
        alike = [other for other in there if other.instance.spot is member.instance.spot]
        choices = (alike, there, others)
        candidates = next(some for some in choices if any(not m.protected for m in some))
        for chosen in self._ender.select(candidates, cause="REBALANCE"):
            if chosen.units <= surplus < 2 * chosen.units:
                self._end(chosen)
            else:
                self._reconcile()

    def _end(self, chosen: Member) -> None:
        zones = [zone for zone in self._launcher.zones if zone != chosen.instance.zone]
        cause = text.rebalanced(self._schedule.utc(), chosen.instance.zone, zones)
        self._ender.terminate(chosen, cause, chosen=True)

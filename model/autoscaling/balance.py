"""How a group comes back into balance, over its zones and between On-Demand and Spot.

Sources: "Amazon EC2 Auto Scaling benefits for application architecture" (rebalancing activities);
API UpdateAutoScalingGroup (another mix of purchase options is reached by and by). Another instance
is launched first, and one ends when that is in service; an instance maintenance policy may turn
that around.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.autoscaling import activity as text
from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import Lifecycle, Member, Members, units_of
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest, imbalance
from model.clock import Schedule


class Balance:
    """The balance of one group."""

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
        self.paused = False
        """An instance refresh goes on: it launches in balance by itself."""

    def restore(self) -> None:
        """If nothing else is going on, bring back the shares of On-Demand and Spot, or else even
        out the zones."""
        if self.paused or "Launch" in self._suspended or not self._settled():
            return
        misplaced = self._misplaced()
        if misplaced:
            self._swap(misplaced)
        elif "AZRebalance" not in self._suspended:
            self._even_out()

    def _settled(self) -> bool:
        """Whether the group has what it should have, and all of it is in service."""
        active = self._members.active()
        surplus = units_of(active) - self._members.desired
        most = max((member.units for member in active), default=1)
        in_service = self._members.in_state(Lifecycle.IN_SERVICE)
        return 0 <= surplus < most and len(in_service) == len(active)

    def _misplaced(self) -> list[Member]:
        """Those that are bought in the wrong way, and may go."""
        active, source = self._members.active(), self._launcher.source
        wrong = source.misplaced(active, self._members.desired)
        return [member for member in wrong if not member.protected]

    def _swap(self, misplaced: Sequence[Member]) -> None:
        if self._ends_first():
            self._end_first(misplaced, self._end_misplaced)
        else:
            cause = text.share_launch(self._schedule.utc())
            self._launcher.launch(cause, balancing=True, instead=misplaced[0])

    def _even_out(self) -> None:
        active, counts = self._members.active(), self._launcher.counts()
        stranded = len(active) - sum(counts.values())
        if stranded or imbalance(counts) <= 1 or all(member.protected for member in active):
            return
        zone = emptiest(counts)
        others = [other for other in counts if other != zone]
        if self._ends_first():
            there = [member for member in active if member.instance.zone in others]
            self._end_first(there, self._end_surplus)
            return
        cause = text.balanced(self._schedule.utc(), zone, others)
        fullest = max(counts, key=lambda name: counts[name])
        there = [member for member in active if member.instance.zone == fullest]
        source, desired = self._launcher.source, self._members.desired
        leaving = source.beyond_share(there, active, desired)[0]
        self._launcher.launch(cause, zone=zone, balancing=True, instead=leaving)

    # -- in which order ---------------------------------------------------------------------------

    def _ends_first(self) -> bool:
        """Whether the maintenance policy lets nothing be launched over the desired capacity."""
        bounds = Bounds.by_policy(self.resource, self._members.desired)
        return bounds is not None and bounds.most == self._members.desired

    def _end_first(self, members: Sequence[Member], end: Callable[[Member], None]) -> None:
        """The one that ends leaves room for another."""
        if "Terminate" not in self._suspended:
            for chosen in self._ender.select(members, cause="REBALANCE"):
                end(chosen)
            self._reconcile()

    def give_back(self, member: Member) -> None:
        """The instance launched for balance is in service: end one of the purchase option that has
        more than its share, in the fullest zone if there is one."""
        member.balancing = False
        others = [m for m in self._members.in_state(Lifecycle.IN_SERVICE) if m is not member]
        regular = (other for other in self._members.active() if not other.ahead)
        surplus = units_of(regular) - self._members.desired
        free = any(not other.protected for other in others)
        if surplus < 1 or not free or "Terminate" in self._suspended:
            self._reconcile()
            return
        active, desired = self._members.active(), self._members.desired
        beyond = self._launcher.source.beyond_share(others, active, desired)
        counts = self._launcher.counts()
        most = max(counts.values())
        there = [other for other in beyond if counts.get(other.instance.zone) == most]
        choices = (there, beyond, others)
        candidates = next(some for some in choices if any(not m.protected for m in some))
        for chosen in self._ender.select(candidates, cause="REBALANCE"):
            if not chosen.units <= surplus < 2 * chosen.units:
                self._reconcile()
            elif chosen.instance.spot is member.instance.spot:
                self._end_surplus(chosen)
            else:
                self._end_misplaced(chosen)

    def _end_misplaced(self, chosen: Member) -> None:
        cause = text.share_termination(self._schedule.utc())
        self._ender.terminate(chosen, cause, chosen=True)

    def _end_surplus(self, chosen: Member) -> None:
        zones = [zone for zone in self._launcher.zones if zone != chosen.instance.zone]
        cause = text.rebalanced(self._schedule.utc(), chosen.instance.zone, zones)
        self._ender.terminate(chosen, cause, chosen=True)

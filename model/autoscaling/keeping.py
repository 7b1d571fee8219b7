"""How a group keeps to its desired capacity: it launches what is missing, ends what is too many.

Sources: "How Amazon EC2 Auto Scaling works", "Configure instance weighting" (a group may exceed its
desired capacity by less than its largest weight, and ends nothing that it needs).
"""

from __future__ import annotations

from model.autoscaling import activity as text
from model.autoscaling.ending import Ender
from model.autoscaling.launching import Launcher
from model.autoscaling.members import Lifecycle, Member, Members, units_of
from model.autoscaling.pace import LaunchPace
from model.autoscaling.record import Record
from model.autoscaling.warm_pool import Pool
from model.clock import Phase, Schedule


class Keeper:
    """Compares what one group has with what it should have."""

    def __init__(
        self,
        schedule: Schedule,
        members: Members,
        record: Record,
        launcher: Launcher,
        ender: Ender,
        suspended: set[str],
        pool: Pool,
    ) -> None:
        self._schedule = schedule
        self._members = members
        self._record = record
        self._launcher = launcher
        self._ender = ender
        self._suspended = suspended
        self._pool = pool
        self.pace = LaunchPace()
        self.changes: list[str] = []
        """Why the desired capacity changed since the group last acted on it."""

    @property
    def capacity(self) -> int:
        """What counts towards the desired capacity."""
        return units_of(member for member in self._members.active() if not member.extra)

    def reconcile(self) -> None:
        """Launch what is missing, end what is too many."""
        have, desired = self.capacity, self._members.desired
        if have == desired:
            self.changes.clear()
        elif have < desired and self.may_launch():
            self._grow(have)
        elif have > desired and "Terminate" not in self._suspended:
            self._shrink(have)
        self._pool.fill()

    def make_up(self, cause: str) -> None:
        """One that was regular is gone: another takes its place, if it is needed."""
        if self.capacity < self._members.desired and self.may_launch():
            self._obtain(cause)
        self._pool.fill()

    def may_launch(self) -> bool:
        """Whether a launch may begin now; if only its pace holds it, it is tried again."""
        if "Launch" in self._suspended:
            return False
        if self._schedule.now < self.pace.opens:
            self._schedule.at(self.pace.opens, Phase.CONTROL, self.reconcile)
            return False
        return True

    def _obtain(self, cause: str) -> Member | None:
        """Another instance: from the warm pool if one is ready there, else a new one."""
        return self._pool.take(cause) or self._launcher.launch(cause)

    def _grow(self, have: int) -> None:
        cause = text.started(self._schedule.utc(), have, self._members.desired)
        changes = self._take_changes()
        reasons = text.sentences(*changes, cause)
        while have < self._members.desired:
            member = self._obtain(reasons)
            if member is None:
                self.changes = changes  # for the next try
                return
            have += member.units

    def _take_changes(self) -> list[str]:
        changes, self.changes = self.changes, []
        return changes

    def _shrink(self, have: int) -> None:
        """End what is too many, but nothing that the desired capacity needs."""
        candidates = [member for member in self._members.active() if not member.ahead]
        number = (have - self._members.desired) // min(member.units for member in candidates)
        chosen = self._ender.select(candidates, number) if number else []
        rest = [member for member in candidates if member not in chosen]
        held = len(chosen) < number and all(member.protected for member in rest)
        changes = self._take_changes() if chosen or held else []
        for member in chosen:
            before, have = have, have - member.units
            if have < self._members.desired:
                return
            cause = text.shrunk(self._schedule.utc(), before, have)
            self._end(member, text.sentences(*changes, cause))
        if held and changes:
            self._record.note(text.ALL_PROTECTED, text.sentences(*changes))

    def _end(self, member: Member, cause: str) -> None:
        if self._pool.reuses and member.lifecycle is Lifecycle.IN_SERVICE:
            self._pool.give_back(member, cause)
        else:
            self._ender.terminate(member, cause, chosen=True)

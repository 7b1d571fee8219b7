"""An instance refresh: a group's instances are replaced in batches, watched, and rolled back.

Sources: "How an instance refresh works in an Auto Scaling group", "Add checkpoints to an instance
refresh", "Undo changes with a rollback", "Use an instance refresh with skip matching", "Check the
status of an instance refresh"; API InstanceRefresh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from attrs import define, field, frozen

from model.autoscaling import activity as text
from model.autoscaling.group import Group
from model.autoscaling.health import readiness
from model.autoscaling.maintenance import Bounds, Replacing
from model.autoscaling.members import Member, units_of
from model.autoscaling.refresh_settings import RefreshPreferences
from model.autoscaling.resources import DAY
from model.clock import HOUR
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.elb.service import Elb

LONGEST = 14.0 * DAY
"""Seconds that a refresh may go on replacing."""
STUCK = HOUR
"""Seconds without any progress after which it fails."""


class RefreshStatus(StrEnum):
    PENDING = "Pending"
    IN_PROGRESS = "InProgress"
    BAKING = "Baking"
    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    CANCELLING = "Cancelling"
    CANCELLED = "Cancelled"
    ROLLBACK_IN_PROGRESS = "RollbackInProgress"
    ROLLBACK_SUCCESSFUL = "RollbackSuccessful"
    ROLLBACK_FAILED = "RollbackFailed"


OVER = frozenset(
    {
        RefreshStatus.SUCCESSFUL,
        RefreshStatus.FAILED,
        RefreshStatus.CANCELLED,
        RefreshStatus.ROLLBACK_SUCCESSFUL,
        RefreshStatus.ROLLBACK_FAILED,
    }
)
REPLACING = frozenset({RefreshStatus.IN_PROGRESS, RefreshStatus.ROLLBACK_IN_PROGRESS})


@frozen
class RefreshView:
    """What DescribeInstanceRefreshes shows of a refresh (times in seconds since start)."""

    id: str
    status: str
    reason: str
    start: float
    end: float | None
    percentage_complete: int
    instances_to_update: int
    checkpoints: tuple[int, ...] = ()
    """Percentages at which it is still to stop, the last one its end."""
    until: float | None = None
    """Until when it waits, at a checkpoint or while it bakes."""


Tell = Callable[[str, dict[str, object]], None]
"""Publishes an event of EC2 Auto Scaling about a refresh: the end of its detail-type, details."""


@define(eq=False, kw_only=True)
class InstanceRefresh:
    """One refresh of one group."""

    id: str
    group: Group
    elb: Elb
    preferences: RefreshPreferences
    configuration: LaunchTemplateSpecification | None
    """What is launched from; None: what the group launches from anyway."""
    tell: Tell
    start: float
    status: RefreshStatus = RefreshStatus.PENDING
    reason: str = ""
    waiting: str = ""
    """What it waits for at present, if somebody has to do something."""
    end: float | None = None
    previous: LaunchTemplateSpecification | None = field(init=False)
    """What the group launched from before (None: from a launch configuration)."""
    present: frozenset[str] = frozenset()
    """Ids of the instances that were there when it began."""
    old: set[str] = field(factory=set)
    """Ids of those to replace."""
    total: int = 0
    updated: int = 0
    """How many of them have been replaced, by instances that are ready."""
    checkpoints: tuple[int, ...] = ()
    """Percentages that are still to reach."""
    waits_until: float = 0.0
    """At a checkpoint, or while it bakes."""
    progress_at: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.previous = self.group.launcher.source.specification

    @property
    def view(self) -> RefreshView:
        done = 100 if self.total == 0 else 100 * self.updated // self.total
        return RefreshView(
            self.id,
            self.status.value,
            self.waiting or self.reason,
            self.start,
            self.end,
            0 if self.status is RefreshStatus.PENDING else done,
            self.total - self.updated,
            () if self.over else self.checkpoints,
            self.waits_until if not self.over and self.waits_until > self.progress_at else None,
        )

    @property
    def over(self) -> bool:
        return self.status in OVER

    # -- what is asked of it -----------------------------------------------------------------------

    def cancel(self, reason: str, now: float, *, wait: bool) -> None:
        """Replace no more; with `wait` what is under way comes to its end first."""
        self.reason = reason
        if self.status is RefreshStatus.ROLLBACK_IN_PROGRESS or not wait:
            self._stop(RefreshStatus.CANCELLED, now)
        else:
            self._restore()
            self.status = RefreshStatus.CANCELLING

    def roll_back(self, reason: str, now: float) -> None:
        """Replace what it has launched, by what the group launched before."""
        self._restore()
        self.reason = reason
        members = self.group.active()
        self._begin(
            RefreshStatus.ROLLBACK_IN_PROGRESS,
            {member.instance.id for member in members} - self.present,
            (100,),
            now,
        )

    # -- as time goes on ---------------------------------------------------------------------------

    def step(self, now: float, alarm: str | None) -> None:
        """Look what can be done now; `alarm` is one of its alarms that is in ALARM."""
        if self.over:
            return
        if self.status is RefreshStatus.CANCELLING:
            if not (self.group.pending() or self.group.terminating()):
                self._stop(RefreshStatus.CANCELLED, now)
            return
        if alarm is not None and self.status is not RefreshStatus.ROLLBACK_IN_PROGRESS:
            self._fail(f"Failed because the alarm {alarm} is in ALARM.", now)
        elif self.status is RefreshStatus.PENDING:
            self._open(now)
        elif self.status is RefreshStatus.BAKING:
            if now >= self.waits_until:
                self._stop(RefreshStatus.SUCCESSFUL, now)
        elif {"InstanceRefresh", "Launch", "Terminate"} & self.group.suspended:
            self.progress_at = now
        elif now >= self.start + LONGEST:
            self._fail("Failed because it took more than 14 days.", now)
        if self.status in REPLACING and not {"InstanceRefresh"} & self.group.suspended:
            self._replace(now)

    def _open(self, now: float) -> None:
        """Take stock of what there is to replace."""
        members = self.group.active()
        self.present = frozenset(member.instance.id for member in members)
        if self.configuration is not None:
            self.group.launcher.source.specification = self.configuration
        old = {
            member.instance.id
            for member in members
            if not (self.preferences.skip_matching and self._matches(member))
        }
        self.tell("Started", {})
        self._begin(RefreshStatus.IN_PROGRESS, old, self.preferences.checkpoints, now)

    def _matches(self, member: Member) -> bool:
        """Whether a member was launched from what the group launches from now."""
        instance, current = member.instance, self.group.launcher.source.current
        if current is None:
            return instance.launch_configuration == self.group.resource.launch_configuration_name
        return (instance.template, instance.template_version) == (current.template, current.number)

    def _begin(
        self, status: RefreshStatus, old: set[str], checkpoints: tuple[int, ...], now: float
    ) -> None:
        self.status, self.old, self.total = status, set(old), len(old)
        self.group.balance.paused = True
        self.updated, self.checkpoints, self.waiting = 0, checkpoints, ""
        self.waits_until = self.progress_at = now

    def _replace(self, now: float) -> None:
        group, ready = self.group, self._readiness(now)
        if self.preferences.scale_in_protected_instances == "Ignore":
            self._leave({m.instance.id for m in group.active() if m.protected})
        old = [member for member in group.active() if member.instance.id in self.old]
        coming = sum(m.instance.id not in self.old and not ready(m) for m in group.active())
        missing = max(group.desired - units_of(group.active()), 0)
        replaced = self.total - len(old)
        updated = max(replaced - coming - missing, 0)
        if updated > self.updated:
            self.updated, self.progress_at = updated, now
        if now < self.waits_until:
            self.progress_at = now
            return
        goal = -(-self.total * self.checkpoints[0] // 100)
        if self.updated >= goal:
            self._reach(now)
            return
        if now >= self.progress_at + STUCK + self._warmup:
            self._fail("Failed because no instance could be replaced for an hour.", now)
            return
        if "Launch" in group.suspended or "Terminate" in group.suspended:
            return
        wait = self.preferences.scale_in_protected_instances == "Wait"
        free = [member for member in old if not (wait and member.protected)]
        self.waiting = ""
        if len(free) < len(old):
            self.waiting = "Waiting for instances that are protected from scale-in."
        bounds = Bounds.of(group.desired, *self.preferences.percentages(group.resource.maintenance))
        replacing = Replacing(group, bounds, ready, self._choose, self._ended, self._launched)
        replacing.step(free, at_most=goal - replaced, fresh=self._is_fresh)

    def _is_fresh(self, member: Member) -> bool:
        return member.instance.id not in self.old

    def _leave(self, ids: set[str]) -> None:
        """Replace some less than was planned."""
        left = self.old & ids
        self.old -= left
        self.total -= len(left)

    def _reach(self, now: float) -> None:
        """So many are replaced as a checkpoint says: the highest that this fulfils."""
        reached = self.checkpoints[0]
        while self.checkpoints and self.updated * 100 >= self.total * self.checkpoints[0]:
            reached, self.checkpoints = self.checkpoints[0], self.checkpoints[1:]
        if self.checkpoints:
            delay = self.preferences.delay
            self.tell("Checkpoint Reached", {"CheckpointPercentage": reached})
            self.waits_until = now + delay
            self.waiting = f"Waiting at the checkpoint of {reached} percent."
        elif self.status is RefreshStatus.ROLLBACK_IN_PROGRESS:
            self._stop(RefreshStatus.ROLLBACK_SUCCESSFUL, now)
        elif self.preferences.bake_time > 0:
            self.status = RefreshStatus.BAKING
            self.waits_until = now + self.preferences.bake_time
        else:
            self._stop(RefreshStatus.SUCCESSFUL, now)

    # -- how it ends -------------------------------------------------------------------------------

    def _fail(self, reason: str, now: float) -> None:
        if self.status is RefreshStatus.ROLLBACK_IN_PROGRESS:
            self._stop(RefreshStatus.ROLLBACK_FAILED, now)
        elif self.preferences.auto_rollback and self.status is not RefreshStatus.PENDING:
            self.roll_back(reason, now)
        else:
            self._stop(RefreshStatus.FAILED, now)
        self.reason = reason

    def _stop(self, status: RefreshStatus, now: float) -> None:
        if status is RefreshStatus.SUCCESSFUL:
            self.reason = ""
        else:
            self._restore()
        self.status, self.end, self.waiting = status, now, ""
        self.group.balance.paused = False
        self.group.release_ahead()
        match status:
            case RefreshStatus.SUCCESSFUL | RefreshStatus.ROLLBACK_SUCCESSFUL:
                self.tell("Succeeded", {})
            case RefreshStatus.CANCELLED:
                self.tell("Cancelled", {})
            case _:
                self.tell("Failed", {})

    def _restore(self) -> None:
        """The group launches again from what it launched from before."""
        self.group.launcher.source.specification = self.previous

    # -- how instances are replaced ----------------------------------------------------------------

    @property
    def _warmup(self) -> int:
        """InstanceWarmup, else DefaultInstanceWarmup, else the grace period."""
        resource = self.group.resource
        known = (self.preferences.instance_warmup, resource.instance_warmup)
        return next(
            (value for value in known if value is not None), resource.health_check_grace_period
        )

    def _readiness(self, now: float) -> Callable[[Member], bool]:
        """What the refresh has launched has to warm up; what was there before was warm."""
        warm = readiness(self.group, self.elb, now, self._warmup)
        settled = readiness(self.group, self.elb, now, 0)
        return lambda m: settled(m) if m.instance.id in self.present else warm(m)

    def _choose(self, members: Sequence[Member], number: int) -> Sequence[Member]:
        """By the termination policies; protected ones come last, where they come at all."""
        chosen = self.group.ender.select(members, number, "INSTANCE_REFRESH")
        if self.preferences.scale_in_protected_instances == "Refresh":
            chosen += [member for member in members if member.protected]
        return chosen[:number]

    def _ended(self, member: Member) -> str:
        return text.refreshed(self.group.utc, member.instance.id)

    def _launched(self) -> str:
        return text.started_by_refresh(self.group.utc)

"""An Auto Scaling group: it keeps as many instances as are desired, in balance over its zones.

Sources: "How Amazon EC2 Auto Scaling works" and "Suspend and resume processes". How an instance is
launched is in `launching`, how one is ended in `ending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from model.autoscaling import activity as text
from model.autoscaling.activity import Activity
from model.autoscaling.arithmetic import clamp
from model.autoscaling.attachments import Attachments
from model.autoscaling.ending import ENDED, Ender
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.hooks import LAUNCH, LAUNCH_FROM_POOL, Hooks
from model.autoscaling.launching import Launcher
from model.autoscaling.lifecycle_resources import Hook
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import (
    ENDING,
    PASSING_SECONDS,
    PENDING,
    POOLED,
    TERMINATING,
    UNCHECKED,
    WARMING,
    Lifecycle,
    Member,
    Members,
)
from model.autoscaling.notifications import Notifier
from model.autoscaling.pace import LaunchPace
from model.autoscaling.proposals import Proposal
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.transfers import Transfers
from model.autoscaling.warm_pool import Pool
from model.autoscaling.zones import emptiest, imbalance
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.acting import Invocation
from model.ec2.instances import Instance, InstanceState
from model.ec2.resources import LaunchTemplate
from model.ec2.service import Ec2
from model.elb.service import Elb
from model.events.bus import EventBus
from model.journal import Journal

PROCESSES = (
    "Launch",
    "Terminate",
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "InstanceRefresh",
    "ReplaceUnhealthy",
    "ScheduledActions",
)
"""What SuspendProcesses can suspend."""


class Group:
    """One Auto Scaling group at work."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        ec2: Ec2,
        elb: Elb,
        resource: AutoScalingGroup,
        template: LaunchTemplate,
        subnets: Mapping[str, str],
        blocked: Callable[[str], bool],
        hooks: Iterable[Hook],
        notifier: Notifier,
    ) -> None:
        self._schedule = schedule
        self._ec2 = ec2
        self.resource = resource
        self.members = Members(resource.min_size, resource.max_size)
        """Instances of the group by id, until they are terminated; and the limits."""
        self.record = Record(schedule, streams, bus, journal, ec2, resource, self.members, notifier)
        self.attachments = Attachments(elb, resource.attachments)
        self.suspended: set[str] = set()
        self.launcher = Launcher(
            schedule,
            ec2,
            self.attachments,
            resource,
            template,
            subnets,
            blocked,
            self.members,
            self.record,
        )
        self.hooks = Hooks(
            schedule, streams, bus, notifier, resource, hooks, self.members, self.record
        )
        self.pace = LaunchPace()
        self.ender = Ender(
            schedule,
            streams,
            ec2,
            self.attachments,
            resource,
            self.members,
            self.record,
            self.hooks,
            self.reconcile,
        )
        self.pool = Pool(
            schedule,
            streams,
            ec2,
            self.members,
            self.record,
            self.hooks,
            self.launcher,
            self.ender,
            self.attachments,
            self.suspended,
            self._may_launch,
            self._arrive,
        )
        self.transfers = Transfers(
            schedule,
            resource,
            self.members,
            self.record,
            self.attachments,
            self._enter_service,
            self.reconcile,
        )
        self._changes: list[str] = []
        """Why the desired capacity changed since the group last acted on it."""
        self.invoked: list[tuple[str, Invocation]] = []
        """Policies that alarms have invoked at this instant."""
        self.found_well: object = None
        """The last condition in which a health check had nothing to do."""

    # -- what it has --------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.resource.logical_id

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def min(self) -> int:
        return self.members.min

    @property
    def max(self) -> int:
        return self.members.max

    @property
    def desired(self) -> int:
        return self.members.desired

    @property
    def zones(self) -> list[str]:
        """Its zones, in order of its subnets."""
        return self.launcher.zones

    @property
    def activities(self) -> list[Activity]:
        return self.record.activities

    @property
    def utc(self) -> datetime:
        """The date and time."""
        return self._schedule.utc()

    @property
    def condition(self) -> object:
        """All that a health check goes by, but for what load balancers say: equal if unchanged."""
        return (
            self._ec2.roster.changes,
            self.desired,
            frozenset(self.suspended),
            tuple(self.launcher.open_zones()),
        )

    @property
    def bounds(self) -> Bounds | None:
        """How many instances it may have while it replaces some, by its maintenance policy."""
        policy = self.resource.maintenance
        return None if policy is None else Bounds.of(self.desired, *policy)

    def active(self) -> list[Member]:
        """Members that are pending or in service."""
        return self.members.active()

    def in_service(self) -> list[Member]:
        return self.members.in_state(Lifecycle.IN_SERVICE)

    def pending(self) -> list[Member]:
        return self.members.in_state(*PENDING)

    def terminating(self) -> list[Member]:
        return self.members.in_state(*TERMINATING)

    # -- what it should have ------------------------------------------------------------------

    def create(self, desired: int) -> None:
        """The group begins with its first desired capacity."""
        self._changes.append(text.created(self._schedule.utc(), desired))
        self.hooks.introduce()
        self.record.introduce()
        self.members.desired = desired
        self.record.capacity()
        self.reconcile()

    def set_desired(self, desired: int, cause: str) -> None:
        """The desired capacity becomes another, for the reason in `cause`."""
        if desired == self.desired:
            return
        self.members.desired = desired
        self._changes.append(cause)
        self.record.capacity()
        self.reconcile()

    def configure(self, resource: AutoScalingGroup) -> None:
        """From now on it is as `resource` says, except for its desired capacity."""
        for part in (self, self.launcher, self.ender, self.ender.termination, self.record):
            part.resource = resource
        self.members.min, self.members.max = resource.min_size, resource.max_size
        self._ec2.roster.changes += 1
        self.record.capacity()

    def raise_max(self, most: int) -> None:
        """The maximum size becomes larger, and stays so."""
        self.members.max = max(self.max, most)
        self.record.capacity()

    def held(self, capacity: int) -> int:
        """A capacity that a policy wants, held within the limits."""
        return clamp(capacity, self.min, self.max)

    def follow(self, proposal: Proposal) -> None:
        """A policy wants a capacity: it is held within the limits."""
        before, after = self.desired, self.held(proposal.capacity)
        if before == after:
            return
        begun = len(self.activities)
        self.set_desired(after, proposal.cause(self.utc, before, after))
        for activity in self.activities[begun:]:
            activity.cooldown = proposal.cooldown

    def reconcile(self) -> None:
        """Launch what is missing, end what is too many."""
        active = [member for member in self.active() if not member.extra]
        missing = self.desired - len(active)
        if missing == 0:
            self._changes.clear()
        elif missing > 0 and self._may_launch():
            cause = text.started(self._schedule.utc(), len(active), self.desired)
            reasons = text.sentences(*self._take_changes(), cause)
            for _ in range(missing):
                self._obtain(reasons)
        elif missing < 0 and "Terminate" not in self.suspended:
            candidates = [member for member in self.active() if not member.ahead]
            chosen = self.ender.select(candidates, -missing)
            rest = [member for member in candidates if member not in chosen]
            held = len(chosen) < -missing and all(member.protected for member in rest)
            changes = self._take_changes() if chosen or held else []
            for number, member in enumerate(chosen):
                self._shrink(member, len(active) - number, changes)
            if held and changes:
                self.record.note(text.ALL_PROTECTED, text.sentences(*changes))
        self.pool.fill()

    def _obtain(self, cause: str) -> None:
        """Another instance: from the warm pool if one is ready there, else a new one."""
        if not self.pool.take(cause):
            self.launcher.launch(cause)

    def _may_launch(self) -> bool:
        """Whether a launch may begin now; if only its pace holds it, it is tried again."""
        if "Launch" in self.suspended:
            return False
        if self._schedule.now < self.pace.opens:
            self._schedule.at(self.pace.opens, Phase.CONTROL, self.reconcile)
            return False
        return True

    def _take_changes(self) -> list[str]:
        changes, self._changes = self._changes, []
        return changes

    def _shrink(self, member: Member, before: int, changes: list[str]) -> None:
        cause = text.sentences(*changes, text.shrunk(self._schedule.utc(), before, before - 1))
        if self.pool.reuses and member.lifecycle is Lifecycle.IN_SERVICE:
            self.pool.give_back(member, cause)
        else:
            self.ender.terminate(member, cause, chosen=True)

    # -- what becomes of its instances ----------------------------------------------------------

    def instance_changed(self, instance: Instance) -> None:
        """EC2 says that an instance of the group is in another state."""
        member = self.members.get(instance.id)
        if member is None:
            return
        match instance.state:
            case InstanceState.RUNNING:
                self._arrive(member)
            case InstanceState.TERMINATED if member.lifecycle in ENDING:
                self.ender.finish(member)
            case InstanceState.STOPPED if member.lifecycle in WARMING:
                self.pool.settle(member)
            case InstanceState.STOPPING if member.lifecycle in WARMING:
                pass
            case InstanceState.PENDING:
                pass
            case _ if member.lifecycle in UNCHECKED:
                pass
            case _ if "HealthCheck" not in self.suspended:
                self._gone(member)

    def _arrive(self, member: Member) -> None:
        """An instance runs that was launched, or comes from the warm pool."""
        if member.lifecycle is Lifecycle.WARMED_PENDING:
            self.pool.arrive(member)
        elif member.lifecycle is Lifecycle.PENDING:
            passage = LAUNCH_FROM_POOL if member.prepared else LAUNCH
            if not self.hooks.begin(member, passage, self._prepared):
                self._enter_service(member)

    def _prepared(self, member: Member, failure: str) -> None:
        """Launch hooks are over: the member goes on, or is ended and replaced."""
        if failure:
            self.pace.failed(self._schedule.now)
            self.record.abandon(member.activity, failure)
            self.ender.terminate(member, text.launch_failed(self._schedule.utc()))
            self.reconcile()
        else:
            self._schedule.after(PASSING_SECONDS, Phase.CHANGE, self._proceed, member)

    def _proceed(self, member: Member) -> None:
        if member.lifecycle is Lifecycle.PENDING_PROCEED:
            self._enter_service(member)

    def _enter_service(self, member: Member) -> None:
        self.pace.succeeded()
        registers = "AddToLoadBalancer" not in self.suspended
        self.launcher.enter_service(member, registers=registers)
        if member.instance.state is not InstanceState.RUNNING:
            if "HealthCheck" not in self.suspended:
                self._gone(member)  # it ended while it was in standby
            return
        if member.balancing:
            self._give_back(member)

    def _gone(self, member: Member) -> None:
        """The instance stopped or ended by itself: replaced at once, whatever the grace period."""
        if member.lifecycle not in ENDING:
            member.ailment = text.found_gone
            self.replace(member)

    def replace(self, member: Member) -> None:
        """End an unhealthy member and launch another at the same time."""
        if member.ailment is None or {"ReplaceUnhealthy", "Terminate"} & self.suspended:
            return
        self.ender.terminate(member, member.ailment(self._schedule.utc()))
        regular = [other for other in self.active() if not other.extra]
        if len(regular) < self.desired and self._may_launch():
            self._obtain(text.replaced(self._schedule.utc()))
        self.pool.fill()

    # -- balance ------------------------------------------------------------------------------

    def rebalance(self) -> None:
        """Even out the zones if nothing else is going on: launch first, then end another."""
        if {"AZRebalance", "Launch"} & self.suspended:
            return
        active = self.active()
        if len(active) != self.desired or len(self.in_service()) != self.desired:
            return
        counts = self.launcher.counts()
        stranded = len(active) - sum(counts.values())
        if stranded or imbalance(counts) <= 1 or all(member.protected for member in active):
            return
        zone = emptiest(counts)
        others = [other for other in counts if other != zone]
        if self.bounds is not None and self.bounds.most == self.desired:
            self._end_first(others)
            return
        cause = text.balanced(self._schedule.utc(), zone, others)
        self.launcher.launch(cause, zone=zone, balancing=True)

    def _end_first(self, zones: list[str]) -> None:
        """Balance where the maintenance policy lets nothing be launched over the desired capacity:
        the one that ends leaves room for one in another zone."""
        if "Terminate" not in self.suspended:
            candidates = [m for m in self.active() if m.instance.zone in zones]
            for chosen in self.ender.select(candidates, cause="REBALANCE"):
                self._end_for_balance(chosen)
            self.reconcile()

    def _give_back(self, member: Member) -> None:
        """The instance launched for balance is in service: end one in the fullest zone."""
        member.balancing = False
        others = [other for other in self.in_service() if other is not member]
        surplus = sum(not other.ahead for other in self.active()) - self.desired
        free = any(not other.protected for other in others)
        if surplus != 1 or not free or "Terminate" in self.suspended:
            self.reconcile()
            return
        for chosen in self.ender.select(others, cause="REBALANCE"):
            self._end_for_balance(chosen)

    def _end_for_balance(self, chosen: Member) -> None:
        zones = [zone for zone in self.zones if zone != chosen.instance.zone]
        cause = text.rebalanced(self._schedule.utc(), chosen.instance.zone, zones)
        self.ender.terminate(chosen, cause, chosen=True)

    def release_ahead(self) -> None:
        """Nothing is being replaced any more: what was launched ahead for it is one of many."""
        ahead = [member for member in self.active() if member.ahead]
        for member in ahead:
            member.ahead = False
        if ahead:
            self.reconcile()

    # -- processes ----------------------------------------------------------------------------

    def suspend(self, processes: tuple[str, ...]) -> None:
        """SuspendProcesses; none named means all."""
        self.suspended |= set(processes or PROCESSES)

    def resume(self, processes: tuple[str, ...]) -> None:
        """ResumeProcesses; none named means all. What was held back happens now."""
        self.suspended -= set(processes or PROCESSES)
        if "HealthCheck" not in self.suspended:
            for member in self.members.in_state(*POOLED):
                if member.instance.state in ENDED:
                    self._gone(member)  # of the others, health checks find out
        self.reconcile()

    # -- what an operator does with its instances -------------------------------------------------

    def protect(self, instances: Iterable[str], *, protected: bool) -> None:
        """SetInstanceProtection. What was held back by protection happens now."""
        chosen = [self._own(name) for name in instances]
        for member in chosen:
            member.protected = protected
        self.record.capacity()
        self.reconcile()

    def _own(self, instance: str) -> Member:
        member = self.members.get(instance)
        if member is None or member.lifecycle not in (Lifecycle.IN_SERVICE, Lifecycle.STANDBY):
            raise AutoScalingError(f"The instance {instance} is not in InService or Standby.")
        return member

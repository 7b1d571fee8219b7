"""An Auto Scaling group at work, and the parts that it is made of.

Sources: "How Amazon EC2 Auto Scaling works" and "Suspend and resume processes". How it keeps to its
desired capacity is in `keeping`, how it stays in balance in `balance`; how an instance is launched
in `launching`, how one is ended in `ending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from model.autoscaling import activity as text
from model.autoscaling.activity import Activity
from model.autoscaling.arithmetic import clamp
from model.autoscaling.attachments import Attachments
from model.autoscaling.balance import Balance
from model.autoscaling.capacity_rebalancing import CapacityRebalancing
from model.autoscaling.ending import ENDED, Ender
from model.autoscaling.hooks import LAUNCH, LAUNCH_FROM_POOL, Hooks
from model.autoscaling.keeping import Keeper
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.launching import Launcher, Subnets
from model.autoscaling.lifecycle_resources import Hook
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import (
    ACTIVE,
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
from model.autoscaling.proposals import Proposal
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.transfers import Transfers
from model.autoscaling.warm_pool import Pool
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.acting import Invocation
from model.ec2.instances import Instance, InstanceState
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
        source: LaunchSource,
        subnets: Subnets,
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
        self.hooks = Hooks(
            schedule, streams, bus, notifier, resource, hooks, self.members, self.record
        )
        self.launcher = Launcher(
            schedule,
            ec2,
            self.attachments,
            resource,
            source,
            subnets,
            blocked,
            self.members,
            self.record,
            self.reconcile,
            self.suspend,
        )
        self.ender = Ender(
            schedule,
            streams,
            ec2,
            self.attachments,
            resource,
            source,
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
        self.keeper = Keeper(
            schedule,
            self.members,
            self.record,
            self.launcher,
            self.ender,
            self.suspended,
            self.pool,
        )
        self.balance = Balance(
            schedule,
            resource,
            self.members,
            self.launcher,
            self.ender,
            self.suspended,
            self.reconcile,
        )
        self.spot = CapacityRebalancing(
            schedule,
            resource,
            self.attachments,
            self.members,
            self.launcher,
            self.ender,
            self.suspended,
        )
        self.transfers = Transfers(
            schedule,
            resource,
            source,
            self.members,
            self.record,
            self.attachments,
            self._enter_service,
            self.reconcile,
        )
        self.invoked: list[tuple[str, Invocation]] = []
        """Policies that alarms have invoked at this instant."""
        self._released = -1
        """The change of the roster when nothing was launched ahead any more."""
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
            self.launcher.failures,
            self.balance.paused,
        )

    @property
    def bounds(self) -> Bounds | None:
        """How many instances it may have while it replaces some, by its maintenance policy."""
        return Bounds.by_policy(self.resource, self.desired)

    def active(self) -> list[Member]:
        """Members that are pending or in service."""
        return self.members.active()

    @property
    def exceeds(self) -> bool:
        """Whether it has more capacity than it should, but for what it has for a while."""
        possible = self.members.weighted or len(self.members) > self.desired
        return possible and self.keeper.capacity > self.desired

    def in_service(self) -> list[Member]:
        return self.members.in_state(Lifecycle.IN_SERVICE)

    def pending(self) -> list[Member]:
        return self.members.in_state(*PENDING)

    def terminating(self) -> list[Member]:
        return self.members.in_state(*TERMINATING)

    # -- what it should have ------------------------------------------------------------------

    def create(self, desired: int) -> None:
        """The group begins with its first desired capacity."""
        self.keeper.changes.append(text.created(self._schedule.utc(), desired))
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
        self.keeper.changes.append(cause)
        self.record.capacity()
        self.reconcile()

    def configure(self, resource: AutoScalingGroup) -> None:
        """From now on it is as `resource` says, except for its desired capacity."""
        for part in (
            self,
            self.launcher,
            self.ender,
            self.ender.termination,
            self.balance,
            self.spot,
            self.record,
        ):
            part.resource = resource
        source = self.launcher.source
        source.configure(resource)
        for member in self.members.values():
            self.members.weigh(member, source.units(member.instance.type, member.units))
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
        self.keeper.reconcile()

    def _may_launch(self) -> bool:
        return self.keeper.may_launch()

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
            self.keeper.pace.failed(self._schedule.now)
            self.record.abandon(member.activity, failure)
            self.ender.terminate(member, text.launch_failed(self._schedule.utc()))
            self.reconcile()
        else:
            self._schedule.after(PASSING_SECONDS, Phase.CHANGE, self._proceed, member)

    def _proceed(self, member: Member) -> None:
        if member.lifecycle is Lifecycle.PENDING_PROCEED:
            self._enter_service(member)

    def _enter_service(self, member: Member) -> None:
        self.keeper.pace.succeeded()
        registers = "AddToLoadBalancer" not in self.suspended
        self.launcher.enter_service(member, registers=registers)
        if member.instance.state is not InstanceState.RUNNING:
            if "HealthCheck" not in self.suspended:
                self._gone(member)  # it ended while it was in standby
        elif member.replaces is not None or member.leaving:
            self.spot.look()
        elif member.balancing:
            self.balance.give_back(member)

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
        self.keeper.make_up(text.replaced(self._schedule.utc()))

    def release_ahead(self) -> None:
        """Nothing is being replaced any more: what was launched ahead for it is one of many."""
        if self._released == self._ec2.roster.changes:
            return
        self._released = self._ec2.roster.changes
        ahead = [m for m in self.members.values() if m.ahead and m.lifecycle in ACTIVE]
        for member in ahead:
            member.ahead = False
        if ahead:
            self.reconcile()

    # -- processes ----------------------------------------------------------------------------

    def suspend(self, processes: tuple[str, ...] = ()) -> None:
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

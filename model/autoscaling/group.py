"""An Auto Scaling group: it keeps as many instances as are desired, in balance over its zones.

Sources: "How Amazon EC2 Auto Scaling works" and "Suspend and resume processes". How an instance is
launched is in `launching`, how one is ended in `ending`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from model.autoscaling import activity as text
from model.autoscaling.activity import Activity
from model.autoscaling.arithmetic import clamp
from model.autoscaling.capacity_rebalancing import CapacityRebalancing
from model.autoscaling.ending import Ender
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.launching import Launcher, Subnets
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import Lifecycle, Member, Members, units_of
from model.autoscaling.proposals import Proposal
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest, imbalance
from model.clock import Schedule, Streams
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
    ) -> None:
        self._schedule = schedule
        self._ec2 = ec2
        self.resource = resource
        self.members = Members(resource.min_size, resource.max_size)
        """Instances of the group by id, until they are terminated; and the limits."""
        self.record = Record(schedule, streams, bus, journal, ec2, resource, self.members)
        self.launcher = Launcher(
            schedule,
            ec2,
            elb,
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
            elb,
            resource,
            source,
            self.members,
            self.record,
            self.reconcile,
        )
        self.suspended: set[str] = set()
        self.spot = CapacityRebalancing(
            schedule, elb, resource, self.members, self.launcher, self.ender, self.suspended
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
            self.launcher.failures,
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
        return self.members.in_state(Lifecycle.PENDING)

    def terminating(self) -> list[Member]:
        return self.members.in_state(Lifecycle.TERMINATING)

    # -- what it should have ------------------------------------------------------------------

    def create(self, desired: int) -> None:
        """The group begins with its first desired capacity."""
        self._changes.append(text.created(self._schedule.utc(), desired))
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
        for part in (
            self,
            self.launcher,
            self.launcher.source,
            self.ender,
            self.ender.termination,
            self.spot,
            self.record,
        ):
            part.resource = resource
        self.members.min, self.members.max = resource.min_size, resource.max_size
        self._ec2.roster.changes += 1
        self.record.capacity()

    def raise_max(self, most: int) -> None:
        """The maximum size becomes larger, and stays so."""
        self.members.max = max(self.max, most)
        self.record.capacity()

    def follow(self, proposal: Proposal) -> None:
        """A policy wants a capacity: it is held within the limits."""
        before, after = self.desired, clamp(proposal.capacity, self.min, self.max)
        if before == after:
            return
        begun = len(self.activities)
        self.set_desired(after, proposal.cause(self.utc, before, after))
        for activity in self.activities[begun:]:
            activity.cooldown = proposal.cooldown

    def reconcile(self) -> None:
        """Launch what is missing, end what is too many."""
        have = units_of(member for member in self.active() if not member.extra)
        if have == self.desired:
            self._changes.clear()
        elif have < self.desired and "Launch" not in self.suspended:
            self._grow(have)
        elif have > self.desired and "Terminate" not in self.suspended:
            self._shrink(have)

    def _grow(self, have: int) -> None:
        """Launch until the desired capacity is there; with weights it can be exceeded."""
        cause = text.started(self._schedule.utc(), have, self.desired)
        changes = self._take_changes()
        reasons = text.sentences(*changes, cause)
        while have < self.desired:
            member = self.launcher.launch(reasons)
            if member is None:
                self._changes = changes  # for the next try
                return
            have += member.units

    def _take_changes(self) -> list[str]:
        changes, self._changes = self._changes, []
        return changes

    def _shrink(self, have: int) -> None:
        """End what is too many, but nothing that the desired capacity needs."""
        candidates = [member for member in self.active() if not member.ahead]
        number = (have - self.desired) // min(member.units for member in candidates)
        chosen = self.ender.select(candidates, number) if number else []
        changes = self._take_changes() if chosen else []
        for member in chosen:
            before, have = have, have - member.units
            if have < self.desired:
                return
            cause = text.shrunk(self._schedule.utc(), before, have)
            self.ender.terminate(member, text.sentences(*changes, cause), chosen=True)

    # -- what becomes of its instances ----------------------------------------------------------

    def instance_changed(self, instance: Instance) -> None:
        """EC2 says that an instance of the group is in another state."""
        member = self.members.get(instance.id)
        if member is None:
            return
        match instance.state:
            case InstanceState.RUNNING:
                if member.lifecycle is Lifecycle.PENDING:
                    self._enter_service(member)
            case InstanceState.TERMINATED if member.lifecycle is Lifecycle.TERMINATING:
                self.ender.finish(member)
            case InstanceState.PENDING:
                pass
            case _ if "HealthCheck" not in self.suspended:
                self._gone(member)

    def _enter_service(self, member: Member) -> None:
        registers = "AddToLoadBalancer" not in self.suspended
        self.launcher.enter_service(member, registers=registers)
        if member.replaces is not None:
            self.spot.replaced(member)
        elif member.balancing:
            self._give_back(member)

    def _gone(self, member: Member) -> None:
        """The instance stopped or ended by itself: replaced at once, whatever the grace period."""
        if member.lifecycle is not Lifecycle.TERMINATING:
            member.ailment = text.found_gone
            self.replace(member)

    def replace(self, member: Member) -> None:
        """End an unhealthy member and launch another at the same time."""
        if member.ailment is None or {"ReplaceUnhealthy", "Terminate"} & self.suspended:
            return
        self.ender.terminate(member, member.ailment(self._schedule.utc()))
        regular = (other for other in self.active() if not other.extra)
        if units_of(regular) < self.desired and "Launch" not in self.suspended:
            self.launcher.launch(text.replaced(self._schedule.utc()))

    # -- balance ------------------------------------------------------------------------------

    def rebalance(self) -> None:
        """Even out the zones if nothing else is going on: launch first, then end another."""
        if {"AZRebalance", "Launch"} & self.suspended:
            return
        active = self.active()
        surplus = units_of(active) - self.desired
        most = max((member.units for member in active), default=1)
        if not 0 <= surplus < most or len(self.in_service()) != len(active):
            return
        counts = self.launcher.counts()
        stranded = len(active) - sum(counts.values())
        if stranded or imbalance(counts) <= 1:
            return
        zone = emptiest(counts)
        others = [other for other in counts if other != zone]
        if self.bounds is not None and self.bounds.most == self.desired:
            self._end_first(others)
            return
        cause = text.balanced(self._schedule.utc(), zone, others)
        fullest = max(counts, key=lambda name: counts[name])
        there = [member for member in active if member.instance.zone == fullest]
        surplus_side = self.launcher.source.beyond_share(there, active, self.desired)
        self.launcher.launch(cause, zone=zone, balancing=True, instead=surplus_side[0])

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
        surplus = units_of(other for other in self.active() if not other.ahead) - self.desired
        if surplus < 1 or not others or "Terminate" in self.suspended:
            self.reconcile()
            return
        counts = self.launcher.counts()
        most = max(counts.values())
        there = [other for other in others if counts.get(other.instance.zone) == most]
        alike = [other for other in there if other.instance.spot is member.instance.spot]
        for chosen in self.ender.select(alike or there or others, cause="REBALANCE"):
            if chosen.units <= surplus < 2 * chosen.units:
                self._end_for_balance(chosen)
            else:
                self.reconcile()

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

    def suspend(self, processes: tuple[str, ...] = ()) -> None:
        """SuspendProcesses; none named means all."""
        self.suspended |= set(processes or PROCESSES)

    def resume(self, processes: tuple[str, ...]) -> None:
        """ResumeProcesses; none named means all. What was held back happens now."""
        self.suspended -= set(processes or PROCESSES)
        self.reconcile()

"""An Auto Scaling group: it keeps as many instances as are desired, in balance over its zones.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "How Amazon EC2 Auto Scaling works" and
"Suspend and resume processes". Without a lifecycle hook an instance is in service as soon as EC2
says it runs; it is registered with the target groups just before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from model.autoscaling import activity as text
from model.autoscaling.activity import Activity
from model.autoscaling.arithmetic import clamp
from model.autoscaling.members import Capacity, Lifecycle, Member
from model.autoscaling.proposals import Proposal
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest, imbalance, select_for_termination
from model.clock import Phase, Schedule, Streams
from model.cloudwatch.acting import Invocation
from model.ec2.instances import Instance, InstanceState, instance_arn
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
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._journal = journal
        self._ec2 = ec2
        self._elb = elb
        self.resource = resource
        self._template = template
        self._subnets = subnets
        self._blocked = blocked
        self.min = resource.min_size
        self.max = resource.max_size
        self.desired = 0
        self.suspended: set[str] = set()
        self.members: dict[str, Member] = {}
        """Instances of the group by id, until they are terminated."""
        self.activities: list[Activity] = []
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
        return self.resource.auto_scaling_group_name or self.resource.logical_id

    @property
    def condition(self) -> object:
        """All that a health check goes by, but for what load balancers say: equal if unchanged."""
        return (
            self._ec2.roster.changes,
            self.desired,
            frozenset(self.suspended),
            tuple(self._open_zones()),
        )

    def active(self) -> list[Member]:
        """Members that are pending or in service."""
        return [m for m in self.members.values() if m.lifecycle is not Lifecycle.TERMINATING]

    def in_service(self) -> list[Member]:
        return self._in(Lifecycle.IN_SERVICE)

    def pending(self) -> list[Member]:
        return self._in(Lifecycle.PENDING)

    def terminating(self) -> list[Member]:
        return self._in(Lifecycle.TERMINATING)

    def _in(self, lifecycle: Lifecycle) -> list[Member]:
        return [m for m in self.members.values() if m.lifecycle is lifecycle]

    @property
    def zones(self) -> list[str]:
        """Its zones, in order of its subnets."""
        return list(self._subnets)

    def _open_zones(self) -> list[str]:
        """Zones it can launch in: those that are impaired are left out while another is not."""
        open_zones = [zone for zone in self._subnets if not self._blocked(zone)]
        return open_zones or list(self._subnets)

    def _counts(self, members: list[Member]) -> dict[str, int]:
        counts = dict.fromkeys(self._open_zones(), 0)
        for member in members:
            if member.instance.zone in counts:
                counts[member.instance.zone] += 1
        return counts

    # -- what it should have ------------------------------------------------------------------

    def create(self, desired: int) -> None:
        """The group begins with its first desired capacity."""
        self._changes.append(text.created(self._schedule.utc(), desired))
        self.desired = desired
        self._note()
        self.reconcile()

    def set_desired(self, desired: int, cause: str) -> None:
        """The desired capacity becomes another, for the reason in `cause`."""
        if desired == self.desired:
            return
        self.desired = desired
        self._changes.append(cause)
        self._note()
        self.reconcile()

    def raise_max(self, most: int) -> None:
        """The maximum size becomes larger, and stays so."""
        self.max = max(self.max, most)
        self._note()

    def follow(self, proposal: Proposal) -> None:
        """A policy wants a capacity: it is held within the limits."""
        before, after = self.desired, clamp(proposal.capacity, self.min, self.max)
        if before == after:
            return
        utc = self._schedule.utc()
        cause = text.alarmed(utc, proposal.alarm, proposal.state, proposal.policy, before, after)
        self.set_desired(after, cause)

    def reconcile(self) -> None:
        """Launch what is missing, end what is too many."""
        active = [member for member in self.active() if not member.balancing]
        missing = self.desired - len(active)
        if missing == 0:
            self._changes.clear()
        elif missing > 0 and "Launch" not in self.suspended:
            cause = text.started(self._schedule.utc(), len(active), self.desired)
            reasons = text.sentences(*self._take_changes(), cause)
            for _ in range(missing):
                self._launch(reasons)
        elif missing < 0 and "Terminate" not in self.suspended:
            changes = self._take_changes()
            for surplus in range(-missing):
                self._shrink(len(active) - surplus, changes)

    def _take_changes(self) -> list[str]:
        changes, self._changes = self._changes, []
        return changes

    def _shrink(self, before: int, changes: list[str]) -> None:
        now = self._schedule.now
        member = select_for_termination(
            self.active(),
            self.resource.termination_policies,
            now,
            self._streams[f"autoscaling/{self.id}/termination"],
        )
        cause = text.shrunk(self._schedule.utc(), before, before - 1)
        self.terminate(member, text.sentences(*changes, cause), chosen=True)

    # -- launching ----------------------------------------------------------------------------

    def _launch(self, cause: str, *, zone: str | None = None, balancing: bool = False) -> None:
        zone = zone or emptiest(self._counts(self.active()))
        subnet = self._subnets[zone]
        instance = self._ec2.run_instance(
            self._template.launch_template_data,
            subnet,
            group=self.id,
            template=self._template.logical_id,
            services=self._ec2.software.get(self.id, ()),
        )
        activity = self._begin(f"Launching a new EC2 instance: {instance.id}", cause, instance)
        self.members[instance.id] = Member(instance, activity, balancing=balancing)
        self._lifecycle(self.members[instance.id], Lifecycle.PENDING)

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
                self._ended(member)
            case InstanceState.PENDING:
                pass
            case _ if "HealthCheck" not in self.suspended:
                self._gone(member)

    def _enter_service(self, member: Member) -> None:
        now = self._schedule.now
        if "AddToLoadBalancer" not in self.suspended:
            for group in self.resource.attachments:
                self._elb.register_targets(group, [member.instance])
        member.in_service_at = now
        self._lifecycle(member, Lifecycle.IN_SERVICE)
        self._end(member.activity, "Successful", "EC2 Instance Launch Successful")
        if member.balancing:
            self._give_back(member)

    def _gone(self, member: Member) -> None:
        """The instance stopped or ended by itself: replaced at once, whatever the grace period."""
        if member.lifecycle is not Lifecycle.TERMINATING:
            member.ailment = text.found_gone
            self.replace(member)

    # -- ending -------------------------------------------------------------------------------

    def replace(self, member: Member) -> None:
        """End an unhealthy member and launch another at the same time."""
        if member.ailment is None or {"ReplaceUnhealthy", "Terminate"} & self.suspended:
            return
        self.terminate(member, member.ailment(self._schedule.utc()))
        if len(self.active()) < self.desired and "Launch" not in self.suspended:
            self._launch(text.replaced(self._schedule.utc()))

    def terminate(self, member: Member, cause: str, *, chosen: bool = False) -> None:
        """Take a member out of service: deregister it, let it drain, end the instance."""
        instance = member.instance
        if chosen:
            cause = text.sentences(cause, text.selected(self._schedule.utc(), instance.id))
        if member.lifecycle is Lifecycle.PENDING:
            self._end(member.activity, "Cancelled", "EC2 Instance Launch Unsuccessful")
        activity = self._begin(f"Terminating EC2 instance: {instance.id}", cause, instance)
        member.activity = activity
        self._lifecycle(member, Lifecycle.TERMINATING)
        drains = [
            self._elb.deregister_targets(group, [instance]) for group in self.resource.attachments
        ]
        longest = max(drains, default=0.0)
        if instance.state is InstanceState.TERMINATED:
            longest = 0.0
        if longest > 0:
            activity.status = "WaitingForELBConnectionDraining"
        self._schedule.after(longest, Phase.CHANGE, self._drained, member)

    def _drained(self, member: Member) -> None:
        if member.lifecycle is not Lifecycle.TERMINATING:
            return
        member.activity.status = "InProgress"
        if member.instance.state is InstanceState.TERMINATED:
            self._ended(member)
        else:
            self._ec2.terminate_instances(member.instance.id)

    def _ended(self, member: Member) -> None:
        del self.members[member.instance.id]
        self._lifecycle(member, Lifecycle.TERMINATED)
        self._end(member.activity, "Successful", "EC2 Instance Terminate Successful")
        self.reconcile()

    # -- balance ------------------------------------------------------------------------------

    def rebalance(self) -> None:
        """Even out the zones if nothing else is going on: launch first, then end another."""
        if {"AZRebalance", "Launch"} & self.suspended:
            return
        active = self.active()
        if len(active) != self.desired or len(self.in_service()) != self.desired:
            return
        counts = self._counts(active)
        stranded = len(active) - sum(counts.values())
        if stranded or imbalance(counts) <= 1:
            return
        zone = emptiest(counts)
        others = [other for other in counts if other != zone]
        cause = text.balanced(self._schedule.utc(), zone, others)
        self._launch(cause, zone=zone, balancing=True)

    def _give_back(self, member: Member) -> None:
        """The instance launched for balance is in service: end one in the fullest zone."""
        member.balancing = False
        others = [other for other in self.in_service() if other is not member]
        surplus = len(self.active()) - self.desired
        if surplus != 1 or not others or "Terminate" in self.suspended:
            self.reconcile()
            return
        chosen = select_for_termination(
            others,
            self.resource.termination_policies,
            self._schedule.now,
            self._streams[f"autoscaling/{self.id}/termination"],
        )
        zones = [zone for zone in self._subnets if zone != chosen.instance.zone]
        cause = text.rebalanced(self._schedule.utc(), chosen.instance.zone, zones)
        self.terminate(chosen, cause, chosen=True)

    # -- processes ----------------------------------------------------------------------------

    def suspend(self, processes: tuple[str, ...]) -> None:
        """SuspendProcesses; none named means all."""
        self.suspended |= set(processes or PROCESSES)

    def resume(self, processes: tuple[str, ...]) -> None:
        """ResumeProcesses; none named means all. What was held back happens now."""
        self.suspended -= set(processes or PROCESSES)
        self.reconcile()

    # -- the record ---------------------------------------------------------------------------

    def _begin(self, description: str, cause: str, instance: Instance) -> Activity:
        activity = Activity(
            id=_uuid(self._streams.hexadecimal(f"autoscaling/{self.id}/ids", 32)),
            group=self.id,
            description=description,
            cause=cause,
            start=self._schedule.now,
            zone=instance.zone,
            subnet=instance.subnet,
            instance=instance.id,
        )
        self.activities.append(activity)
        return activity

    def _end(self, activity: Activity, status: str, event: str) -> None:
        activity.end, activity.status = self._schedule.now, status
        utc = self._schedule.utc
        self._bus.publish(
            "aws.autoscaling",
            event,
            (self.resource.arn, instance_arn(activity.instance or "")),
            {
                "StatusCode": "InProgress" if status == "Successful" else "Failed",
                "Description": activity.description,
                "AutoScalingGroupName": self.name,
                "ActivityId": activity.id,
                "Details": {"Availability Zone": activity.zone, "Subnet ID": activity.subnet},
                "RequestId": activity.id,
                "StatusMessage": activity.message,
                "StartTime": f"{utc(activity.start):%Y-%m-%dT%H:%M:%SZ}",
                "EndTime": f"{utc(activity.end):%Y-%m-%dT%H:%M:%SZ}",
                "EC2InstanceId": activity.instance,
                "Cause": activity.cause,
            },
        )

    def _lifecycle(self, member: Member, lifecycle: Lifecycle) -> None:
        member.lifecycle = lifecycle
        self._ec2.roster.changes += 1
        self._journal.write(self._schedule.now, member.instance.id, "lifecycle", lifecycle.value)
        self._note()

    def _note(self) -> None:
        capacity = Capacity(
            self.min,
            self.desired,
            self.max,
            len(self.in_service()),
            len(self.pending()),
            len(self.terminating()),
        )
        self._journal.write(self._schedule.now, self.id, "capacity", capacity)


def _uuid(digits: str) -> str:
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(parts)

"""How a group ends an instance: deregistered, drained, released by its hooks, terminated.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Configure termination policies", "Use
Elastic Load Balancing to distribute incoming application traffic in your Auto Scaling group".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.autoscaling import activity as text
from model.autoscaling.attachments import Attachments
from model.autoscaling.hooks import TERMINATION, TERMINATION_IN_POOL, Hooks
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.members import COOLING, POOLED, Lifecycle, Member, Members
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.termination import Circumstances, Termination
from model.clock import Phase, Schedule, Streams
from model.ec2.instances import InstanceState
from model.ec2.service import Ec2

ENDED = (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED)
"""States from which no instance comes back: no hook is waited for."""


class Ender:
    """Ends the instances of one group."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        ec2: Ec2,
        attachments: Attachments,
        resource: AutoScalingGroup,
        source: LaunchSource,
        members: Members,
        record: Record,
        hooks: Hooks,
        ended: Callable[[], None],
    ) -> None:
        """`ended` is called when a member is gone."""
        self._schedule = schedule
        self._ec2 = ec2
        self._attachments = attachments
        self.resource = resource
        self._source = source
        self._members = members
        self._record = record
        self._hooks = hooks
        self._ended = ended
        self.termination = Termination(schedule, streams, resource, self._circumstances)
        """Who comes first."""

    def _circumstances(self) -> Circumstances:
        current, active = self._source.current, self._members.active()

        def purchase(members: Sequence[Member], gone: Sequence[Member]) -> Sequence[Member]:
            rest = [member for member in active if member not in gone]
            return self._source.beyond_share(members, rest, self._members.desired)

        return Circumstances(
            now=self._schedule.now,
            template=None if current is None else current.template,
            configuration=self.resource.launch_configuration_name,
            purchase=purchase,
            aligning=self._source.worst,
        )

    def select(
        self, members: Sequence[Member], number: int = 1, cause: str = "SCALE_IN"
    ) -> list[Member]:
        """Those of these members to end, by the group's termination policies: at most so many."""
        return self.termination.select(members, number, cause)

    def terminate(self, member: Member, cause: str, *, chosen: bool = False) -> None:
        """Take a member out of service: deregister it, let it drain, end the instance."""
        instance = member.instance
        if chosen:
            cause = text.sentences(cause, text.selected(self._schedule.utc(), instance.id))
        self._hooks.cancel(member)
        self._record.cancel(member.activity)
        pooled = member.lifecycle in POOLED
        description = f"Terminating EC2 instance: {instance.id}"
        activity = member.activity = self._record.begin(description, cause, instance)
        self._record.lifecycle(
            member, Lifecycle.WARMED_TERMINATING if pooled else Lifecycle.TERMINATING
        )
        self._members.succeed(member)
        longest = self._attachments.deregister(instance)
        if instance.state is InstanceState.TERMINATED:
            longest = 0.0
        if longest > 0:
            activity.status = "WaitingForELBConnectionDraining"
        self._schedule.after(longest, Phase.CHANGE, self._drained, member)

    def _drained(self, member: Member) -> None:
        """No load balancer needs it any more: now the hooks may, unless it has ended already."""
        if member.lifecycle not in (Lifecycle.TERMINATING, Lifecycle.WARMED_TERMINATING):
            return
        member.activity.status = "InProgress"
        if self._attachments.names:
            member.activity.drained = self._schedule.now
        pooled = member.lifecycle is Lifecycle.WARMED_TERMINATING
        passage = TERMINATION_IN_POOL if pooled else TERMINATION
        if member.instance.state in ENDED or not self._hooks.begin(member, passage, self._released):
            self._released(member)

    def _released(self, member: Member, _: str = "") -> None:
        """Hooks are over, however they ended: the instance ends."""
        if member.instance.state is InstanceState.TERMINATED:
            self.finish(member)
        else:
            self._ec2.terminate_instances(member.instance.id)

    def finish(self, member: Member) -> None:
        """The instance of a terminating member has ended."""
        self._hooks.cancel(member)
        del self._members[member.instance.id]
        pooled = member.lifecycle in COOLING
        self._record.lifecycle(
            member, Lifecycle.WARMED_TERMINATED if pooled else Lifecycle.TERMINATED
        )
        self._record.end(member.activity, "Successful", "EC2 Instance Terminate Successful")
        self._ended()

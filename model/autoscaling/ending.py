"""How a group ends an instance: deregistered, drained, terminated.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Configure termination policies", "Use
Elastic Load Balancing to distribute incoming application traffic in your Auto Scaling group".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.autoscaling import activity as text
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.termination import Circumstances, Termination
from model.clock import Phase, Schedule, Streams
from model.ec2.instances import InstanceState
from model.ec2.service import Ec2
from model.elb.service import Elb


class Ender:
    """Ends the instances of one group."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        ec2: Ec2,
        elb: Elb,
        resource: AutoScalingGroup,
        source: LaunchSource,
        members: Members,
        record: Record,
        ended: Callable[[], None],
    ) -> None:
        """`ended` is called when a member is gone."""
        self._schedule = schedule
        self._ec2 = ec2
        self._elb = elb
        self.resource = resource
        self._source = source
        self._members = members
        self._record = record
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
        if member.lifecycle is Lifecycle.PENDING:
            self._record.end(member.activity, "Cancelled", "EC2 Instance Launch Unsuccessful")
        description = f"Terminating EC2 instance: {instance.id}"
        activity = member.activity = self._record.begin(description, cause, instance)
        self._record.lifecycle(member, Lifecycle.TERMINATING)
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
        if self.resource.attachments:
            member.activity.drained = self._schedule.now
        if member.instance.state is InstanceState.TERMINATED:
            self.finish(member)
        else:
            self._ec2.terminate_instances(member.instance.id)

    def finish(self, member: Member) -> None:
        """The instance of a terminating member has ended."""
        del self._members[member.instance.id]
        self._record.lifecycle(member, Lifecycle.TERMINATED)
        self._record.end(member.activity, "Successful", "EC2 Instance Terminate Successful")
        self._ended()

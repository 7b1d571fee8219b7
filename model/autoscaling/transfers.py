"""Instances that an operator moves, to standby and back, out of a group, into it; or protects.

Sources: "Temporarily remove instances from your Auto Scaling group", "Detach or attach instances";
API EnterStandby, ExitStandby, DetachInstances, AttachInstances. None of it meets a lifecycle hook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model.autoscaling import activity as text
from model.autoscaling.attachments import Attachments
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.members import PASSING_SECONDS, Lifecycle, Member, Members, units_of
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Phase, Schedule
from model.ec2.instances import Instance, InstanceState


class Transfers:
    """The moves of one group's instances."""

    def __init__(
        self,
        schedule: Schedule,
        resource: AutoScalingGroup,
        source: LaunchSource,
        members: Members,
        record: Record,
        attachments: Attachments,
        enter_service: Callable[[Member], None],
        reconcile: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self._resource = resource
        self._source = source
        self._members = members
        self._record = record
        self._attachments = attachments
        self._enter_service = enter_service
        self._reconcile = reconcile

    # -- standby --------------------------------------------------------------------------------

    def enter_standby(self, instances: Sequence[str], *, decrement: bool) -> None:
        """EnterStandby: out of the load balancers and of the desired capacity, or replaced."""
        chosen = self._named(instances, Lifecycle.IN_SERVICE)
        self._check_size(-units_of(chosen) if decrement else 0, "place into standby", len(chosen))
        for member in chosen:
            member.decremented = decrement
            what = "Moving EC2 instance to Standby"
            self._leave(member, what, "moved to standby", Lifecycle.ENTERING_STANDBY, decrement)
        self._reconcile()

    def exit_standby(self, instances: Sequence[str]) -> None:
        """ExitStandby: back into service, and into the desired capacity if it had left that."""
        chosen = self._named(instances, Lifecycle.STANDBY)
        back = units_of(member for member in chosen if member.decremented)
        self._check_size(back, "take out of standby", len(chosen))
        for member in chosen:
            change = self._change(member.units if member.decremented else 0)
            what = "Moving EC2 instance out of Standby"
            cause = text.moved(
                self._schedule.utc(), member.instance.id, "moved out of standby", change
            )
            self._come(member, what, cause)
        self._reconcile()

    # -- out of the group and into it -------------------------------------------------------------

    def detach(self, instances: Sequence[str], *, decrement: bool) -> None:
        """DetachInstances: they go on running, and are nobody's."""
        chosen = self._named(instances, Lifecycle.IN_SERVICE, Lifecycle.STANDBY)
        self._check_size(-units_of(chosen) if decrement else 0, "detach", len(chosen))
        for member in chosen:
            what = "Detaching EC2 instance"
            self._leave(member, what, "detached", Lifecycle.DETACHING, decrement)
        self._reconcile()

    def attach(self, instances: Sequence[Instance], zones: Sequence[str]) -> None:
        """AttachInstances: running instances of the group's zones that no group has."""
        for instance in instances:
            if instance.group is not None:
                raise AutoScalingError(
                    f"Instance {instance.id} is already part of AutoScalingGroup {instance.group}"
                )
            if instance.state is not InstanceState.RUNNING:
                raise AutoScalingError(f"Instance {instance.id} is not in correct state")
            if instance.zone not in zones:
                raise AutoScalingError(
                    f"Instance {instance.id} is in {instance.zone}, which is none of the group's "
                    f"Availability Zones ({', '.join(zones)})"
                )
        units = [self._source.units(instance.type) for instance in instances]
        self._check_size(sum(units), "attach", len(instances))
        for instance, weight in zip(instances, units, strict=True):
            instance.group = self._resource.logical_id
            _, after = self._change(weight)
            what, cause = "Attaching an existing EC2 instance", self._schedule.utc()
            begun = self._record.begin(f"{what}: {instance.id}", text.added(cause, after), instance)
            member = Member(instance, begun, units=weight)
            self._members.add(member)
            self._pass(member)
        self._reconcile()

    # -- protection -------------------------------------------------------------------------------

    def protect(self, instances: Sequence[str], *, protected: bool) -> None:
        """SetInstanceProtection: from scale-in. What was held back by it happens now."""
        for member in self._named(instances, Lifecycle.IN_SERVICE, Lifecycle.STANDBY):
            member.protected = protected
        self._record.capacity()
        self._reconcile()

    # -- what they have in common -----------------------------------------------------------------

    def _named(self, instances: Sequence[str], *states: Lifecycle) -> list[Member]:
        chosen = []
        for name in dict.fromkeys(instances):
            member = self._members.get(name)
            if member is None:
                raise AutoScalingError(
                    f"The instance {name} is not part of Auto Scaling group {self._resource.name}."
                )
            if member.lifecycle not in states:
                wanted = " or ".join(states)
                raise AutoScalingError(f"The instance {name} is not in {wanted}.")
            chosen.append(member)
        return chosen

    def _check_size(self, change: int, what: str, count: int) -> None:
        """The desired capacity must stay within the limits."""
        least, most, desired = self._members.min, self._members.max, self._members.desired
        if change and not least <= desired + change <= most:
            raise AutoScalingError(
                f"AutoScalingGroup {self._resource.name} has min-size={least}, max-size={most}, "
                f"and desired-size={desired}. To {what} {count} instance"
                f"{'s' if count > 1 else ''}, please update the AutoScalingGroup sizes "
                "appropriately."
            )

    def _change(self, by: int) -> tuple[int, int]:
        """Change the desired capacity; what it was and is."""
        before = self._members.desired
        self._members.desired = before + by
        return before, before + by

    def _leave(
        self, member: Member, what: str, done: str, state: Lifecycle, decrement: bool
    ) -> None:
        instance = member.instance
        cause = text.moved(
            self._schedule.utc(), instance.id, done, self._change(-member.units if decrement else 0)
        )
        member.activity = self._record.begin(f"{what}: {instance.id}", cause, instance)
        member.protected = member.protected and state is not Lifecycle.DETACHING
        self._record.lifecycle(member, state)
        self._members.succeed(member)
        seconds = self._attachments.deregister(instance)
        if seconds > 0:
            member.activity.status = "WaitingForELBConnectionDraining"
        self._schedule.after(seconds, Phase.CHANGE, self._left, member, state)

    def _left(self, member: Member, state: Lifecycle) -> None:
        """It has drained."""
        if member.lifecycle is not state:
            return
        if state is Lifecycle.DETACHING:
            del self._members[member.instance.id]
            member.instance.group = None
            self._record.lifecycle(member, Lifecycle.DETACHED)
        else:
            self._record.lifecycle(member, Lifecycle.STANDBY)
        self._record.end(member.activity, "Successful", "EC2 Instance Terminate Successful")

    def _come(self, member: Member, what: str, cause: str) -> None:
        instance = member.instance
        member.activity = self._record.begin(f"{what}: {instance.id}", cause, instance)
        member.activity.status = "PreInService"
        self._pass(member)

    def _pass(self, member: Member) -> None:
        self._record.lifecycle(member, Lifecycle.PENDING)
        self._schedule.after(PASSING_SECONDS, Phase.CHANGE, self._arrive, member)

    def _arrive(self, member: Member) -> None:
        if member.lifecycle is Lifecycle.PENDING:
            self._enter_service(member)

"""A warm pool: instances that are prepared beforehand and wait beside the group.

Sources: "Decrease latency for applications with long boot times using warm pools" (and its
limitations), "Use lifecycle hooks with a warm pool"; API PutWarmPool.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from model.autoscaling import activity as text
from model.autoscaling.attachments import Attachments
from model.autoscaling.ending import Ender
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.hooks import LAUNCH_INTO_POOL, RETURN, Hooks
from model.autoscaling.launching import Launcher
from model.autoscaling.lifecycle_resources import WarmPool
from model.autoscaling.members import (
    PASSING_SECONDS,
    POOLED,
    READY,
    RESTING,
    Lifecycle,
    Member,
    Members,
)
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.termination import narrowed
from model.clock import Phase, Schedule, Streams
from model.ec2.instances import InstanceState
from model.ec2.launch_templates import LaunchTemplateData
from model.ec2.service import Ec2


def unfit(group: AutoScalingGroup, data: LaunchTemplateData) -> str | None:
    """Why a group that launches by these data can have no warm pool, if it cannot."""
    policy = group.mixed_instances_policy
    if data.spot or (policy is not None and policy.buys_spot):
        return f"a warm pool holds On-Demand Instances, but {group.logical_id} launches Spot"
    if policy is not None and (policy.weighted or group.desired_capacity_type != "units"):
        return f"a warm pool does not go with the weights of {group.logical_id}'s instance types"
    return None


class Pool:
    """The warm pool of one group; without settings it is to be empty."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        ec2: Ec2,
        members: Members,
        record: Record,
        hooks: Hooks,
        launcher: Launcher,
        ender: Ender,
        attachments: Attachments,
        suspended: set[str],
        may_launch: Callable[[], bool],
        arrived: Callable[[Member], None],
    ) -> None:
        """`arrived` is called when an instance from the pool runs again."""
        self._schedule = schedule
        self._streams = streams
        self._ec2 = ec2
        self._members = members
        self._record = record
        self._hooks = hooks
        self._launcher = launcher
        self._ender = ender
        self._attachments = attachments
        self._suspended = suspended
        self._may_launch = may_launch
        self._arrived = arrived

    @property
    def settings(self) -> WarmPool | None:
        return self._members.pool

    def put(self, settings: WarmPool | None) -> None:
        """PutWarmPool; None: DeleteWarmPool. Raises `AutoScalingError`."""
        source = self._launcher.source
        problem = unfit(source.resource, source.data)
        if settings is not None and problem is not None:
            raise AutoScalingError(problem)
        self._members.pool = settings
        self._record.capacity()
        self.fill()

    @property
    def reuses(self) -> bool:
        """Whether instances come back to it on scale-in."""
        return self.settings is not None and self.settings.reuses

    def fill(self) -> None:
        """Prepare what is missing, end what is too many."""
        own = self._members.in_state(*POOLED)
        missing = self._members.warm_desired - len(own)
        utc = self._schedule.utc()
        if missing > 0 and self._may_launch():
            cause = text.warmed(utc, len(own), self._members.warm_desired)
            for _ in range(missing):
                if self._launcher.launch(cause, into=Lifecycle.WARMED_PENDING) is None:
                    break  # it is tried again by and by
        elif missing < 0 and "Terminate" not in self._suspended:
            stream = self._streams[f"autoscaling/{self._record.group}/warm"]
            for gone in range(-missing):
                left = self._members.in_state(*POOLED)
                counts = Counter(member.instance.zone for member in left)
                most = max(counts.values())
                fullest = [one for one in left if counts[one.instance.zone] == most]
                around = self._ender.termination.circumstances()
                first = narrowed(fullest, ("Default",), around)
                member = first[int(stream.integers(len(first)))] if len(first) > 1 else first[0]
                before = len(own) - gone
                cause = text.cooled(utc, before, before - 1)
                self._ender.terminate(member, cause, chosen=True)

    # -- out of the pool --------------------------------------------------------------------------

    def take(self, cause: str) -> Member | None:
        """Start an instance that is ready, in the zone where the group has fewest; None: none."""
        counts = self._launcher.counts()
        ready = [
            member
            for member in self._members.in_state(*READY)
            if member.instance.zone in counts
            and member.instance.state in (InstanceState.STOPPED, InstanceState.RUNNING)
        ]
        if not ready:
            return None
        member = min(ready, key=lambda item: counts[item.instance.zone])
        instance = member.instance
        description = f"Launching a new EC2 instance from warm pool: {instance.id}"
        member.activity = self._record.begin(description, cause, instance)
        member.prepared = True
        self._record.lifecycle(member, Lifecycle.PENDING)
        if instance.state is InstanceState.RUNNING:
            self._schedule.after(PASSING_SECONDS, Phase.CHANGE, self._arrived, member)
        else:
            self._ec2.start_instances(instance.id)
        return member

    # -- into the pool ----------------------------------------------------------------------------

    def arrive(self, member: Member) -> None:
        """An instance that was launched into the pool runs."""
        if not self._hooks.begin(member, LAUNCH_INTO_POOL, self._prepared):
            self._prepared(member, "")

    def give_back(self, member: Member, cause: str) -> None:
        """On scale-in an instance comes back instead of being ended."""
        instance = member.instance
        description = f"Returning EC2 instance to warm pool: {instance.id}"
        cause = text.sentences(cause, text.selected(self._schedule.utc(), instance.id))
        member.activity = self._record.begin(description, cause, instance)
        member.protected = False
        self._record.lifecycle(member, Lifecycle.WARMED_PENDING)
        seconds = self._attachments.deregister(instance)
        if seconds > 0:
            member.activity.status = "WaitingForELBConnectionDraining"
        self._schedule.after(seconds, Phase.CHANGE, self._drained, member)

    def _drained(self, member: Member) -> None:
        if member.lifecycle is Lifecycle.WARMED_PENDING:
            member.activity.status = "InProgress"
            if not self._hooks.begin(member, RETURN, self._prepared):
                self._prepared(member, "")

    def _prepared(self, member: Member, failure: str) -> None:
        """Hooks are over: the instance is put to rest, or ended and replaced."""
        if failure:
            self._record.abandon(member.activity, failure)
            self._ender.terminate(member, text.launch_failed(self._schedule.utc()))
            self.fill()
        elif self.settings is None or self.settings.pool_state == "Running":
            self.settle(member)
        else:
            hibernate = self.settings.pool_state == "Hibernated"
            self._ec2.stop_instances(member.instance.id, hibernate=hibernate)

    def settle(self, member: Member) -> None:
        """It is ready for use."""
        state = "Running" if self.settings is None else self.settings.pool_state
        if member.instance.state is InstanceState.STOPPED and state == "Running":
            state = "Stopped"  # the settings have changed meanwhile
        self._record.lifecycle(member, RESTING[state])
        event = "Launch" if member.activity.comes else "Terminate"
        self._record.end(member.activity, "Successful", f"EC2 Instance {event} Successful")
        self.fill()

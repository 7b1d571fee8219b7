"""Lifecycle hooks: an instance waits on its way in or out until somebody says that it may go on.

Sources: "Amazon EC2 Auto Scaling lifecycle hooks", "How lifecycle hooks work", "Complete a
lifecycle action"; "Amazon EC2 Auto Scaling event reference" for the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from attrs import frozen

from model.autoscaling.errors import AutoScalingError
from model.autoscaling.lifecycle_resources import ABANDON, LAUNCHING, TERMINATING, Hook
from model.autoscaling.members import PROCEEDING, WAITING, LifecycleAction, Member, Members
from model.autoscaling.notifications import Notifier
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Phase, Schedule, Streams
from model.events.bus import EventBus

EC2 = "EC2"
GROUP = "AutoScalingGroup"
POOL = "WarmPool"

EVENTS = {
    LAUNCHING: "EC2 Instance-launch Lifecycle Action",
    TERMINATING: "EC2 Instance-terminate Lifecycle Action",
}


@frozen
class Passage:
    """A way that an instance takes: whose hooks it meets, where it comes from and goes to."""

    transition: str
    origin: str
    destination: str


LAUNCH = Passage(LAUNCHING, EC2, GROUP)
LAUNCH_INTO_POOL = Passage(LAUNCHING, EC2, POOL)
LAUNCH_FROM_POOL = Passage(LAUNCHING, POOL, GROUP)
RETURN = Passage(TERMINATING, GROUP, POOL)
TERMINATION = Passage(TERMINATING, GROUP, EC2)
TERMINATION_IN_POOL = Passage(TERMINATING, POOL, EC2)

Outcome = Callable[[Member, str], None]
"""What follows when the hooks are over; the text tells why the passage was abandoned (empty: it was
not)."""


class Hooks:
    """The lifecycle hooks of one group."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        notifier: Notifier,
        resource: AutoScalingGroup,
        hooks: Iterable[Hook],
        members: Members,
        record: Record,
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._notifier = notifier
        self._resource = resource
        self._members = members
        self._record = record
        self._hooks = {hook.name: hook for hook in hooks}
        self._outcomes: dict[str, Outcome] = {}
        """What follows for each instance that waits, by its id."""

    def introduce(self) -> None:
        """Each target of notifications is sent a test notification."""
        for hook in self._hooks.values():
            if hook.notification_target_arn:
                self._notifier.test(self._resource, hook.notification_target_arn)

    def begin(self, member: Member, passage: Passage, outcome: Outcome) -> bool:
        """Have a member wait for all hooks of its passage at once; False: there is none."""
        hooks = [h for h in self._hooks.values() if h.lifecycle_transition == passage.transition]
        if not hooks:
            return False
        self._outcomes[member.instance.id] = outcome
        member.activity.status = "MidLifecycleAction"
        self._record.lifecycle(member, WAITING[member.lifecycle])
        member.actions = [self._action(hook, member) for hook in hooks]
        for action in tuple(member.actions):
            if action in member.actions:  # nobody has abandoned the passage meanwhile
                self._announce(member, action, passage)
        return True

    def _action(self, hook: Hook, member: Member) -> LifecycleAction:
        stream = f"autoscaling/{self._resource.logical_id}/tokens"
        action = LifecycleAction(hook, self._streams.uuid(stream), self._schedule.now)
        self._await(member, action)
        return action

    def _await(self, member: Member, action: LifecycleAction) -> None:
        """The time runs from now, by a whole heartbeat timeout unless the wait gets too long."""
        now, hook = self._schedule.now, action.hook
        action.deadline = min(now + hook.heartbeat_timeout, action.since + hook.longest)
        self._schedule.at(action.deadline, Phase.CHANGE, self._run_out, member, action)

    def _announce(self, member: Member, action: LifecycleAction, passage: Passage) -> None:
        hook = action.hook
        detail: dict[str, Any] = {
            "LifecycleActionToken": action.token,
            "AutoScalingGroupName": self._resource.name,
            "LifecycleHookName": hook.name,
            "EC2InstanceId": member.instance.id,
            "LifecycleTransition": hook.lifecycle_transition,
        }
        if hook.notification_metadata is not None:
            detail["NotificationMetadata"] = hook.notification_metadata
        detail |= {"Origin": passage.origin, "Destination": passage.destination}
        if hook.notification_target_arn:
            self._notifier.lifecycle(hook.notification_target_arn, detail)
        event = EVENTS[hook.lifecycle_transition]
        self._bus.publish("aws.autoscaling", event, (self._resource.arn,), detail)

    # -- what ends or prolongs a wait -----------------------------------------------------------

    def complete(self, hook: str, result: str, instance: str | None, token: str | None) -> None:
        """CompleteLifecycleAction. Raises `AutoScalingError`."""
        member, action = self._find(hook, instance, token)
        self._end(member, action, result, f"Lifecycle Action Completed with {result} Result")

    def heartbeat(self, hook: str, instance: str | None, token: str | None) -> None:
        """RecordLifecycleActionHeartbeat. Raises `AutoScalingError`."""
        self._await(*self._find(hook, instance, token))

    def cancel(self, member: Member) -> None:
        """A member takes another way: nothing waits for it any more."""
        member.actions = []
        self._outcomes.pop(member.instance.id, None)

    def _find(
        self, hook: str, instance: str | None, token: str | None
    ) -> tuple[Member, LifecycleAction]:
        for member in self._members.values():
            for action in member.actions:
                fits = token in (None, action.token) and instance in (None, member.instance.id)
                if fits and action.hook.name == hook:
                    return member, action
        named = f"instance ID {instance}" if token is None else f"token {token}"
        raise AutoScalingError(f"No active Lifecycle Action found with {named}")

    def _run_out(self, member: Member, action: LifecycleAction) -> None:
        if action in member.actions and self._schedule.now >= action.deadline:
            self._end(member, action, action.hook.default_result, "Heartbeat Timeout")

    def _end(self, member: Member, action: LifecycleAction, result: str, why: str) -> None:
        """One action is over; the last one, or the first that is abandoned, ends the wait."""
        member.actions.remove(action)
        if result != ABANDON and member.actions:
            return
        outcome = self._outcomes[member.instance.id]
        self.cancel(member)
        member.activity.status = "InProgress"
        self._record.lifecycle(member, PROCEEDING[member.lifecycle])
        failure = (
            "Instance failed to complete user's Lifecycle Action: Lifecycle Action with token "
            f"{action.token} was abandoned: {why}"
        )
        outcome(member, failure if result == ABANDON else "")

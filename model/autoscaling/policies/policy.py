"""What all scaling policies have in common: a group, a switch, a warm-up time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from attrs import frozen

from model.autoscaling.group import Group
from model.autoscaling.members import units_of
from model.autoscaling.proposals import Proposal
from model.autoscaling.resources import ScalingPolicy
from model.clock import Schedule
from model.cloudwatch.acting import Invocation


@frozen
class Verdict:
    """What a policy wants for an alarm, and the words that explain it."""

    capacity: int | None
    """None: nothing."""
    why: str


class Policy(ABC):
    """One scaling policy of one group."""

    def __init__(
        self, schedule: Schedule, resource: ScalingPolicy, group: Group, *, enabled: bool = True
    ) -> None:
        self._schedule = schedule
        self.resource = resource
        self.group = group
        self.enabled = enabled
        """Whether it heeds alarms ("Disable a scaling policy for an Auto Scaling group")."""

    @property
    def id(self) -> str:
        return self.resource.logical_id

    @property
    def warmup(self) -> float:
        """Seconds until a new instance counts: the policy's own, the group's, the cooldown."""
        group = self.group.resource
        for seconds in (self.resource.estimated_instance_warmup, group.instance_warmup):
            if seconds is not None:
                return float(seconds)
        return float(group.cooldown)

    def propose(self, invocation: Invocation, policies: Sequence[Policy]) -> Proposal | None:
        """What it wants as its alarm is in its state (again, each minute that it lasts).

        `policies` are all of the group, this one included.
        """
        capacity = self.weigh(invocation, policies).capacity
        if capacity is None:
            return None
        state = invocation.state.value
        return Proposal(capacity, self.id, invocation.alarm, state, self.resource.cooldown)

    def weigh(self, invocation: Invocation, policies: Sequence[Policy]) -> Verdict:
        """What it wants for an alarm, and why; it changes nothing."""
        if not self.enabled:
            return Verdict(None, "the policy is disabled")
        if "AlarmNotification" in self.group.suspended:
            return Verdict(None, "AlarmNotification is suspended")
        return self._heed(invocation, policies)

    @abstractmethod
    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> Verdict:
        """What an enabled policy wants for an alarm."""

    def in_vain(self, invocation: Invocation) -> bool:
        """Whether an alarm need not be heard, as the group is: most of them go on for hours."""
        return False

    @property
    def ready_to_shrink(self) -> bool:
        """Whether it agrees that target tracking scales in."""
        return True

    def retire(self) -> None:
        """The policy is deleted, and so is what it made."""
        self.enabled = False

    @property
    def warm(self) -> int:
        """The capacity that is in service and warm."""
        now, warmup = self._schedule.now, self.warmup
        return units_of(member for member in self.group.in_service() if member.warm(now, warmup))

    @property
    def _warming(self) -> bool:
        """Whether an instance is on its way or not warm yet: then nothing scales in."""
        group = self.group
        return bool(group.pending()) or self.warm < units_of(group.in_service())

    @property
    def _whole(self) -> int:
        """The capacity as scale-in sees it: what is ending still counts."""
        return units_of([*self.group.in_service(), *self.group.terminating()])


def in_words(policy: ScalingPolicy, amount: int) -> str:
    """An adjustment of a policy as a person says it: `+2`, `-10 % (2 at least)`, `exactly 4`."""
    if policy.adjustment_type == "ExactCapacity":
        return f"exactly {amount}"
    if policy.adjustment_type == "ChangeInCapacity":
        return f"{amount:+d}"
    least = policy.min_adjustment_magnitude
    return f"{amount:+d} %" + (f" ({least} at least)" if least else "")

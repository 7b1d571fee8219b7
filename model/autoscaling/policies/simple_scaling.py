"""Simple scaling: one adjustment, then a cooldown.

Sources: "Step and simple scaling policies for Amazon EC2 Auto Scaling", "Scaling cooldowns for
Amazon EC2 Auto Scaling". What an alarm asks for meanwhile is not kept; while it lasts it asks again
every minute.
"""

from __future__ import annotations

from collections.abc import Sequence

from model.autoscaling.arithmetic import adjust
from model.autoscaling.cooldown import in_the_way
from model.autoscaling.policies.policy import Policy
from model.cloudwatch.acting import Invocation


class SimpleScaling(Policy):
    """A simple scaling policy at work."""

    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> int | None:
        if in_the_way(self.group, self._schedule.now) is not None:
            return None
        return self.take()

    def take(self) -> int:
        """The capacity after its adjustment."""
        policy = self.resource
        return adjust(
            self.group.desired,
            policy.adjustment_type or "",
            policy.scaling_adjustment or 0,
            policy.min_adjustment_magnitude,
        )

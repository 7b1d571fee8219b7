"""Simple scaling: one adjustment, then a cooldown.

Sources: "Step and simple scaling policies for Amazon EC2 Auto Scaling", "Scaling cooldowns for
Amazon EC2 Auto Scaling". What an alarm asks for meanwhile is not kept; while it lasts it asks again
every minute.
"""

from __future__ import annotations

from collections.abc import Sequence

from model.autoscaling.arithmetic import adjust
from model.autoscaling.cooldown import in_the_way, until
from model.autoscaling.policies.policy import Policy, Verdict, in_words
from model.cloudwatch.acting import Invocation


class SimpleScaling(Policy):
    """A simple scaling policy at work."""

    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> Verdict:
        blocking = in_the_way(self.group, self._schedule.now)
        if blocking is None:
            return Verdict(
                self.take(), in_words(self.resource, self.resource.scaling_adjustment or 0)
            )
        end = until(blocking, self.group)
        if end is None:
            return Verdict(None, "a scaling activity is under way")
        return Verdict(None, f"in a cooldown until {self._schedule.utc(end):%H:%M:%S}")

    def take(self) -> int:
        """The capacity after its adjustment."""
        policy = self.resource
        return adjust(
            self.group.desired,
            policy.adjustment_type or "",
            policy.scaling_adjustment or 0,
            policy.min_adjustment_magnitude,
        )

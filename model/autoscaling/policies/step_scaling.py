"""Step scaling: the further an alarm's metric lies beyond its threshold, the more is changed.

Source: "Step and simple scaling policies for Amazon EC2 Auto Scaling" (step adjustments, instance
warm-up).
"""

from __future__ import annotations

from collections.abc import Sequence

from model.autoscaling.arithmetic import adjust
from model.autoscaling.policies.policy import Policy
from model.autoscaling.steps import StepAdjustment, find_step
from model.cloudwatch.acting import Invocation


class StepScaling(Policy):
    """A step scaling policy at work."""

    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> int | None:
        values = invocation.values
        if not values:
            return None
        match self.resource.metric_aggregation_type:
            case "Minimum":
                value = min(values)
            case "Maximum":
                value = max(values)
            case _:
                value = sum(values) / len(values)
        step = self.step_for(value, invocation.threshold)
        return None if step is None else self.take(step)

    def step_for(self, value: float, threshold: float) -> StepAdjustment | None:
        """The step that a metric's value falls in; None: in none."""
        return find_step(self.resource.step_adjustments, value - threshold)

    def take(self, step: StepAdjustment) -> int | None:
        """The capacity after a step; None: it changes nothing.

        Scale-out counts warm instances only, but what warms up counts towards what it asks for, so
        that the same step again adds nothing. Scale-in counts what is still ending, for the same
        reason, and waits while anything warms up.
        """
        group, policy = self.group, self.resource
        kind = policy.adjustment_type or ""
        amount, least = step.scaling_adjustment, policy.min_adjustment_magnitude
        if amount == 0 and kind != "ExactCapacity":
            return None
        warm = self._warm()
        wanted = adjust(warm, kind, amount, least)
        if wanted > warm:
            return max(wanted, group.desired)
        if self._warming():
            return None
        return min(adjust(self._whole(), kind, amount, least), group.desired)

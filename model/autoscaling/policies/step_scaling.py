"""Step scaling: the further an alarm's metric lies beyond its threshold, the more is changed.

Source: "Step and simple scaling policies for Amazon EC2 Auto Scaling" (step adjustments, instance
warm-up).
"""

from __future__ import annotations

from collections.abc import Sequence

from model.autoscaling.arithmetic import adjust
from model.autoscaling.policies.policy import Policy, Verdict, in_words
from model.autoscaling.steps import StepAdjustment, find_step
from model.cloudwatch.acting import Invocation


class StepScaling(Policy):
    """A step scaling policy at work."""

    def _heed(self, invocation: Invocation, policies: Sequence[Policy]) -> Verdict:
        values = invocation.values
        if not values:
            return Verdict(None, "its alarm judged no datapoint")
        match self.resource.metric_aggregation_type:
            case "Minimum":
                value = min(values)
            case "Maximum":
                value = max(values)
            case _:
                value = sum(values) / len(values)
        threshold = invocation.threshold
        step = self.step_for(value, threshold)
        lies = f"{abs(value - threshold):.4g} {'above' if value >= threshold else 'below'}"
        if step is None:
            return Verdict(None, f"{lies} {threshold:g}: in no step")
        words = f"{lies} {threshold:g}: {in_words(self.resource, step.scaling_adjustment)}"
        capacity = self.take(step)
        held = capacity is None and step.scaling_adjustment != 0
        return Verdict(capacity, f"{words}, but instances warm up" if held else words)

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
        warm = self.warm
        wanted = adjust(warm, kind, amount, least)
        if wanted > warm:
            return max(wanted, group.desired)
        if self._warming:
            return None
        return min(adjust(self._whole, kind, amount, least), group.desired)

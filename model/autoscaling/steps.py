"""The steps of step scaling: which adjustment answers which breach of the alarm's threshold.

Source: "Step and simple scaling policies for Amazon EC2 Auto Scaling" (step adjustments), API
StepAdjustment. Bounds are distances from the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from attrs import Attribute, frozen

from model.fields import FieldError

MOST_STEPS = 20
"""Step adjustments of a policy ("Quotas for Amazon EC2 Auto Scaling")."""


@frozen(kw_only=True)
class StepAdjustment:
    """A change of capacity for a range of the metric above (or below) the alarm's threshold."""

    scaling_adjustment: int
    metric_interval_lower_bound: float | None = None
    metric_interval_upper_bound: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; one that is not given lies at infinity."""
        low, high = self.metric_interval_lower_bound, self.metric_interval_upper_bound
        return (-math.inf if low is None else low, math.inf if high is None else high)


def at_most_steps(_: Any, attribute: Attribute[Any], value: tuple[StepAdjustment, ...]) -> None:
    """No more steps than a policy may have."""
    if len(value) > MOST_STEPS:
        problem = f"there can be at most {MOST_STEPS} step adjustments per scaling policy"
        raise FieldError(attribute, f"{problem}, not {len(value)}")


def check_steps(steps: Sequence[StepAdjustment]) -> None:
    """AWS's rules, mostly in its words: no overlap, no gap, open ends where the steps lie on that
    side. Raises `ValueError`."""
    bounds = sorted(step.bounds for step in steps)
    if not bounds:
        return
    for low, high in bounds:
        if low == -math.inf and high == math.inf:
            raise ValueError(
                "both lower and upper bounds of a step adjustment cannot be left unspecified: "
                "give one of them"
            )
        if low >= high:
            raise ValueError(f"a step's lower bound ({low:g}) must be below its upper ({high:g})")
    for (_, high), (low, top) in pairwise(bounds):
        if low < high:
            raise ValueError(f"steps overlap between {low:g} and {min(high, top):g}")
        if low > high:
            raise ValueError(f"there is a gap between the steps, from {high:g} to {low:g}")
    lowest, highest = bounds[0][0], bounds[-1][1]
    if lowest < 0 and lowest != -math.inf:
        raise ValueError(_unbounded("lower", "negative"))
    if highest > 0 and highest != math.inf:
        raise ValueError(_unbounded("upper", "positive"))


def _unbounded(side: str, sign: str) -> str:
    return (
        f"there must be a StepAdjustment with an unspecified {side} bound when one StepAdjustment "
        f"has a {sign} {side} bound"
    )


def find_step(steps: Sequence[StepAdjustment], breach: float) -> StepAdjustment | None:
    """The step for a metric that lies `breach` above the alarm's threshold (below: negative).

    Above the threshold a step's lower bound belongs to it and the upper does not; below it the
    other way round. At the threshold itself, of which AWS says nothing, either will do.
    """
    if breach >= 0:
        for step in steps:
            low, high = step.bounds
            if low <= breach < high:
                return step
    if breach <= 0:
        for step in steps:
            low, high = step.bounds
            if low < breach <= high:
                return step
    return None

"""What a scaling policy makes of a capacity: the arithmetic of adjustments and target tracking.

Sources: "Step and simple scaling policies for Amazon EC2 Auto Scaling" (rounding, magnitude) and
"Target tracking scaling policies" (proportion). All functions are pure.
"""

from __future__ import annotations

import math


def clamp(value: int, low: int, high: int) -> int:
    """Policies are held within the group's limits, not refused."""
    return max(low, min(value, high))


def round_percent(change: float) -> int:
    """How AWS rounds a change in percent: toward zero, but never a change to nothing."""
    nearest = round(change)
    if abs(change - nearest) < 1e-9:
        return nearest
    if 0 < change < 1:
        return 1
    if -1 < change < 0:
        return -1
    return math.trunc(change)


def adjust(
    capacity: int, adjustment_type: str, adjustment: int, magnitude: int | None = None
) -> int:
    """The capacity that an adjustment asks for, before the group's limits.

    `magnitude` (MinAdjustmentMagnitude) is the least change in percent adjustments, in instances.
    """
    match adjustment_type:
        case "ChangeInCapacity":
            return capacity + adjustment
        case "ExactCapacity":
            return adjustment
    change = round_percent(capacity * adjustment / 100)
    if magnitude is not None and 0 < abs(change) < magnitude:
        change = int(math.copysign(magnitude, change))
    return capacity + change


def proportional(capacity: int, metric: float, target: float) -> int:
    """The capacity that would bring the metric to its target, rounded up (never below 0)."""
    return max(math.ceil(capacity * metric / target - 1e-9), 0)

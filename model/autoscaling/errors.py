"""What the EC2 Auto Scaling API refuses."""

from __future__ import annotations


class AutoScalingError(ValueError):
    """The API refuses a call; the message is AWS's reason, in its words where they are known."""

    def __init__(self, message: str, code: str = "ValidationError") -> None:
        super().__init__(message)
        self.code = code
        """AWS's error code."""


def in_progress(activity: str) -> AutoScalingError:
    """A call that honours the cooldown finds an activity (or its cooldown) in the way."""
    return AutoScalingError(
        f"Scaling activity {activity} is in progress and blocks this action",
        "ScalingActivityInProgress",
    )

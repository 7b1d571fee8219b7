"""Why the API of EC2 Auto Scaling refuses a call."""

from __future__ import annotations


class AutoScalingError(ValueError):
    """The API refuses a call; the message is AWS's reason."""

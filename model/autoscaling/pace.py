"""How fast a group launches again after launches that failed.

Source: "Amazon EC2 Auto Scaling lifecycle hooks": the rate of launches is limited while hooks fail
consistently. AWS does not say how: the first failure costs nothing, every further one in a row
doubles the pause.
"""

from __future__ import annotations

import math

FIRST_PAUSE = 30.0
"""Seconds of pause after the second failure in a row."""
LONGEST_PAUSE = 900.0


class LaunchPace:
    """When the next launch may begin (seconds since start)."""

    def __init__(self) -> None:
        self._failures = 0
        self.opens = -math.inf

    def failed(self, now: float) -> None:
        """A launch failed."""
        self._failures += 1
        if self._failures > 1:
            pause = min(FIRST_PAUSE * 2.0 ** (self._failures - 2), LONGEST_PAUSE)
            self.opens = now + pause

    def succeeded(self) -> None:
        """An instance came into service: all is well."""
        self._failures, self.opens = 0, -math.inf

"""How fast a group launches again after launches that its hooks abandoned.

Source: "Amazon EC2 Auto Scaling lifecycle hooks": the rate of launches is limited while hooks fail
consistently. AWS does not say how: the first failure costs nothing, every further one in a row
doubles the pause. What EC2 refuses is in `back_off`.
"""

from __future__ import annotations

import math

FIRST_PAUSE = 30.0
"""Seconds, doubled with each failure in a row; AWS does not publish its pauses."""
LONGEST_PAUSE = 900.0


def pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(FIRST_PAUSE * 2.0 ** (failures - 1), LONGEST_PAUSE)


class LaunchPace:
    """When the next launch may begin (seconds since start)."""

    def __init__(self) -> None:
        self._failures = 0
        self.opens = -math.inf

    def failed(self, now: float) -> None:
        """A launch failed."""
        self._failures += 1
        if self._failures > 1:
            self.opens = now + pause(self._failures - 1)

    def succeeded(self) -> None:
        """An instance came into service: all is well."""
        self._failures, self.opens = 0, -math.inf

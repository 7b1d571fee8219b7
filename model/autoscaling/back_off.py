"""When a launch that failed is tried again, and when a group gives up.

Sources: "Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures"; "Suspend and resume
processes" (administrative suspension). The pauses are not published.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field

from model.autoscaling.pace import pause
from model.clock import HOUR

GIVES_UP = 24 * HOUR
"""So long without any successful launch, and AWS suspends the group's processes."""


@define(eq=False)
class BackOff:
    """Where one group's launches have failed of late."""

    _failures: dict[str, int] = field(factory=dict)
    """How often in a row, by zone."""
    _until: dict[str, float] = field(factory=dict)
    """When a zone is tried again."""
    _failing_since: float | None = None

    def open(self, zone: str, now: float) -> bool:
        """Whether a zone may be tried."""
        return self._until.get(zone, now) <= now

    def next_try(self, zones: Iterable[str], now: float) -> float:
        """When the first of these zones that has to wait may be tried."""
        waits = [until for zone in zones if (until := self._until.get(zone, now)) > now]
        return min(waits, default=now + pause(1))

    def failed(self, zones: Iterable[str], now: float) -> None:
        """A launch failed in these zones."""
        if self._failing_since is None:
            self._failing_since = now
        for zone in zones:
            count = self._failures.get(zone, 0)
            self._failures[zone] = count + 1
            self._until[zone] = now + pause(count + 1)

    def succeeded(self, zone: str) -> None:
        """A launch succeeded in a zone."""
        self._failing_since = None
        self._failures.pop(zone, None)
        self._until.pop(zone, None)

    def gives_up(self, now: float) -> bool:
        """Whether launches have failed for so long that AWS suspends the group; it starts afresh
        once somebody resumes it."""
        if self._failing_since is None or now < self._failing_since + GIVES_UP:
            return False
        self._failing_since = None
        return True

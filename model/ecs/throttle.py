"""How the service scheduler slows down when tasks do not start.

Source: "Amazon ECS service throttle logic": tasks that stop without having run make it wait longer
and longer, 27 minutes at most. By what steps, AWS does not say.
"""

from __future__ import annotations

from attrs import define

IMPAIRED_AFTER = 3
"""Failures in a row from which on it waits, and tells so."""
FIRST_WAIT = 10.0
"""Seconds of the first wait; each one is twice as long as the one before."""
LONGEST_WAIT = 27 * 60.0


@define(eq=False)
class Throttle:
    """When tasks of one revision may be started again."""

    failures: int = 0
    """Tasks in a row that did not come to run."""
    opens: float = 0.0
    """When the next one may be started (s)."""

    def failed(self, now: float) -> bool:
        """A task did not come to run; whether this is when it begins to wait."""
        self.failures += 1
        over = self.failures - IMPAIRED_AFTER
        if over >= 0:
            self.opens = now + min(FIRST_WAIT * 2.0 ** min(over, 16), LONGEST_WAIT)
        return over == 0

    def succeeded(self) -> None:
        """A task came to run."""
        self.failures = 0
        self.opens = 0.0

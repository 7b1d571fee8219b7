"""How the service scheduler slows down when tasks do not start.

Source: "Amazon ECS service throttle logic": tasks that stop without having run make it wait longer
and longer, 27 minutes at most. By what steps, AWS does not say.
"""

from __future__ import annotations

import math

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
    opens: float = -math.inf
    """When the next one may be started (s)."""
    _wait: float = FIRST_WAIT

    def failed(self, now: float) -> bool:
        """A task did not come to run; whether this is when it begins to wait. Others that were
        started with it do not make the wait longer."""
        self.failures += 1
        if self.failures >= IMPAIRED_AFTER and now >= self.opens:
            self.opens = now + self._wait
            self._wait = min(2 * self._wait, LONGEST_WAIT)
        return self.failures == IMPAIRED_AFTER

    def succeeded(self) -> None:
        """A task came to run."""
        self.failures = 0
        self.opens = -math.inf
        self._wait = FIRST_WAIT

"""What scaling policies ask for at one instant, and which of them a group follows.

Source: "Dynamic scaling for Amazon EC2 Auto Scaling" (multiple scaling policies): when several
policies are in force at the same time, the one with the largest capacity is followed, for scale-out
and for scale-in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from attrs import frozen

from model.autoscaling import activity as text


@frozen
class Proposal:
    """The capacity that a policy wants, and the alarm that invoked it."""

    capacity: int
    policy: str
    alarm: str | None
    """None: an operator executed the policy."""
    state: str
    cooldown: int | None = None
    """Seconds that simple scaling waits after what follows; None: as the group says."""

    def cause(self, time: datetime, before: int, after: int) -> str:
        """The sentence that explains the change."""
        if self.alarm is None:
            return text.executed(time, self.policy, before, after)
        return text.alarmed(time, self.alarm, self.state, self.policy, before, after)


def largest(proposals: Iterable[Proposal]) -> Proposal:
    """The proposal to follow; of equal ones the first."""
    return max(proposals, key=lambda proposal: proposal.capacity)

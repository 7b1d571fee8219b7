"""What scaling policies ask for at one instant, and which of them a group follows.

Source: "Dynamic scaling for Amazon EC2 Auto Scaling" (multiple scaling policies): when several
policies are in force at the same time, the one with the largest capacity is followed, for scale-out
and for scale-in.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen


@frozen
class Proposal:
    """The capacity that a policy wants, and the alarm that invoked it."""

    capacity: int
    policy: str
    alarm: str
    state: str


def largest(proposals: Iterable[Proposal]) -> Proposal:
    """The proposal to follow; of equal ones the first."""
    return max(proposals, key=lambda proposal: proposal.capacity)

"""Which zone a group launches in, and which instance it ends: balance before everything.

Sources: "Amazon EC2 Auto Scaling benefits for application architecture" (distribution over zones)
and "Configure termination policies". Between equal zones the first by name is taken, since AWS does
not say which.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model.autoscaling.members import Member

BILLING_HOUR = 3600.0


def emptiest(counts: dict[str, int]) -> str:
    """The zone with the fewest instances."""
    return min(sorted(counts), key=lambda zone: counts[zone])


def imbalance(counts: dict[str, int]) -> int:
    """How many instances the fullest zone has more than the emptiest."""
    return max(counts.values()) - min(counts.values()) if counts else 0


def select_for_termination(
    members: Sequence[Member],
    policies: Sequence[str],
    now: float,
    generator: np.random.Generator,
) -> Member:
    """One member to end: from the fullest zone, then by the policies, then by chance."""
    counts: dict[str, int] = {}
    for member in members:
        counts[member.instance.zone] = counts.get(member.instance.zone, 0) + 1
    most = max(counts.values())
    left = [member for member in members if counts[member.instance.zone] == most]
    for policy in policies:
        left = _apply(policy, left, now)
    return left[int(generator.integers(len(left)))] if len(left) > 1 else left[0]


def _apply(policy: str, members: Sequence[Member], now: float) -> list[Member]:
    match policy:
        case "OldestLaunchTemplate" | "OldestLaunchConfiguration":
            return list(members)  # a group has one version as yet
        case "OldestInstance":
            keys = [member.instance.launched for member in members]
        case "NewestInstance":
            keys = [-member.instance.launched for member in members]
        case _:  # Default, ClosestToNextInstanceHour: one template, so the billing hour decides
            keys = [_to_next_hour(member, now) for member in members]
    best = min(keys)
    return [member for member, key in zip(members, keys, strict=True) if key == best]


def _to_next_hour(member: Member, now: float) -> float:
    return BILLING_HOUR - (now - member.instance.launched) % BILLING_HOUR

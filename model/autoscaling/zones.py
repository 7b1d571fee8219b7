"""Which zone a group launches in: balance before everything.

Source: "Amazon EC2 Auto Scaling benefits for application architecture" (distribution over zones).
Between equal zones the first by name is taken, since AWS does not say which.
"""

from __future__ import annotations


def emptiest(counts: dict[str, int]) -> str:
    """The zone with the fewest instances."""
    return min(sorted(counts), key=lambda zone: counts[zone])


def imbalance(counts: dict[str, int]) -> int:
    """How many instances the fullest zone has more than the emptiest."""
    return max(counts.values()) - min(counts.values()) if counts else 0

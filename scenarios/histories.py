"""The journal's changes as a report tells them."""

from __future__ import annotations

from model.journal import Change


def since_start(changes: list[Change]) -> list[Change]:
    """What history left is the first state, at time 0; what came before is not told."""
    before = [change for change in changes if change.time <= 0]
    after = [change for change in changes if change.time > 0]
    if not before:
        return after
    last = before[-1]
    return [Change(0.0, last.resource, last.aspect, last.value), *after]

"""What changed in the world, in order: the memory that reports and panes read.

Services write a `Change` whenever something that an operator could see takes another state. AWS
emits no event for some of these (a target's health, a group's capacity); the journal keeps them
all, each as the describe call of its service would have shown it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import frozen


@frozen
class Change:
    """At `time` (seconds since start), `aspect` of `resource` became `value`."""

    time: float
    resource: str
    aspect: str
    value: Any


class Journal:
    """The history of every (resource, aspect), oldest change first."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        """Every change as it was written, for whoever follows along."""
        self._histories: dict[str, dict[str, list[Change]]] = {}

    def write(self, time: float, resource: str, aspect: str, value: Any) -> None:
        """Note the change. A value equal to the last one is no change; of several changes at one
        instant only the last was visible."""
        history = self._histories.setdefault(aspect, {}).setdefault(resource, [])
        if history and history[-1].time == time:
            history.pop()
        if not history or history[-1].value != value:
            history.append(Change(time, resource, aspect, value))
            self.changes.append(history[-1])

    def last(self, resource: str, aspect: str) -> Any:
        """The value now, or None if there never was one."""
        history = self.history(resource, aspect)
        return history[-1].value if history else None

    def at(self, time: float, resource: str, aspect: str) -> Any:
        """The value at an instant that is not long past, or None if there was none yet."""
        changes = reversed(self.history(resource, aspect))
        return next((change.value for change in changes if change.time <= time), None)

    def history(self, resource: str, aspect: str) -> list[Change]:
        """All changes of one aspect of one resource."""
        return self._histories.get(aspect, {}).get(resource, [])

    def histories(self, aspect: str) -> Iterator[tuple[str, list[Change]]]:
        """Every resource that has the aspect, with its changes, in order of appearance."""
        return ((name, changes) for name, changes in self._histories.get(aspect, {}).items())

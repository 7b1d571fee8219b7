"""What happened to alarms, as DescribeAlarmHistory tells it.

Source: API DescribeAlarmHistory, API AlarmHistoryItem. AWS does not publish the sentences of the
summaries nor the fields of the data; these follow what alarms in use were seen to say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from model.clock import HOUR

RETENTION = 30 * 24 * HOUR
"""Seconds that an item is kept."""


class HistoryKind(StrEnum):
    """HistoryItemType."""

    CONFIGURATION_UPDATE = "ConfigurationUpdate"
    STATE_UPDATE = "StateUpdate"
    ACTION = "Action"


@frozen
class HistoryItem:
    """One item of an alarm's history; `time` is seconds since the scenario's start."""

    time: float
    alarm: str
    """The alarm's name."""
    kind: HistoryKind
    summary: str
    data: Mapping[str, Any] = field(hash=False, repr=False)


class AlarmHistory:
    """The histories of all alarms, also of those that were deleted."""

    def __init__(self) -> None:
        self._items: dict[str, deque[HistoryItem]] = {}

    def note(self, item: HistoryItem) -> None:
        """Keep an item, and forget those that are too old."""
        items = self._items.setdefault(item.alarm, deque())
        items.append(item)
        while items[0].time < item.time - RETENTION:
            items.popleft()

    def of(self, alarm: str, kind: HistoryKind | None = None) -> tuple[HistoryItem, ...]:
        """DescribeAlarmHistory of one alarm, newest first; of one kind, if one is given."""
        items = reversed(self._items.get(alarm, ()))
        return tuple(item for item in items if kind in (None, item.kind))

"""When an alarm's periods end: at any minute, or where those of the calendar do; and its warm-up.

Sources: "Alarm evaluation window", API WallClockWindow; "Alarm warm-up periods", API
WarmUpConfiguration.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import Attribute, field, frozen

from model.clock import DAY, HOUR, MINUTE
from model.fields import FieldError, between, length

WEEK = 7 * DAY
WHOLE_PERIODS = (MINUTE, 5 * MINUTE, HOUR, DAY, WEEK)
"""Periods (s) that a wall clock window may have."""
_OFFSET = re.compile(r"(UTC)?([+-])(\d\d):(\d\d)")


def read_zone(text: str) -> tzinfo:
    """A time zone by its name, or by its distance from UTC. Raises `ValueError`."""
    found = _OFFSET.fullmatch(text)
    if found is not None:
        hours, minutes = int(found[3]), int(found[4])
        if hours > 23 or minutes > 59 or minutes % 5:
            raise ValueError(f"must be so many hours and a multiple of 5 minutes, not {text!r}")
        ahead = timedelta(hours=hours, minutes=minutes)
        return timezone(ahead if found[2] == "+" else -ahead)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wanted = "must be a time zone such as Europe/Berlin, +05:30 or UTC+05:30"
        raise ValueError(f"{wanted}, not {text!r}") from None


def period_end(moment: datetime, period: float, zone: tzinfo) -> datetime:
    """When the last period of the calendar ended that is over at `moment`."""
    local = moment.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if period >= DAY:
        days = local.weekday() if period == WEEK else 0
        return (midnight - timedelta(days=days)).astimezone(UTC)
    into = (local.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
    return moment - timedelta(seconds=into % period)


def _zone(_: Any, attribute: Attribute[Any], value: str | None) -> None:
    try:
        read_zone(value or "UTC")
    except ValueError as problem:
        raise FieldError(attribute, str(problem)) from None


@frozen(kw_only=True)
class WallClockWindow:
    """Periods that end where those of the calendar do."""

    timezone: str | None = field(default=None, validator=[length(1, 50), _zone])

    @property
    def zone(self) -> tzinfo:
        return read_zone(self.timezone or "UTC")


@frozen(kw_only=True)
class EvaluationWindow:
    """How the periods of an alarm lie: sliding, or by the clock."""

    sliding_window: dict[str, str] | None = None
    wall_clock_window: WallClockWindow | None = None

    def __attrs_post_init__(self) -> None:
        if (self.sliding_window is None) == (self.wall_clock_window is None):
            raise ValueError("give exactly one of SlidingWindow and WallClockWindow")


@frozen(kw_only=True)
class WarmUpConfiguration:
    """How long a new alarm waits before it judges."""

    warm_up_period_duration_in_minutes: int = field(validator=between(1, 2880))
    only_start_evaluating_after_warm_up_period_ends: bool = False

    @property
    def seconds(self) -> float:
        return self.warm_up_period_duration_in_minutes * MINUTE

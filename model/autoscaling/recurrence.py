"""Recurring times: a cron expression of five fields in a time zone.

Sources: "Scheduled scaling for Amazon EC2 Auto Scaling" (recurring schedules), API
PutScheduledUpdateGroupAction. The dialect is that of Unix's crontab, as Debian's cron has it: both
days given means either, and where clocks change a fixed time that is skipped runs right after, and
one that comes twice runs once.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen
from cronsim import CronSim, CronSimError

NAMES = ("minute", "hour", "day of month", "month", "day of week")
_FIELD = re.compile(r"[0-9A-Za-z*,/-]+")
_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def read_zone(name: str) -> ZoneInfo:
    """A time zone of the IANA database by its name. Raises `ValueError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "must be a time zone of the IANA database such as America/New_York"
        raise ValueError(f"{message}, not {name!r}") from None


def check_expression(text: str) -> None:
    """Raises `ValueError` where AWS refuses a cron expression, and says what would be right."""
    fields = text.split()
    if len(fields) != len(NAMES):
        raise ValueError(
            f"must have five fields ({', '.join(NAMES)}), as in 30 6 * * 2, not {text!r}"
        )
    for name, value in zip(NAMES, fields, strict=True):
        if not _FIELD.fullmatch(value) or value.upper() in ("L", "LW"):
            raise ValueError(f"must be a cron expression; its {name} is {value!r}")
    try:
        CronSim(text, _ANY_DAY)
    except CronSimError as problem:
        name = str(problem).removeprefix("Bad ").replace("-", " ")
        raise ValueError(f"must be a cron expression; the {name} of {text!r} is wrong") from None


@frozen
class Recurrence:
    """The times at which a cron expression recurs in a time zone."""

    expression: str
    zone: ZoneInfo

    def next(self, after: datetime) -> datetime | None:
        """The first time after a moment, in UTC; None: it never comes again."""
        found = next(CronSim(self.expression, after.astimezone(self.zone)), None)
        return None if found is None else found.astimezone(UTC)

"""How often provisioned throughput may be lowered.

Source: "Quotas in Amazon DynamoDB: decreasing provisioned throughput". A day (UTC) begins with
four, and each of its hours adds one, up to four at a time: 27 a day.
"""

from __future__ import annotations

from datetime import date, datetime

from attrs import define

AT_ONCE = 4


@define(eq=False)
class Decreases:
    """The decreases of one table or index."""

    left: int = AT_ONCE
    _day: date | None = None
    _hour: int = 0

    def available(self, now: datetime) -> int:
        """How many are left at a date and time (UTC)."""
        if self._day != now.date():
            self._day, self._hour, self.left = now.date(), now.hour, AT_ONCE
        self.left = min(self.left + now.hour - self._hour, AT_ONCE)
        self._hour = now.hour
        return self.left

    def take(self, now: datetime) -> None:
        """Lower it once; there must be one available."""
        self.available(now)
        self.left -= 1

"""How many capacity units per second there are: provisioned with bursts, or on demand.

Sources: "DynamoDB burst and adaptive capacity", "DynamoDB on-demand capacity mode", "Quotas in
Amazon DynamoDB", "Considerations when switching capacity modes in DynamoDB".
"""

from __future__ import annotations

import math
from collections import deque
from enum import StrEnum

from attrs import define, field

from model.dynamodb.requests import Side
from model.dynamodb.resources import TABLE_QUOTA

BURST = 300.0
"""Seconds of unused provisioned capacity that are kept for later."""
PARTITION = {Side.READ: 3000.0, Side.WRITE: 1000.0}
"""Units per second that one partition can do, and so one partition key."""
INITIAL = {Side.READ: 12_000.0, Side.WRITE: 4_000.0}
"""Units per second that a new on-demand table can do."""
DOUBLE = 2.0
"""How many times its previous peak an on-demand table can do."""
GROWTH = 1800.0
"""Seconds after which a peak counts as the previous one: throttling can occur where traffic more
than doubles within 30 minutes."""


class Cause(StrEnum):
    """What a throttled request lacked, as the names of metrics have it."""

    PROVISIONED = "ProvisionedThroughput"
    KEY_RANGE = "KeyRangeThroughput"
    """A partition, or the partitions that an on-demand table has grown to."""
    MAX_ON_DEMAND = "MaxOnDemandThroughput"
    ACCOUNT = "AccountLimit"


@define(eq=False)
class Throughput:
    """The capacity of a table or an index for reads or for writes."""

    side: Side
    provisioned: float | None
    """Units per second; None: on demand."""
    most: float | None = None
    """What an on-demand table may use by its own setting."""
    peak: float = 0.0
    """The previous peak of an on-demand table (units per second)."""
    saved: float = 0.0
    """Units that were not used."""
    used: float = 0.0
    """Units that requests took since the world began."""
    _counted: float = 0.0
    """How many of them belong to minutes that are over."""
    _recent: deque[tuple[float, float]] = field(factory=deque)
    """Peaks of the last while, with the end of their minute: each higher than the one before."""

    @property
    def limit(self) -> tuple[float, Cause]:
        """Units per second, and what stands in the way of more."""
        if self.provisioned is not None:
            return self.provisioned, Cause.PROVISIONED
        limits = [
            (DOUBLE * self.peak, Cause.KEY_RANGE),
            (float(TABLE_QUOTA), Cause.ACCOUNT),
            (math.inf if self.most is None else float(self.most), Cause.MAX_ON_DEMAND),
        ]
        return min(limits, key=lambda pair: pair[0])

    def available(self, dt: float) -> float:
        """Units that there are for the next `dt` seconds."""
        return self.saved + self.limit[0] * dt

    def take(self, units: float, dt: float) -> None:
        """Have so many be used in `dt` seconds."""
        left = self.available(dt) - units
        kept = BURST * self.limit[0] if self.provisioned is not None else 0.0
        self.saved = min(max(left, 0.0), kept)
        self.used += units

    def close_minute(self, end: float, seconds: float) -> None:
        """A minute is over: what was used in it becomes a peak in time."""
        rate = (self.used - self._counted) / seconds
        self._counted = self.used
        if rate > (self._recent[-1][1] if self._recent else self.peak):
            self._recent.append((end, rate))
        while self._recent and self._recent[0][0] <= end - GROWTH:
            self.peak = max(self.peak, self._recent.popleft()[1])

    def provision(self, units: float) -> None:
        """Have so many units per second; what was saved stays, as far as it may."""
        self.provisioned = units
        self.saved = min(self.saved, BURST * units)

    def go_on_demand(self, most: float | None, warm: float) -> None:
        """Be paid for by the request from now on: able to do what was provisioned, what a new
        table can do, or what it was prepared for."""
        was = self.provisioned or 0.0
        self.provisioned, self.most, self.saved = None, most, 0.0
        self.peak = max(self.peak, max(was, warm, INITIAL[self.side]) / DOUBLE)

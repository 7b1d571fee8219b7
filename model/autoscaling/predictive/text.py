"""The sentence in which an activity says that a forecast asked for it. AWS publishes none."""

from __future__ import annotations

from datetime import datetime

from model.autoscaling.activity import at, changing


def forecasted(time: datetime, policy: str, before: int, after: int) -> str:
    """A forecast changed the desired capacity."""
    return f"{at(time)} a forecast of predictive scaling policy {policy} {changing(before, after)}"

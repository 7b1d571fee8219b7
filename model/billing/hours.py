"""Hours as they are billed."""

from __future__ import annotations

import math

from model.clock import HOUR

MONTH = 730
"""Hours of a month, where a price is for a month and prorated by the hour (as AWS Pricing
Calculator takes it)."""


def started_hours(seconds: float) -> int:
    """Whole hours and the one begun."""
    return math.ceil(max(seconds, 0.0) / HOUR - 1e-9)

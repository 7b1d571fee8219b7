"""Datapoints fed to CloudWatch from outside (PutMetricData)."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from model.cloudwatch.statistics import Datapoint
from model.fields import at_least


@frozen(kw_only=True)
class Feed:
    """One metric with a value, or a statistic set, for each period; None: none was reported."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(factory=dict, hash=False)
    unit: str = "None"
    period: float = field(default=60.0, validator=at_least(1))
    """Seconds."""
    values: tuple[float | Datapoint | None, ...] = field(default=(), repr=False)
    begins: float = 0.0
    """When the first period does, seconds from the scenario's start."""

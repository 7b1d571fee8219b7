"""Datapoints fed to CloudWatch from outside (PutMetricData), period after period."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen

from model.clock import MINUTE, Phase, Schedule
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.past import SECOND
from model.cloudwatch.statistics import Datapoint
from model.fields import at_least, one_of


@frozen(kw_only=True)
class Feed:
    """One metric with a value, or a statistic set, for each period; None: none was reported."""

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(factory=dict, hash=False)
    unit: str = "None"
    period: float = field(default=60.0, validator=at_least(1))
    """Seconds."""
    storage_resolution: int | None = field(default=None, validator=one_of(1, 60))
    """By which periods it is kept (s); None: by the second if its period is less than a minute."""
    values: tuple[float | Datapoint | None, ...] = field(default=(), repr=False)
    begins: float = 0.0
    """When the first period does, seconds from the scenario's start."""

    @property
    def key(self) -> MetricKey:
        return MetricKey.of(self.namespace, self.name, self.dimensions)

    @property
    def resolution(self) -> float:
        """By which periods it is kept (s)."""
        if self.storage_resolution is not None:
            return float(self.storage_resolution)
        return SECOND if self.period < MINUTE else MINUTE


Put = Callable[[MetricKey, str, float, Datapoint, float], None]
"""Stores a datapoint: metric, unit, moment, samples, and the period that is kept (s)."""


class Feeds:
    """Has the values of feeds reported, each when its period ends."""

    def __init__(self, schedule: Schedule, put: Put) -> None:
        self._schedule = schedule
        self._put = put

    def begin(self, feed: Feed) -> None:
        """Have its values reported."""
        self._await(feed, 0)

    def _await(self, feed: Feed, index: int) -> None:
        """Wait for the end of the next period that has a value."""
        while index < len(feed.values) and feed.values[index] is None:
            index += 1
        if index < len(feed.values):
            due = feed.begins + (index + 1) * feed.period
            self._schedule.at(due, Phase.DATAPOINT, self._report, feed, index)

    def _report(self, feed: Feed, index: int) -> None:
        value = feed.values[index]
        assert value is not None
        start = feed.begins + index * feed.period
        point = value if isinstance(value, Datapoint) else Datapoint.single(value)
        self._put(feed.key, feed.unit, start, point, feed.resolution)
        self._await(feed, index + 1)

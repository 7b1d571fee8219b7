"""What an anomaly detector learns: a statistic of a metric, or metric math over several."""

from __future__ import annotations

from attrs import frozen

from model.cloudwatch.math.syntax import Node
from model.cloudwatch.metrics import MetricKey


@frozen(cache_hash=True)
class Statistic:
    """A statistic of a metric, by whatever periods."""

    metric: MetricKey
    stat: str


@frozen(cache_hash=True)
class Expression:
    """Metric math that gives one time series; other expressions have been put into it."""

    tree: Node
    metrics: tuple[tuple[str, Statistic], ...]
    """What the names in the tree mean, in order of the names."""


Subject = Statistic | Expression

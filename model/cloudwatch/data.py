"""Datapoints as PutMetricData takes them.

Source: API PutMetricData, API MetricDatum: a value, up to 150 values with their counts, or a
statistic set.
"""

from __future__ import annotations

import math
from typing import Any

from attrs import Attribute, field, fields_dict, frozen

from model.cloudwatch.metrics import UNITS, MetricKey
from model.cloudwatch.resources import Dimension
from model.cloudwatch.statistics import Datapoint, union
from model.fields import FieldError, above, each, length, one_of

LARGEST = 2.0**360
"""How far from zero a value may be."""
MOST_VALUES = 150
MOST_DATA = 1000
"""MetricDatum in one call."""


def _value(_: Any, attribute: Attribute[Any], value: float | None) -> None:
    if value is not None and not (math.isfinite(value) and abs(value) <= LARGEST):
        raise FieldError(attribute, f"must be a number from -2^360 to 2^360, not {value:g}")


@frozen(kw_only=True)
class StatisticSet:
    """What is known of several samples together."""

    sample_count: float = field(validator=above(0))
    sum: float = field(validator=_value)
    minimum: float = field(validator=_value)
    maximum: float = field(validator=_value)

    def __attrs_post_init__(self) -> None:
        if self.minimum > self.maximum:
            raise ValueError(f"Minimum {self.minimum:g} is above Maximum {self.maximum:g}")

    @property
    def point(self) -> Datapoint:
        return Datapoint(self.sample_count, self.sum, self.minimum, self.maximum)


@frozen(kw_only=True)
class MetricDatum:
    """What is reported of one metric."""

    metric_name: str = field(validator=length(1, 255))
    dimensions: tuple[Dimension, ...] = field(default=(), validator=length(0, 30))
    value: float | None = field(default=None, validator=_value)
    values: tuple[float, ...] = field(default=(), validator=[each(_value), length(0, MOST_VALUES)])
    counts: tuple[float, ...] = field(default=(), validator=each(above(0)))
    statistic_values: StatisticSet | None = None
    unit: str = field(default="None", validator=one_of(*UNITS))
    storage_resolution: int = field(default=60, validator=one_of(1, 60))

    def __attrs_post_init__(self) -> None:
        given = (self.value is not None, bool(self.values), self.statistic_values is not None)
        if given.count(True) != 1:
            raise ValueError("give exactly one of Value, Values and StatisticValues")
        if self.counts and len(self.counts) != len(self.values):
            raise FieldError(
                fields_dict(MetricDatum)["counts"],
                f"must be as many as Values ({len(self.values)}), not {len(self.counts)}",
            )

    @property
    def point(self) -> Datapoint:
        """The samples."""
        if self.statistic_values is not None:
            return self.statistic_values.point
        if self.value is not None:
            return Datapoint.single(self.value)
        counts = self.counts or (1.0,) * len(self.values)
        return union([Datapoint.single(*pair) for pair in zip(self.values, counts, strict=True)])

    def key(self, namespace: str) -> MetricKey:
        """The metric that it is about."""
        dimensions = {pair.name: pair.value for pair in self.dimensions}
        return MetricKey.of(namespace, self.metric_name, dimensions)

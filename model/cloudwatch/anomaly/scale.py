"""The scale on which a metric's noise is even: as it is, its square root or its logarithm.

Counts scatter by the square root of their level, and much of what is measured in the cloud in
proportion to it. On the right scale one width fits day and night, and the band back on the metric's
own scale is as lopsided as the metric.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

from model.cloudwatch.anomaly.robust import Floats, typical

OFFSET = 0.1
"""What is added before taking logarithms, as a share of the metric's usual size: zeros have one."""
PREFERRED = 0.05
"""How much more likely (log-likelihood per point) another scale must make the data to be taken."""
HIGHEST = 30.0
"""Logarithms are cut off here, ten trillion times the usual size."""
OUTLIER = 6.0
"""Standard deviations beyond which an error does not speak for one scale or another."""


@frozen
class Scale:
    """A transformation of values and back."""

    power: float
    """1, 0.5 or 0 for the logarithm."""
    unit: float
    """The metric's usual size: values are divided by it first."""

    def forward(self, values: Floats) -> Floats:
        """Values of the metric on this scale."""
        part = values / self.unit
        if self.power == 1.0:
            return part
        if self.power == 0.5:
            return 2.0 * np.sqrt(np.maximum(part, 0.0))
        return np.log(np.maximum(part, 0.0) + OFFSET)

    def back(self, values: Floats) -> Floats:
        """Values on this scale as values of the metric."""
        if self.power == 1.0:
            return values * self.unit
        if self.power == 0.5:
            return self.unit * np.square(np.maximum(values, 0.0) / 2.0)
        part = np.exp(np.minimum(values, HIGHEST)) - OFFSET
        return self.unit * np.maximum(part, 0.0)

    def slope(self, values: Floats) -> Floats:
        """The derivative of `forward`, times the unit."""
        part = values / self.unit
        if self.power == 1.0:
            return np.ones_like(part)
        if self.power == 0.5:
            return 1.0 / np.sqrt(np.maximum(part, OFFSET))
        return 1.0 / (part + OFFSET)


def choose(values: Floats, hours: Floats) -> Scale:
    """The scale for these values; `hours` are the medians of the hour that each is in.

    The likelihood of Box and Cox (1964), with errors of Laplace's distribution around the medians.
    Metrics that were ever negative stay as they are.
    """
    sizes = np.abs(values)
    unit = float(np.median(sizes)) or float(sizes.mean()) or 1.0
    best = Scale(1.0, unit)
    if values.min() < 0.0 or np.median(sizes) == 0.0:
        return best
    least = _surprise(best, values, hours)
    for power in (0.5, 0.0):
        scale = Scale(power, unit)
        surprise = _surprise(scale, values, hours) + PREFERRED
        if surprise < least:
            best, least = scale, surprise
    return best


def _surprise(scale: Scale, values: Floats, hours: Floats) -> float:
    """The negative log-likelihood per point, but for a constant."""
    errors = np.abs(scale.forward(values) - scale.forward(hours))
    width = typical(errors)
    if width == 0.0:
        return np.inf if scale.power != 1.0 else -np.inf
    mean = float(np.minimum(errors, OUTLIER * width).mean())
    return float(np.log(mean) - np.log(scale.slope(values)).mean())

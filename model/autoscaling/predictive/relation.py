"""From a load to the instances that it takes.

"Evaluate your predictive scaling policies": a group needs `capacity x scaling metric / target`
instances, for the scaling metric falls in proportion as instances are added; and the correlation of
a metric pair is that of the scaling metric and the load for each instance. So the scaling metric is
taken to be proportional to the load for each instance, by a factor learned from the past.
"""

from __future__ import annotations

import math

import numpy as np

from model.autoscaling.predictive.candidates import Floats


def inferred(capacity: float, scaling: float, target: float) -> float:
    """The capacity that would have kept the scaling metric at its target."""
    return capacity * scaling / target


def factor(load: Floats, scaling: Floats, capacity: Floats) -> float:
    """How much of the scaling metric a unit of load on one instance makes: the least squares of
    the hours in which all three are known; 0 where there are none."""
    each, seen = _paired(load, scaling, capacity)
    square = float(each @ each)
    return float(each @ seen) / square if square > 0 else 0.0


def correlation(load: Floats, scaling: Floats, capacity: Floats) -> float | None:
    """Between the scaling metric and the load for each instance; None where either stands still."""
    each, seen = _paired(load, scaling, capacity)
    if each.size < 2 or np.ptp(each) == 0 or np.ptp(seen) == 0:
        return None
    return float(np.corrcoef(each, seen)[0, 1])


def needed(load: float, by: float, target: float) -> int:
    """Instances that keep the scaling metric at its target under a load, `by` its factor."""
    return max(math.ceil(load * by / target - 1e-9), 0)


def raised(largest: int, forecast: int, buffer: int) -> int:
    """The maximum of a group that may be raised for a forecast and a buffer in percent above it."""
    return max(largest, math.ceil(forecast * (100 + buffer) / 100 - 1e-9))


def _paired(load: Floats, scaling: Floats, capacity: Floats) -> tuple[Floats, Floats]:
    known = ~(np.isnan(load) | np.isnan(scaling) | np.isnan(capacity)) & (capacity > 0)
    return load[known] / capacity[known], scaling[known]

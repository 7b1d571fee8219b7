"""Metrics with a known pattern, for the tests of anomaly detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PERIOD = 300.0
DAY = 288
"""Periods a day."""
MONDAY = 1_767_571_200.0
"""2026-01-05, s since 1970."""


def times(days: float, start: float = MONDAY) -> Floats:
    """Starts of the periods of so many days."""
    return np.asarray(start + PERIOD * np.arange(round(days * DAY)), dtype=np.float64)


def wave(starts: Floats) -> Floats:
    """A load of 100 that swings by 50 over the day, highest at noon UTC."""
    return np.asarray(100.0 - 50.0 * np.cos(2 * np.pi * starts / 86_400.0), dtype=np.float64)


def noise(count: int, seed: int = 0) -> Floats:
    """Normal noise of standard deviation 1."""
    return np.random.default_rng(seed).normal(size=count)

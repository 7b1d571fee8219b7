"""From load to instances, with the guide's figures."""

from __future__ import annotations

import numpy as np
import pytest

from model.autoscaling.predictive.relation import correlation, factor, inferred, needed, raised


def test_the_example_of_inferred_capacity() -> None:
    assert inferred(10, 30, 60) == 5


@pytest.mark.parametrize(
    ("largest", "forecast", "buffer", "after"),
    [(40, 50, 10, 55), (40, 50, 0, 50), (60, 50, 10, 60), (40, 38, 10, 42)],
)
def test_the_example_of_a_raised_maximum(
    largest: int, forecast: int, buffer: int, after: int
) -> None:
    assert raised(largest, forecast, buffer) == after


def test_the_factor_is_learned_and_capacity_follows() -> None:
    load, capacity = np.array([1000.0, 3000.0, np.nan]), np.array([2.0, 4.0, 4.0])
    scaling = load / capacity / 60
    by = factor(load, scaling, capacity)
    assert by == pytest.approx(1 / 60)
    assert needed(6000, by, 50) == 2
    assert needed(6001, by, 50) == 3
    assert needed(0, by, 50) == 0


def test_nothing_known_needs_nothing() -> None:
    none = np.array([np.nan])
    assert factor(none, none, none) == 0
    assert correlation(none, none, none) is None


def test_correlation_of_a_good_pair() -> None:
    load, capacity = np.array([10.0, 20.0, 60.0]), np.array([1.0, 2.0, 3.0])
    assert correlation(load, load / capacity, capacity) == pytest.approx(1.0)

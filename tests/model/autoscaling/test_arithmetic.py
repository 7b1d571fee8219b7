"""The arithmetic of step scaling and target tracking, by the documentation's worked examples.

Sources: "Step and simple scaling policies for Amazon EC2 Auto Scaling" and "Target tracking scaling
policies for Amazon EC2 Auto Scaling".
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.autoscaling.arithmetic import adjust, clamp, proportional, round_percent
from model.autoscaling.steps import StepAdjustment, find_step
from tests.model.autoscaling.samples import step

OUT = (step(0, 0, 10), step(10, 10, 20), step(30, 20))
IN = (step(0, -10, 0), step(-10, -20, -10), step(-30, None, -20))


@pytest.mark.parametrize(
    ("change", "rounded"),
    [(12.7, 12), (0.67, 1), (-0.58, -1), (-6.67, -6), (3.0, 3), (-1.0, -1), (1.0, 1), (0.0, 0)],
)
def test_percents_round_toward_zero_but_never_to_nothing(change: float, rounded: int) -> None:
    assert round_percent(change) == rounded


def test_a_whole_number_is_not_spoilt_by_binary_fractions() -> None:
    assert 100 * 1.1 != 110  # why the test is needed
    assert round_percent(10 * 29 / 100 * 10) == 29
    assert adjust(100, "PercentChangeInCapacity", 7) == 107


@pytest.mark.parametrize(
    ("kind", "capacity", "adjustment", "wanted"),
    [
        ("ChangeInCapacity", 3, 5, 8),
        ("ChangeInCapacity", 8, -2, 6),
        ("ExactCapacity", 3, 5, 5),
        ("ExactCapacity", 3, 0, 0),
        ("PercentChangeInCapacity", 10, 10, 11),
        ("PercentChangeInCapacity", 11, 30, 14),
        ("PercentChangeInCapacity", 14, -10, 13),
        ("PercentChangeInCapacity", 13, -30, 10),
        ("PercentChangeInCapacity", 8, -25, 6),
        ("PercentChangeInCapacity", 0, 50, 0),
    ],
)
def test_adjustment_types(kind: str, capacity: int, adjustment: int, wanted: int) -> None:
    assert adjust(capacity, kind, adjustment) == wanted


def test_the_least_magnitude_adds_two_where_a_quarter_of_four_is_one() -> None:
    assert adjust(4, "PercentChangeInCapacity", 25, 2) == 6
    assert adjust(4, "PercentChangeInCapacity", -25, 2) == 2
    assert adjust(40, "PercentChangeInCapacity", 25, 2) == 50


@pytest.mark.parametrize(
    ("steps", "breach", "change"),
    [
        (OUT, 0, 0),
        (OUT, 9.99, 0),
        (OUT, 10, 10),
        (OUT, 19.99, 10),
        (OUT, 20, 30),
        (OUT, 1000, 30),
        (IN, -9.99, 0),
        (IN, -10, -10),
        (IN, -19.99, -10),
        (IN, -20, -30),
        (IN, -1000, -30),
    ],
)
def test_above_lower_bounds_are_inclusive_and_below_upper_bounds_are(
    steps: tuple[StepAdjustment, ...], breach: float, change: int
) -> None:
    found = find_step(steps, breach)
    assert found is not None
    assert found.scaling_adjustment == change


def test_a_metric_at_the_threshold_finds_the_step_on_either_side() -> None:
    assert find_step((step(1, 0),), 0) == step(1, 0)
    assert find_step((step(-1, None, 0),), 0) == step(-1, None, 0)


def test_a_breach_in_no_step_changes_nothing() -> None:
    assert find_step(OUT, -1) is None
    assert find_step(IN, 1) is None


@given(st.floats(min_value=-1e6, max_value=1e6))
def test_steps_without_gap_hold_every_breach_exactly_once(breach: float) -> None:
    steps = (step(-1, None, -5), step(0, -5, 5), step(1, 5))
    assert find_step(steps, breach) is not None
    assert find_step(tuple(reversed(steps)), breach) == find_step(steps, breach)


@pytest.mark.parametrize(
    ("capacity", "metric", "target", "wanted"),
    [
        (10, 150, 100, 15),
        (2, 87.5, 50, 4),  # adding 1.5 instances: two are added
        (4, 31.25, 50, 3),  # removing 1.5 instances: just one is removed
        (4, 50, 50, 4),
        (4, 0, 50, 0),
        (3, 0.1 * 3, 0.3, 3),
    ],
)
def test_tracking_rounds_so_that_there_is_rather_too_much(
    capacity: int, metric: float, target: float, wanted: int
) -> None:
    assert proportional(capacity, metric, target) == wanted


@given(
    st.integers(1, 100),
    st.floats(min_value=0, max_value=1e4),
    st.floats(min_value=1, max_value=1e3),
)
def test_the_load_spread_over_what_tracking_wants_meets_the_target(
    capacity: int, metric: float, target: float
) -> None:
    wanted = proportional(capacity, metric, target)
    load = capacity * metric
    assert load <= wanted * target * (1 + 1e-6) + 1e-6
    assert wanted == 0 or (wanted - 1) * target < load * (1 + 1e-6)


@pytest.mark.parametrize(("now", "change", "after"), [(2, 3, 3), (3, -2, 2), (2, 1, 3)])
def test_policies_are_held_within_min_2_and_max_3(now: int, change: int, after: int) -> None:
    assert clamp(adjust(now, "ChangeInCapacity", change), 2, 3) == after


@given(
    st.integers(0, 500),
    st.sampled_from(["ChangeInCapacity", "PercentChangeInCapacity"]),
    st.integers(-100, 200),
)
def test_the_sign_of_an_adjustment_is_the_sign_of_its_change(
    capacity: int, kind: str, adjustment: int
) -> None:
    change = adjust(capacity, kind, adjustment) - capacity
    assert change * adjustment >= 0
    assert (change == 0) == (adjustment == 0 or (kind.startswith("Percent") and capacity == 0))

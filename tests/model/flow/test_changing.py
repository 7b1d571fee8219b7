"""Whole worlds under changing loads beside every request simulated, as docs/accuracy.md tells."""

from __future__ import annotations

import pytest

from benchmarks.transients import PERCENTS, SPIKE, Course, exact, worlds


def errors(course: Course, minute: int) -> dict[str, float]:
    """By how much the world's minute differs, as shares of the truth."""
    ours, outs = worlds(course)
    truth = exact(course, outs)
    off = {"mean": ours.mean[minute] / truth.mean[minute] - 1}
    for column, percent in enumerate(PERCENTS):
        off[f"p{percent}"] = (
            ours.percentiles[minute, column] / truth.percentiles[minute, column] - 1
        )
    return off


@pytest.mark.parametrize(("load", "repeats"), [(0.95, 2), (1.0, 5), (1.05, 2)])
def test_a_minute_close_to_what_targets_can_do(load: float, repeats: int) -> None:
    """No steady state tells it: at full load there is none, and the truth scatters most."""
    course = Course("", ((0.0, 0.7), (60.0, load), (120.0, 0.7)), 2, repeats=repeats)
    for name, error in errors(course, 1).items():
        assert abs(error) <= 0.25, (name, error)


def test_a_spike_and_its_end() -> None:
    course = Course("", SPIKE, 5, repeats=1)
    ours, outs = worlds(course)
    truth = exact(course, outs)
    assert ours.mean == pytest.approx(truth.mean, rel=0.1)
    for column, _ in enumerate(PERCENTS):
        expected = truth.percentiles[:, column]
        assert ours.percentiles[:, column] == pytest.approx(expected, rel=0.1)
    assert ours.failed[1:3] == pytest.approx(truth.failed[1:3], rel=0.1)
    assert ours.answered == pytest.approx(truth.answered, rel=0.03)

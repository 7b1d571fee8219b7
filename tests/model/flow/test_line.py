"""The line under heavy load, against what is known of reflected Brownian motion."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.flow.capability import Answering, Capability
from model.flow.line import REFLECTION, Line, reflection
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline


def advanced(line: Line, seconds: float, rho: float, variance: float, dt: float = 1.0) -> Line:
    for _ in range(round(seconds / dt)):
        line.advance(dt, rho, variance)
    return line


@pytest.mark.parametrize("rho", [0.7, 0.85, 0.92, 0.97])
def test_it_comes_to_rest_at_the_wait_of_the_steady_state(rho: float) -> None:
    """variance / (2 (1 - rho)), exponentially distributed."""
    line = advanced(Line.steady(0.0), 600, rho, 0.02)
    assert line.mean == pytest.approx(0.02 / (2 * (1 - rho)), rel=1e-2)
    assert line.spread == pytest.approx(1.0, abs=0.05)


def test_at_full_load_it_grows_with_the_square_root_of_time() -> None:
    """Half-normal: its mean is sqrt(2 variance t / pi)."""
    for seconds in (10, 60, 600):
        line = advanced(Line.steady(0.0), seconds, 1.0, 0.02)
        assert line.mean == pytest.approx(math.sqrt(2 * 0.02 * seconds / math.pi), rel=0.03)
        assert line.spread == pytest.approx(math.pi / 2 - 1, abs=0.03)


def test_an_overload_makes_it_longer_as_a_fluid_and_as_uncertain_as_chance_has_it() -> None:
    line = advanced(Line.steady(0.0), 120, 1.3, 0.02)
    assert line.mean == pytest.approx(0.3 * 120, rel=0.01)
    assert line.variance == pytest.approx(0.02 * 120, rel=0.05)


def test_it_drains_as_fast_as_the_load_leaves_room() -> None:
    line = advanced(Line.steady(0.0), 120, 1.3, 0.02)
    full = line.mean
    advanced(line, 60, 0.7, 0.02)
    assert line.mean == pytest.approx(full - 0.3 * 60, rel=0.02)
    advanced(line, 600, 0.7, 0.02)
    assert line.mean == pytest.approx(0.02 / 0.6, rel=0.02)


@given(
    st.floats(0.0, 10.0),
    st.floats(0.0, 2.0),
    st.floats(1e-6, 1.0),
    st.lists(st.sampled_from([0.25, 1.0, 5.0, 60.0]), min_size=1, max_size=6),
)
def test_its_moments_stay_those_of_a_wait(
    mean: float, rho: float, variance: float, steps: list[float]
) -> None:
    line = Line.steady(mean)
    for dt in steps:
        line.advance(dt, rho, variance)
        assert (
            0.0
            < line.mean
            <= mean + max(rho - 1, 0.0) * sum(steps) + 2 * math.sqrt(variance * sum(steps)) + 1e-3
        )
        assert line.square >= line.mean**2


@pytest.mark.parametrize(("rho", "rel"), [(0.9, 0.03), (1.0, 0.03), (1.2, 0.01)])
def test_how_time_is_cut_matters_little(rho: float, rel: float) -> None:
    whole = advanced(Line.steady(0.02), 60, rho, 0.02, dt=5.0)
    parts = advanced(Line.steady(0.02), 60, rho, 0.02, dt=0.5)
    assert parts.mean == pytest.approx(whole.mean, rel=rel)


def test_a_limit_holds_and_leaves_a_gap() -> None:
    line = advanced(Line.steady(0.0), 120, 1.3, 0.02)
    line.limit(12.5, 0.03)
    assert line.mean == 12.5
    assert line.variance == pytest.approx(0.03**2)


def test_the_table_of_reflection_rises() -> None:
    assert list(REFLECTION) == sorted(REFLECTION)
    assert reflection(0.0) == 0.0
    assert reflection(1.0) == reflection(4.0) == 1.0
    assert 0.4276 < reflection(0.5) < 0.6366


@given(st.lists(st.sampled_from([0.0, 1e-12, 1e-9, 1e-3, 0.5, 0.9, 1.0, 1.4]), max_size=8))
def test_any_load_may_follow_on_any_other(loads: list[float]) -> None:
    """Next to nothing after an overload, too."""
    can = Capability(Answering.SERVING, cpu_time=0.001, workers=8, vcpus=8, backlog=100)
    station, mixture = Station(can, 60.0), Mixture()
    for place, load in enumerate(loads):
        for second in range(20):
            rate = load * can.capacity
            now = 20.0 * place + second
            station.step(now, 1.0, rate, Discipline.LEAST_OUTSTANDING, 50, mixture)
    totals = station.totals
    assert min(totals.outcomes()) >= 0.0
    held = totals.finished + station.in_flight
    assert held == pytest.approx(totals.arrived, rel=1e-9, abs=1e-9)
    assert mixture.histogram().sum() == pytest.approx(totals.succeeded + totals.late, rel=1e-3)

"""Round robin: what is known of one server whose requests come in Erlang gaps."""

from __future__ import annotations

import pytest

from model.flow.formulas import erlang_root, phases, taking_turns, wait_variability
from model.flow.waiting import Discipline, law, wait_for


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("targets", [1, 2, 10, 50])
def test_the_root_solves_its_equation(targets: int, rho: float) -> None:
    root = erlang_root(targets, rho)
    transform = (targets * rho / (targets * rho + 1 - root)) ** targets
    assert root == pytest.approx(transform, rel=1e-6)
    assert 0.0 < root < 1.0


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
def test_for_one_target_it_is_mm1(rho: float) -> None:
    assert erlang_root(1, rho) == pytest.approx(rho)
    assert taking_turns(1, rho, 1.0) == pytest.approx((rho, rho / (1 - rho)))


def test_one_exponential_server_in_turn_is_exact() -> None:
    for targets, rho in ((2, 0.3), (10, 0.7), (50, 0.9)):
        wait = law(1, rho, 1.0, Discipline.ROUND_ROBIN, targets)
        root = erlang_root(targets, rho)
        assert wait.chance == pytest.approx(root, rel=1e-6)
        assert wait.mean == pytest.approx(1 / (1 - root), rel=1e-6)


@pytest.mark.parametrize("discipline", list(Discipline))
def test_a_straight_line_between_two_loads_is_as_good_as_the_law(discipline: Discipline) -> None:
    for rho in (0.1234, 0.5678, 0.8765, 0.9876):
        whole = law(4, rho, 1.0, discipline, 10)
        wait = wait_for(4, 2.0, 1.0, rho * 2, discipline, 10)
        assert wait.overall == pytest.approx(2 * whole.overall, rel=2e-4, abs=1e-6)


@pytest.mark.parametrize("cs2", [0.0, 0.25, 1.0, 4.0])
def test_the_shape_of_a_wait_has_its_mean_and_variability(cs2: float) -> None:
    for rho in (0.2, 0.8):
        scv = wait_variability(rho, cs2)
        parts = phases(3.0, scv)
        assert sum(chance for chance, _, _ in parts) == pytest.approx(1.0)
        mean = sum(chance * (wait + delay) for chance, wait, delay in parts)
        square = sum(c * (w * w + (w + d) ** 2) for c, w, d in parts)
        assert mean == pytest.approx(3.0)
        assert square / 9.0 - 1 == pytest.approx(scv)
        assert all(wait >= 0.0 and delay >= 0.0 for _, wait, delay in parts)


def test_waits_of_mg1_vary_as_pollaczek_and_khinchine_say() -> None:
    """For constant services the residual is uniform, cr2 = 1/3."""
    assert wait_variability(0.5, 0.0) == pytest.approx(1 - 2 / 3 * 0.5)
    assert wait_variability(0.5, 1.0) == 1.0

"""How often traffic is looked at: often enough that nothing is missed, whenever it happens."""

from __future__ import annotations

import pytest

from model.services import Service
from model.traffic.shapes import Stage, Stages
from tests.model.elb.samples import A, Cloud

SLOW = Service(name="slow", runs_on=("G",), cpu_time=0.001, wait_time=0.5, backlog=100_000)
"""A target with it does 128 requests a second."""


@pytest.mark.parametrize("jump", [60.0, 61.0, 89.5, 119.0, 120.0])
def test_a_jump_above_what_targets_can_do_is_seen_at_once(jump: float) -> None:
    """At a full minute, when all was calm a moment ago, as well as between."""
    cloud = Cloud(Stages(10.0, (Stage(jump, 10.0), Stage(0.0, 228.0))))
    (target,) = cloud.add(A, 1, SLOW)
    cloud.run(jump + 10.0)
    assert cloud.view(target).backlog == pytest.approx(10 * 100, rel=0.01)


def test_a_ramp_is_followed_as_it_nears_what_targets_can_do() -> None:
    """It passes 128 a second at 120 s; 10 s later a square law says how many wait."""
    cloud = Cloud(Stages(8.0, (Stage(60.0, 8.0), Stage(60.0, 128.0), Stage(60.0, 248.0))))
    (target,) = cloud.add(A, 1, SLOW)
    cloud.run(130.0)
    assert cloud.view(target).backlog == pytest.approx(10 * 20 / 2, rel=0.1)

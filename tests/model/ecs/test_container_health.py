"""Health checks inside of containers (API HealthCheck), alone and beside a load balancer's."""

from __future__ import annotations

import pytest

from model.world import World
from scenarios.player import make_world
from tests.model.ecs.samples import TEMPLATE, health, loaded, running, web
from tests.model.ecs.test_alarms import QUIET
from tests.model.samples import action

CHECK = "HealthCheck: {Command: [CMD-SHELL, curl localhost], Interval: 10, Retries: 3}"
CHECKED = TEMPLATE.replace("Image: shop/web:1\n", f"Image: shop/web:1\n          {CHECK}\n")
ALONE = CHECKED.partition("      LoadBalancers:")[0]


@pytest.fixture
def alone() -> World:
    """Four tasks without a load balancer, that a check inside of them tells of."""
    return make_world(loaded({}, template=ALONE, scenario=QUIET).scenario)


def test_a_task_is_healthy_with_the_first_check_that_passes(alone: World) -> None:
    alone.run(120.0)
    assert web(alone).steady
    for task in running(alone):
        assert task.container_healthy
    reached = next(e.time for e in web(alone).messages if "steady" in e.message)
    last = max(task.started or 0.0 for task in running(alone))
    assert reached == pytest.approx(last + 10.0, abs=10.0)  # it listens after 5 s; not 40 s


def test_three_failures_in_a_row_make_it_unhealthy_and_it_is_replaced(alone: World) -> None:
    alone.run(120.0)
    ailing = running(alone)[0]
    alone.apply(action("spillover:fail-health-checks", instances=(ailing.private_ip,)))
    alone.run(138.0)
    assert ailing.container_healthy
    alone.run(151.0)
    assert ailing.container_healthy is False
    alone.run(300.0)
    assert ailing.stopping is not None
    assert ailing.stopping.reason == "Task failed container health checks"
    assert len(running(alone)) == 4


def test_what_recovers_in_time_stays(alone: World) -> None:
    alone.run(120.0)
    before = {task.name for task in running(alone)}
    brief = action("spillover:fail-health-checks", 18.0, services=("web",))
    alone.apply(brief)
    alone.run(300.0)
    assert {task.name for task in running(alone)} == before


def test_both_kinds_of_checks_must_pass() -> None:
    slow = CHECKED.replace("Interval: 10,", "Interval: 60,")
    world = make_world(loaded({}, template=slow).scenario)
    world.run(80.0)
    assert health(world) == ["healthy"] * 4
    assert not web(world).steady
    world.run(120.0)
    assert web(world).steady


def test_the_start_period_forgives() -> None:
    late = ALONE.replace("Retries: 3", "Retries: 1, StartPeriod: 30")
    world = make_world(loaded({}, template=late, scenario=QUIET.replace("5s", "25s")).scenario)
    world.run(200.0)
    assert len(world.ecs.tasks) == 4
    strict = ALONE.replace("Retries: 3", "Retries: 1")
    world = make_world(loaded({}, template=strict, scenario=QUIET.replace("5s", "25s")).scenario)
    world.run(200.0)
    assert len(world.ecs.tasks) > 4


def test_checks_that_would_change_nothing_are_not_played(alone: World) -> None:
    alone.run(300.0)
    assert all(own._next is None for own in alone.ecs.lifecycle._health.values())
    stored = World.restore(alone.snapshot())
    for world in (alone, stored):
        world.apply(action("spillover:fail-health-checks", services=("web",)))
        world.run(600.0)
    assert len(stored.ecs.tasks) == len(alone.ecs.tasks) > 4

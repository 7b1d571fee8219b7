"""The laws of a service: requests are conserved whatever becomes of tasks, counts stay within their
limits, and one seed has one outcome."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ecs.placement import Placement
from model.ecs.resources import CapacityProviderStrategyItem
from model.world import World
from scenarios.player import make_world
from scenarios.scenario import Scenario, TimelineEntry
from tests.model.ecs.samples import A, B, health, scenario, web
from tests.model.samples import action, by_hand, bytes_of, play
from tests.model.test_conservation import check_counts, check_flow

FEW = settings(max_examples=6, deadline=None)
DEEDS: list[tuple[str, dict[str, Any]]] = [
    ("aws:ecs:stop-task", {"clusters": ("shop",), "count": 1}),
    ("aws:ecs:stop-task", {"services": ("web",), "percent": 60.0}),
    ("aws:ecs:task-kill-process", {"zones": (A,), "process_name": "web"}),
    ("aws:ecs:task-cpu-stress", {"services": ("web",)}),
    ("spillover:fail-task-start", {"services": ("next",)}),
    ("spillover:fail-health-checks", {"services": ("next",)}),
    ("spillover:fail-health-checks", {"zones": (B,)}),
    ("aws:network:disrupt-connectivity", {"zones": (A,)}),
    ("ecs:UpdateService", {"service": "Web", "task_definition": "Next"}),
    ("ecs:UpdateService", {"service": "Web", "force_new_deployment": True}),
    ("ecs:UpdateService", {"service": "Web", "desired_count": 2}),
    ("ecs:UpdateService", {"service": "Web", "desired_count": 6}),
]
AT_ONCE = ("aws:ecs:stop-task", "aws:ecs:task-kill-process")


@st.composite
def entries(draw: st.DrawFn) -> TimelineEntry:
    name, given = draw(st.sampled_from(DEEDS))
    lasting = name.startswith(("aws:", "spillover:")) and name not in AT_ONCE
    duration = draw(st.sampled_from([None, 120.0])) if lasting else None
    at = draw(st.integers(0, 360)) + draw(st.sampled_from([0.0, 0.5]))
    return TimelineEntry(at, action(name, duration, **given))


LIMITS = st.sampled_from([(100, 200), (50, 200), (50, 100), (0, 100), (100, 150), (75, 125)])


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    least, most = draw(LIMITS)
    return scenario(
        Least=least,
        Most=most,
        Rebalancing="ENABLED" if most > 100 else "DISABLED",
        Breaker=draw(st.sampled_from(["true", "false"])),
        changes={
            "seed": draw(st.integers(0, 100)),
            "duration": 480.0,
            "timeline": tuple(draw(st.lists(entries(), max_size=4))),
        },
    )


def watched(world: World, until: float, look: Callable[[World], None]) -> None:
    while world.now < until:
        world.run(world.now + 5.0)
        look(world)


@FEW
@given(scenarios())
def test_requests_are_conserved_whatever_becomes_of_tasks(played: Scenario) -> None:
    world = make_world(played)
    for minute in range(1, 9):
        world.run(minute * 60.0)
        check_flow(world)
        check_counts(world)


@FEW
@given(scenarios())
def test_there_are_never_more_tasks_than_the_maximum_percent(played: Scenario) -> None:
    """Those that are about to end are not counted."""

    def look(world: World) -> None:
        there = sum(task.active for task in web(world).tasks)
        assert there <= web(world).limits.most

    watched(make_world(played), played.duration, look)


@FEW
@given(LIMITS, st.integers(1, 7), st.integers(0, 50))
def test_enough_are_healthy_while_tasks_are_replaced(
    limits: tuple[int, int], desired: int, seed: int
) -> None:
    least, most = limits
    played = scenario(
        Count=desired,
        Least=least,
        Most=most,
        Rebalancing="ENABLED" if most > 100 else "DISABLED",
        changes={"seed": seed},
    )
    world = make_world(played)
    world.run(120.0)
    world.apply(action("ecs:UpdateService", service="Web", task_definition="Next"))

    def look(world: World) -> None:
        assert health(world).count("healthy") >= web(world).limits.least
        assert sum(task.active for task in web(world).tasks) <= web(world).limits.most

    watched(world, 900.0, look)
    allowed = web(world).limits
    if allowed.most > desired or allowed.least < desired:
        assert {task.definition.revision for task in web(world).tasks} == {"web:2"}
        assert health(world) == ["healthy"] * desired


@FEW
@given(scenarios(), st.lists(st.floats(0, 480), max_size=6))
def test_how_time_is_cut_changes_nothing(played: Scenario, cuts: list[float]) -> None:
    assert play(played, cuts) == play(played)


@FEW
@given(scenarios(), st.floats(0, 480))
def test_a_restored_world_goes_on_as_the_one_it_was_taken_from(
    played: Scenario, time: float
) -> None:
    world = make_world(played)
    world.run(time)
    again = World.restore(world.snapshot())
    for one in (world, again):
        one.run(played.duration)
    assert bytes_of(played, again) == bytes_of(played, world)


@FEW
@given(scenarios(), entries())
def test_an_action_applied_is_a_timeline_line_at_that_instant(
    played: Scenario, line: TimelineEntry
) -> None:
    planned = evolve(played, timeline=(*played.timeline, line))
    assert by_hand(played, line) == play(planned)


def test_what_is_left_alone_comes_to_rest() -> None:
    """A service that nothing happens to asks for no look: a day is as cheap as an hour."""
    world = make_world(scenario())
    world.run(300.0)
    assert web(world).steady
    assert web(world)._next is None
    world.run(3600.0)
    assert len(web(world).messages) == 4


@pytest.mark.parametrize("spot", [0, 1, 3])
def test_capacity_providers_take_their_base_and_their_weights(spot: int) -> None:
    strategy = tuple(
        CapacityProviderStrategyItem(capacity_provider=name, base=base, weight=weight)
        for name, base, weight in (("FARGATE", 2, 1), ("FARGATE_SPOT", 0, spot))
    )
    placement = Placement({A: ("SubnetA",)}, {}, strategy)

    placed: list[Any] = []
    for _ in range(10):
        placed.append(SimpleNamespace(provider=placement.provider(placed)))
    wanted = 8 * spot // (1 + spot)
    assert sum(task.provider == "FARGATE_SPOT" for task in placed) == wanted

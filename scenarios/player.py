"""Plays a scenario to its end without a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import frozen

from model.clock import MINUTE
from model.world import World
from scenarios import report
from scenarios.judge import Verdict, checkpoints, judge
from scenarios.scenario import Scenario

STRIDE = 30 * MINUTE
"""Simulated seconds between two reports of progress."""

Progress = Callable[[float], None]
"""Told the simulated seconds since the start, now and then."""


@frozen
class Outcome:
    """A scenario that was played."""

    world: World
    verdicts: tuple[Verdict, ...]
    report: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether all that was expected held."""
        return all(verdict.passed for verdict in self.verdicts)


def make_world(scenario: Scenario) -> World:
    """The scenario's world at its beginning, history not yet played."""
    return World(
        scenario.stack,
        start=scenario.start,
        seed=scenario.seed,
        history=scenario.history,
        services=scenario.services,
        traffic=scenario.traffic,
        feeds=scenario.metrics,
        timeline=[(entry.at, entry.action) for entry in scenario.timeline],
        reactions=scenario.functions,
        answers=scenario.answers,
        checkpoints=checkpoints(scenario.expect),
        spot=scenario.spot,
    )


def play(scenario: Scenario, progress: Progress | None = None) -> Outcome:
    """Play a scenario from its history to its end."""
    world = make_world(scenario)
    advance(world, scenario.duration, progress)
    return conclude(scenario, world)


def advance(world: World, until: float, progress: Progress | None = None) -> None:
    """Let a world go on until then."""
    while world.now < until:
        world.run(min(world.now + STRIDE, until))
        if progress is not None:
            progress(world.now)


def conclude(scenario: Scenario, world: World) -> Outcome:
    """Judge and report a world that was played until now: the scenario's end, or a session's."""
    world.note_totals()
    verdicts = judge(scenario.expect, world)
    return Outcome(world, verdicts, report.build(scenario, world, verdicts))

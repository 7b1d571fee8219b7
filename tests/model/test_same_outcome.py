"""One seed, one outcome: however a world is played, stopped, stored and taken up again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.world import World
from scenarios.player import make_world
from scenarios.scenario import Scenario, TimelineEntry
from tests.model import samples
from tests.model.samples import by_hand, bytes_of, entry, play, scenario, source
from tests.model.worlds import entries, scenarios

CUTS = st.lists(st.floats(-90, 720), max_size=12)
SOME = settings(max_examples=5, deadline=None)


@SOME
@given(scenarios(), CUTS)
def test_how_time_is_cut_changes_nothing(played: Scenario, cuts: list[float]) -> None:
    assert play(played, cuts) == play(played)


def test_a_world_looked_at_every_frame_ends_as_one_that_nobody_looks_at() -> None:
    dark = entry(200.0, "aws:network:disrupt-connectivity", duration=60.0, zones=(samples.A,))
    played = scenario(traffic=source(150.0), timeline=(dark,), duration=420.0)
    assert play(played, (frame / 7 for frame in range(420 * 7))) == play(played)


@SOME
@given(scenarios(), st.floats(-90, 720))
def test_a_restored_world_goes_on_as_the_one_it_was_taken_from(
    played: Scenario, time: float
) -> None:
    world = make_world(played)
    world.run(min(time, played.duration))
    stored = world.snapshot()
    world.run(played.duration)
    expected = bytes_of(played, world)
    again = World.restore(stored)
    again.run(played.duration)
    assert bytes_of(played, again) == expected


@SOME
@given(scenarios(), entries())
def test_an_action_applied_at_an_instant_is_a_timeline_line_at_that_instant(
    played: Scenario, line: TimelineEntry
) -> None:
    line = evolve(line, at=min(line.at, played.duration))
    planned = evolve(played, timeline=(*played.timeline, line))
    assert by_hand(played, line) == play(planned)


@SOME
@given(scenarios())
def test_what_was_done_played_as_a_timeline_ends_the_same(played: Scenario) -> None:
    world = make_world(played)
    world.run(played.duration)
    recorded = tuple(TimelineEntry(time, done) for time, done in world.applied)
    assert play(evolve(played, timeline=recorded)) == bytes_of(played, world)


@SOME
@given(scenarios())
def test_another_seed_has_another_outcome(played: Scenario) -> None:
    assert play(evolve(played, seed=played.seed + 1)) != play(played)


def test_asking_a_world_at_its_end_changes_only_the_copy_that_is_asked() -> None:
    played = scenario(traffic=source(33.3))
    world = make_world(played)
    for time in (100.0, 130.5, 215.0):
        world.run(time)
        bytes_of(played, world)
    world.run(played.duration)
    assert bytes_of(played, world) == play(played)


def test_a_refused_action_is_on_the_record_and_changes_nothing_else() -> None:
    plan = scenario(timeline=())
    world = make_world(plan)
    world.run(100.0)
    refused = entry(
        100.0,
        "autoscaling:SetDesiredCapacity",
        auto_scaling_group_name="Group",
        desired_capacity=99,
    ).action
    with pytest.raises(ActionError, match="above max value 4"):
        world.apply(refused)
    assert world.applied == [(100.0, refused)]
    assert world.autoscaling.groups["Group"].desired == 2
    call = world.bus.events[-1]
    assert call.detail["eventName"] == "SetDesiredCapacity"
    assert call.detail["errorMessage"]


def test_an_action_is_not_blamed_for_another_of_the_same_instant() -> None:
    wrong = entry(
        -120.0,
        "autoscaling:SetDesiredCapacity",
        auto_scaling_group_name="Group",
        desired_capacity=99,
    )
    world = make_world(scenario(timeline=(wrong,)))
    world.apply(samples.action("spillover:traffic-factor", factor=2.0))
    assert len(world.applied) == 2


CHILD = """
import hashlib
from tests.model.samples import A, entry, play, scenario, source
timeline = (
    entry(100.0, "aws:network:disrupt-connectivity", duration=120.0, zones=(A,)),
    entry(130.0, "aws:ec2:terminate-instances", services=("web",), count=1),
)
played = scenario(3, traffic=source(180.0), timeline=timeline)
print(hashlib.sha256(play(played).encode()).hexdigest())
"""


def test_another_process_with_other_hashes_ends_the_same() -> None:
    root = Path(__file__).parents[2]
    digests = {
        subprocess.run(
            [sys.executable, "-c", CHILD],
            cwd=root,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1

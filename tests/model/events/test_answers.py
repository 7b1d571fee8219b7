"""What functions answer to a group that asks who may end ("Create a custom termination policy")."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from model.world import World
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world
from tests.model.events.samples import RESOURCES
from tests.model.samples import SCENARIO, TEMPLATE, action

SIZE = "      DesiredCapacity: !Ref Size\n"
POLICY = SIZE + "      TerminationPolicies: [!GetAtt Healer.Arn, OldestInstance]\n"
ALL = "functions: {Healer: [{answer: {InstanceIDs: '$.Instances[*].InstanceId'}}]}\n"
NONE = "functions: {Healer: [{answer: {InstanceIDs: []}}]}\n"


def path_of(folder: Path, functions: str) -> Path:
    template = TEMPLATE.replace(SIZE, POLICY) + textwrap.indent(RESOURCES, "  ")
    assert POLICY in template
    (folder / "web.yaml").write_text(template, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(SCENARIO + functions, encoding="utf-8")
    return path


def shrunk(folder: Path, functions: str) -> tuple[World, int]:
    """A world whose group was told to shrink to one, and how many it has a minute later."""
    found = load(path_of(folder, functions))
    assert not any("invokes" in str(remark) for remark in found.remarks)
    world = make_world(found.scenario)
    world.run(30.0)
    parameters: dict[str, Any] = {"auto_scaling_group_name": "Group", "desired_capacity": 1}
    world.apply(action("autoscaling:SetDesiredCapacity", **parameters))
    world.run(90.0)
    return world, len(world.autoscaling.groups["Group"].active())


def test_a_function_answers_as_the_scenario_says(tmp_path: Path) -> None:
    world, left = shrunk(tmp_path, ALL)
    assert left == 1
    assert world.functions._by_events["Healer"].invocations == 1


def test_with_an_empty_answer_nothing_ends(tmp_path: Path) -> None:
    world, left = shrunk(tmp_path, NONE)
    assert left == 2
    assert world.functions._by_events["Healer"].invocations >= 2


def test_a_function_without_concurrency_lets_nothing_go(tmp_path: Path) -> None:
    world = make_world(load(path_of(tmp_path, ALL)).scenario)
    world.functions.reserve("Healer", 0)
    world.run(30.0)
    parameters: dict[str, Any] = {"auto_scaling_group_name": "Group", "desired_capacity": 1}
    world.apply(action("autoscaling:SetDesiredCapacity", **parameters))
    assert len(world.autoscaling.groups["Group"].active()) == 2


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ("functions: {Healer: [{answer: '$.a b'}]}\n", "is no path such as"),
        ("functions: {Healer: [{answer: x, for: 1m}]}\n", "for does not go with answer"),
    ],
)
def test_wrong_answers(tmp_path: Path, functions: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        load(path_of(tmp_path, functions))

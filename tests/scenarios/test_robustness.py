"""Whatever stands in a scenario file, it loads or is told what is wrong: never a traceback."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenarios.document import Place, parse
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import SCENARIO, TEMPLATE
from tests.scenarios.test_save import TIMELINE

WHOLE: dict[str, Any] = parse(SCENARIO + TIMELINE, "s.yaml").content
WHOLE["template"] = parse(TEMPLATE, "t.yaml").content
WHOLE["parameters"] = {"Size": 2}

VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**30, float("inf"), float("nan"), 1e300),
    *("", "x", "1", "\u00e9\0", "x" * 300, "9" * 400 + "s", "{{resolve:ssm:x}}", "ALARM"),
    *([], [1], [[1]], {}, {"a": 1}, {1: 2}, {"": {}}),
    *({"Ref": "Vpc"}, {"Ref": 5}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": "Vpc"}),
    *({"Fn::GetAtt": ["Vpc", {"Ref": "AWS::NoValue"}]}, {"Fn::Sub": "${"}, {"Fn::Sub": ["x", 5]}),
    *({"Fn::If": [1, 2, 3]}, {"Fn::Join": [1, 2]}, {"Fn::Select": ["a", [1]]}),
    *({"Fn::Split": [",", 5]}, {"Fn::Cidr": ["10.0.0.0/8", 5, 99]}, {"Fn::Cidr": [1, 2]}),
    *({"Fn::FindInMap": ["A", 1, 2]}, {"Fn::Base64": [1]}, {"Fn::GetAZs": []}, {"Fn::And": 1}),
    *({"Type": "AWS::SNS::Topic"}, {"Type": "A"}, {"Condition": "x"}),
]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """The place of everything in a value."""
    if place:
        yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*place, index))


def change(content: Any, place: Place, value: Any) -> None:
    """Put another value at a place."""
    for step in place[:-1]:
        content = content[step]
    content[place[-1]] = copy.deepcopy(value)


def told(function: Callable[..., object], *arguments: object) -> list[str]:
    """The messages of what is wrong; anything but a `ScenarioError` goes through."""
    try:
        function(*arguments)
    except ScenarioError as error:
        return [mistake.message for mistake in error.mistakes]
    return []


@settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(place=st.sampled_from(list(places(WHOLE))), value=st.sampled_from(VALUES))
def test_any_value_anywhere(tmp_path: Path, place: Place, value: Any) -> None:
    content = copy.deepcopy(WHOLE)
    change(content, place, value)
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    for message in told(load, path):
        assert message
        assert "object at 0x" not in message


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    told(parse, text, "s.yaml")


def test_the_whole_sample_loads(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(yaml.safe_dump(WHOLE, sort_keys=False), encoding="utf-8")
    assert load(path).scenario.stack.resources


@pytest.mark.parametrize("text", ["", "hello", "[1, 2]", "5"])
def test_what_is_no_scenario_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError):
        load(path)

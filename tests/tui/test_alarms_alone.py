"""A world of alarms and recorded metrics, without load balancers: played, checked, opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.loader import Loaded, load
from scenarios.report import brief
from tests.tui.screen import flying, let_pass, text_of
from tui.cli import OK, main
from tui.commands import COMMANDS

TEMPLATE = """
template:
  Resources:
    Late: &alarm
      Type: AWS::CloudWatch::Alarm
      Properties: &properties
        Namespace: Shop
        MetricName: Age
        Statistic: Maximum
        Period: 60
        EvaluationPeriods: 1
        Threshold: 30
        ComparisonOperator: GreaterThanThreshold
    Quiet: {<<: *alarm, Properties: {<<: *properties, Threshold: 300}}
"""
HEAD = "name: A queue\nstart: 2026-11-25T23:50:00Z\nduration: 30m\n"


ACTIONS = ("kill", "zone_down", "spike", "desired", "register", "weights", "attribute", "shift")
"""Of the app, which need something that is not there."""


def scenario(folder: Path, values: list[float]) -> Path:
    path = folder / "queue.scenario.yaml"
    metric = f"metrics: [{{namespace: Shop, name: Age, values: {values}}}]\n"
    path.write_text(HEAD + TEMPLATE + metric)
    return path


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Late goes off three times: for two minutes, over midnight, to the end."""
    off = [50.0, 50.0, *[5.0] * 5, *[70.0] * 10, *[5.0] * 5, *[90.0] * 8]
    return load(scenario(tmp_path, off))


def test_the_summary_tells_of_alarms(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", str(loaded.path)]) == OK
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "A queue (seed 0)",
        "alarms 1 of 2 went off, 3 times",
        "cost $ 0.0007",
        "Late ALARM Wed 2026-11-25 23:51 to 23:53 (2m)",
        "ALARM Wed 2026-11-25 23:58 to Thu 2026-11-26 00:08 (10m)",
        "ALARM Thu 2026-11-26 00:13 to the end",
        "Quiet never in ALARM",
    ]


def test_the_report_tells_when_alarms_went_off(loaded: Loaded, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    assert main(["play", str(loaded.path), "--quiet", "--report", str(path)]) == OK
    report = json.loads(path.read_text())
    assert list(report["in_alarm"]) == ["Late", "Quiet"]
    assert report["in_alarm"]["Quiet"] == []
    first, _, last = report["in_alarm"]["Late"]
    assert first == {
        "time": 60,
        "until": 180,
        "began": "2026-11-25T23:51:00Z",
        "ended": "2026-11-25T23:53:00Z",
    }
    assert (last["time"], last["until"], last["ended"]) == (1380, None, None)


def test_too_many_times_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scenario(tmp_path, [50.0, 5.0] * 9)
    assert main(["play", str(path)]) == OK
    out = capsys.readouterr().out
    assert out.count("ALARM  ") == 6
    assert "and 3 times more" in out


def test_the_figures_in_words() -> None:
    empty = {"load_balancers": {}, "cost": {"total": 0.0}}
    cost = ("cost", "$ 0.0000")
    for spells, words in (
        ({}, "none"),
        ({"A": []}, "1, none of which went off"),
        ({"A": [1], "B": []}, "1 of 2 went off, once"),
    ):
        assert brief({**empty, "in_alarm": spells}) == [("alarms", words), cost]


def test_it_is_good(loaded: Loaded, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(loaded.path)]) == OK
    assert "2 resources, 1 metric feed, 0 sources of traffic" in capsys.readouterr().out


async def test_the_app_opens_and_no_key_is_too_much_for_it(loaded: Loaded) -> None:
    async with flying(loaded, minutes=8) as (app, pilot):
        text = text_of(app)
        assert "no target is registered" in text
        assert "Late is ALARM" in text
        keys = {command.action: command.key for command in COMMANDS}
        for action in ACTIONS:
            await pilot.press(keys[action], "escape")
        await let_pass(app, pilot, 25)
        await pilot.press("v")
        await pilot.pause()
        assert "1 of 2 went off" in text_of(app)

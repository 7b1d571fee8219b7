"""Scheduled actions and policies in templates and timelines: read, checked, saved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from model.autoscaling.scheduled_actions import ScheduledAction
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import play
from scenarios.save import dump
from tests.scenarios.samples import SCENARIO, TEMPLATE, load_text, mistakes_of

OPEN = """\
  Open:
    Type: AWS::AutoScaling::ScheduledAction
    Properties:
      AutoScalingGroupName: !Ref Group
      DesiredCapacity: "3"
"""
TRACK = """\
  {name}:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Group
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        TargetValue: 50
        PredefinedMetricSpecification: {{PredefinedMetricType: ASGAverageCPUUtilization}}
"""


def with_actions(*actions: str) -> str:
    return TEMPLATE + "".join(actions)


def action(properties: str, name: str = "Open") -> str:
    return OPEN.replace("Open", name) + f"      {properties}\n"


def test_a_template_has_scheduled_actions(tmp_path: Path) -> None:
    text = action('Recurrence: "0 8 * * MON-FRI"\n      TimeZone: Europe/Berlin')
    loaded = load_text(tmp_path, template=with_actions(text))
    (found,) = loaded.scenario.stack.of(ScheduledAction)
    assert (found.name, found.sizes.desired) == ("Open", 3)
    assert loaded.remarks == ()


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        (
            [action("StartTime: 2026-11-25T08:00:00Z")],
            "Open never runs: the scenario (its history included) begins at 2026-11-25T09:00:00Z",
        ),
        (
            [action('Recurrence: "0 8 * * *"\n      EndTime: 2026-11-25T08:00:00Z')],
            "Open never runs",
        ),
        (
            [
                action("StartTime: 2026-11-25T10:00:00Z"),
                action("StartTime: 2026-11-25T10:00:00Z", "Other"),
            ],
            "Open is scheduled for 2026-11-25T10:00:00Z as well",
        ),
        ([action('Recurrence: "0 8 * *"')], "Recurrence must have five fields"),
        ([action("StartTime: soon")], "StartTime must be a time in UTC such as"),
        (
            [TRACK.format(name="First"), TRACK.format(name="Second")],
            "First tracks the same metric: only one TargetTrackingScaling policy",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(
    tmp_path: Path, actions: list[str], message: str
) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, template=with_actions(*actions))
    (told,) = mistakes_of(error)
    assert message in told
    assert int(told.split(":")[1]) > TEMPLATE.count("\n")


def test_one_that_started_long_ago_goes_on(tmp_path: Path) -> None:
    text = action('StartTime: 2024-01-01T08:00:00Z\n      Recurrence: "30 9 * * *"')
    outcome = play(load_text(tmp_path, template=with_actions(text)).scenario)
    capacity = outcome.report["groups"]["Group"]["capacity"]
    assert next(row["time"] for row in capacity if row["desired"] == 3) == 1800


MOVES: list[dict[str, Any]] = [
    {
        "at": "1m",
        "action": "autoscaling:PutScheduledUpdateGroupAction",
        "parameters": {
            "AutoScalingGroupName": "Group",
            "ScheduledActionName": "Lunch",
            "Recurrence": "15 9 * * *",
            "DesiredCapacity": 4,
        },
    },
    {
        "at": "2m",
        "action": "autoscaling:PutScalingPolicy",
        "parameters": {
            "AutoScalingGroupName": "Group",
            "PolicyName": "Out",
            "PolicyType": "StepScaling",
            "AdjustmentType": "ChangeInCapacity",
            "StepAdjustments": [{"ScalingAdjustment": 1, "MetricIntervalLowerBound": 0}],
            "Enabled": False,
        },
    },
    {
        "at": "8m",
        "action": "autoscaling:ExecutePolicy",
        "parameters": {"PolicyName": "Out", "MetricValue": 2, "BreachThreshold": 1},
    },
]


def test_moves_are_read_and_saved_again(tmp_path: Path) -> None:
    scenario = SCENARIO + yaml.safe_dump({"timeline": MOVES}, sort_keys=False)
    loaded = load_text(tmp_path, scenario=scenario)
    outcome = play(loaded.scenario)
    capacity = outcome.report["groups"]["Group"]["capacity"]
    desired = [row["desired"] for row in capacity]
    assert {2, 3, 4} <= set(desired)
    saved = dump(
        loaded.document,
        loaded.scenario.timeline,
        duration=3600,
        source=tmp_path,
        folder=tmp_path,
    )
    path = tmp_path / "saved.yaml"
    path.write_text(saved, encoding="utf-8")
    again = load(path).scenario
    assert again.timeline == loaded.scenario.timeline
    assert "Identity" not in saved

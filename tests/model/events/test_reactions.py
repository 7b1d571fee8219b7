"""Functions that do something about events, and sessions with them that play again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model.cloudwatch.alarms import AlarmState
from model.events.rules import LATENCY
from model.world import World
from scenarios.loader import load
from scenarios.player import make_world, play
from tests.model.events.samples import loaded, report_of
from tests.model.samples import action, bytes_of
from tui.session import Session

RULE = """\
Heal:
  Type: AWS::Events::Rule
  Properties:
    EventPattern:
      detail-type: [CloudWatch Alarm State Change]
      detail: {alarmName: [Slow], state: {value: [ALARM]}}
    Targets: [{Id: healer, Arn: !GetAtt Healer.Arn}]
"""
GROW = """\
functions:
  Healer:
    - action: autoscaling:SetDesiredCapacity
      parameters: {AutoScalingGroupName: Group, DesiredCapacity: 3}
"""
BACK = """\
functions:
  Healer:
    - action: cloudwatch:SetAlarmState
      parameters:
        {AlarmName: $.detail.alarmName, StateValue: $.detail.previousState.value, StateReason: back}
"""
ALARM: dict[str, Any] = {
    "alarm_name": "Slow",
    "state_value": AlarmState.ALARM,
    "state_reason": "test",
}


def alarmed(folder: Path, scenario: str, seconds: float = 1.0) -> World:
    world = make_world(loaded(folder, RULE, scenario).scenario)
    world.run(30.0)
    world.apply(action("cloudwatch:SetAlarmState", **ALARM))
    world.run(world.now + seconds)
    return world


def test_a_function_acts_when_its_rule_invokes_it(tmp_path: Path) -> None:
    world = alarmed(tmp_path, GROW)
    assert world.autoscaling.groups["Group"].desired == 3
    (told,) = world.invocations.invocations
    assert (told.time, told.function) == (30.0 + LATENCY, "Healer")
    assert told.actions == ("autoscaling:SetDesiredCapacity",)
    assert [done.name for _, done in world.applied] == ["cloudwatch:SetAlarmState"]
    call = next(e for e in world.bus.events if e.detail.get("eventName") == "SetDesiredCapacity")
    assert call.detail["userIdentity"]["arn"].endswith(":assumed-role/Healer/Healer")


def test_parameters_come_from_the_event(tmp_path: Path) -> None:
    world = alarmed(tmp_path, BACK)
    assert world.cloudwatch.alarms["Slow"].state is not AlarmState.ALARM
    assert world.cloudwatch.alarms["Slow"].reason == "back"


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ("{AutoScalingGroupName: Group, DesiredCapacity: 9}", "9"),
        (
            "{AutoScalingGroupName: Group, DesiredCapacity: $.detail.nothing}",
            "small.yaml:12:7: the",
        ),
        ("{AutoScalingGroupName: Group, DesiredCapacity: $.source}", "must be a whole number"),
        ("{AutoScalingGroupName: $.source, DesiredCapacity: 1}", "is no AutoScaling"),
    ],
)
def test_a_function_that_fails_is_on_the_record(
    tmp_path: Path, parameters: str, words: str
) -> None:
    text = (
        "functions:\n  Healer:\n"
        f"    - action: autoscaling:SetDesiredCapacity\n      parameters: {parameters}\n"
        "    - action: fis:StopExperiment\n"
    )
    world = alarmed(tmp_path, text)
    (told,) = world.invocations.invocations
    assert words in told.error
    assert "fis:StopExperiment" not in told.actions


def test_a_session_with_reactions_plays_again_to_the_same_end(tmp_path: Path) -> None:
    session = Session(loaded(tmp_path, RULE, GROW))
    session.world.run(60.0)
    session.world.apply(action("cloudwatch:SetAlarmState", **ALARM))
    session.groups.set_desired(
        "Group", 1
    )  # at the same instant as the alarm, before the function acts
    session.world.run(300.0)
    path = tmp_path / "again.yaml"
    session.save(path)
    assert "SetDesiredCapacity" in path.read_text(encoding="utf-8")
    assert len(session.world.applied) == 2
    again = play(load(path).scenario)
    assert json.dumps(again.report) == json.dumps(session.outcome().report)
    assert len(again.world.invocations.invocations) == 1


def test_cuts_and_copies_change_nothing(tmp_path: Path) -> None:
    """However a run is cut, and wherever it is copied."""
    played = loaded(
        tmp_path,
        RULE,
        GROW
        + "timeline:\n"
        + (
            "  - {at: 45s, action: cloudwatch:SetAlarmState, parameters: "
            "{AlarmName: Slow, StateValue: ALARM, StateReason: test}}\n"
        ),
    ).scenario
    whole = make_world(played)
    whole.run(120.0)
    cut = make_world(played)
    for time in (45.0, 45.2, 45.5, 45.6, 60.0):
        cut.run(time)
        cut = World.restore(cut.snapshot())
    cut.run(120.0)
    assert bytes_of(played, cut) == bytes_of(played, whole)
    assert len(whole.invocations.invocations) == 1


def test_a_circle_of_events_goes_on_without_stopping_the_clock(tmp_path: Path) -> None:
    """A function that is invoked by what it does itself, as AWS warns of."""
    rule = RULE.replace("CloudWatch Alarm State Change", "AWS API Call via CloudTrail").replace(
        "{alarmName: [Slow], state: {value: [ALARM]}}", "{eventSource: [autoscaling.amazonaws.com]}"
    )
    world = make_world(loaded(tmp_path, rule, GROW).scenario)
    world.run(10.0)
    given: dict[str, Any] = {"auto_scaling_group_name": "Group", "desired_capacity": 2}
    world.apply(action("autoscaling:SetDesiredCapacity", **given))
    world.run(world.now + 5.0)
    assert len(world.invocations.invocations) == 10


def test_the_report_tells_invocations(tmp_path: Path) -> None:
    world = alarmed(tmp_path, GROW)
    assert report_of(loaded(tmp_path, RULE, GROW), world)["invocations"] == [
        {
            "time": 30.5,
            "function": "Healer",
            "actions": ["autoscaling:SetDesiredCapacity"],
            "error": None,
        }
    ]


@pytest.mark.parametrize(
    ("fault", "given", "error", "late"),
    [
        ("aws:lambda:invocation-error", {"prevent_execution": True}, "failed by a fault", 0.0),
        ("aws:lambda:invocation-add-delay", {"startup_delay_milliseconds": 2000}, "", 2.0),
        (
            "aws:lambda:invocation-add-delay",
            {"startup_delay_milliseconds": 5000},
            "Task timed out after 3.00 seconds",
            3.0,
        ),
    ],
)
def test_faults_of_functions_touch_invocations_by_events(
    tmp_path: Path, fault: str, given: dict[str, Any], error: str, late: float
) -> None:
    world = make_world(loaded(tmp_path, RULE, GROW).scenario)
    world.run(30.0)
    world.apply(action(fault, functions=("Healer",), **given))
    world.apply(action("cloudwatch:SetAlarmState", **ALARM))
    world.run(40.0)
    (told,) = world.invocations.invocations
    assert told.time == 30.0 + LATENCY + late
    assert error in told.error
    assert bool(told.actions) is not bool(error)
    assert world.autoscaling.groups["Group"].desired == (2 if error else 3)

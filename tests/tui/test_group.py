"""A group's page under its keys, and the moves on groups from the live screen."""

from __future__ import annotations

import json
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from scenarios.library import find
from scenarios.loader import load
from scenarios.player import play
from tests.tui.screen import flying, let_pass, press, text_of, tiny, top
from tui.app import SpilloverApp
from tui.command import Command
from tui.looking import GROUP
from tui.panes.graphs import GraphsPane
from tui.panes.group_parts import InstancesPane
from tui.panes.targets import TargetsPane
from tui.screens.alarm import AlarmScreen
from tui.screens.elb_dialogs import ChoiceDialog
from tui.screens.group import GroupScreen
from tui.screens.group_dialogs import ProcessesDialog, RefreshDialog, SizesDialog
from tui.screens.live import LiveScreen


async def pass_by(app: SpilloverApp, pilot: Pilot[int], minutes: float) -> None:
    """Let time pass, and the page follow."""
    await let_pass(app, pilot, minutes)
    top(app, GroupScreen).draw()
    await pilot.pause()


def done(app: SpilloverApp) -> list[str]:
    return [action.name.removeprefix("autoscaling:") for _, action in app.session.world.applied]


def said(app: SpilloverApp) -> str:
    """The newest notice."""
    return list(app._notifications)[-1].message


def test_the_page_has_its_own_keys_and_every_one_does_something() -> None:
    keys = [key for command in GROUP for key in command.key.split(",")]
    assert len(keys) == len(set(keys))
    missing = [c for c in GROUP if c.action and not hasattr(GroupScreen, f"action_{c.action}")]
    assert missing == list[Command]()


async def test_every_move_is_recorded_and_plays_to_the_same_end(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "G")
        page = top(app, GroupScreen)
        instances = page.query_one(InstancesPane)
        await press(pilot, "d", "3", "enter")
        await press(pilot, "c")
        least, wanted, most = top(app, SizesDialog).query(Input)
        least.value, wanted.value, most.value = "1", "3", "6"
        await press(pilot, "enter")
        await pass_by(app, pilot, 2)
        assert "min 1  desired 3  max 6" in text_of(app)
        await press(pilot, "i")
        assert "protected" in text_of(app)
        protected = instances.selected
        await press(pilot, "down", "y", "down", "enter")
        await pass_by(app, pilot, 1)
        shown = text_of(app)
        assert "Standby" in shown
        assert "standby 1" in shown
        assert "min 1  desired 2  max 6" in shown
        await press(pilot, "y")
        await pass_by(app, pilot, 1)
        assert "min 1  desired 3  max 6" in text_of(app)
        await press(pilot, "T", "enter")
        await press(pilot, "p", "space", "enter")
        assert "suspended: Launch" in text_of(app)
        await press(pilot, "p", "space", "enter")
        await pass_by(app, pilot, 2)
        await press(pilot, "u")
        top(app, RefreshDialog).query(Input).first().value = "50"
        await press(pilot, "enter")
        await pass_by(app, pilot, 0.5)
        assert "refresh InProgress" in text_of(app)
        await press(pilot, "u", "enter")
        await press(pilot, "home")
        assert instances.selected == protected
        await press(pilot, "i", "X", "enter")
        await pass_by(app, pilot, 2)
        session = app.session
        session.save(tmp_path / "saved.scenario.yaml")
        flown = session.outcome()
    assert done(app) == [
        "SetDesiredCapacity",
        "UpdateAutoScalingGroup",
        "SetInstanceProtection",
        "EnterStandby",
        "ExitStandby",
        "TerminateInstanceInAutoScalingGroup",
        "SuspendProcesses",
        "ResumeProcesses",
        "StartInstanceRefresh",
        "CancelInstanceRefresh",
        "SetInstanceProtection",
        "DetachInstances",
    ]
    again = play(load(tmp_path / "saved.scenario.yaml").scenario)
    assert json.dumps(again.report) == json.dumps(flown.report)


async def test_what_aws_refuses_is_said_and_changes_nothing(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "G", "c")
        least, _, most = top(app, SizesDialog).query(Input)
        least.value, most.value = "9", "5"
        await press(pilot, "enter")
        assert said(app) == "Max bound, 5, must be greater than or equal to min bound, 9"
        await press(pilot, "c")
        top(app, SizesDialog).query(Input).first().value = "many"
        await press(pilot, "enter")
        assert "whole numbers from 0 on, please" in text_of(app)
        await press(pilot, "escape", "T", "down", "enter")
        assert said(app).startswith("Currently, desiredSize equals minSize (2).")
        await press(pilot, "E")
        assert "no simple or step scaling policy" in said(app)
        await press(pilot, "u")
        dialog = top(app, RefreshDialog)
        dialog.query(Input)[1].value = "150"
        await press(pilot, "enter")
        assert "MaxHealthyPercentage needs a MinHealthyPercentage" in text_of(app)
        dialog.query(Input)[1].value = "much"
        await press(pilot, "enter")
        assert "MaxHealthyPercentage: a whole number, please" in text_of(app)
        await press(pilot, "escape", "p")
        top(app, ProcessesDialog)
        await press(pilot, "escape", "escape")
        top(app, LiveScreen)
        assert done(app) == ["UpdateAutoScalingGroup", "TerminateInstanceInAutoScalingGroup"]
        assert app.session.world.autoscaling.groups["WebGroup"].max == 4


STEPS = """\
  StepsPolicy:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref WebGroup
      PolicyType: StepScaling
      AdjustmentType: ChangeInCapacity
      StepAdjustments:
        - {MetricIntervalLowerBound: 0, ScalingAdjustment: 1}
"""


async def test_a_step_policy_is_executed_with_a_value(tmp_path: Path) -> None:
    template = (find("calm-day").parent / "web.template.yaml").read_text()
    changed = template.replace("\nOutputs:", f"{STEPS}\nOutputs:")
    changed = changed.replace("AlarmActions: [!Ref OnCall]", "AlarmActions: [!Ref StepsPolicy]", 1)
    (tmp_path / "web.template.yaml").write_text(changed)
    path = tmp_path / "spike.scenario.yaml"
    path.write_text(find("traffic-spike").read_text())
    async with flying(load(path), minutes=2) as (app, pilot):
        await press(pilot, "G", "3")
        assert "StepsPolicy" in text_of(app)
        await press(pilot, "E")
        assert "StepsPolicy  +1 from +0" in text_of(app)
        await press(pilot, "enter")
        value, threshold = app.screen.query(Input)
        assert threshold.value
        value.value, threshold.value = "a lot", "1"
        await press(pilot, "enter")
        assert "numbers, please" in text_of(app)
        value.value = "2"
        before = app.session.world.autoscaling.groups["WebGroup"].desired
        await press(pilot, "enter")
        assert done(app) == ["ExecutePolicy"]
        assert app.session.world.autoscaling.groups["WebGroup"].desired >= before


async def test_looking_around(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press(pilot, "3", "enter")
        page = top(app, GroupScreen)
        assert page.focused is page.query_one("#activities LiveTable"), "opened at an activity"
        graphs = page.query_one(GraphsPane)
        await press(pilot, "g")
        assert graphs.first == 1
        await press(pilot, "z")
        assert "1 capacity  1h  us-east-1a" in text_of(app)
        await press(pilot, "r")
        assert "1 capacity  3h  us-east-1a" in text_of(app)
        await press(pilot, "z", "z", "z")
        assert "1 capacity  3h " in text_of(app)
        await press(pilot, "n")
        assert said(app) == "there is no other Auto Scaling group"
        await press(pilot, "3", "enter")
        top(app, AlarmScreen)
        await press(pilot, "escape", "m")
        assert page.maximized is page.query_one("#policies")
        await press(pilot, "escape", "escape")
        top(app, LiveScreen)


async def test_without_groups_every_key_says_so() -> None:
    async with flying(load(find("backtest"))) as (app, pilot):
        assert not app.session.world.autoscaling.groups
        for key in ("G", "d", "c", "p", "u", "E"):
            app.clear_notifications()
            await press(pilot, key)
            assert "there is no Auto Scaling group" in said(app), key
        for key in ("i", "y", "X", "T"):
            app.clear_notifications()
            await press(pilot, key)
            assert "no target is selected" in said(app), key
        top(app, LiveScreen)


async def test_the_live_screen_asks_for_the_group_and_acts_on_the_selected_target() -> None:
    async with flying(load(find("blue-green")), minutes=1) as (app, pilot):
        groups = app.session.world.autoscaling.groups
        await press(pilot, "d")
        assert "Which Auto Scaling group?" in text_of(app)
        top(app, ChoiceDialog)
        await press(pilot, "escape", "1", "i")
        chosen = app.live.query_one(TargetsPane).selected or ""
        assert said(app) == f"{chosen} is protected from scale-in"
        own = next(group for group in groups.values() if chosen in group.members)
        assert own.members[chosen].protected
        await press(pilot, "X")
        assert "another takes its place" in text_of(app)
        await press(pilot, "escape", "G")
        first = top(app, GroupScreen).group
        await press(pilot, "n")
        assert top(app, GroupScreen).group != first
        assert "no scheduled action and no forecast" in text_of(app)
        await pilot.resize_terminal(50, 14)
        await pilot.pause()
        assert "too small" in text_of(app)
        assert done(app) == ["SetInstanceProtection"]

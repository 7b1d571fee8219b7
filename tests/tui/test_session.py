"""A session: what keys do is recorded, and its recording plays to the same end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.actions import ActionError
from scenarios.exports import metrics_csv
from scenarios.loader import load
from scenarios.player import play
from tests.scenarios.samples import SCENARIO, TEMPLATE, load_text
from tests.tui.screen import TINY, flying, let_pass, tiny
from tui.session import Session


async def test_a_session_by_keys_and_its_recording_give_the_same_report(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("k")
        await let_pass(app, pilot, 1.5)
        await pilot.press("h", "t")
        await let_pass(app, pilot, 1.25)
        await pilot.press("s", "e", "z", "b")
        await let_pass(app, pilot, 2)
        await pilot.press("t", "d", "4", "enter")
        await let_pass(app, pilot, 1)
        await pilot.press("l", "k")
        await pilot.pause()
        session = app.session
        session.save(tmp_path / "saved.scenario.yaml")
        flown = session.outcome()
    assert session.done_by_hand == 10
    again = play(load(tmp_path / "saved.scenario.yaml").scenario)
    assert json.dumps(again.report) == json.dumps(flown.report)
    assert metrics_csv(again.world) == metrics_csv(flown.world)


async def test_a_session_at_full_length_keeps_the_timeline_of_its_scenario(tmp_path: Path) -> None:
    loaded = tiny(tmp_path)
    session = Session(loaded)
    session.world.run(120.5)
    session.toggle_spike()
    session.world.run(session.end)
    session.save(tmp_path / "saved.scenario.yaml")
    again = load(tmp_path / "saved.scenario.yaml").scenario
    assert [(entry.at, entry.action.name) for entry in again.timeline] == [
        (120.5, "spillover:traffic-factor"),
        (900.0, "spillover:error-rate"),
    ]
    assert play(again).report == session.outcome().report


def test_judging_a_session_in_mid_course_changes_nothing(tmp_path: Path) -> None:
    asked, left = Session(tiny(tmp_path)), Session(tiny(tmp_path))
    for moment in (31.7, 100.1, 450.0):
        asked.world.run(moment)
        asked.outcome()
    asked.world.run(600.0)
    left.world.run(600.0)
    assert asked.outcome().report == left.outcome().report


def test_what_was_planned_is_not_unsaved(tmp_path: Path) -> None:
    session = Session(tiny(tmp_path))
    session.world.run(950.0)
    assert session.world.applied
    assert not session.unsaved
    session.toggle_spike()
    assert session.unsaved
    session.save(tmp_path / "saved.scenario.yaml")
    assert not session.unsaved


def test_a_recording_never_overwrites_a_file(tmp_path: Path) -> None:
    session = Session(tiny(tmp_path))
    session.world.run(60.0)
    session.toggle_spike()
    path = tmp_path / "mine.scenario.yaml"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        session.save(path)
    assert path.read_text() == "precious"
    assert session.unsaved


def test_a_rescued_recording_gets_a_name_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    session = Session(tiny(tmp_path))
    session.world.run(60.0)
    session.toggle_spike()
    first = session.rescue()
    session.toggle_spike()
    second = session.rescue()
    assert first != second
    assert len(load(first).scenario.timeline) == 1
    assert len(load(second).scenario.timeline) == 2


def test_nothing_can_be_done_to_the_past_nor_after_the_end(tmp_path: Path) -> None:
    session = Session(tiny(tmp_path, TINY))
    with pytest.raises(ActionError, match="the past"):
        session.toggle_spike()
    session.world.run(session.end)
    with pytest.raises(ActionError, match="is over"):
        session.toggle_spike()
    assert not session.unsaved


def test_what_has_not_come_yet_is_neither_held_nor_failed(tmp_path: Path) -> None:
    session = Session(tiny(tmp_path))
    session.world.run(90.0)
    assert session.open_expectations() == (False, True, True)
    passed = [verdict.passed for verdict in session.outcome().verdicts]
    assert passed == [True, False, True], "from 1m to 2m has not been; by 10m holds already"


def test_other_weights_leave_target_groups_as_sticky_as_they_are(tmp_path: Path) -> None:
    forward = (
        "[{Type: forward, ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Targets}], "
        "TargetGroupStickinessConfig: {Enabled: true, DurationSeconds: 60}}}]"
    )
    template = TEMPLATE.replace("[{Type: forward, TargetGroupArn: !Ref Targets}]", forward)
    session = Session(load_text(tmp_path, SCENARIO, template))
    session.set_weights("Listener", (("Targets", 5),))
    assert session.world.elb.listener("Listener").action.session == 60.0
    path = tmp_path / "again.scenario.yaml"
    session.save(path)
    (entry,) = load(path).scenario.timeline
    (action,) = entry.action.parameters.default_actions
    assert (action.session, action.groups) == (60.0, {"Targets": 5})

"""The live screen under its keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from scenarios.library import find
from scenarios.loader import load
from tests.tui.screen import TINY, flying, let_pass, text_of, tiny
from tui.app import SpilloverApp
from tui.commands import COMMANDS
from tui.panes.graphs import GraphsPane
from tui.panes.targets import TargetsPane
from tui.screens.dialogs import DesiredCapacityDialog, QuitDialog, SaveDialog, ZoneDialog
from tui.screens.help import HelpScreen
from tui.screens.verdict import VerdictScreen


def done(app: SpilloverApp) -> list[str]:
    """The names of the actions that were carried out."""
    return [action.name for _, action in app.session.world.applied]


def faults(app: SpilloverApp) -> list[str]:
    return [fault.action.name for fault in app.session.world.faults.active.values()]


def top(app: SpilloverApp) -> Screen[object]:
    """The screen in front."""
    return app.screen


FAULT_KEYS = {
    "h": "spillover:fail-health-checks",
    "s": "spillover:slow-responses",
    "e": "spillover:error-rate",
    "t": "spillover:traffic-factor",
}


@pytest.mark.parametrize("key", FAULT_KEYS)
async def test_a_fault_key_begins_its_fault_and_ends_it_again(key: str, tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press(key)
        assert faults(app) == [FAULT_KEYS[key]]
        assert FAULT_KEYS[key].removeprefix("spillover:") in text_of(app)
        await pilot.press(key)
        assert faults(app) == []
    assert done(app) == [FAULT_KEYS[key], "fis:StopExperiment"]


async def test_kill_ends_the_selected_instance(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("down")
        chosen = app.live.query_one(TargetsPane).selected
        await pilot.press("k")
        assert chosen is not None
        assert app.session.world.ec2.instances[chosen].state == "shutting-down"
    assert done(app) == ["aws:ec2:terminate-instances"]


async def test_a_zone_is_cut_and_restored_by_its_letter(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("z")
        assert isinstance(top(app), ZoneDialog)
        await pilot.press("b")
        await pilot.pause()
        assert app.session.world.elb.balancers["LoadBalancer"].nodes["us-east-1b"].dark
        assert "NETWORK DOWN" in text_of(app)
        await pilot.press("z", "b")
        await pilot.pause()
        assert faults(app) == []
        await pilot.press("z", "escape")
        await pilot.pause()
    assert done(app) == ["aws:network:disrupt-connectivity", "fis:StopExperiment"]


async def test_lift_ends_every_fault(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("h", "e", "t", "l")
        assert faults(app) == []
        await pilot.press("l")
    assert done(app).count("fis:StopExperiment") == 1


async def test_desired_capacity_is_asked_for_and_held_within_the_limits(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("d")
        assert isinstance(top(app), DesiredCapacityDialog)
        await pilot.press("9", "enter")
        assert "from 2 to 4, please" in text_of(app)
        await pilot.press("backspace", "4", "enter")
        await pilot.pause()
        assert app.session.world.autoscaling.groups["WebGroup"].desired == 4
        await pilot.press("d", "escape")
        await pilot.pause()
        assert top(app) is app.live
    assert done(app) == ["autoscaling:SetDesiredCapacity"]


async def test_the_clock(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path)) as (app, pilot):
        pacer = app.live.pacer
        await pilot.press("space")
        assert pacer.paused
        assert "PAUSED" in text_of(app)
        await pilot.press("space")
        assert not pacer.paused
        for key, shown in ((">", "600x"), (">", "max"), (">", "max"), ("<", "600x"), ("<", "60x")):
            await pilot.press(key)
            assert shown in text_of(app)
        await pilot.press("<", "<", "<")
        assert " 1x" in text_of(app)
        await pilot.press(".")
        assert app.session.world.now == 60.0
        assert pacer.paused


async def test_panes_by_number_and_zoom(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), (80, 24), minutes=3) as (app, pilot):
        for number, name in enumerate(("targets", "graphs", "capacity", "alarms", "events"), 1):
            await pilot.press(str(number), "m")
            await pilot.pause()
            assert app.live.maximized is not None
            assert app.live.maximized.id == name
            assert app.live.maximized.size.height > 15
            await pilot.press("escape")
            await pilot.pause()
            assert app.live.maximized is None


async def test_graphs_that_find_room_are_drawn_at_once() -> None:
    async with flying(load(find("zone-outage")), (120, 40), minutes=5) as (app, pilot):
        assert app.live.query_one(GraphsPane).shown == 2
        await press_and_wait(pilot, "2", "m")
        await pilot.pause()
        assert app.live.query_one(GraphsPane).shown == 4
        assert "no datapoints yet" not in text_of(app)


async def test_graphs_and_ranges_go_round(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), (80, 24), minutes=3) as (app, pilot):
        pane = app.live.query_one(GraphsPane)
        first = pane.indices
        for _ in range(pane.available):
            await pilot.press("g")
        assert pane.indices == first
        await pilot.press("r")
        assert "graphs show 3h" in text_of(app)


async def test_the_session_is_saved_where_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("t", "w")
        assert isinstance(top(app), SaveDialog)
        await pilot.press("enter")
        await pilot.pause()
        assert not app.session.unsaved
        await pilot.press("w", "enter")
        await pilot.pause()
        assert isinstance(top(app), SaveDialog), "the next keys are a name, not commands"
        assert "is there already" in " ".join(text_of(app).split())
        await pilot.press("escape")
    assert len(load(tmp_path / "tiny-session.scenario.yaml").scenario.timeline) == 1


async def press_and_wait(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_leaving_asks_only_where_something_would_be_lost(key: str, tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press_and_wait(pilot, "t", key)
        assert isinstance(top(app), QuitDialog)
        await press_and_wait(pilot, "escape")
        assert top(app) is app.live
        await press_and_wait(pilot, key, "q")
        assert app.return_code == 0
        app.keep_recording()
        assert app.kept is None
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press_and_wait(pilot, key)
        assert app.return_code == 0


async def test_help_and_verdict_open_and_close(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await press_and_wait(pilot, "question_mark")
        assert isinstance(top(app), HelpScreen)
        await press_and_wait(pilot, "escape", "v")
        assert isinstance(top(app), VerdictScreen)
        assert "availability >= 99 from 1m to 2m" in text_of(app)
        await press_and_wait(pilot, "escape")
        assert top(app) is app.live


async def test_the_palette_offers_every_command(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), (140, 60), minutes=2) as (app, pilot):
        await pilot.press("ctrl+p", *"memory leak")
        await pilot.press("escape", "ctrl+p")
        for command in (command for command in COMMANDS if command.aws):
            app.screen.query_one(Input).value = command.aws
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert command.help[:30] in text_of(app), command.id


async def test_a_palette_entry_does_what_its_key_does(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("ctrl+p", *"traffic-factor")
        await app.workers.wait_for_complete()
        await press_and_wait(pilot, "enter", "enter")
        assert faults(app) == ["spillover:traffic-factor"]


async def test_wrong_keys_do_nothing(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        await pilot.press("j", "Z", "f5", "ctrl+g", "ctrl+c", "tab", "shift+tab", "enter", "9")
        await let_pass(app, pilot, 1)
    assert done(app) == []


async def test_resizing_keeps_the_cursor(tmp_path: Path) -> None:
    async with flying(load(find("zone-outage")), (200, 60), minutes=10, painted=True) as (
        app,
        pilot,
    ):
        await pilot.press("down", "down")
        chosen = app.live.query_one(TargetsPane).selected
        for size in ((80, 24), (40, 10), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.live.query_one(TargetsPane).selected == chosen
        assert "too small" not in text_of(app)


async def test_clicking_the_footer_is_pressing_the_key(tmp_path: Path) -> None:
    async with flying(tiny(tmp_path), minutes=2) as (app, pilot):
        place = text_of(app).splitlines()[-1].index("t Traffic")
        await pilot.click("KeyBar", offset=(place, 0))
        assert faults(app) == ["spillover:traffic-factor"]


async def test_a_scenario_that_cannot_be_read_ends_the_app(tmp_path: Path) -> None:
    app = SpilloverApp(lambda: load(tmp_path / "nowhere.scenario.yaml"), live=False)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.pause()
    assert app.return_value == 2
    assert "there is no such file" in str(app.problem)
    assert not app.unsaved


async def test_what_a_reader_should_know_is_told(tmp_path: Path) -> None:
    text = TINY.replace("duration: 20m", "duration: 10m")
    async with flying(tiny(tmp_path, text), minutes=1) as (app, _):
        assert "never happens" in " ".join(text_of(app).split())


async def test_history_is_played_first_at_full_speed(tmp_path: Path) -> None:
    app = SpilloverApp(lambda: tiny(tmp_path), live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert app.session.world.now == -300.0
        app.live.draw()
        await pilot.pause()
        assert "THE PAST" in text_of(app)
        await pilot.press("k")
        assert done(app) == []
        while app.live.pacer.past:
            app.live.pacer.frame()
        assert app.session.world.now == 0.0

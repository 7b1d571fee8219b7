"""Keys that change load balancers: registering, attributes, weights, zonal shifts."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Select

from scenarios.library import find
from scenarios.loader import load
from scenarios.player import play
from tests.tui.screen import flying, text_of
from tui.app import SpilloverApp
from tui.screens.elb_dialogs import AttributeDialog, ChoiceDialog, WeightsDialog

ELB = "elasticloadbalancing"


def top(app: SpilloverApp) -> object:
    """The screen in front."""
    return app.screen


def done(app: SpilloverApp) -> list[str]:
    """The names of what was done by hand."""
    planned = {id(entry.action) for entry in app.session.scenario.timeline}
    return [action.name for _, action in app.session.world.applied if id(action) not in planned]


def told(app: SpilloverApp) -> str:
    """What the notices say."""
    return "\n".join(notice.message for notice in app._notifications)


async def press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_a_target_is_taken_out_and_registered_again() -> None:
    async with flying(load(find("blue-green")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "1", "x")
        assert "is deregistered from PictureTargets" in told(app)
        assert "draining" in text_of(app)
        await press(pilot, "a")
        dialog = app.screen
        assert isinstance(dialog, ChoiceDialog)
        options = dialog.query_one(OptionList)
        labels = [str(option.prompt) for option in options.options]
        assert any("PictureTargets" in label for label in labels)
        options.highlighted = next(n for n, x in enumerate(labels) if "PictureTargets" in x)
        await press(pilot, "enter")
    assert done(app) == [f"{ELB}:DeregisterTargets", f"{ELB}:RegisterTargets"]


async def test_weights_are_moved_and_the_session_can_be_played_again(tmp_path: Path) -> None:
    async with flying(load(find("blue-green")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "o")
        assert isinstance(app.screen, ChoiceDialog)
        await press(pilot, "down", "enter")
        assert isinstance(app.screen, WeightsDialog)
        first, second, *_ = app.screen.query(Input)
        first.value, second.value = "60", "x"
        await press(pilot, "enter")
        assert isinstance(app.screen, WeightsDialog), "a weight is a number"
        second.value = "40"
        await press(pilot, "enter")
        assert top(app) is app.live
        await press(pilot, ".", ".")
        path = tmp_path / "again.scenario.yaml"
        app.session.save(path)
        rates = {
            name: sum(view.rate for view in app.session.world.elb.describe_target_health(name))
            for name in ("BlueTargets", "GreenTargets")
        }
        report = app.session.outcome().report
    assert done(app) == [f"{ELB}:ModifyListener"]
    assert rates["GreenTargets"] / rates["BlueTargets"] == 40 / 60
    again = play(load(path).scenario).report
    assert again["requests"] == report["requests"]
    assert again["target_groups"] == report["target_groups"]


async def test_an_attribute_is_changed_or_refused() -> None:
    async with flying(load(find("blue-green")), (120, 40), minutes=5) as (app, pilot):
        for value, answer in (("4000", "from 0 to 3600"), ("30", "timeout_seconds = 30")):
            await press(pilot, "b")
            assert isinstance(app.screen, AttributeDialog)
            app.screen.query_one("#resource", Select).value = "BlueTargets"
            await pilot.pause()
            key = "deregistration_delay.timeout_seconds"
            app.screen.query_one("#key", Select).value = key
            await pilot.pause()
            assert app.screen.query_one(Input).value == "60"
            app.screen.query_one(Input).value = value
            app.screen.query_one(Input).focus()
            await press(pilot, "enter")
            assert top(app) is app.live
            assert answer in told(app)
        group = app.session.world.elb.groups["BlueTargets"].resource
    assert group.deregistration_delay == 30.0


async def test_traffic_is_led_away_from_a_zone_and_returns() -> None:
    async with flying(load(find("blue-green")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "n", "a")
        await press(pilot, ".", ".")
        assert "traffic is shifted away from us-east-1a" in text_of(app)
        views = app.session.world.elb.describe_target_health("PictureTargets")
        overrides = {view.zone: view.override for view in views}
        assert overrides["us-east-1a"] == "zonal_shift_active"
        await press(pilot, "n", "a", ".")
        assert "traffic is shifted away" not in text_of(app)
    async with flying(load(find("calm-day")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "n", "a")
        assert "no load balancer has zonal_shift.config.enabled" in told(app)


async def test_odd_input_harms_nothing() -> None:
    async with flying(load(find("blue-green")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "b")
        app.screen.query_one(Input).value = "[/foo]"
        app.screen.query_one(Input).focus()
        await press(pilot, "enter")
        assert "[/foo]" in told(app)
        await press(pilot, "o", "enter")
        app.screen.query(Input).first().value = "²"
        await press(pilot, "enter")
        assert isinstance(app.screen, WeightsDialog)


async def test_a_network_load_balancer_has_attributes_of_its_own() -> None:
    async with flying(load(find("long-connections")), (120, 40), minutes=5) as (app, pilot):
        await press(pilot, "b")
        dialog = app.screen
        assert isinstance(dialog, AttributeDialog)
        keys = [key for key, _ in dialog._choices["ChatTargets"].values]
        assert "preserve_client_ip.enabled" in keys
        assert "slow_start.duration_seconds" not in keys

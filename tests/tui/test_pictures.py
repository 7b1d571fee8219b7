"""Pictures of the screen, compared as text: `--accept` takes what is shown now."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.library import find
from scenarios.loader import load
from tests.tui.screen import flying, text_of

FOLDER = Path(__file__).parent / "pictures"

CHOSEN = "enter enter end enter up up enter"
"""The keys that graph a response time and a count of requests."""

CASES = {
    "calm-120x40": ("calm-day", (120, 40), 90, ""),
    "calm-80x24": ("calm-day", (80, 24), 90, ""),
    "calm-200x60": ("calm-day", (200, 60), 90, ""),
    "start-120x40": ("zone-outage", (120, 40), 0, ""),
    "dark-zone-80x24": ("zone-outage", (80, 24), 22, ""),
    "dark-zone-120x40": ("zone-outage", (120, 40), 22, ""),
    "dark-zone-200x60": ("zone-outage", (200, 60), 22, ""),
    "spike-120x40": ("traffic-spike", (120, 40), 14, ""),
    "fail-open-120x40": ("bad-deploy", (120, 40), 14, ""),
    "paused-80x24": ("zone-outage", (80, 24), 5, "space"),
    "help-80x24": ("zone-outage", (80, 24), 5, "question_mark"),
    "help-120x40": ("zone-outage", (120, 40), 5, "question_mark"),
    "zone-dialog-80x24": ("zone-outage", (80, 24), 22, "z"),
    "desired-dialog-80x24": ("zone-outage", (80, 24), 5, "d"),
    "save-dialog-80x24": ("zone-outage", (80, 24), 5, "w"),
    "quit-dialog-80x24": ("zone-outage", (80, 24), 5, "k q"),
    "verdict-100x30": ("zone-outage", (100, 30), 60, "v"),
    "targets-alone-80x24": ("zone-outage", (80, 24), 22, "1 m"),
    "graph-alone-120x40": ("zone-outage", (120, 40), 22, "2 m left left"),
    "next-graph-80x24": ("traffic-spike", (80, 24), 20, "g"),
    "tree-80x24": ("blue-green", (80, 24), 14, "1 m"),
    "tree-120x40": ("blue-green", (120, 40), 14, ""),
    "tree-200x60": ("blue-green", (200, 60), 14, ""),
    "weights-dialog-80x24": ("blue-green", (80, 24), 14, "o enter"),
    "rules-dialog-80x24": ("blue-green", (80, 24), 14, "o"),
    "attribute-dialog-80x24": ("blue-green", (80, 24), 14, "b"),
    "shift-dialog-80x24": ("blue-green", (80, 24), 14, "n"),
    "flows-120x40": ("long-connections", (120, 40), 61, ""),
    "records-80x24": ("two-sites", (80, 24), 11, "1 m"),
    "records-120x40": ("two-sites", (120, 40), 11, ""),
    "metrics-empty-80x24": ("traffic-spike", (80, 24), 14, "M"),
    "metrics-80x24": ("traffic-spike", (80, 24), 14, f"M {CHOSEN} 2"),
    "metrics-120x40": ("traffic-spike", (120, 40), 14, f"M {CHOSEN} 2 home e m 1 asterisk 2 enter"),
    "metrics-200x60": ("traffic-spike", (200, 60), 14, f"M {CHOSEN} 2 home e m 1 asterisk 2 enter"),
    "math-dialog-80x24": ("traffic-spike", (80, 24), 14, f"M {CHOSEN} e m 1 slash plus m 9"),
    "statistic-dialog-80x24": ("traffic-spike", (80, 24), 14, f"M {CHOSEN} 2 s"),
    "period-dialog-80x24": ("traffic-spike", (80, 24), 14, f"M {CHOSEN} 2 p"),
    "metrics-help-80x24": ("traffic-spike", (80, 24), 14, "M question_mark"),
    "alarm-80x24": ("traffic-spike", (80, 24), 14, "A"),
    "alarm-120x40": ("traffic-spike", (120, 40), 14, "A"),
    "alarm-200x60": ("traffic-spike", (200, 60), 14, "A"),
    "dashboard-80x24": ("traffic-spike", (80, 24), 14, "D"),
    "dashboard-end-80x24": ("traffic-spike", (80, 24), 14, "D end"),
    "dashboard-120x40": ("traffic-spike", (120, 40), 14, "D"),
    "dashboard-200x60": ("traffic-spike", (200, 60), 14, "D"),
    "containers-80x24": ("rollback", (80, 24), 6.5, ""),
    "containers-120x40": ("rollback", (120, 40), 6.5, ""),
    "too-small-50x14": ("zone-outage", (50, 14), 5, ""),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_screen_looks_as_it_did(name: str, request: pytest.FixtureRequest) -> None:
    scenario, size, minutes, keys = CASES[name]
    async with flying(load(find(scenario)), size, minutes=minutes) as (app, pilot):
        for key in keys.split():
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause()
        app.clear_notifications()
        await pilot.pause()
        shown = text_of(app)
    path = FOLDER / f"{name}.txt"
    if request.config.getoption("--accept"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), "no picture yet: run with --accept, and look at it"
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-light", "ansi-dark"])
async def test_every_state_can_be_read_in_any_theme(theme: str) -> None:
    async with flying(load(find("zone-outage")), minutes=22, theme=theme) as (app, _):
        shown = text_of(app)
    assert "▲ ALARM" in shown or "● OK" in shown
    assert "✗ unhealthy" in shown or "● healthy" in shown
    assert "NETWORK DOWN" in shown

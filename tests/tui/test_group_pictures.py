"""Pictures of a group's page and its questions, all out of one run of the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.library import find
from scenarios.loader import load
from tests.tui.screen import flying, text_of

FOLDER = Path(__file__).parent / "pictures"

SHOTS = (
    ("group-120x40", (120, 40), "G"),
    ("group-chart-120x40", (120, 40), "r r g"),
    ("group-200x60", (200, 60), ""),
    ("group-80x24", (80, 24), "g g"),
    ("group-policies-80x24", (80, 24), "3"),
    ("processes-dialog-80x24", (80, 24), "p space"),
    ("refresh-dialog-80x24", (80, 24), "escape u"),
    ("sizes-dialog-80x24", (80, 24), "escape c"),
    ("group-help-80x24", (80, 24), "escape question_mark"),
)
"""Name, size, and the keys that lead there from the one before."""


async def test_a_group_looks_as_it_did(request: pytest.FixtureRequest) -> None:
    accepted = request.config.getoption("--accept")
    wrong = []
    async with flying(load(find("office-hours")), minutes=8 * 60) as (app, pilot):
        for name, size, keys in SHOTS:
            for key in keys.split():
                await pilot.press(key)
                await pilot.pause()
            if tuple(app.size) != size:
                await pilot.resize_terminal(*size)
            for _ in range(3):  # to lay out, to draw, to show
                await pilot.pause()
            app.clear_notifications()
            await pilot.pause()
            shown, path = text_of(app), FOLDER / f"{name}.txt"
            if accepted:
                path.write_text(shown, encoding="utf-8")
            assert path.exists(), "no picture yet: run with --accept, and look at it"
            if shown != path.read_text(encoding="utf-8"):
                wrong.append((name, shown))
    assert wrong == []

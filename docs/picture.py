"""Draws docs/picture.svg: the app in the middle of a shipped scenario.

Run it from the repository root: `.venv/bin/python docs/picture.py`. The same scenario and seed give
the same picture.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from scenarios.library import find
from scenarios.loader import load
from tui.app import SpilloverApp

SCENARIO = "zone-outage"
MINUTES = 27
SIZE = (120, 40)
FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"


async def draw() -> str:
    """The screenshot as SVG, with local fonts in place of downloaded ones."""
    app = SpilloverApp(lambda: load(find(SCENARIO)), live=False)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.pause()
        app.session.world.run(MINUTES * 60)
        app.live.draw()
        await pilot.pause()
        svg = app.export_screenshot(title="spillover zone-outage")
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return svg.replace("Fira Code, monospace", FONT).replace("Fira Code", FONT.partition(",")[0])


if __name__ == "__main__":
    Path("docs/picture.svg").write_text(asyncio.run(draw()), encoding="utf-8")

"""The app in a test: a scenario on a screen of a given size, its clock moved by hand.

Between the moments at which a test looks, nothing is painted: Textual would paint every frame for a
terminal that is not there, which was most of what these tests cost. Whoever looks has the whole
screen painted, and so has every test once when it ends.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from textual._compositor import Compositor, LayoutUpdate
from textual.pilot import Pilot
from textual.screen import Screen

from scenarios.library import find
from scenarios.loader import Loaded, load
from tui.app import SpilloverApp

Kind = TypeVar("Kind", bound=Screen[Any])

TINY = """
name: Two targets
start: 2026-11-25T09:00:00Z
history: 5m
duration: 20m
seed: 4
template: {template}
parameters: {{MinSize: 2, MaxSize: 4}}
services:
  web: {{runs_on: [WebGroup], cpu_time: 10ms, wait_time: 10ms, workers: 16, boot_time: 20s}}
traffic:
  - {{name: visitors, to: LoadBalancer, rate: 40}}
timeline:
  - at: 15m
    action: spillover:error-rate
    parameters: {{percent: 20}}
    targets: {{services: [web]}}
    for: 1m
expect:
  - availability >= 50
  - availability >= 99 from 1m to 2m
  - WebGroup.InService >= 2 by 10m
"""


def tiny(folder: Path, text: str = TINY) -> Loaded:
    """A small scenario on the shipped template."""
    path = folder / "tiny.scenario.yaml"
    path.write_text(text.format(template=find("calm-day").parent / "web.template.yaml"))
    return load(path)


@asynccontextmanager
async def flying(
    loaded: Loaded,
    size: tuple[int, int] = (120, 40),
    *,
    minutes: float = 0.0,
    theme: str | None = None,
    painted: bool = False,
) -> AsyncIterator[tuple[SpilloverApp, Pilot[int]]]:
    """The app with its clock stopped at so many minutes after the start.

    With `painted` every frame is painted, as in a terminal.
    """
    app = SpilloverApp(lambda: loaded, theme=theme, live=False)
    frames = nullcontext() if painted else patch.object(Compositor, "render_update", _on_demand)
    with frames:
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.pause()
            await pilot.pause()
            await let_pass(app, pilot, minutes)
            yield app, pilot
            if app.is_running:
                text_of(app)


_render_update = Compositor.render_update


def _on_demand(compositor: Compositor, full: bool = False, **options: Any) -> Any:
    """Paint the whole screen for those who ask; forget what else was to be painted."""
    if full:
        return _render_update(compositor, full=True, **options)
    compositor._dirty_regions.clear()
    return None


async def let_pass(app: SpilloverApp, pilot: Pilot[int], minutes: float) -> None:
    """Let simulated time pass and the panes follow."""
    app.session.world.run(max(app.session.world.now, 0.0) + 60 * minutes)
    app.live.draw()
    await pilot.pause()


def text_of(app: SpilloverApp) -> str:
    """What the screen shows, line by line, without colours."""
    screen = app.screen
    painted = screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(painted, LayoutUpdate)
    lines = ("".join(strip.text for strip in line) for line in painted.strips)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def top(app: SpilloverApp, kind: type[Kind]) -> Kind:
    """The screen in front, which must be of this kind."""
    assert isinstance(app.screen, kind), app.screen
    return app.screen


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Keys one after the other, each with what follows from it."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()

"""The terminal app around the live screen: how it is opened, its palette, and how it is left.

Only Textual is imported here: the first frame is drawn before the model and the scenario are read.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import App, ComposeResult
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.theme import BUILTIN_THEMES
from textual.widgets import Static

from tui.command import Command, keys_of
from tui.messages import Left

if TYPE_CHECKING:
    from scenarios.loader import Loaded
    from tui.screens.live import LiveScreen
    from tui.session import Session


PATIENCE = 3.0
"""Seconds (of the wall clock) that the app has to restore the terminal when a signal ends it."""


def check_theme(name: str | None) -> str | None:
    """What is wrong with a theme's name, if anything."""
    if name is None or name in BUILTIN_THEMES:
        return None
    close = get_close_matches(name, BUILTIN_THEMES, 1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(BUILTIN_THEMES))}"
    return f"--theme {name}: there is no such theme ({hint})"


class FlightCommands(Provider):
    """Every command of the screen in front, in the palette under the same words as in its help."""

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for command in self._possible():
            yield DiscoveryHit(_title(command), self._run(command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed, by label, help or AWS's name."""
        matcher = self.matcher(query)
        for command in self._possible():
            title = _title(command)
            score = max(matcher.match(title), matcher.match(f"{command.help} {command.aws}"))
            if score > 0:
                yield Hit(score, matcher.highlight(title), self._run(command), help=command.help)

    def _possible(self) -> list[Command]:
        from tui.screens.clocked import ClockedScreen

        screen = self.screen
        table = screen.TABLE if isinstance(screen, ClockedScreen) else ()
        return [command for command in table if command.action]

    def _run(self, command: Command) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.screen.run_action(command.action)

        return run


class Sights(Provider):
    """Every group, alarm and dashboard, to be gone to from anywhere."""

    async def search(self, query: str) -> Hits:
        """Those whose name fits what was typed."""
        matcher = self.matcher(query)
        for title, go in self._all():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), go)

    def _all(self) -> Iterator[tuple[str, Callable[[], None]]]:
        app = self.app
        if not isinstance(app, SpilloverApp) or not hasattr(app, "live"):
            return
        from tui.dashboards import dashboards
        from tui.views import alarms

        live, world = app.live, app.session.world
        for dashboard in dashboards(world):
            yield f"Dashboard {dashboard.name}", partial(live.open_dashboard, dashboard)
        for group in world.autoscaling.groups:
            yield f"Group {group}", partial(live.open_group, group)
        for alarm in alarms(world):
            yield f"Alarm {alarm.alarm.name}", partial(live.open_alarm, alarm.id)


def _title(command: Command) -> str:
    aws = f"  {command.aws}" if command.aws else ""
    return f"{command.label}  [{keys_of(command)}]{aws}"


class SpilloverApp(App[int]):
    """One session, flown by keys."""

    TITLE = "Spillover"
    COMMANDS = App.COMMANDS | {FlightCommands, Sights}
    CSS = """
    #opening {
        width: 1fr;
        height: 1fr;
        content-align: center middle;
        color: $text-muted;
    }
    """

    session: Session
    """What the keys act on, once the scenario is read."""
    live: LiveScreen
    """Its screen."""

    def notify(self, message: str, **options: Any) -> None:
        """Show a notice. What it quotes is text of others, never markup."""
        super().notify(message, **(options | {"markup": False}))

    def __init__(
        self,
        load: Callable[[], Loaded],
        *,
        theme: str | None = None,
        charts: str = "braille",
        live: bool = True,
    ) -> None:
        """Open what `load` reads; with `live` false the clock only moves by steps (for tests)."""
        super().__init__()
        self._load = load
        self._charts = charts
        self._live = live
        self.problem: Exception | None = None
        """Why the scenario could not be read, if it could not."""
        self.kept: Path | None = None
        """Where a recording went that nobody was asked about."""
        self._unasked = True
        if theme is not None:
            self.theme = theme

    def compose(self) -> ComposeResult:
        yield Static("Spillover\n\nreading the scenario …", id="opening")

    def on_mount(self) -> None:
        """Show the first frame, then go on to the world."""
        for name in ("SIGHUP", "SIGTERM"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                asyncio.get_running_loop().add_signal_handler(number, self._ended, number)
        self.call_after_refresh(self._open)

    def _open(self) -> None:
        from scenarios.mistakes import ScenarioError
        from tui.charts.raster import Glyphs
        from tui.screens.live import LiveScreen
        from tui.session import Session

        try:
            loaded = self._load()
        except ScenarioError as problem:
            self.problem = problem
            self.exit(2)
            return
        self.session = Session(loaded)
        self.live = LiveScreen(self.session, glyphs=Glyphs(self._charts), live=self._live)
        self.push_screen(self.live)
        for remark in loaded.remarks:
            self.notify(str(remark), severity="warning", timeout=8)

    def _ended(self, number: int) -> None:
        """A signal ends the app, in good order if the terminal is still there.

        Where it has gone, Textual may wait for it for ever: its patience is limited.
        """
        self.keep_recording()
        last = threading.Timer(PATIENCE, os._exit, (128 + number,))
        last.daemon = True
        last.start()
        self.exit(128 + number)

    def keep_recording(self) -> None:
        """Save what would be lost where nobody was asked: in a crash, or by a signal."""
        if self._unasked and self.unsaved:
            self.kept = self.session.rescue()

    async def action_quit(self) -> None:
        """Textual's own ctrl+q and palette entry: ask about an unsaved recording as `q` does."""
        from tui.screens.clocked import ClockedScreen

        if isinstance(self.screen, ClockedScreen):
            self.live.action_quit_session()
        elif not self.unsaved:
            self.leave()

    @property
    def unsaved(self) -> bool:
        """Whether a recording would be lost by leaving now."""
        return hasattr(self, "session") and self.session.unsaved

    @on(Left)
    def leave(self) -> None:
        """End the app: nothing would be lost, or its loss was agreed to."""
        self._unasked = False
        self.exit(0)

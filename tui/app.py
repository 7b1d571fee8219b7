"""The terminal app around the live screen: its palette, its theme, and how it is left."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from difflib import get_close_matches

from textual import on
from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.theme import BUILTIN_THEMES

from scenarios.loader import Loaded
from tui.charts.raster import Glyphs
from tui.commands import COMMANDS, Command, keys_of
from tui.messages import Left
from tui.screens.live import LiveScreen
from tui.session import Session


def check_theme(name: str | None) -> str | None:
    """What is wrong with a theme's name, if anything."""
    if name is None or name in BUILTIN_THEMES:
        return None
    close = get_close_matches(name, BUILTIN_THEMES, 1)
    hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(BUILTIN_THEMES))}"
    return f"--theme {name}: there is no such theme ({hint})"


class FlightCommands(Provider):
    """Every command of the live screen, in the palette under the same words as in the help."""

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
        here = isinstance(self.screen, LiveScreen)
        return [command for command in COMMANDS if command.action and here]

    def _run(self, command: Command) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.screen.run_action(command.action)

        return run


def _title(command: Command) -> str:
    aws = f"  {command.aws}" if command.aws else ""
    return f"{command.label}  [{keys_of(command)}]{aws}"


class SpilloverApp(App[int]):
    """One session, flown by keys."""

    TITLE = "Spillover"
    COMMANDS = App.COMMANDS | {FlightCommands}

    def __init__(
        self,
        loaded: Loaded,
        *,
        theme: str | None = None,
        charts: str = "braille",
        live: bool = True,
    ) -> None:
        """Open a loaded scenario; with `live` false the clock only moves by steps (for tests)."""
        super().__init__()
        self.session = Session(loaded)
        self.left_unasked = True
        """Whether the app ends by a crash or a signal, so that nobody was asked about saving."""
        self.live = LiveScreen(self.session, glyphs=Glyphs(charts), live=live)
        if theme is not None:
            self.theme = theme

    def on_mount(self) -> None:
        """Go straight to the world; a terminal that goes away ends the app in good order."""
        self.push_screen(self.live)
        for name in ("SIGHUP", "SIGTERM"):
            if hasattr(signal, name):
                number = getattr(signal, name)
                asyncio.get_running_loop().add_signal_handler(number, self.exit, 128 + number)

    async def action_quit(self) -> None:
        """Textual's own ctrl+q and palette entry: ask about an unsaved recording as `q` does."""
        if self.screen is self.live:
            self.live.action_quit_session()
        elif not self.session.unsaved:
            self.leave()

    @on(Left)
    def leave(self) -> None:
        """End the app: nothing would be lost, or its loss was agreed to."""
        self.left_unasked = False
        self.exit(0)

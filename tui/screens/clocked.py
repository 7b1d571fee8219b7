"""`ClockedScreen`: a screen of one session, under the header, while the clock goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from model.actions import ActionError
from tui import views
from tui.command import Command, footer_hints
from tui.pacer import Pacer, label
from tui.panes.header import Clockwork, HeaderPane
from tui.session import Session
from tui.widgets.key_bar import KeyBar

Answer = TypeVar("Answer")

REDRAW = 0.25
"""Seconds between two redraws while time passes."""
STEP = 60.0
"""Simulated seconds of a single step."""

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""What a screen needs to say anything."""
WIDTHS = [(0, "-tiny"), (LEAST_WIDTH, "-narrow"), (100, "-normal"), (160, "-wide")]
HEIGHTS = [(0, "-flat"), (LEAST_HEIGHT, "-short"), (32, "-tall")]


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """Keys for all commands of a table."""
    made: list[BindingType] = [
        Binding(
            command.key,
            command.action,
            command.label,
            show=False,
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
        if command.action
    ]
    made.append(Binding("ctrl+c", "help_quit", show=False))
    return made


class ClockedScreen(Screen[None]):
    """Header, body and key bar of one session; `draw` brings all of it up to date."""

    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    TABLE: ClassVar[tuple[Command, ...]] = ()
    """What can be done on it."""
    PANES: ClassVar[tuple[str, ...]] = ()
    """The ids of its panes, each of which can be shown alone."""
    CALM: ClassVar[int] = 2
    """Redraws of the header for one of the panes."""

    DEFAULT_CSS = """
    ClockedScreen {
        & #body > Vertical, & #body > .column > Vertical {
            border: round $primary 40%;
            border-title-color: $text-primary;
            border-subtitle-color: $text-muted;
        }
        & #body > Vertical:focus-within, & #body > .column > Vertical:focus-within {
            border: round $accent;
            border-title-color: $text-accent;
            border-title-style: bold;
        }
        & > .-maximized { border: none; }
        & #too-small {
            display: none;
            width: 1fr;
            height: 1fr;
            content-align: center middle;
            text-align: center;
        }
        &.-tiny, &.-flat {
            & #too-small { display: block; }
            & #header, & #body, & KeyBar { display: none; }
        }
    }
    """

    def __init__(self, session: Session, pacer: Pacer, *, live: bool = True) -> None:
        """Show a session; with `live` false nothing is drawn by itself (for tests)."""
        super().__init__()
        self.session = session
        self.pacer = pacer
        self._live = live
        self._drawn: float | None = None
        self._beats = 0

    def compose(self) -> ComposeResult:
        yield Static(
            f"This terminal is too small: Spillover needs {LEAST_WIDTH} x {LEAST_HEIGHT} cells.",
            id="too-small",
        )
        yield HeaderPane(id="header")
        with Container(id="body"):
            yield from self.panes()
        yield KeyBar(footer_hints(self.TABLE))

    def panes(self) -> ComposeResult:
        """What is between header and key bar."""
        yield from ()

    def on_mount(self) -> None:
        """Draw what there is, then follow the clock."""
        self.call_after_refresh(self.draw)
        if self._live:
            self.set_interval(REDRAW, self._redraw)

    def on_screen_resume(self) -> None:
        """Things may have changed while another screen was in front."""
        if self._drawn is not None:
            self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    @property
    def in_sight(self) -> bool:
        """Whether it is in front, but for dialogs. (Textual's `is_current` holds for a screen under
        an opaque one, too, and what is drawn there has the one in front drawn again as a whole.)"""
        screens = self.app.screen_stack
        above = screens[screens.index(self) + 1 :] if self in screens else screens
        return all(isinstance(screen, ModalScreen) for screen in above)

    def _redraw(self) -> None:
        if self.in_sight and self.session.world.now != self._drawn:
            self._beats += 1
            if self._beats % self.CALM:
                self.draw_header()
            else:
                self.draw()

    def draw(self) -> None:
        """Bring everything up to date."""
        self._drawn = self.session.world.now
        self.draw_header()
        self.draw_panes()

    def draw_panes(self) -> None:
        """Bring what is below the header up to date."""

    def draw_header(self) -> None:
        """Bring the header up to date."""
        world, pacer = self.session.world, self.pacer
        header = self.query_one(HeaderPane)
        header.view = views.header(world, self.session.scenario.name, self.session.end)
        header.clockwork = Clockwork(
            label(pacer.speed), paused=pacer.paused, over=pacer.over, past=pacer.past
        )

    # -- the clock ----------------------------------------------------------------------------

    def action_pause(self) -> None:
        self.pacer.paused = not self.pacer.paused
        self.draw()

    def action_step(self) -> None:
        self.pacer.step(STEP)
        self.draw()

    def action_faster(self) -> None:
        self.pacer.faster()
        self.draw_header()

    def action_slower(self) -> None:
        self.pacer.slower()
        self.draw_header()

    # -- looking ------------------------------------------------------------------------------

    def action_pane(self, name: str) -> None:
        """Go to a pane (what it shows takes the focus)."""
        target = self.query_one(f"#{name}")
        inner: Widget = next(child for child in target.query("*") if child.focusable)
        if self.maximized is not None and self.maximized is not target:
            self.minimize()
        inner.focus()

    def action_zoom(self) -> None:
        """Show the focused pane alone, or all of them again."""
        if self.maximized is not None:
            self.minimize()
        elif self.focused is not None:
            pane = next((p for p in self.focused.ancestors_with_self if p.id in self.PANES), None)
            if isinstance(pane, Widget):
                self.maximize(pane, container=False)
        self.call_after_refresh(self.draw)

    def action_unzoom(self) -> None:
        self.minimize()
        self.call_after_refresh(self.draw)

    def action_back(self) -> None:
        """One step back: all panes again, or the screen before this one."""
        if self.maximized is not None:
            self.action_unzoom()
        else:
            self.app.pop_screen()

    def action_help_quit(self) -> None:
        """Ctrl+C: somebody wants to leave, or to copy."""
        self.notify("press q to leave", title="Still here")

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.TABLE))

    # -- acting -------------------------------------------------------------------------------

    def toggle(self, change: Callable[[], bool], on_text: str, off_text: str) -> None:
        """Begin or end something, and say which."""
        try:
            began = change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(on_text if began else off_text)
        self.draw()

    def do(self, change: Callable[[], None], done: str) -> None:
        """Do something, and say so."""
        try:
            change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(done)
        self.draw()

    async def ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Show a dialog, with no old news in front of it; the answer."""
        self.app.clear_notifications()
        return await self.app.push_screen_wait(dialog)

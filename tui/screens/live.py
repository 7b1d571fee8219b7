"""The live screen: the panes of one world, its clock, and the keys that fly it."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from tui import views
from tui.charts.raster import Glyphs
from tui.commands import COMMANDS, footer_hints
from tui.graphs import PERIODS, RANGES, graphs_of, range_label
from tui.log import LogReader
from tui.messages import Advanced, Left
from tui.pacer import Pacer, label
from tui.panes.alarms import AlarmsPane
from tui.panes.capacity import CapacityPane
from tui.panes.events import EventsPane
from tui.panes.graphs import GraphsPane
from tui.panes.header import Clockwork, HeaderPane
from tui.panes.targets import TargetsPane
from tui.plots import PlotReader, with_period
from tui.screens.acting import ActingScreen
from tui.session import Session
from tui.widgets.key_bar import KeyBar

Answer = TypeVar("Answer")

FRAME = 0.05
"""Seconds between two frames of the clock."""
REDRAW = 0.25
"""Seconds between two redraws of the panes while time passes."""
STEP = 60.0
"""Simulated seconds of a single step."""

LEAST_WIDTH, LEAST_HEIGHT = 60, 16
"""What the panes need to say anything."""
WIDTHS = [(0, "-tiny"), (LEAST_WIDTH, "-narrow"), (100, "-normal"), (160, "-wide")]
HEIGHTS = [(0, "-flat"), (LEAST_HEIGHT, "-short"), (32, "-tall")]

PANES = ("targets", "graphs", "capacity", "alarms", "events")


def bindings() -> list[BindingType]:
    """Keys for all commands, from the one table of commands."""
    made: list[BindingType] = [
        Binding(
            command.key,
            command.action,
            command.label,
            show=False,
            tooltip=command.help,
            id=command.id,
        )
        for command in COMMANDS
        if command.action
    ]
    made += [
        Binding(str(number), f"pane('{name}')", name.capitalize(), show=False, id=f"pane.{name}")
        for number, name in enumerate(PANES, start=1)
    ]
    made.append(Binding("escape", "unzoom", "Back", show=False, id="view.unzoom"))
    made.append(Binding("ctrl+c", "help_quit", show=False))
    return made


class LiveScreen(ActingScreen):
    """Everything about one session, at a glance."""

    CSS_PATH = "live.tcss"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(
        self, session: Session, *, glyphs: Glyphs = Glyphs.BRAILLE, live: bool = True
    ) -> None:
        """Show a session; with `live` false the clock only moves by steps (for tests)."""
        super().__init__(session)
        self.pacer = Pacer(session.world, session.end)
        self._glyphs = glyphs
        self._live = live
        self._log = LogReader(session.world)
        self._graphs = graphs_of(session.world)
        self._plots = PlotReader(session.world)
        self._range = RANGES[0]
        self._drawn = -1.0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        utc = self.session.world.schedule.utc
        yield Static(
            f"This terminal is too small: Spillover needs {LEAST_WIDTH} x {LEAST_HEIGHT} cells.",
            id="too-small",
        )
        yield HeaderPane(id="header")
        with Container(id="body"):
            yield TargetsPane(id="targets")
            yield GraphsPane(glyphs=self._glyphs, id="graphs")
            yield CapacityPane(utc, id="capacity")
            yield AlarmsPane(utc, id="alarms")
            yield EventsPane(id="events")
        yield KeyBar(footer_hints())

    def on_mount(self) -> None:
        """Draw what there is, then let the clock go."""
        self.query_one(GraphsPane).available = len(self._graphs)
        self.query_one(TargetsPane).table.focus()
        self.call_after_refresh(self.draw)
        if self._live:
            self._timer = self.set_interval(FRAME, self._frame)
            self.set_interval(REDRAW, self._redraw)

    # -- time ---------------------------------------------------------------------------------

    def _frame(self) -> None:
        before, past = self.pacer.over, self.pacer.past
        if self.pacer.frame():
            self.post_message(Advanced(self.session.world.now))
        if past and not self.pacer.past:
            gc.freeze()  # what is there stays: to look it through again would hold up the keys
        if self.pacer.over and not before:
            self._finish()

    def _redraw(self) -> None:
        if self.is_current and self.session.world.now != self._drawn:
            self.draw()

    @on(Advanced)
    def _advanced(self) -> None:
        """The header follows every frame; the panes follow at their own pace."""
        self._draw_header()

    @on(GraphsPane.Rearranged)
    def _rearranged(self) -> None:
        self.draw()

    def _finish(self) -> None:
        self.draw()
        self.action_verdict()

    def _draw_header(self) -> None:
        world, pacer = self.session.world, self.pacer
        header = self.query_one(HeaderPane)
        header.view = views.header(world, self.session.scenario.name, self.session.end)
        header.clockwork = Clockwork(
            label(pacer.speed), paused=pacer.paused, over=pacer.over, past=pacer.past
        )

    def draw(self) -> None:
        """Bring every pane up to date."""
        world = self.session.world
        self._drawn = world.now
        self._draw_header()
        self.query_one(TargetsPane).routing = views.routing(world)
        self.query_one(CapacityPane).capacities = views.capacities(world)
        self.query_one(AlarmsPane).alarms = views.alarms(world)
        self.query_one(EventsPane).lines = self._log.lines()
        pane = self.query_one(GraphsPane)
        if self._graphs:
            chosen = [self._graphs[index] for index in pane.indices]
            period = PERIODS[self._range]
            plots = [with_period(graph, period) for graph in chosen]
            pane.show([self._plots.charts(plot, self._range)[0] for plot in plots])

    def action_pause(self) -> None:
        self.pacer.paused = not self.pacer.paused
        self.draw()

    def action_step(self) -> None:
        self.pacer.step(STEP)
        self.draw()

    def action_faster(self) -> None:
        self.pacer.faster()
        self._draw_header()

    def action_slower(self) -> None:
        self.pacer.slower()
        self._draw_header()

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
            pane = next((p for p in self.focused.ancestors_with_self if p.id in PANES), None)
            if isinstance(pane, Widget):
                self.maximize(pane, container=False)
        self.call_after_refresh(self.draw)

    def action_unzoom(self) -> None:
        self.minimize()
        self.call_after_refresh(self.draw)

    def action_next_graph(self) -> None:
        self.query_one(GraphsPane).next_graph()
        self.draw()

    def action_next_range(self) -> None:
        self._range = RANGES[(RANGES.index(self._range) + 1) % len(RANGES)]
        self.notify(f"graphs show {range_label(self._range)}")
        self.draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    # -- the session --------------------------------------------------------------------------

    def action_help_quit(self) -> None:
        """Ctrl+C: somebody wants to leave, or to copy."""
        self.notify("press q to leave", title="Still here")

    def action_help(self) -> None:
        from tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())

    @work
    async def action_verdict(self) -> None:
        """Show the figures and the expectations as of now."""
        from tui.screens.verdict import VerdictScreen

        screen = VerdictScreen(
            self.session.outcome().report, self.session.open_expectations(), over=self.pacer.over
        )
        if await self._ask(screen):
            await self._save()

    @work
    async def action_save(self) -> None:
        """Ask for a file name and write the session as a scenario."""
        await self._save()

    async def _save(self) -> bool:
        from tui.screens.dialogs import SaveDialog

        answer = await self._ask(SaveDialog(self.session.file_name, self._write))
        if answer is not None:
            self.notify(f"saved as {Path(answer).expanduser()}", title="Session")
        return answer is not None

    def _write(self, name: str) -> str | None:
        path = Path(name).expanduser()
        try:
            self.session.save(path)
        except FileExistsError:
            return f"{path} is there already; choose another name"
        except OSError as error:
            return f"{path}: {error.strerror}"
        return None

    @work
    async def action_quit_session(self) -> None:
        """Leave; a recording that no file holds is asked about first."""
        from tui.screens.dialogs import QuitDialog

        if self.session.unsaved:
            answer = await self._ask(QuitDialog())
            if answer == "stay" or (answer == "save" and not await self._save()):
                return
        self.post_message(Left())

"""The live screen: the panes of one world, its clock, and the keys that fly it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import ModalScreen, Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from model.actions import ActionError
from tui import views
from tui.charts.raster import Glyphs
from tui.commands import COMMANDS, footer_hints
from tui.graphs import RANGES, chart_view, graphs_of
from tui.log import LogReader
from tui.messages import Advanced, Left
from tui.pacer import Pacer, label
from tui.panes.alarms import AlarmsPane
from tui.panes.capacity import CapacityPane
from tui.panes.events import EventsPane
from tui.panes.graphs import GraphsPane
from tui.panes.header import Clockwork, HeaderPane
from tui.panes.targets import TargetsPane
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


class LiveScreen(Screen[None]):
    """Everything about one session, at a glance."""

    CSS_PATH = "live.tcss"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(
        self, session: Session, *, glyphs: Glyphs = Glyphs.BRAILLE, live: bool = True
    ) -> None:
        """Show a session; with `live` false the clock only moves by steps (for tests)."""
        super().__init__()
        self.session = session
        self.pacer = Pacer(session.world, session.end)
        self._glyphs = glyphs
        self._live = live
        self._log = LogReader(session.world)
        self._graphs = graphs_of(session.world)
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
        self.query_one(TargetsPane).groups = views.target_groups(world)
        self.query_one(CapacityPane).capacities = views.capacities(world)
        self.query_one(AlarmsPane).alarms = views.alarms(world)
        self.query_one(EventsPane).lines = self._log.lines()
        pane = self.query_one(GraphsPane)
        if self._graphs:
            chosen = [self._graphs[index] for index in pane.indices]
            pane.show([chart_view(world, graph, self._range) for graph in chosen])

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

    # -- faults and moves ---------------------------------------------------------------------

    def action_kill(self) -> None:
        if (instance := self._selected()) is not None:
            self._do(lambda: self.session.kill(instance), f"terminating {instance}")

    def action_fail_health(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_health(instance),
                f"{instance} fails its health checks",
                f"{instance} passes its health checks again",
            )

    def action_slow_service(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_slow(instance),
                f"{instance} is five times slower",
                f"{instance} is back to its speed",
            )

    def action_errors(self) -> None:
        if (instance := self._selected()) is not None:
            self._toggle(
                lambda: self.session.toggle_errors(instance),
                f"{instance} fails half of its requests",
                f"{instance} errs no more",
            )

    @work
    async def action_zone_down(self) -> None:
        """Ask for a zone, and cut or restore its network."""
        from tui.screens.dialogs import ZoneDialog

        zones = views.zones(self.session.world)
        if not zones:
            self.notify("there is no load balancer whose zone could fail", severity="warning")
            return
        zone = await self._ask(ZoneDialog(zones, self._selected_zone()))
        if zone is not None:
            self._toggle(
                lambda: self.session.toggle_zone(zone),
                f"the network of {zone} is down",
                f"the network of {zone} is back",
            )

    def _selected_zone(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        found = self.session.world.ec2.instances.get(instance or "")
        return found.zone if found is not None else None

    def action_spike(self) -> None:
        self._toggle(self.session.toggle_spike, "traffic is tripled", "traffic is back to normal")

    def action_lift(self) -> None:
        count = len(self.session.world.faults.active)
        if count:
            self._do(self.session.lift, f"{count} fault{'s' * (count != 1)} lifted")
        else:
            self.notify("no fault is at work")

    @work
    async def action_desired(self) -> None:
        """Ask for a group's desired capacity, and set it."""
        from tui.screens.dialogs import DesiredCapacityDialog

        groups = self.session.world.autoscaling.describe_auto_scaling_groups()
        if not groups:
            self.notify("there is no Auto Scaling group", severity="warning")
            return
        answer = await self._ask(DesiredCapacityDialog(groups))
        if answer is not None:
            group, capacity = answer
            self._do(
                lambda: self.session.set_desired(group, capacity), f"{group}: {capacity} desired"
            )

    def _selected(self) -> str | None:
        instance = self.query_one(TargetsPane).selected
        if instance is None:
            self.notify("no target is selected: go to the targets with 1", severity="warning")
        return instance

    def _toggle(self, change: Callable[[], bool], on_text: str, off_text: str) -> None:
        try:
            began = change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(on_text if began else off_text)
        self.draw()

    def _do(self, change: Callable[[], None], done: str) -> None:
        try:
            change()
        except ActionError as error:
            self.notify(str(error), severity="error")
        else:
            self.notify(done)
        self.draw()

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
        self.notify(f"graphs show {self._range / 3600:g} h")
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

    async def _ask(self, dialog: ModalScreen[Answer]) -> Answer | None:
        """Show a dialog, with no old news in front of it; the answer."""
        self.app.clear_notifications()
        return await self.app.push_screen_wait(dialog)

    @work
    async def action_quit_session(self) -> None:
        """Leave; a recording that no file holds is asked about first."""
        from tui.screens.dialogs import QuitDialog

        if self.session.unsaved:
            answer = await self._ask(QuitDialog())
            if answer == "stay" or (answer == "save" and not await self._save()):
                return
        self.post_message(Left())

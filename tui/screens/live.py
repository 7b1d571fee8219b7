"""The live screen: the panes of one world, its clock, and the keys that fly it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from model.cloudwatch.dashboards.resource import Dashboard
from tui import garbage, views
from tui.charts.raster import Glyphs
from tui.commands import COMMANDS
from tui.graphs import PERIODS, RANGES, graphs_of, range_label
from tui.log import LogReader
from tui.messages import Advanced, Left
from tui.pacer import Pacer
from tui.panes.alarms import AlarmsPane
from tui.panes.capacity import CapacityPane
from tui.panes.events import EventsPane
from tui.panes.graphs import GraphsPane
from tui.panes.targets import TargetsPane
from tui.plots import Plot, PlotReader, with_period
from tui.screens.acting import ActingScreen
from tui.screens.clocked import bindings
from tui.session import Session
from tui.widgets.live_table import LiveTable
from tui.workbench import Workbench

FRAME = 0.05
"""Seconds between two frames of the clock."""

PANES = ("targets", "graphs", "capacity", "alarms", "events")


def live_bindings() -> list[BindingType]:
    """Keys for all commands, and those that go to a pane."""
    made = bindings(COMMANDS)
    made += [
        Binding(str(number), f"pane('{name}')", name.capitalize(), show=False, id=f"pane.{name}")
        for number, name in enumerate(PANES, start=1)
    ]
    made.append(Binding("escape", "unzoom", "Back", show=False, id="view.unzoom"))
    return made


class LiveScreen(ActingScreen):
    """Everything about one session, at a glance."""

    CSS_PATH = "live.tcss"
    TABLE = COMMANDS
    PANES = PANES
    CALM = 1
    BINDINGS: ClassVar[list[BindingType]] = live_bindings()

    def __init__(
        self, session: Session, *, glyphs: Glyphs = Glyphs.BRAILLE, live: bool = True
    ) -> None:
        """Show a session; with `live` false the clock only moves by steps (for tests)."""
        super().__init__(session, Pacer(session.world, session.end), live=live)
        self._glyphs = glyphs
        self._log = LogReader(session.world)
        self._main = self._graphs = graphs_of(session.world)
        self._plots = PlotReader(session.world)
        self._range = RANGES[0]
        self.bench = Workbench()
        """The graph that somebody makes of metrics of their choice."""

    def panes(self) -> ComposeResult:
        """Targets, graphs, capacity, alarms and events."""
        utc = self.session.world.schedule.utc
        yield TargetsPane(id="targets")
        yield GraphsPane(glyphs=self._glyphs, id="graphs")
        yield CapacityPane(utc, id="capacity")
        yield AlarmsPane(utc, id="alarms")
        yield EventsPane(id="events")

    def on_mount(self) -> None:
        """Draw what there is, then let the clock go."""
        self.query_one(GraphsPane).available = len(self._graphs)
        self.query_one(TargetsPane).table.focus()
        if self._live:
            garbage.begin()
            self.set_interval(FRAME, self._frame)

    def on_unmount(self) -> None:
        """The session is over."""
        garbage.end()

    # -- time ---------------------------------------------------------------------------------

    def _frame(self) -> None:
        before, past = self.pacer.over, self.pacer.past
        if self.pacer.frame():
            self.post_message(Advanced(self.session.world.now))
        if past and not self.pacer.past:
            garbage.set_aside()
        if self.pacer.over and not before:
            self._finish()

    @on(Advanced)
    def _advanced(self) -> None:
        """The header follows every frame; the panes follow at their own pace."""
        if self.in_sight:
            self.draw_header()

    @on(GraphsPane.Rearranged)
    def _rearranged(self) -> None:
        self.draw()

    def _finish(self) -> None:
        self.draw()
        self.action_verdict()

    def draw_panes(self) -> None:
        """Bring every pane up to date."""
        world = self.session.world
        self.query_one(TargetsPane).routing = views.routing(world)
        self.query_one(CapacityPane).capacities = views.capacities(world)
        self.query_one(CapacityPane).services = world.ecs.describe_services()
        self.query_one(AlarmsPane).alarms = views.alarms(world)
        self.query_one(EventsPane).lines = self._log.lines()
        pane = self.query_one(GraphsPane)
        self._renew_graphs(pane)
        if self._graphs:
            chosen = [self._graphs[index] for index in pane.indices]
            period = PERIODS[self._range]
            plots = [with_period(graph, period) for graph in chosen]
            pane.show([self._plots.charts(plot, self._range)[0] for plot in plots])

    def _renew_graphs(self, pane: GraphsPane) -> None:
        """Databases come and go: the lines of their graphs do so, too."""
        if self.session.world.rds.deployments:
            renewed = graphs_of(self.session.world)
            if renewed != self._main:
                own = [graph for graph in self._graphs if graph not in self._main]
                self._main, self._graphs = renewed, (*own, *renewed)
                pane.available = len(self._graphs)

    # -- looking ------------------------------------------------------------------------------

    def action_next_graph(self) -> None:
        self.query_one(GraphsPane).next_graph()
        self.draw()

    def action_metrics(self) -> None:
        """Look at metrics; what was chosen before is still there."""
        from tui.screens.metrics import MetricsScreen

        self.app.push_screen(
            MetricsScreen(
                self.session,
                self.pacer,
                self.bench,
                self.pin,
                glyphs=self._glyphs,
                live=self._live,
            )
        )

    def action_alarm(self) -> None:
        """Look at the alarm under the cursor of the alarms pane."""
        chosen = self.query_one(AlarmsPane).selected
        if chosen is None:
            self.notify("there is no alarm in this template", severity="warning")
        else:
            self.open_alarm(chosen)

    def open_alarm(self, alarm_id: str) -> None:
        """The page of an alarm."""
        from tui.screens.alarm import AlarmScreen

        self.app.push_screen(AlarmScreen(self, alarm_id, glyphs=self._glyphs))

    @on(LiveTable.Selected, "#alarms LiveTable")
    def _open_alarm(self, event: LiveTable.Selected) -> None:
        self.open_alarm(event.key)

    def action_group(self) -> None:
        """Look at the group of the activity under the cursor, or the first one."""
        groups = tuple(self.session.world.autoscaling.groups)
        if not groups:
            self.notify("there is no Auto Scaling group in this template", severity="warning")
        else:
            self.open_group(self.query_one(CapacityPane).selected or groups[0])

    def open_group(self, group: str, activity: str | None = None) -> None:
        """The page of a group, at one of its activities if that is named."""
        from tui.screens.group import GroupScreen

        self.app.push_screen(GroupScreen(self, group, activity, glyphs=self._glyphs))

    @on(LiveTable.Selected, "#capacity LiveTable")
    def _open_group(self, event: LiveTable.Selected) -> None:
        group = self.query_one(CapacityPane).selected
        if group is not None:
            self.open_group(group, event.key)

    def action_dashboard(self) -> None:
        """Look at the first dashboard of the template."""
        from tui.dashboards import dashboards

        found = dashboards(self.session.world)
        if not found:
            self.notify("there is no AWS::CloudWatch::Dashboard in this template")
        else:
            self.open_dashboard(found[0])

    def open_dashboard(self, dashboard: Dashboard) -> None:
        """A dashboard, laid out."""
        from tui.screens.dashboard import DashboardScreen

        self.app.push_screen(DashboardScreen(self, dashboard, glyphs=self._glyphs))

    @property
    def drawn_by_itself(self) -> bool:
        """Whether screens follow the clock, as they do outside tests."""
        return self._live

    def pin(self, plots: tuple[Plot, ...]) -> bool:
        """Have these graphs come first, or (if they are there already) no more; whether they do."""
        there = all(plot in self._graphs for plot in plots)
        others = tuple(graph for graph in self._graphs if graph not in plots)
        self._graphs = others if there else (*plots, *others)
        pane = self.query_one(GraphsPane)
        pane.first, pane.available = 0, len(self._graphs)
        return not there

    def action_next_range(self) -> None:
        self._range = RANGES[(RANGES.index(self._range) + 1) % len(RANGES)]
        self.notify(f"graphs show {range_label(self._range)}")
        self.draw()

    # -- the session --------------------------------------------------------------------------

    @work
    async def action_verdict(self) -> None:
        """Show the figures and the expectations as of now."""
        from tui.screens.verdict import VerdictScreen

        report = self.session.outcome().report
        garbage.look_again()  # it was made with a copy of the world
        screen = VerdictScreen(report, self.session.open_expectations(), over=self.pacer.over)
        if await self.ask(screen):
            await self._save()

    @work
    async def action_save(self) -> None:
        """Ask for a file name and write the session as a scenario."""
        await self._save()

    async def _save(self) -> bool:
        from tui.screens.dialogs import SaveDialog

        answer = await self.ask(SaveDialog(self.session.file_name, self._write))
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
            answer = await self.ask(QuitDialog())
            if answer == "stay" or (answer == "save" and not await self._save()):
                return
        self.post_message(Left())

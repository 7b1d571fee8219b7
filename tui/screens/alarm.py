"""An alarm's page: its state in words, its graph, what it judges, its history, its actions."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.composites import CompositeView
from model.cloudwatch.evaluation import describe_evaluation, queries_of
from model.cloudwatch.queries import QueryError
from tui import alarm_words, views
from tui.charts.chart import MetricChart
from tui.charts.lanes import Lane, LanesView, StateLanes
from tui.charts.raster import Glyphs
from tui.charts.views import Band
from tui.graphs import RANGES, range_label
from tui.looking import ALARM
from tui.marks import spans
from tui.panes.alarm_parts import (
    AlarmSummary,
    ChildrenPane,
    DatapointsPane,
    DetailsPane,
    HistoryPane,
)
from tui.plots import Plot, PlotReader
from tui.screens.clocked import ClockedScreen, bindings
from tui.screens.elb_dialogs import Choice, ChoiceDialog
from tui.screens.live import LiveScreen
from tui.views import AnyAlarmView
from tui.widgets.live_table import LiveTable
from tui.widgets.titles import entitle


class AlarmScreen(ClockedScreen):
    """Everything about one alarm."""

    TABLE = ALARM
    PANES = ("graph", "judged", "history", "details")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(ALARM),
        *(
            Binding(str(number), f"pane('{name}')", show=False, id=f"alarm.{name}")
            for number, name in enumerate(PANES, start=1)
        ),
    ]

    DEFAULT_CSS = """
    AlarmScreen {
        & #body { height: 1fr; overflow-y: auto; }
        &.-narrow #body {
            & > #graph { height: 11; }
            & > #judged { height: 9; }
            & > #history { height: 9; }
            & > #details { height: 16; }
        }
        &.-normal #body, &.-wide #body {
            layout: grid;
            grid-size: 2 3;
            grid-rows: 4 5fr 4fr;
            grid-columns: 1fr 1fr;
        }
        &.-normal #summary, &.-wide #summary { column-span: 2; }
    }
    """

    def __init__(self, live: LiveScreen, alarm_id: str, *, glyphs: Glyphs = Glyphs.BRAILLE) -> None:
        """The page of an alarm by its id; `live` is the screen that plots are pinned to."""
        super().__init__(live.session, live.pacer, live=live.drawn_by_itself)
        self._screen = live
        self.alarm_id = alarm_id
        self._glyphs = glyphs
        self._plots = PlotReader(live.session.world)
        self._range = RANGES[0]

    @property
    def composite(self) -> bool:
        """Whether it is an alarm on alarms."""
        return self.alarm_id in self.session.world.cloudwatch.composites.records

    def panes(self) -> ComposeResult:
        """Summary, graph, datapoints (or the alarms of the rule), details, history."""
        utc = self.session.world.schedule.utc
        yield AlarmSummary(id="summary")
        with Vertical(id="graph"):
            if self.composite:
                yield StateLanes(glyphs=self._glyphs)
            else:
                yield MetricChart(glyphs=self._glyphs)
        yield ChildrenPane(utc, id="judged") if self.composite else DatapointsPane(utc, id="judged")
        yield DetailsPane(id="details")
        yield HistoryPane(utc, id="history")

    def on_mount(self) -> None:
        self.query_one("#judged LiveTable").focus()

    # -- drawing ------------------------------------------------------------------------------

    def draw_panes(self) -> None:
        """Read the alarm again."""
        world = self.session.world
        utc = world.schedule.utc
        if self.alarm_id not in views.alarm_ids(world):
            self.notify(f"{self.alarm_id} is deleted", severity="warning")
            self.app.pop_screen()
            return
        view = self._view()
        enabled = views.actions_enabled(world, self.alarm_id)
        held = view.suppressed_by if isinstance(view, CompositeView) else None
        note = f"actions held by {held}" if held else "" if enabled else "actions disabled"
        since = f"{utc(view.since):%d %b %H:%M:%S}"
        self.query_one(AlarmSummary).view = (view, since, note)
        entitle(self.query_one("#graph"), f"1 graph  {range_label(self._range)}")
        self.query_one(DetailsPane).show(alarm_words.describe(world, self.alarm_id))
        self.query_one(HistoryPane).show(views.alarm_history(world, self.alarm_id))
        if self.composite:
            self._draw_rule()
        else:
            self._draw_metric()

    def _view(self) -> AnyAlarmView:
        found = views.alarms(self.session.world)
        return next(view for view in found if view.id == self.alarm_id)

    def _draw_metric(self) -> None:
        world = self.session.world
        record = world.cloudwatch.alarms[self.alarm_id]
        evaluation = describe_evaluation(world.cloudwatch, self.alarm_id)
        self.query_one(DatapointsPane).show(evaluation)
        try:
            (chart, *_) = self._plots.charts(self._plot(), self._range)
        except QueryError as problem:
            entitle(self.query_one("#graph"), subtitle=str(problem))
            return
        oldest = evaluation.end - record.alarm.evaluation_periods * record.alarm.period
        judged = Band.between(oldest, evaluation.end, float("-inf"), float("inf"))
        self.query_one(MetricChart).view = evolve(
            chart, end=max(chart.end, evaluation.end), bands=(judged, *chart.bands)
        )
        entitle(self.query_one("#graph"), subtitle="shaded: what it looks at")

    def _plot(self) -> Plot:
        alarm = self.session.world.cloudwatch.alarms[self.alarm_id].alarm
        title = f"{alarm.subject} {alarm.statistic}".rstrip()
        queries = queries_of(alarm)
        return Plot(
            title=title,
            queries=tuple(evolve(q, label=title) if q.return_data else q for q in queries),
            alarm=self.alarm_id,
            fixed=True,
        )

    def _children(self) -> tuple[AnyAlarmView, ...]:
        world = self.session.world
        names = world.cloudwatch.composites.records[self.alarm_id].rule.alarms
        ids = views.alarm_ids(world)
        wanted = [ids[name] for name in dict.fromkeys(names) if name in ids]
        found = {view.id: view for view in views.alarms(world)}
        return tuple(found[name] for name in dict.fromkeys(wanted))

    def _draw_rule(self) -> None:
        world, children = self.session.world, self._children()
        self.query_one(ChildrenPane).show(children)
        end = world.schedule.boundary(60.0) - 60.0
        start = end - self._range
        self.query_one(StateLanes).view = LanesView(
            epoch=world.schedule.epoch,
            start=start,
            end=end,
            lanes=tuple(
                Lane(view.alarm.name, spans(world, view.id, start, end))
                for view in (self._view(), *children)
            ),
        )

    # -- acting -------------------------------------------------------------------------------

    @on(LiveTable.Selected, "#judged LiveTable")
    def _open_child(self, event: LiveTable.Selected) -> None:
        if self.composite:
            self.app.push_screen(AlarmScreen(self._screen, event.key, glyphs=self._glyphs))

    @work
    async def action_set_state(self) -> None:
        """Ask for a state, and put the alarm into it."""
        choices = tuple(Choice(state.value, state.value) for state in AlarmState)
        answer = await self.ask(ChoiceDialog("SetAlarmState", choices))
        if answer is not None:
            done = f"{self._view().alarm.name} is set to {answer}, until it is evaluated again"
            self.do(lambda: self.session.set_alarm_state(self.alarm_id, AlarmState(answer)), done)

    def action_toggle_actions(self) -> None:
        name = self._view().alarm.name
        self.toggle(
            lambda: self.session.toggle_alarm_actions(self.alarm_id),
            f"{name} runs its actions again",
            f"{name} runs no actions any more",
        )

    def action_next_alarm(self) -> None:
        """Go on to the next alarm, in the order of the alarms pane."""
        ids = [view.id for view in views.alarms(self.session.world)]
        following = ids[(ids.index(self.alarm_id) + 1) % len(ids)]
        self.app.switch_screen(AlarmScreen(self._screen, following, glyphs=self._glyphs))

    def action_open_metrics(self) -> None:
        """Look at what it watches among all metrics."""
        if self.composite:
            self.notify("it watches alarms, not metrics", severity="warning")
            return
        alarm = self.session.world.cloudwatch.alarms[self.alarm_id].alarm
        self._screen.bench.take(queries_of(alarm))
        self._screen.bench.span = self._range
        self._screen.action_metrics()

    def action_next_range(self) -> None:
        self._range = RANGES[(RANGES.index(self._range) + 1) % len(RANGES)]
        self.draw()

    def action_pin(self) -> None:
        """Put the graph on the live screen, or take it away again."""
        if self.composite:
            self.notify("it has no metric to graph", severity="warning")
            return
        plot = self._plot()
        there = self._screen.pin((plot,))
        place = "first on the live screen" if there else "taken off the live screen"
        self.notify(f"{plot.title} is {place}")

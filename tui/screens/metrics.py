"""The metrics screen: any metric of the account, chosen, computed with and graphed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from attrs import evolve
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import QueryError
from tui.charts.axis import format_value
from tui.charts.pens import PENS
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView
from tui.graphs import PERIODS, range_label
from tui.looking import METRICS
from tui.pacer import Pacer
from tui.panes.chart_column import ChartColumn
from tui.panes.picker import MetricPicker
from tui.plots import Plot, PlotReader, at_range
from tui.screens.clocked import ClockedScreen, bindings
from tui.screens.graph_dialogs import ExpressionDialog, PeriodDialog, StatisticDialog
from tui.session import Session
from tui.views import resolution
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Row
from tui.widgets.titles import entitle
from tui.workbench import LENGTHS, Graphed, Workbench, period_label

LISTED_EVERY = 8
"""Redraws after which new metrics are looked for."""

COLUMNS = (
    Column("mark", "", 2),
    Column("id", "id", 4),
    Column("label", "label", 26),
    Column("statistic", "statistic", 11),
    Column("period", "period", 6),
    Column("value", "newest", 9, "right"),
    Column("details", "details", None),
)

UNIT_WORDS = {"None": "No unit"}

Pin = Callable[[tuple[Plot, ...]], bool]


class MetricsScreen(ClockedScreen):
    """Graph, graphed metrics, and all metrics to choose from."""

    TABLE = METRICS
    PANES = ("graph", "graphed", "picker")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(METRICS),
        Binding("1", "pane('graph')", show=False, id="metrics.graph"),
        Binding("2", "pane('graphed')", show=False, id="metrics.graphed"),
        Binding("3", "pane('picker')", show=False, id="metrics.picker"),
    ]

    DEFAULT_CSS = """
    MetricsScreen {
        & #body { layout: grid; height: 1fr; grid-size: 1 3; grid-rows: 9fr 5fr 8fr; }
        &.-tall #body { grid-rows: 9fr 4fr 6fr; }
        &.-wide #body { grid-size: 2 2; grid-rows: 3fr 2fr; grid-columns: 1fr 1fr; }
        &.-wide #graph { column-span: 2; }
    }
    """

    def __init__(
        self,
        session: Session,
        pacer: Pacer,
        bench: Workbench,
        pin: Pin,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        live: bool = True,
    ) -> None:
        """Show `bench`; `pin` puts plots on the live screen and says whether they are there now."""
        super().__init__(session, pacer, live=live)
        self.bench = bench
        self._pin = pin
        self._glyphs = glyphs
        self._plots = PlotReader(session.world)
        self._draws = 0
        self._views: tuple[ChartView, ...] = ()

    def panes(self) -> ComposeResult:
        """Graph, graphed metrics, picker."""
        yield ChartColumn(glyphs=self._glyphs, rows=7, id="graph")
        with Vertical(id="graphed") as graphed:
            graphed.border_title = "2 graphed metrics"
            yield LiveTable(COLUMNS, empty="choose metrics below: enter graphs one")
        yield MetricPicker(id="picker")

    def on_mount(self) -> None:
        """Begin in the picker, or at the graph if there is one already."""
        (self.graphed if self.bench.lines else self.query_one(MetricPicker).table).focus()

    @property
    def graphed(self) -> LiveTable:
        """The table of what is graphed."""
        return self.query_one("#graphed LiveTable", LiveTable)

    # -- drawing ------------------------------------------------------------------------------

    def draw_panes(self) -> None:
        """Read the graph again, and now and then what metrics there are."""
        if self._draws % LISTED_EVERY == 0:
            self._list()
        self._draws += 1
        self._draw_graph()
        self._draw_table()

    def _list(self) -> None:
        found = self.session.world.cloudwatch.metrics
        self.query_one(MetricPicker).keys = tuple(metric.key for metric in found)

    def _draw_graph(self) -> None:
        column = self.query_one(ChartColumn)
        stacked = "  stacked" if self.bench.stacked else ""
        title = f"1 graph  {range_label(self.bench.span)}{stacked}"
        self._views, wrong = self._charts()
        entitle(column, f"{title}  {wrong}".rstrip())
        views = self._views or (self._nothing(),)
        column.available = len(views)
        column.show(views)
        self.query_one(MetricPicker).chosen = frozenset(
            line.key for line in self.bench.lines if line.key is not None
        )

    def _charts(self) -> tuple[tuple[ChartView, ...], str]:
        """The charts, or what is wrong."""
        plot = self.bench.plot()
        if plot is None:
            return (), ""
        try:
            views = self._plots.charts(plot, self.bench.span)
        except QueryError as problem:
            return (), str(problem)
        # the legend tells what is drawn
        return tuple(evolve(view, title=UNIT_WORDS.get(view.unit, view.unit)) for view in views), ""

    def _nothing(self) -> ChartView:
        """An empty chart of the range."""
        world = self.session.world
        end = world.schedule.boundary(60.0) - 60.0
        return ChartView(
            title="Nothing is graphed yet" if not self.bench.lines else "Nothing to draw",
            epoch=world.schedule.epoch,
            start=end - self.bench.span,
            end=end,
        )

    def _draw_table(self) -> None:
        markers, wrong = self._markers(), self.bench.problems()
        rows = []
        shown = dict(
            zip(
                [line.id for line in self.bench.lines],
                at_range(self.bench.queries(), self.bench.span),
                strict=True,
            )
        )
        for line in self.bench.lines:
            query = shown[line.id]
            mark, value = markers.get(query.label or "", ("", ""))
            stat = query.metric_stat
            statistic = line.statistic if line.key is not None else "math"
            period = "" if stat is None else period_label(stat.period)
            if line.id in wrong:
                details = Cell(str(wrong[line.id]), "error")
            else:
                details = Cell(self._details(line), "muted")
            cells = (
                Cell("✗" if line.id in wrong else mark if line.visible else "-", "accent"),
                line.id,
                query.label or line.id,
                statistic,
                Cell(period, "text" if line.period is not None else "muted"),
                value if line.visible else "hidden",
                details,
            )
            rows.append(Row(line.id, cells, style="text" if line.visible else "muted"))
        self.graphed.rows = tuple(rows)
        words = [f"{name}, {complaint}" for name, complaint in wrong.items()]
        entitle(self.query_one("#graphed"), subtitle=next(iter(words), ""))

    def _details(self, line: Graphed) -> str:
        if line.key is None:
            return line.expression
        pairs = "  ".join(f"{name} {value}" for name, value in line.key.dimensions)
        return f"{line.key.namespace}  {pairs}"

    def _markers(self) -> dict[str, tuple[str, str]]:
        """The marker and the newest value of each series, by its label."""
        pen = PENS[self._glyphs]
        found: dict[str, tuple[str, str]] = {}
        for view in self._views:
            for index, series in enumerate(view.series):
                time = series.newest(view.end)
                value = None if time is None else series.at(time)
                text = "-" if value is None else format_value(value, series.unit or view.unit)
                found[series.label] = (pen.markers[index % len(pen.markers)], text)
        return found

    @on(ChartColumn.Rearranged)
    def _rearranged(self) -> None:
        self._draw_graph()

    # -- choosing -----------------------------------------------------------------------------

    @on(MetricPicker.Toggled)
    def _toggled(self, event: MetricPicker.Toggled) -> None:
        self.bench.toggle(event.key)
        self.draw()

    @on(LiveTable.Selected, "#graphed LiveTable")
    def _edit(self, event: LiveTable.Selected) -> None:
        if self.bench.line(event.key).key is None:
            self.action_expression()
        else:
            self.action_statistic()

    def _selected(self) -> Graphed | None:
        """The line under the cursor of the graphed metrics."""
        key = self.graphed.cursor_key
        if key is None:
            self.notify("nothing is graphed yet: choose a metric in pane 3", severity="warning")
            return None
        return self.bench.line(key)

    def _selected_metric(self) -> Graphed | None:
        line = self._selected()
        if line is not None and line.key is None:
            self.notify(f"{line.id} is an expression: enter changes it", severity="warning")
            return None
        return line

    def action_pane(self, name: str) -> None:
        """Go to a pane; in the picker to its table, where keys are commands."""
        super().action_pane(name)
        if name == "picker":
            self.query_one(MetricPicker).table.focus()

    def action_filter(self) -> None:
        self.query_one(MetricPicker).start_filter()

    @work
    async def action_statistic(self) -> None:
        """Ask for a statistic of the selected metric."""
        line = self._selected_metric()
        if line is None or line.key is None:
            return
        answer = await self.ask(StatisticDialog(f"{line.id} {line.key.name}", line.statistic))
        if answer is not None:
            self.bench.set_statistic(line.id, answer)
            self.draw()

    @work
    async def action_period(self) -> None:
        """Ask for a period of the selected metric."""
        line = self._selected_metric()
        if line is None or line.key is None:
            return
        answer = await self.ask(
            PeriodDialog(
                f"{line.id} {line.key.name}",
                line.period,
                self._lengths(line.key),
                PERIODS[self.bench.span],
            )
        )
        if answer is not None:
            self.bench.set_period(line.id, answer[0])
            self.draw()

    def _lengths(self, key: MetricKey) -> tuple[float, ...]:
        """The periods that make sense: not finer than the datapoints, nor longer than the range."""
        finest = resolution(self.session.world, key)
        return tuple(length for length in LENGTHS if finest <= length <= self.bench.span)

    @work
    async def action_expression(self) -> None:
        """Ask for an expression: the selected one, or a new one."""
        key = self.graphed.cursor_key if self.graphed.has_focus else None
        line = None if key is None else self.bench.line(key)
        name = None if line is None or line.key is not None else line.id
        known = tuple(
            (query.id, query.label or "") for query in self.bench.queries() if query.id != name
        )
        text = "" if name is None else self.bench.line(name).expression
        answer = await self.ask(
            ExpressionDialog(text, known, lambda typed: self.bench.complaint(name, typed))
        )
        if answer is not None:
            self.bench.set_expression(name, answer)
            self.draw()

    def action_visible(self) -> None:
        if (line := self._selected()) is not None:
            self.bench.toggle_visible(line.id)
            self.draw()

    def action_remove(self) -> None:
        if (line := self._selected()) is not None:
            self.bench.remove(line.id)
            self.draw()

    def action_clear(self) -> None:
        self.bench.clear()
        self.draw()

    def action_stacked(self) -> None:
        self.bench.stacked = not self.bench.stacked
        self.draw()

    def action_next_range(self) -> None:
        self.bench.next_range()
        self.draw()

    def action_pin(self) -> None:
        """Put the graph on the live screen, a chart for each unit."""
        plot = self.bench.plot()
        if plot is None or not self._views:
            self.notify("there is nothing to pin yet", severity="warning")
            return
        there = self._pin(self._plots.by_unit(plot, self.bench.span))
        self.notify(
            f"{plot.title} is first on the live screen"
            if there
            else f"{plot.title} is taken off the live screen"
        )

    def action_back(self) -> None:
        """One step back: in the picker first."""
        if not self.query_one(MetricPicker).back():
            super().action_back()

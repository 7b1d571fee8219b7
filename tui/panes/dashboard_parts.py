"""The widgets of a dashboard, each in a frame that knows its place on the grid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.events import Resize
from textual.layout import Layout
from textual.message import Message
from textual.widgets import Static

from model.cloudwatch.dashboards.body import (
    AlarmWidget,
    MetricWidget,
    OtherWidget,
    TextWidget,
    Widget,
)
from model.cloudwatch.queries import QueryError
from tui.charts.raster import Glyphs
from tui.dashboards import WidgetReader, Window, title_of
from tui.markdown import markdown
from tui.panes.alarms import STATES
from tui.panes.chart_column import ChartColumn
from tui.widgets.cells import wrap
from tui.widgets.columns24 import Columns24
from tui.widgets.live_table import LiveTable
from tui.widgets.numbers_chart import NumbersChart
from tui.widgets.rows import Cell, Column, Row
from tui.widgets.titles import entitle

Utc = Callable[[float], datetime]

ALARMS = (
    Column("state", "state", 7),
    Column("name", "alarm", None),
    Column("since", "since", 8),
)


class Frame(Vertical):
    """A widget on the grid."""

    ALLOW_MAXIMIZE = True
    STACKED = 12

    DEFAULT_CSS = """
    Frame {
        border: round $primary 40%;
        border-title-color: $text-primary;
        border-title-style: bold;
        border-subtitle-color: $text-error;
        &:focus-within { border: round $accent; border-title-color: $text-accent; }
    }
    """

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.box = widget.box
        entitle(self, widget.title)

    def stacked_height(self, width: int) -> int:
        """The rows it needs where all stand below each other."""
        return self.STACKED

    def show(self, reader: WidgetReader, window: Window) -> None:
        """Read again what it shows."""


class GraphFrame(Frame):
    """Metrics over time, a chart for each unit."""

    def __init__(self, widget: MetricWidget, glyphs: Glyphs) -> None:
        super().__init__(widget)
        self._widget = widget
        self._glyphs = glyphs
        entitle(self, title_of(widget))

    def compose(self) -> ComposeResult:
        yield ChartColumn(glyphs=self._glyphs, rows=5)

    def show(self, reader: WidgetReader, window: Window) -> None:
        try:
            views = reader.charts(self._widget, window)
        except QueryError as problem:
            entitle(self, subtitle=str(problem))
            return
        column = self.query_one(ChartColumn)
        column.available = len(views)
        column.show(views)
        hidden = len(views) - column.shown
        entitle(self, subtitle=f"{hidden} more without room" if hidden > 0 else "")


class NumbersFrame(Frame):
    """Numbers, gauges, bars, or parts of a whole."""

    STACKED = 6

    def __init__(self, widget: MetricWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        entitle(self, title_of(widget))

    def compose(self) -> ComposeResult:
        yield NumbersChart(self._widget.view)

    def stacked_height(self, width: int) -> int:
        """As many rows as the values need."""
        count = sum(line.query.return_data for line in self._widget.metrics)
        each = {"gauge": 3, "bar": 1, "pie": 1}.get(self._widget.view, 1)
        if self._widget.view == "singleValue":
            return 5 + self._widget.sparkline + 3 * ((count - 1) // max(width // 16, 1))
        return 2 + max(each * count, 3)

    def show(self, reader: WidgetReader, window: Window) -> None:
        self.query_one(NumbersChart).view = reader.numbers(self._widget, window)


class TableFrame(Frame):
    """A row for each series."""

    def __init__(self, widget: MetricWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        entitle(self, title_of(widget))

    def compose(self) -> ComposeResult:
        yield LiveTable((Column("label", "", 20),), empty="no datapoints yet")

    def stacked_height(self, width: int) -> int:
        return 3 + max(len(self._widget.metrics), 2)

    def show(self, reader: WidgetReader, window: Window) -> None:
        view = reader.table(self._widget, window)
        table = self.query_one(LiveTable)
        entitle(self, subtitle=view.problem)
        longest = max((len(row[0]) for row in view.rows), default=8)
        columns = [Column("label", "", min(longest, 30))]
        columns += [
            Column(f"{number}", name, 8, "right") for number, name in enumerate(view.columns[1:])
        ]
        # no more than a terminal can show: the newest are first
        table.columns = tuple(columns[: 2 + self.size.width // 10])
        table.rows = tuple(
            Row(f"{number} {row[0]}", tuple(row[: len(table.columns)]))
            for number, row in enumerate(view.rows)
        )


class AlarmFrame(Frame):
    """The states of alarms."""

    class Opened(Message):
        """An alarm's page is wanted."""

        def __init__(self, alarm_id: str) -> None:
            super().__init__()
            self.alarm_id = alarm_id

    def __init__(self, widget: AlarmWidget, utc: Utc) -> None:
        super().__init__(widget)
        self._widget = widget
        self._utc = utc
        entitle(self, widget.title or "Alarms")

    def compose(self) -> ComposeResult:
        yield LiveTable(ALARMS, empty="none of its alarms is in one of its states")

    def stacked_height(self, width: int) -> int:
        return 3 + len(self._widget.alarms)

    def show(self, reader: WidgetReader, window: Window) -> None:
        rows = []
        for view in reader.alarms(self._widget):
            text, kind = STATES[view.state]
            since = f"{self._utc(view.since):%H:%M:%S}"
            rows.append(Row(view.id, (Cell(text, kind), view.alarm.name, Cell(since, "muted"))))
        for arn in reader.unknown(self._widget):
            name = f"{arn.rpartition(':')[2]}: unknown"
            rows.append(Row(arn, (Cell("-", "muted"), Cell(name, "muted"), "")))
        self.query_one(LiveTable).rows = tuple(rows)

    def on_live_table_selected(self, event: LiveTable.Selected) -> None:
        """Enter on an alarm opens its page."""
        event.stop()
        if not event.key.startswith("arn:"):
            self.post_message(self.Opened(event.key))


class TextFrame(Frame):
    """A text; it has no border."""

    DEFAULT_CSS = """
    TextFrame {
        border: none;
        padding: 0 1;
        background: $boost;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        &.-transparent { background: transparent; }
        & > Static { height: auto; }
    }
    """

    def __init__(self, widget: TextWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.set_class(widget.transparent, "-transparent")

    def compose(self) -> ComposeResult:
        yield Static()

    def on_resize(self, event: Resize) -> None:
        """Rules and tables are as wide as there is room."""
        self.query_one(Static).update(markdown(self._widget.markdown, max(event.size.width - 2, 1)))

    def stacked_height(self, width: int) -> int:
        """As many rows as the text takes, and one between it and the next."""
        text = markdown(self._widget.markdown, width - 2).plain
        return sum(len(wrap(line, width - 2)) for line in text.split("\n")) + 1


class OtherFrame(Frame):
    """What is not simulated, by name."""

    STACKED = 3

    DEFAULT_CSS = """
    OtherFrame > Static { height: 1fr; content-align: center middle; color: $text-muted; }
    """

    def __init__(self, widget: OtherWidget) -> None:
        super().__init__(widget)
        self._kind = widget.kind
        entitle(self, widget.title or widget.kind)

    def compose(self) -> ComposeResult:
        yield Static(f"{self._kind}: not simulated")


def frame(widget: Widget, utc: Utc, glyphs: Glyphs) -> Frame:
    """The frame that shows a widget."""
    match widget:
        case TextWidget():
            return TextFrame(widget)
        case AlarmWidget():
            return AlarmFrame(widget, utc)
        case MetricWidget(view="timeSeries"):
            return GraphFrame(widget, glyphs)
        case MetricWidget(view="table"):
            return TableFrame(widget)
        case MetricWidget():
            return NumbersFrame(widget)
        case OtherWidget():
            return OtherFrame(widget)


class DashboardGrid(VerticalScroll):
    """All frames of a dashboard."""

    class Scrolled(Message):
        """Other frames may have come into view."""

    COLUMNS = Columns24()

    @property
    def layout(self) -> Layout:
        """A layout of our own, which style sheets cannot name."""
        return self.COLUMNS

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """What comes into view has to be read."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

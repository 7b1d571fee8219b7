"""`MetricChart`: a CloudWatch metric drawn in the terminal, with a cursor to read values at."""

from __future__ import annotations

import math
from typing import ClassVar

from attrs import frozen
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.charts.drawing import Drawing, draw
from tui.charts.legend import Run
from tui.charts.pens import ROLES
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView
from tui.widgets.parts import Parts


@frozen
class _Picture:
    """What was drawn last, and for what size."""

    size: Size
    drawing: Drawing
    strips: list[Strip]


class MetricChart(Parts, Widget, can_focus=True):
    """A chart of one or more series over time.

    Give it a `ChartView`; it draws itself again only when the view, its size, the theme or the
    cursor changed. Small charts show less: see `tui.charts.layout`.
    """

    ALLOW_MAXIMIZE = True

    PARTS: ClassVar[frozenset[str]] = frozenset(
        {*(f"metric-chart--{role}" for role in ROLES), "metric-chart--cursor"}
    )
    """
    | Class | Description |
    | :- | :- |
    | `metric-chart--title` | The chart's title. |
    | `metric-chart--legend`, `--value` | A series' label and its value. |
    | `metric-chart--clock` | The cursor's time and the marks under it. |
    | `metric-chart--label`, `--axis`, `--grid` | Labels, axis lines, grid points. |
    | `metric-chart--series-1` to `--series-6` | The series, in order. |
    | `metric-chart--band` | The shade of bands. |
    | `metric-chart--threshold` | Threshold lines and their labels. |
    | `metric-chart--mark-line` | The column below or above a mark. |
    | `metric-chart--mark-fault`, `-move`, `-scaling`, `-alarm`, `-note` | Event marks, by kind. |
    | `metric-chart--ok`, `--alarm`, `--insufficient` | The alarm strip. |
    | `metric-chart--hair` | The cursor's hair line where nothing else is drawn. |
    | `metric-chart--cursor` | Background of every cell in the cursor's column. |
    | `metric-chart--empty` | The words "no datapoints yet". |
    """

    DEFAULT_CSS = """
    MetricChart {
        height: 1fr;
        min-height: 1;

        & > .metric-chart--title { text-style: bold; }
        & > .metric-chart--legend { color: $text-muted; }
        & > .metric-chart--clock { color: $text-accent; text-style: bold; }
        & > .metric-chart--label { color: $text-muted; }
        & > .metric-chart--axis { color: $foreground 30%; }
        & > .metric-chart--grid { color: $foreground 25%; }
        & > .metric-chart--band { color: $foreground 20%; }
        & > .metric-chart--series-1 { color: $text-primary; }
        & > .metric-chart--series-2 { color: $text-warning; }
        & > .metric-chart--series-3 { color: $text-success; }
        & > .metric-chart--series-4 { color: $foreground; }
        & > .metric-chart--series-5 { color: $text-secondary; }
        & > .metric-chart--series-6 { color: $text-accent; }
        & > .metric-chart--threshold { color: $text-error; }
        & > .metric-chart--mark-line { color: $foreground 45%; }
        & > .metric-chart--mark-fault { color: $text-error; text-style: bold; }
        & > .metric-chart--mark-move { color: $text-secondary; }
        & > .metric-chart--mark-scaling { color: $text-success; }
        & > .metric-chart--mark-alarm { color: $text-warning; }
        & > .metric-chart--mark-note { color: $text-accent; }
        & > .metric-chart--ok { color: $text-success; }
        & > .metric-chart--alarm { color: $text-error; text-style: bold; }
        & > .metric-chart--insufficient { color: $text-muted; }
        & > .metric-chart--hair { color: $text-accent; }
        & > .metric-chart--cursor { background: $boost; }
        & > .metric-chart--empty { color: $text-muted; }

        &:focus > .metric-chart--title { color: $text-accent; text-style: bold underline; }
        &:ansi > .metric-chart--axis { text-style: dim; }
        &:ansi > .metric-chart--grid { text-style: dim; }
        &:ansi > .metric-chart--band { text-style: dim; }
        &:ansi > .metric-chart--mark-line { text-style: dim; }
        &:ansi > .metric-chart--label { text-style: dim; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", "Earlier", show=False, id="chart.cursor-left"),
        Binding("right", "cursor_right", "Later", show=False, id="chart.cursor-right"),
        Binding("home", "cursor_home", "Earliest", show=False, id="chart.cursor-home"),
        Binding("end", "cursor_end", "Latest", show=False, id="chart.cursor-end"),
        Binding("escape", "cursor_off", "Cursor off", show=False, id="chart.cursor-off"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | left, right | Move the cursor, or show it at the newest datapoint. |
    | home, end | Move the cursor to the edge of the window. |
    | escape | Take the cursor away; without one the key is left to others. |
    """

    view: reactive[ChartView | None] = reactive(None)
    """What is shown; None: "no datapoints yet"."""

    cursor: reactive[float | None] = reactive[float | None](None)
    """The time of the hair line, in seconds since the view's epoch; None: no cursor."""

    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE)
    """What the plot is drawn with."""

    class CursorMoved(Message):
        """The cursor was moved by a key or the mouse, `at` a time (None: taken away)."""

        def __init__(self, chart: MetricChart, at: float | None) -> None:
            super().__init__()
            self.chart = chart
            # Not `time`: that is when Textual says a message was made.
            self.at = at

        @property
        def control(self) -> MetricChart:
            """The chart whose cursor it is."""
            return self.chart

        def can_replace(self, message: Message) -> bool:
            """Only the newest position matters."""
            return isinstance(message, MetricChart.CursorMoved) and message.chart is self.chart

    def __init__(
        self,
        view: ChartView | None = None,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        """Make a chart of `view`, drawn with `glyphs`."""
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._picture: _Picture | None = None
        self.set_reactive(MetricChart.view, view)
        self.set_reactive(MetricChart.glyphs, glyphs)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """One line of the picture, which is drawn when the first line is asked for."""
        picture = self._draw()
        if y < len(picture.strips):
            return picture.strips[y]
        return Strip.blank(picture.size.width, self.rich_style)

    def _draw(self) -> _Picture:
        """The picture for the present size, drawn if there is none."""
        if self._picture is None or self._picture.size != self.size:
            size = self.size
            drawing = draw(self.view, size.width, size.height, self.glyphs, self.cursor)
            strips = [
                Strip([Segment(run.text, self._style(run)) for run in line], size.width)
                for line in drawing.lines
            ]
            self._picture = _Picture(size, drawing, strips)
        return self._picture

    def _style(self, run: Run) -> Style:
        """What a run of text is drawn with; under the cursor on another background."""
        style = self.get_component_rich_style(f"metric-chart--{run.role}")
        if not run.hair:
            return style
        under = self.get_component_rich_style("metric-chart--cursor")
        return style + Style(bgcolor=under.bgcolor)

    def notify_style_update(self) -> None:
        """Forget the picture: theme, focus or style sheet changed."""
        super().notify_style_update()
        self._picture = None

    def watch_view(self) -> None:
        """Draw again with new data."""
        self._picture = None

    def watch_cursor(self) -> None:
        """Draw again with the hair line elsewhere."""
        self._picture = None

    def watch_glyphs(self) -> None:
        """Draw again with other glyphs."""
        self._picture = None

    # Cursor

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the cursor do nothing without data, and escape nothing without a cursor."""
        if action == "cursor_off":
            return self.cursor is not None
        if action.startswith("cursor_"):
            return self.view is not None
        return super().check_action(action, parameters)

    def action_cursor_left(self) -> None:
        """Move the cursor to the earlier column."""
        self._step(-1)

    def action_cursor_right(self) -> None:
        """Move the cursor to the later column."""
        self._step(1)

    def action_cursor_home(self) -> None:
        """Move the cursor to the left edge."""
        if self.view is not None:
            self._move(self.view.start)

    def action_cursor_end(self) -> None:
        """Move the cursor to the newest datapoint."""
        if self.view is not None:
            self._move(self._newest(self.view))

    def action_cursor_off(self) -> None:
        """Take the cursor away."""
        self._move(None)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor under the mouse."""
        layout = self._draw().drawing.layout
        offset = event.get_content_offset(self)
        if self.view is None or layout is None or offset is None:
            return
        column = offset.x - layout.left
        if layout.columns and 0 <= column < layout.columns and offset.y >= layout.header:
            share = (column + 0.5) / layout.columns
            self._move(self.view.start + share * (self.view.end - self.view.start))

    def _step(self, columns: int) -> None:
        """Move by whole periods, at least a column's worth, so that each step is seen."""
        view, layout = self.view, self._draw().drawing.layout
        if view is None or layout is None:
            return
        newest = self._newest(view)
        if self.cursor is None or not view.start <= self.cursor <= view.end:
            self._move(newest)
            return
        period = min((series.period for series in view.series if series.period > 0), default=1.0)
        column = (view.end - view.start) / max(layout.columns, 1)
        step = max(math.ceil(column / period), 1) * period
        # Steps start from the newest datapoint, so that the cursor falls on datapoints.
        count = round((self.cursor - newest) / step) + columns
        self._move(newest + count * step)

    def _newest(self, view: ChartView) -> float:
        """The time of the newest datapoint in the window; its right edge without any."""
        newest = view.newest()
        return view.end if newest is None or newest < view.start else newest

    def _move(self, time: float | None) -> None:
        """Move the cursor within the window, and tell."""
        if time is not None and self.view is not None:
            time = min(max(time, self.view.start), self.view.end)
        if time != self.cursor:
            self.cursor = time
            self.post_message(self.CursorMoved(self, time))

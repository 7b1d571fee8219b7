"""`ChartColumn`: as many charts as have room, one above the other, with one cursor."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive

from tui.charts.chart import MetricChart
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView
from tui.widgets.titles import entitle

CHART_ROWS = 9
"""Rows a graph needs to be worth reading."""
MOST = 4
"""Graphs shown at once at most."""


class ChartColumn(Vertical):
    """A column of graphs that share their time axis and cursor."""

    ALLOW_MAXIMIZE = True

    class Rearranged(Message):
        """There is room for more or fewer graphs than before."""

    available: reactive[int] = reactive(0)
    """How many graphs there are."""
    shown: reactive[int] = reactive(1)
    """How many there is room for."""

    def __init__(
        self, *, glyphs: Glyphs = Glyphs.BRAILLE, rows: int = CHART_ROWS, id: str | None = None
    ) -> None:
        """Charts of `rows` rows at least, where there are several."""
        super().__init__(id=id)
        self._glyphs = glyphs
        self._rows = rows

    def compose(self) -> ComposeResult:
        for _ in range(MOST):
            yield MetricChart(glyphs=self._glyphs)

    def on_resize(self) -> None:
        """Show as many graphs as have room."""
        self.share_out()

    def watch_available(self) -> None:
        """There are others now."""
        self.share_out()

    def share_out(self) -> None:
        """Share out the height."""
        rows, before = self.content_size.height, self.shown
        self.shown = max(min(rows // self._rows, MOST, max(self.available, 1)), 1)
        for place, chart in enumerate(self.query(MetricChart)):
            chart.display = place < self.shown
        self.note()
        if self.shown != before:
            self.post_message(self.Rearranged())

    def note(self) -> None:
        """Say how many there are that find no room."""
        hidden = self.available - self.shown
        entitle(self, subtitle=f"{hidden} more without room: m enlarges" if hidden > 0 else "")

    def show(self, views: Sequence[ChartView]) -> None:
        """Draw these graphs, from the top."""
        charts = [chart for chart in self.query(MetricChart) if chart.display]
        for chart, view in zip(charts, views, strict=False):
            chart.view = view

    @on(MetricChart.CursorMoved)
    def _share_cursor(self, event: MetricChart.CursorMoved) -> None:
        """All graphs show the same moment."""
        for chart in self.query(MetricChart):
            chart.cursor = event.at

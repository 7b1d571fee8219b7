"""The graphs pane: as many CloudWatch graphs as fit, the others a key away."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive

from tui.charts.chart import MetricChart
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView

CHART_ROWS = 9
"""Rows a graph needs to be worth reading."""
MOST = 4
"""Graphs shown at once at most."""


class GraphsPane(Vertical):
    """A column of graphs that share their time axis and cursor."""

    BORDER_TITLE = "2 graphs"
    ALLOW_MAXIMIZE = True

    class Rearranged(Message):
        """There is room for more or fewer graphs than before."""

    first: reactive[int] = reactive(0)
    """Which graph is on top."""
    available: reactive[int] = reactive(0)
    """How many graphs there are."""
    shown: reactive[int] = reactive(1)
    """How many there is room for."""

    def __init__(self, *, glyphs: Glyphs = Glyphs.BRAILLE, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        for _ in range(MOST):
            yield MetricChart(glyphs=self._glyphs)

    def on_resize(self) -> None:
        """Show as many graphs as have room."""
        self._arrange()

    def watch_available(self) -> None:
        """Another world has other graphs."""
        self._arrange()

    def _arrange(self) -> None:
        rows, before = self.content_size.height, self.shown
        self.shown = max(min(rows // CHART_ROWS, MOST, max(self.available, 1)), 1)
        for place, chart in enumerate(self.query(MetricChart)):
            chart.display = place < self.shown
        self._subtitle()
        if self.shown != before:
            self.post_message(self.Rearranged())

    @property
    def indices(self) -> list[int]:
        """Which graphs are on screen, from the top."""
        count = max(self.available, 1)
        return [(self.first + place) % count for place in range(min(self.shown, count))]

    def show(self, views: list[ChartView]) -> None:
        """Draw these graphs, one for each of `indices`."""
        charts = [chart for chart in self.query(MetricChart) if chart.display]
        for chart, view in zip(charts, views, strict=False):
            chart.view = view

    def next_graph(self) -> None:
        """Put the next graph on top."""
        if self.available:
            self.first = (self.first + 1) % self.available
            self._subtitle()

    def _subtitle(self) -> None:
        if self.available > self.shown:
            last = self.indices[-1] + 1
            self.border_subtitle = f"{self.first + 1}-{last} of {self.available}  g next"
            if self.shown == 1:
                self.border_subtitle = f"{self.first + 1} of {self.available}  g next"
        else:
            self.border_subtitle = ""

    @on(MetricChart.CursorMoved)
    def _share_cursor(self, event: MetricChart.CursorMoved) -> None:
        """All graphs show the same moment."""
        for chart in self.query(MetricChart):
            chart.cursor = event.at

"""The graphs pane: as many CloudWatch graphs as fit, the others a key away."""

from __future__ import annotations

from textual.reactive import reactive

from tui.panes.chart_column import ChartColumn
from tui.widgets.titles import entitle


class GraphsPane(ChartColumn):
    """The graphs of the live screen, which go round."""

    BORDER_TITLE = "2 graphs"

    first: reactive[int] = reactive(0)
    """Which graph is on top."""

    @property
    def indices(self) -> list[int]:
        """Which graphs are on screen, from the top."""
        count = max(self.available, 1)
        return [(self.first + place) % count for place in range(min(self.shown, count))]

    def next_graph(self) -> None:
        """Put the next graph on top."""
        if self.available:
            self.first = (self.first + 1) % self.available
            self.note()

    def note(self) -> None:
        """Say which of them are shown."""
        words = ""
        if self.available > self.shown:
            last = self.indices[-1] + 1
            shown = f"{self.first + 1}" if self.shown == 1 else f"{self.first + 1}-{last}"
            words = f"{shown} of {self.available}  g next"
        entitle(self, subtitle=words)

"""`NumbersChart`: values without a time axis, as numbers, gauges, bars or parts of a whole."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from model.cloudwatch.dashboards.body import View
from tui.charts.drawing import NO_DATA
from tui.charts.legend import Line, Run
from tui.charts.numbers import bars, big_numbers, gauges, shares
from tui.charts.pens import SERIES_ROLES, Role
from tui.dashboards import NumbersView
from tui.widgets.cells import fit
from tui.widgets.parts import Parts

ROLES: tuple[Role, ...] = ("title", "legend", "label", "value", "empty", *SERIES_ROLES)


class NumbersChart(Parts, Widget):
    """The newest values of some series."""

    PARTS: ClassVar[frozenset[str]] = frozenset(f"numbers-chart--{role}" for role in ROLES)
    """
    | Class | Description |
    | :- | :- |
    | `numbers-chart--title` | Numbers written large. |
    | `numbers-chart--legend`, `--label`, `--value` | Names, limits, values. |
    | `numbers-chart--series-1` to `--series-6` | Bars, in order. |
    | `numbers-chart--empty` | The words "no datapoints yet". |
    """

    DEFAULT_CSS = """
    NumbersChart {
        height: 1fr;
        & > .numbers-chart--title { text-style: bold; }
        & > .numbers-chart--legend { color: $text-muted; }
        & > .numbers-chart--label { color: $text-muted; }
        & > .numbers-chart--empty { color: $text-muted; }
        & > .numbers-chart--series-1 { color: $text-primary; }
        & > .numbers-chart--series-2 { color: $text-warning; }
        & > .numbers-chart--series-3 { color: $text-success; }
        & > .numbers-chart--series-4 { color: $foreground; }
        & > .numbers-chart--series-5 { color: $text-secondary; }
        & > .numbers-chart--series-6 { color: $text-accent; }
    }
    """

    view: reactive[NumbersView | None] = reactive(None)
    """What is shown."""

    def __init__(self, kind: View, *, id: str | None = None) -> None:
        """Draw values as a widget of this view does."""
        super().__init__(id=id)
        self._kind = kind
        self._lines: tuple[Size, NumbersView | None, list[Line]] | None = None

    def render_line(self, y: int) -> Strip:
        """One line of the picture, which is drawn when the first one is asked for."""
        width = self.size.width
        lines = self._draw()
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment(run.text, self.get_component_rich_style(f"numbers-chart--{run.role}"))
            for run in lines[y]
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _draw(self) -> list[Line]:
        if self._lines is None or self._lines[:2] != (self.size, self.view):
            self._lines = (self.size, self.view, self._lay_out())
        return self._lines[2]

    def _lay_out(self) -> list[Line]:
        view, (width, height) = self.view, self.size
        if view is None or not view.numbers:
            words = NO_DATA if view is None or not view.problem else view.problem
            blank: list[Line] = [(Run(" " * width, "empty"),)] * ((height - 1) // 2)
            return [*blank, (Run(fit(words, width, "center"), "empty"),)]
        match self._kind:
            case "gauge":
                return gauges(view.numbers, width, view.low, view.high or 100.0)
            case "pie":
                return shares(view.numbers, width)
            case "bar":
                return bars(view.numbers, width, view.low, view.high)
        return big_numbers(view.numbers, width, height, sparkline=view.sparkline)

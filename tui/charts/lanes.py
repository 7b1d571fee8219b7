"""`StateLanes`: the states of several alarms over the same time, a row for each."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import ClassVar

import numpy as np
from attrs import frozen
from rich.cells import cell_len
from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.charts.axis import time_ticks
from tui.charts.pens import PENS, ROLES, STATE_ROLES
from tui.charts.raster import Glyphs
from tui.charts.strips import strip
from tui.charts.views import Span
from tui.widgets.cells import fit
from tui.widgets.parts import Parts

LABEL = 28
"""Cells of the alarms' names at most."""


@frozen
class Lane:
    """One alarm."""

    label: str
    spans: tuple[Span, ...]


@frozen(kw_only=True)
class LanesView:
    """All that is shown."""

    epoch: datetime
    start: float
    end: float
    lanes: tuple[Lane, ...]


class StateLanes(Parts, Widget):
    """Names at the left, states at the right, times below."""

    PARTS: ClassVar[frozenset[str]] = frozenset(
        {*(f"state-lanes--{role}" for role in STATE_ROLES.values()), "state-lanes--label"}
    )
    """
    | Class | Description |
    | :- | :- |
    | `state-lanes--ok`, `--alarm`, `--insufficient` | The states. |
    | `state-lanes--label` | Names and times. |
    """

    DEFAULT_CSS = """
    StateLanes {
        height: 1fr;
        & > .state-lanes--label { color: $text-muted; }
        & > .state-lanes--ok { color: $text-success; }
        & > .state-lanes--alarm { color: $text-error; text-style: bold; }
        & > .state-lanes--insufficient { color: $text-muted; }
    }
    """

    view: reactive[LanesView | None] = reactive(None)
    """What is shown."""

    def __init__(self, *, glyphs: Glyphs = Glyphs.BRAILLE, id: str | None = None) -> None:
        super().__init__(id=id)
        self._pen = PENS[glyphs]

    def render_line(self, y: int) -> Strip:
        """A lane, or the times below the last one."""
        view, width = self.view, self.size.width
        if view is None or y > len(view.lanes) or not width:
            return Strip.blank(width, self.rich_style)
        left = min(max((cell_len(lane.label) for lane in view.lanes), default=0) + 1, LABEL)
        columns = max(width - left, 1)
        label = self.get_component_rich_style("state-lanes--label")
        if y == len(view.lanes):
            text = np.full(columns, " ")
            for tick in time_ticks(view.start, view.end, columns, view.epoch):
                text[tick.at : tick.end] = list(tick.label)
            times = "".join(text.tolist())
            return Strip([Segment(" " * left + times, label)]).adjust_cell_length(width, label)
        lane = view.lanes[y]
        glyphs, roles = strip(lane.spans, view.start, view.end, columns, self._pen)
        line = "".join(glyphs.tolist())
        cuts = [0, *(np.flatnonzero(np.diff(roles)) + 1).tolist(), columns]
        segments = [Segment(fit(lane.label, left - 1) + " ", label)]
        for begin, end in pairwise(cuts):
            style = self.get_component_rich_style(f"state-lanes--{ROLES[roles[begin]]}")
            segments.append(Segment(line[begin:end], style))
        return Strip(segments).adjust_cell_length(width, label)

"""The states of an alarm over time, as one row of letters."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui.charts.pens import NUMBER, STATE_ROLES, Pen
from tui.charts.views import Span


def strip(
    spans: Sequence[Span], start: float, end: float, columns: int, pen: Pen
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """A letter and a role for each column: its worst state, so that no short alarm is lost."""
    width = (end - start) / max(columns, 1)
    states = list(STATE_ROLES)
    worst = np.full(columns, -1)
    for span in spans:
        if width <= 0 or span.end <= start or span.start > end:
            continue
        first = max(math.floor((span.start - start) / width), 0)
        last = max(math.ceil((span.end - start) / width), first + 1)
        part = worst[first:last]
        np.maximum(part, states.index(span.state), out=part)
    glyphs = np.array([*(pen.states[state] for state in states), " "])
    roles = np.array([*(NUMBER[STATE_ROLES[state]] for state in states), NUMBER["ok"]])
    return glyphs[worst], roles[worst]

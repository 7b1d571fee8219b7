"""What a live table shows: columns, rows and cells, as plain frozen values without Textual."""

from __future__ import annotations

from typing import Literal, get_args

from attrs import frozen

from tui.widgets.cells import Align

Kind = Literal[
    "text",
    "healthy",
    "unhealthy",
    "initial",
    "draining",
    "unused",
    "ok",
    "alarm",
    "insufficient",
    "muted",
    "accent",
    "success",
    "warning",
    "error",
]
"""What a cell means; each is the component class `live-table--<kind>`."""

KINDS: tuple[Kind, ...] = get_args(Kind)

GAP = 2
"""Cells between columns, and the space at the left for the cursor's mark."""
LEAST_FLEX = 6
"""A flexible column is never narrower."""


@frozen
class Cell:
    """A text and what it means."""

    text: str
    kind: Kind = "text"


@frozen
class Column:
    """A column; without a `width` it shares what the others leave."""

    key: str
    label: str
    width: int | None = None
    align: Align = "left"


@frozen(cache_hash=True)
class Row:
    """A line of the table. A heading is not selectable and its cells run across the columns."""

    key: str
    cells: tuple[Cell | str, ...]
    style: Kind = "text"
    """What cells given as plain strings mean."""
    heading: bool = False


def column_widths(columns: tuple[Column, ...], width: int) -> list[int]:
    """The cells of each column; those that find no room at the right get none."""
    room = width - GAP * len(columns)
    flexible = [index for index, column in enumerate(columns) if column.width is None]
    spare = max(room - sum(column.width or 0 for column in columns), 0)
    share = {
        index: spare // len(flexible) + (order < spare % len(flexible))
        for order, index in enumerate(flexible)
    }
    widths: list[int] = []
    left = width
    for index, column in enumerate(columns):
        wanted = max(share[index], LEAST_FLEX) if column.width is None else column.width
        given = max(min(wanted, left - GAP), 0)
        # A stump of a column says nothing, but the first one is never given up.
        if given < min(wanted, 3) and index:
            given = 0
        widths.append(given)
        left = left - GAP - given if given == wanted else 0
    return widths

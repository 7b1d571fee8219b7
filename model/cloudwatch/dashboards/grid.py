"""Where widgets stand that do not say, or say what others have said already.

"The default is the next available position" ("Dashboard Body Structure and Syntax"): taken as the
first, row by row, where a widget covers no earlier one. One that would cover an earlier one is
moved down, and rows that nothing stands in are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from attrs import evolve, frozen

from model.cloudwatch.dashboards.body import COLUMNS, Box

WIDTH, HEIGHT = 6, 6
"""Of a widget that does not say."""


@frozen
class Wish:
    """Where a widget wants to stand; `x` and `y` None: anywhere."""

    x: int | None = None
    y: int | None = None
    width: int = WIDTH
    height: int = HEIGHT


def place(wishes: Sequence[Wish]) -> tuple[Box, ...]:
    """A place for each widget, none over another."""
    placed: list[Box] = []
    for wish in wishes:
        placed.append(_fixed(wish, placed) if wish.x is not None else _next(wish, placed))
    return _without_gaps(placed)


def _fixed(wish: Wish, placed: list[Box]) -> Box:
    """Where it wants to be, or as far below as others make it."""
    x = min(wish.x or 0, COLUMNS - 1)
    box = Box(x, wish.y or 0, min(wish.width, COLUMNS - x), wish.height)
    while (other := _other(box, placed)) is not None:
        box = evolve(box, y=other.y + other.height)
    return box


def _next(wish: Wish, placed: list[Box]) -> Box:
    for y in count():
        for x in range(COLUMNS - wish.width + 1):
            box = Box(x, y, wish.width, wish.height)
            if _other(box, placed) is None:
                return box
    raise AssertionError("below all others there is room")


def _other(box: Box, placed: list[Box]) -> Box | None:
    return next((other for other in placed if box.overlaps(other)), None)


def _without_gaps(placed: list[Box]) -> tuple[Box, ...]:
    """Everything moved up by the rows above it in which nothing stands."""
    covered = {row for box in placed for row in range(box.y, box.y + box.height)}
    rank = {row: order for order, row in enumerate(sorted(covered))}
    return tuple(evolve(box, y=rank[box.y]) for box in placed)

"""Where widgets stand that do not say, or say what others have said already.

"The default is the next available position" ("Dashboard Body Structure and Syntax"): taken as the
first, row by row, where a widget covers no earlier one. One that would cover an earlier one is
moved down, and rows that nothing stands in are left out.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence

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
    by_top: list[Box] = []
    for wish in wishes:
        box = _fixed(wish, by_top) if wish.x is not None else _next(wish, by_top)
        placed.append(box)
        insort(by_top, box, key=lambda other: other.y)
    return _without_gaps(placed)


def _fixed(wish: Wish, by_top: list[Box]) -> Box:
    """Where it wants to be, or as far below as others make it."""
    x = min(wish.x or 0, COLUMNS - 1)
    return _down(Box(x, wish.y or 0, min(wish.width, COLUMNS - x), wish.height), by_top)


def _next(wish: Wish, by_top: list[Box]) -> Box:
    """The first place, row by row, where there is room."""
    columns = range(COLUMNS - wish.width + 1)
    free = (_down(Box(x, 0, wish.width, wish.height), by_top) for x in columns)
    return min(free, key=lambda box: (box.y, box.x))


def _down(box: Box, by_top: list[Box]) -> Box:
    """The box moved down until it covers none of the others, which come by their tops.

    One pass does: once the box is below another, it stays below it.
    """
    y, right = box.y, box.x + box.width
    for other in by_top:
        if other.y >= y + box.height:
            break
        beside = other.x >= right or other.x + other.width <= box.x
        if not beside and other.y + other.height > y:
            y = other.y + other.height
    return evolve(box, y=y)


def _without_gaps(placed: list[Box]) -> tuple[Box, ...]:
    """Everything moved up by the rows above it in which nothing stands."""
    covered = {row for box in placed for row in range(box.y, box.y + box.height)}
    rank = {row: order for order, row in enumerate(sorted(covered))}
    return tuple(evolve(box, y=rank[box.y]) for box in placed)

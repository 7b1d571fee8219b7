"""A dashboard's grid of 24 columns as a layout: each child stands where its box is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from model.cloudwatch.dashboards.body import COLUMNS, Box

NARROW = 100
"""Cells below which widgets stand below each other."""
LEAST, MOST = 2, 3
"""Rows of a unit of the grid."""


@runtime_checkable
class Boxed(Protocol):
    """A widget that has a place on the grid."""

    box: Box

    def stacked_height(self, width: int) -> int:
        """The rows it needs where all stand below each other."""


class Columns24(Layout):
    """Widgets by the grid where it is wide enough, else one below the other."""

    name = "columns24"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Place each child; a unit is as high as it is wide, about."""
        placements, y = [], 0
        unit = min(max(round(size.width / COLUMNS * 0.4), LEAST), MOST)
        for child in children:
            assert isinstance(child, Boxed)
            box = child.box
            if size.width < NARROW:
                height = child.stacked_height(size.width)
                region = Region(0, y, size.width, height)
                y += height
            else:
                left = round(box.x * size.width / COLUMNS)
                right = round((box.x + box.width) * size.width / COLUMNS)
                region = Region(left, box.y * unit, right - left, box.height * unit)
            placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements

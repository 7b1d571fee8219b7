"""Lines that do not hold on to themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget

    _Widget = Widget
else:
    # Only a first base that is a widget hands its style sheet down, so this must not be one.
    _Widget = object


class Line(Strip):
    """A strip that can be freed at once.

    One that is not cut keeps the outcome, which is itself: only the garbage collector can free it,
    and an app that draws a lot then stops for that every few seconds.
    """

    __slots__ = ()

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """The parts between the cuts."""
        places = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if places == [self.cell_length] else super().divide(places)


class Drawn(_Widget):
    """To stand before a widget's base, if it is drawn anew again and again."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """The widget's lines within a region."""
        strips = super().render_lines(crop)
        for strip in strips:
            strip.__class__ = Line  # a copy would have to make its half dozen caches anew
        return strips

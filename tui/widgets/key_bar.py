"""`KeyBar`: one line of keys at the bottom, the most wanted first where not all have room."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget


@frozen
class KeyHint:
    """A key, what it does in a word, and the action that a click on it runs."""

    key: str
    label: str
    action: str
    rank: int = 1
    """Where not all have room, the hints of the highest ranks go first."""

    @property
    def width(self) -> int:
        """Cells of the key, a space and the label."""
        return cell_len(self.key) + 1 + cell_len(self.label)


def fitting(hints: tuple[KeyHint, ...], width: int) -> tuple[tuple[KeyHint, ...], int]:
    """The hints that find room, in order, and the blanks between two of them."""
    shown = list(hints)
    while shown:
        text = sum(hint.width for hint in shown)
        for gap in (2, 1):
            if text + gap * (len(shown) - 1) + 2 <= width:
                return tuple(shown), gap
        shown.remove(max(reversed(shown), key=lambda hint: hint.rank))
    return (), 1


class KeyBar(Widget):
    """Hints that can be clicked."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key", "key-bar--label"}
    """
    | Class | Description |
    | :- | :- |
    | `key-bar--key` | The keys. |
    | `key-bar--label` | What they do. |
    """

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $footer-background;

        & > .key-bar--key { color: $footer-key-foreground; text-style: bold; }
        & > .key-bar--label { color: $footer-description-foreground; }
    }
    """

    hints: reactive[tuple[KeyHint, ...]] = reactive[tuple[KeyHint, ...]](())
    """All hints, in order."""

    def __init__(self, hints: tuple[KeyHint, ...] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(KeyBar.hints, hints)
        self._places: list[tuple[int, int, str]] = []
        """First cell, last cell and action of each hint shown."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Always one line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The hints that fit."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        key_style = self.get_component_rich_style("key-bar--key")
        label_style = self.get_component_rich_style("key-bar--label")
        shown, gap = fitting(self.hints, width)
        segments, place = [Segment(" ", label_style)], 1
        self._places = []
        for hint in shown:
            segments += [
                Segment(hint.key, key_style),
                Segment(f" {hint.label}{' ' * gap}", label_style),
            ]
            self._places.append((place, place + hint.width, hint.action))
            place += hint.width + gap
        return Strip(segments).adjust_cell_length(width, label_style)

    async def on_click(self, event: events.Click) -> None:
        """A click on a hint does what its key does."""
        for first, last, action in self._places:
            if first <= event.x < last:
                await self.screen.run_action(action)

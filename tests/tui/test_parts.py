"""Parts of a widget look as the style sheet says, now, and cost nothing while nobody draws them."""

from __future__ import annotations

from typing import ClassVar

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tui.widgets.parts import Parts


class Lamp(Parts, Widget, can_focus=True):
    """Something with a light that is on while it has the focus."""

    PARTS: ClassVar[frozenset[str]] = frozenset({"lamp--light", "lamp--foot"})

    DEFAULT_CSS = """
    Lamp {
        height: 1;
        & > .lamp--light { color: $text-error; }
        &:focus > .lamp--light { text-style: bold; }
    }
    """

    def render(self) -> Text:
        """The light alone."""
        return Text("*", self.get_component_rich_style("lamp--light"))


class Lamps(Vertical):
    """A base that a style sheet is handed down through."""

    DEFAULT_CSS = "Lamps { height: 7; }"


class Row(Parts, Lamps):
    """Parts before a widget with a style sheet of its own."""


class Room(App[None]):
    """Two lamps."""

    def compose(self) -> ComposeResult:
        with Row():
            yield Lamp(id="one")
            yield Lamp(id="two")


async def test_a_part_follows_focus_and_theme() -> None:
    app = Room()
    async with app.run_test() as pilot:
        one, two = app.query_one("#one", Lamp), app.query_one("#two", Lamp)
        assert one.has_focus
        assert one.get_component_rich_style("lamp--light").bold
        assert not two.get_component_rich_style("lamp--light").bold
        await pilot.press("tab")
        assert not one.get_component_rich_style("lamp--light").bold
        assert two.get_component_rich_style("lamp--light").bold
        before = one.get_component_rich_style("lamp--light").color
        app.theme = "textual-light"
        await pilot.pause()
        assert one.get_component_rich_style("lamp--light").color != before


async def test_only_what_is_drawn_is_looked_up() -> None:
    app = Room()
    async with app.run_test():
        lamp = app.query_one("#one", Lamp)
        assert set(lamp._component_styles) == {"lamp--light"}
        with pytest.raises(KeyError, match="lamp--shade"):
            lamp.get_component_styles("lamp--shade")


async def test_the_style_sheet_of_the_base_still_counts() -> None:
    app = Room()
    async with app.run_test():
        assert app.query_one(Row).size.height == 7

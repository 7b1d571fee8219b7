"""Styles of the parts that a widget draws itself, looked up when they are first drawn with.

Textual looks up all of a widget's `COMPONENT_CLASSES` whenever the widget might look different:
when it is mounted, gets or loses the focus, or its screen comes to the front again. A chart or a
table has dozens of them and draws with a few, and a screen has many charts and tables: these
look-ups were most of what opening a screen or moving the focus cost.
"""

from __future__ import annotations

from typing import ClassVar

from textual.css.styles import RenderStyles
from textual.dom import DOMNode

from tui.widgets.drawn import Drawn


class Parts(Drawn):
    """To stand before a widget's base; `PARTS` then serve as its `COMPONENT_CLASSES` would."""

    PARTS: ClassVar[frozenset[str]] = frozenset()
    """Classes that the style sheet may give a look (`& > .table--header { ... }`)."""

    def get_component_styles(self, *names: str) -> RenderStyles:
        """The styles of some parts, merged. Raises `KeyError` for a name that is no part."""
        for name in names:
            if name in self.PARTS and name not in self._component_styles:
                part = DOMNode(classes=name)
                part._attach(self)
                self.app.stylesheet.apply(part)
                self._component_styles[name] = part.styles
        return super().get_component_styles(*names)

    def notify_style_update(self) -> None:
        """Look the parts up again: theme, focus or style sheet changed."""
        self._component_styles.clear()
        super().notify_style_update()

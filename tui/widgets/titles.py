"""The words in the border of a pane: plain text, whatever brackets it has, set when they change."""

from __future__ import annotations

from rich.text import Text
from textual.content import Content
from textual.widget import Widget

from tui.widgets.cells import clean


def entitle(widget: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Write the title, the subtitle, or both; None leaves one as it is.

    Textual takes what it is given for markup, and draws the whole widget again even if it is what
    was there before.
    """
    if title is not None and widget.border_title != _markup(title):
        widget.border_title = Text(clean(title))
    if subtitle is not None and widget.border_subtitle != _markup(subtitle):
        widget.border_subtitle = Text(clean(subtitle))


def _markup(text: str) -> str:
    """What Textual would give back for a text."""
    return Content(clean(text)).markup

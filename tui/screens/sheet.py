"""`Sheet`: a framed box in the middle, in front of the live screen."""

from __future__ import annotations

from textual.screen import ModalScreen, ScreenResultType


class Sheet(ModalScreen[ScreenResultType]):
    """A modal screen that yields one box, a `Vertical` or a `VerticalScroll`."""

    DEFAULT_CSS = """
    Sheet {
        align: center middle;
        & > Vertical, & > VerticalScroll {
            height: auto;
            border: round $accent;
            border-title-color: $text-accent;
            background: $surface;
            padding: 1 2;
        }
        & > VerticalScroll { max-width: 100%; max-height: 100%; }
    }
    """

"""Text measured in terminal cells: cut, padded and wrapped, right for wide characters too."""

from __future__ import annotations

import re
from typing import Literal

from rich.cells import cell_len, chop_cells, set_cell_size

Align = Literal["left", "right", "center"]

ELLIPSIS = "…"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_WORD = re.compile(r"\S+\s*|\s+")


def clean(text: str) -> str:
    """Replace control characters, which would move the terminal's cursor, by spaces."""
    return _CONTROL.sub(" ", text)


def cut(text: str, width: int) -> str:
    """Shorten to at most `width` cells, with an ellipsis where something was lost."""
    if cell_len(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width] if width > 0 else ""
    # A wide character that straddles the edge leaves a space: drop it before the ellipsis.
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def fit(text: str, width: int, align: Align = "left") -> str:
    """Make it exactly `width` cells: cut if longer, padded if shorter."""
    text = cut(text, width)
    spare = width - cell_len(text)
    if spare <= 0:
        return text
    if align == "right":
        return " " * spare + text
    if align == "center":
        return " " * (spare // 2) + text + " " * (spare - spare // 2)
    return text + " " * spare


def wrap(text: str, width: int) -> list[str]:
    """Break at spaces into lines of at most `width` cells; a longer word is chopped."""
    if width <= 0 or cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in _WORD.findall(text):
        if cell_len(line + word.rstrip()) > width:
            if line.strip():
                lines.append(line.rstrip())
            *full, line = chop_cells(word.rstrip(), width)
            lines += full
            line += word[len(word.rstrip()) :]
        else:
            line += word
    return [*lines, line.rstrip()]

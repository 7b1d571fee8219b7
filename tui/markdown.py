"""The Markdown of text widgets, as text in bold, italics and underlines, so that any theme fits.

Headings, lists, emphasis, code, links, buttons, tables and rules: what the console supports ("Using
Markdown in the Console").
"""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.text import Text

from tui.widgets.cells import clean, fit

_INLINE = re.compile(
    r"(?P<code>`[^`]+`)"
    r"|(?P<bold>\*\*[^*]+\*\*|__[^_]+__)"
    r"|(?P<italic>\*[^*\s][^*]*\*|\b_[^_]+_\b)"
    r"|(?P<link>!?\[(?P<label>[^\]]*)\]\((?P<address>[^)]*)\))"
)
_LIST = re.compile(r"(\s*)([-*+]|\d+\.)\s+(.*)")
_RULE = re.compile(r"\s*([-*_])(\s*\1){2,}\s*")
_CELLS = re.compile(r"\s*\|?(.*?)\|?\s*")


def markdown(source: str, width: int) -> Text:
    """The text, for a widget of so many cells."""
    lines: list[Text] = []
    table: list[list[str]] = []
    for line in source.splitlines():
        if line.count("|") > 1 or (table and "|" in line):
            found = _CELLS.fullmatch(clean(line))
            cells = [cell.strip() for cell in (found[1] if found else line).split("|")]
            if not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                table.append(cells)
            continue
        lines += _table(table)
        table = []
        lines.append(_line(clean(line), width))
    return Text("\n").join([*lines, *_table(table)])


def _line(line: str, width: int) -> Text:
    if _RULE.fullmatch(line):
        return Text("─" * width, "dim")
    stripped = line.lstrip("#")
    level = len(line) - len(stripped)
    if level and stripped.startswith(" "):
        made = _inline(stripped.strip())
        made.stylize("bold underline" if level == 1 else "bold" if level < 4 else "italic")
        return made
    item = _LIST.fullmatch(line)
    if item is not None:
        bullet = item[2] if item[2][0].isdigit() else "•"
        return Text.assemble(f"{item[1]}{bullet} ", _inline(item[3]))
    if line.startswith(">"):
        return Text.assemble(("▎ ", "dim"), _inline(line.lstrip("> ")))
    return _inline(line)


def _inline(line: str) -> Text:
    made, at = Text(), 0
    for found in _INLINE.finditer(line):
        made.append(line[at : found.start()])
        at = found.end()
        if found["code"]:
            made.append(found["code"][1:-1], "italic")
        elif found["bold"]:
            made.append(found["bold"][2:-2], "bold")
        elif found["italic"]:
            made.append(found["italic"][1:-1], "italic")
        else:
            label = re.sub(r"^button(:primary)?:", "", found["label"]) or found["address"]
            made.append(label, "underline")
    made.append(line[at:])
    return made


def _table(rows: list[list[str]]) -> list[Text]:
    """Cells below each other, the first row bold."""
    if not rows:
        return []
    columns = max(map(len, rows))
    padded = [[*row, *[""] * (columns - len(row))] for row in rows]
    widths = [max(cell_len(_inline(row[k]).plain) for row in padded) for k in range(columns)]
    made = []
    for number, row in enumerate(padded):
        line = Text()
        for cell, width in zip(row, widths, strict=True):
            inner = _inline(cell)
            line.append_text(inner)
            line.append(fit("", width + 2 - cell_len(inner.plain)))
        if not number:
            line.stylize("bold")
        made.append(line)
    return made

"""Parts of a page that are made, between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

import re
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table


def fill(path: Path, name: str, text: str) -> None:
    """Put a text in the place of what a page holds there."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    page = path.read_text(encoding="utf-8")
    filled = marked.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page)
    path.write_text(filled, encoding="utf-8")


def markdown(table: Table) -> str:
    """A table as Markdown."""
    table.box, table.title = box.MARKDOWN, None
    console = Console(width=140, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines() if line.strip())

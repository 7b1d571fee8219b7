"""Writes the tables of docs/accuracy.md from the engine as it is.

Run it from the repository root: `.venv/bin/python docs/accuracy.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.accuracy import compare, summary, worst_cases
from benchmarks.truth import cases

MOST = 20
"""How many weak spots the page names."""


def markdown(table: Table) -> str:
    """A table as Markdown."""
    table.box, table.title = box.MARKDOWN, None
    console = Console(width=140, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines() if line.strip())


def with_tables(page: str) -> str:
    """The page with its tables brought up to date."""
    found = compare(cases())
    tables = (
        f"## Weak spots\n\nErrors in percent, the worst cases first.\n\n"
        f"{markdown(worst_cases(found, MOST))}\n\n"
        f"## All {len(found)} cases\n\nThe worst (and the median) absolute error in percent.\n\n"
        f"{markdown(summary(found))}\n"
    )
    marked = re.compile(r"(<!-- tables -->\n).*?(<!-- /tables -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}\n{tables}\n{found[2]}", page)


if __name__ == "__main__":
    path = Path("docs/accuracy.md")
    path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")

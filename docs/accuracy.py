"""Writes the tables of docs/accuracy.md from the engine as it is.

Run it from the repository root: `.venv/bin/python docs/accuracy.py`; with `changing` it writes the
table of changing loads, which takes ten minutes, with `mixtures` that of unlike requests.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import mixtures, transients
from benchmarks.accuracy import compare, summary, worst_cases
from benchmarks.truth import cases
from docs.sections import fill, markdown

MOST = 20
"""How many weak spots the page names."""


def tables() -> str:
    """The weak spots, and how each part of the grid fares."""
    found = compare(cases())
    return (
        f"## Weak spots\n\nErrors in percent, the worst cases first.\n\n"
        f"{markdown(worst_cases(found, MOST))}\n\n"
        f"## All {len(found)} cases\n\nThe worst (and the median) absolute error in percent.\n\n"
        f"{markdown(summary(found))}\n"
    )


if __name__ == "__main__":
    page = Path("docs/accuracy.md")
    if "changing" in sys.argv[1:]:
        fill(page, "changing", f"{markdown(transients.summary(transients.compare_all()))}\n")
    elif "mixtures" in sys.argv[1:]:
        fill(page, "mixtures", f"{markdown(mixtures.table(mixtures.rows(), MOST))}\n")
    else:
        fill(page, "tables", tables())

"""Parts of a page that are made, between `<!-- name -->` and `<!-- /name -->`."""

from __future__ import annotations

import re
from pathlib import Path


def fill(path: Path, name: str, text: str) -> None:
    """Put a text in the place of what a page holds there."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    page = path.read_text(encoding="utf-8")
    filled = marked.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", page)
    path.write_text(filled, encoding="utf-8")

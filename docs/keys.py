"""Writes the README's table of keys from the app's own table of commands.

Run it from the repository root: `.venv/bin/python docs/keys.py`.
"""

from __future__ import annotations

import re
from pathlib import Path

from tui.commands import COMMANDS, keys_of


def rows() -> str:
    """The table: a line for each command."""
    return "\n| key | does |\n|---|---|\n" + "".join(
        f"| {' '.join(f'`{key}`' for key in keys_of(command).split())} | {command.help} |\n"
        for command in COMMANDS
    )


def with_keys(readme: str) -> str:
    """The README with its table brought up to date."""
    marked = re.compile(r"(<!-- keys -->\n).*?(<!-- /keys -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}{rows()}\n{found[2]}", readme)


if __name__ == "__main__":
    path = Path("README.md")
    path.write_text(with_keys(path.read_text(encoding="utf-8")), encoding="utf-8")

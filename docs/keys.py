"""Writes the README's table of keys from the app's own table of commands.

Run it from the repository root: `.venv/bin/python docs/keys.py`.
"""

from __future__ import annotations

from pathlib import Path

from docs.sections import fill
from tui.commands import COMMANDS, keys_of


def rows() -> str:
    """The table: a line for each command."""
    return "| key | does |\n|---|---|\n" + "".join(
        f"| {' '.join(f'`{key}`' for key in keys_of(command).split())} | {command.help} |\n"
        for command in COMMANDS
    )


if __name__ == "__main__":
    fill(Path("README.md"), "keys", rows())

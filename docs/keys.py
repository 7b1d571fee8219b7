"""Writes the README's tables of keys from the app's own tables of commands.

Run it from the repository root: `.venv/bin/python docs/keys.py`.
"""

from __future__ import annotations

from pathlib import Path

from docs.sections import fill
from tui.command import Command, keys_of
from tui.commands import COMMANDS
from tui.looking import ALARM, DASHBOARD, GROUP, METRICS


def rows() -> str:
    """The keys of the live screen, and of the others those that it has not."""
    known = {command.id for command in COMMANDS}
    parts = [_table(COMMANDS)]
    for screen, commands in (
        ("metrics screen", METRICS),
        ("alarm's page", ALARM),
        ("dashboard", DASHBOARD),
        ("group's page", GROUP),
    ):
        own = tuple(command for command in commands if command.id not in known)
        above = "the clock, zoom and help"
        if commands is GROUP:
            above = "the clock, zoom, help and all moves on groups and instances"
        parts.append(f"On the {screen} ({above} as above):\n\n{_table(own)}")
    return "\n".join(parts)


def _table(commands: tuple[Command, ...]) -> str:
    """A line for each command."""
    return "| key | does |\n|---|---|\n" + "".join(
        f"| {' '.join(f'`{key}`' for key in keys_of(command).split())} | {command.help} |\n"
        for command in commands
    )


if __name__ == "__main__":
    fill(Path("README.md"), "keys", rows())

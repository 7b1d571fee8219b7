"""The help screen: every key, what it does, and what AWS calls it."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.command import GROUPS, Command, keys_of
from tui.commands import COMMANDS
from tui.screens.sheet import Sheet


class HelpScreen(Sheet[None]):
    """All commands by group; any of the usual keys closes it."""

    DEFAULT_CSS = "HelpScreen > VerticalScroll { width: 96; padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,f1", "close", "Close"),
    ]

    def __init__(self, commands: tuple[Command, ...] = COMMANDS) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc closes, ctrl+p finds commands and themes"
            yield Static(help_table(self._commands))

    def action_close(self) -> None:
        self.dismiss(None)


def help_table(commands: tuple[Command, ...] = COMMANDS) -> Table:
    """The table of commands, as the help screen shows it."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, width=9)
    table.add_column(ratio=1)
    for group in GROUPS:
        if not any(command.group == group for command in commands):
            continue
        table.add_row("", Text(group, "bold underline"))
        for command in commands:
            if command.group == group:
                text = Text(command.help)
                if command.aws:
                    text.append(f"  {command.aws}", "italic dim")
                table.add_row(Text(keys_of(command), "bold"), text)
    return table

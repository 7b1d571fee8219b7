"""One table of commands: keys, footer, help, palette and README agree."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from model import catalogue
from model.actions import REGISTER
from tui.command import footer_hints, keys_of
from tui.commands import COMMANDS
from tui.looking import ALARM, DASHBOARD, GROUP, METRICS
from tui.screens.help import help_table
from tui.screens.live import LiveScreen
from tui.widgets.key_bar import fitting

ROOT = Path(__file__).parents[2]


def test_no_two_commands_share_a_key() -> None:
    keys = [key for command in COMMANDS for key in command.key.split(",")]
    assert len(keys) == len(set(keys))
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)


def test_every_command_is_an_action_of_the_screen() -> None:
    for command in COMMANDS:
        if command.action:
            assert callable(getattr(LiveScreen, f"action_{command.action}")), command.id


def test_every_command_is_named_as_in_aws() -> None:
    catalogue.load()
    assert {command.aws for command in COMMANDS if command.aws} <= set(REGISTER)


def test_every_command_is_in_the_help() -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(help_table())
    for command in COMMANDS:
        assert command.help in shown.get()


def test_the_readme_lists_the_keys_as_they_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in (*COMMANDS, *METRICS, *ALARM, *DASHBOARD, *GROUP):
        keys = " ".join(f"`{key}`" for key in keys_of(command).split())
        assert f"| {keys} | {command.help} |" in readme


def test_the_guide_names_every_action() -> None:
    catalogue.load()
    guide = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
    assert [name for name in REGISTER if f"`{name}`" not in guide] == []


def test_a_narrow_footer_keeps_help_and_quit() -> None:
    for width in range(60, 200):
        shown, gap = fitting(footer_hints(COMMANDS), width)
        assert {"Help", "Quit", "Pause"} <= {hint.label for hint in shown}
        assert sum(hint.width for hint in shown) + gap * (len(shown) - 1) + 2 <= width

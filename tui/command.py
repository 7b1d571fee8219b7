"""`Command`: one thing that a person can do, as keys, footer, help and palette tell it."""

from __future__ import annotations

from typing import Literal, get_args

from attrs import frozen

from tui.widgets.key_bar import KeyHint

Group = Literal["Clock", "Faults", "Moves", "Capacity", "Graph", "Alarm", "View", "Session"]


@frozen(kw_only=True)
class Command:
    """One thing to do."""

    id: str
    """A stable name, for a user's own key map."""
    key: str
    """Keys in Textual's spelling, several separated by commas."""
    label: str
    """One or two words for the footer."""
    help: str
    """A sentence for the help screen and the palette."""
    group: Group
    action: str
    """The screen's action method, without `action_`."""
    aws: str = ""
    """What it is called in AWS (a FIS action id or an API call), or Spillover's own fault."""
    rank: int | None = None
    """Its place among those that a narrow footer leaves out last (1: never); None: not in it."""


GROUPS: tuple[Group, ...] = get_args(Group)

_SPELLING = {
    "slash": "/",
    "escape": "esc",
    "space": "space",
    "full_stop": ".",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "f1": "F1",
}


def footer_hints(commands: tuple[Command, ...]) -> tuple[KeyHint, ...]:
    """What the footer shows: each command by its first key."""
    return tuple(
        KeyHint(keys_of(command).split()[0], command.label, command.action, command.rank)
        for command in commands
        if command.rank is not None
    )


def keys_of(command: Command) -> str:
    """The command's keys as a person reads them."""
    return " ".join(_SPELLING.get(key, key) for key in command.key.split(","))

"""What a headless run prints: a progress bar while it plays, a summary at the end."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from scenarios.durations import format_duration
from scenarios.report import brief, observed, takers

MOST_SPELLS = 6
"""Times that one alarm is told to have gone off."""


class Bar:
    """A progress bar on standard error, where that is a terminal."""

    def __init__(self, title: str, duration: float, *, hidden: bool) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            console=console,
            transient=True,
            disable=hidden or not console.is_terminal,
        )
        self._task = self._progress.add_task(title, total=duration)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def advance(self, now: float) -> None:
        """The world has come to `now`, seconds since the start."""
        self._progress.update(self._task, completed=max(now, 0.0))


def for_standard_output(least_width: int) -> tuple[Console, io.StringIO]:
    """A console that writes into a text what standard output can show: colours where that is a
    terminal (and NO_COLOR does not forbid them), at least so many cells wide."""
    text = io.StringIO()
    there = Console()
    console = Console(
        file=text,
        force_terminal=there.is_terminal,
        color_system="auto" if there.is_terminal else None,
        width=max(there.width, least_width),
        highlight=False,
        soft_wrap=True,
    )
    return console, text


def summary(report: Mapping[str, Any]) -> str:
    """The figures and the verdicts, in colour where standard output is a terminal."""
    console, written = for_standard_output(60)
    console.print(Text(f"{report['scenario']}  (seed {report['seed']})", "bold"))
    figures = [(label, Text(value)) for label, value in brief(report)]
    if not takers(report):
        figures += _alarms(report)
    width = max(12, *(len(label) for label, _ in figures))
    for label, text in figures:
        console.print(Text.assemble((f"  {label:<{width}}  ", "dim"), text))
    for item in report["expectations"]:
        mark = Text("  ✓ held  ", "green") if item["passed"] else Text("  ✗ FAILED", "bold red")
        value = f"   observed {observed(item['observed'])}"
        console.print(Text.assemble(mark, f"  {item['text']}", (value, "dim")))
    return written.getvalue().rstrip("\n")


def _alarms(report: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """When each alarm went off: a line for each time, but for those that are too many."""
    for name, spells in report["in_alarm"].items():
        if not spells:
            yield name, Text("never in ALARM", "dim")
        for number, spell in enumerate(spells[:MOST_SPELLS]):
            label = "" if number else name
            yield label, Text.assemble(("ALARM", "red"), f"  {_when(spell)}")
        if len(spells) > MOST_SPELLS:
            yield "", Text(f"and {len(spells) - MOST_SPELLS} times more", "dim")


def _when(spell: Mapping[str, Any]) -> str:
    """From when to when, by the calendar, and how long that was."""
    began = datetime.fromisoformat(spell["began"].replace("Z", "+00:00"))
    if spell["ended"] is None:
        return f"{began:%a %Y-%m-%d %H:%M} to the end"
    ended = datetime.fromisoformat(spell["ended"].replace("Z", "+00:00"))
    same_day = began.date() == ended.date()
    until = f"{ended:%H:%M}" if same_day else f"{ended:%a %Y-%m-%d %H:%M}"
    length = format_duration(spell["until"] - spell["time"])
    return f"{began:%a %Y-%m-%d %H:%M} to {until}  ({length})"

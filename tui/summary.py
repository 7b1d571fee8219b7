"""What a headless run prints: a progress bar while it plays, a summary at the end."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.text import Text

from scenarios.report import brief, observed


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
    console, text = for_standard_output(60)
    console.print(Text(f"{report['scenario']}  (seed {report['seed']})", "bold"))
    for label, value in brief(report):
        console.print(Text.assemble((f"  {label:<12}  ", "dim"), value))
    for item in report["expectations"]:
        mark = Text("  ✓ held  ", "green") if item["passed"] else Text("  ✗ FAILED", "bold red")
        value = f"   observed {observed(item['observed'])}"
        console.print(Text.assemble(mark, f"  {item['text']}", (value, "dim")))
    return text.getvalue().rstrip("\n")

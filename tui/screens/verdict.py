"""How a session fares: its figures, and the expectations that hold and that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from scenarios.report import brief, observed
from tui.screens.sheet import Sheet


class VerdictScreen(Sheet[bool]):
    """A report in short; dismissed with whether the session is to be saved."""

    DEFAULT_CSS = "VerdictScreen > VerticalScroll { width: 90; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,v", "dismiss(False)", "Close"),
        Binding("w", "dismiss(True)", "Save"),
    ]

    def __init__(
        self, report: Mapping[str, Any], yet_to_come: Sequence[bool], *, over: bool
    ) -> None:
        """Show a report; `yet_to_come` marks expectations that look at later times, `over` tells
        whether the scenario has come to its end."""
        super().__init__()
        self._report = report
        self._yet_to_come = yet_to_come
        self._over = over

    def compose(self) -> ComposeResult:
        with VerticalScroll() as box:
            box.border_title = "The scenario is over" if self._over else "So far"
            box.border_subtitle = "esc closes, w saves the session"
            yield Static(self._figures())
            yield Static(self._verdicts())

    def _figures(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for label, text in brief(self._report):
            table.add_row(Text(label, "dim"), text)
        table.add_row()
        return table

    def _verdicts(self) -> Table:
        table = Table.grid(padding=(0, 1))
        items = self._report["expectations"]
        for item, later in zip(items, self._yet_to_come, strict=True):
            value = Text(f"observed {observed(item['observed'])}", "dim")
            if item["passed"]:
                mark, word = Text("✓", "green"), "held"
            elif later and not self._over:
                mark, word, value = Text("·"), "not yet", Text("")
            else:
                mark, word = Text("✗", "bold red"), "FAILED" if self._over else "not so"
            table.add_row(mark, Text(word), Text(item["text"]), value)
        if not self._report["expectations"]:
            table.add_row(Text("This scenario expects nothing.", "dim"))
        return table

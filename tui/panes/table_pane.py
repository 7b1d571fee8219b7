"""A pane that is a table of things with times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Column

Utc = Callable[[float], datetime]
"""The date and time of a second since the scenario's start."""


class TablePane(Vertical):
    """One table; what it shows is the business of each kind."""

    ALLOW_MAXIMIZE = True

    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    EMPTY: ClassVar[str] = ""
    """What it says where there is nothing to show."""
    NEWEST_FIRST: ClassVar[bool] = False

    def __init__(self, utc: Utc, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._utc = utc

    def compose(self) -> ComposeResult:
        yield LiveTable(self.COLUMNS, empty=self.EMPTY, newest_first=self.NEWEST_FIRST)

    @property
    def table(self) -> LiveTable:
        return self.query_one(LiveTable)

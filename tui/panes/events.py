"""The events pane: what happened, newest at the bottom."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from tui.widgets.event_log import EventLog, LogLine


class EventsPane(Vertical):
    """A log of everything that happened."""

    BORDER_TITLE = "5 events"
    ALLOW_MAXIMIZE = True

    lines: reactive[tuple[LogLine, ...]] = reactive[tuple[LogLine, ...]](())
    """All lines until now."""

    def compose(self) -> ComposeResult:
        yield EventLog()

    def watch_lines(self, lines: tuple[LogLine, ...]) -> None:
        """Show the lines there are now."""
        if self.is_mounted:
            self.query_one(EventLog).lines = lines

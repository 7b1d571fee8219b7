"""Messages that cross the app."""

from __future__ import annotations

from textual.message import Message


class Advanced(Message):
    """The world has advanced to `now` (seconds since start); only the newest matters."""

    def __init__(self, now: float) -> None:
        super().__init__()
        self.now = now

    def can_replace(self, message: Message) -> bool:
        """A burst collapses in the queue."""
        return isinstance(message, Advanced)


class Left(Message):
    """The person wants to leave, and was asked about the recording."""

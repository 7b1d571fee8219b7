"""What is counted of requests beside how they end."""

from __future__ import annotations

from enum import StrEnum


class Mark(StrEnum):
    """What is worth a metric about some requests, by that metric's name."""

    NO_PORT = "PortAllocationErrorCount"

"""What became of the requests that clients sent: what reports and expectations count."""

from __future__ import annotations

from attrs import define, field

from model.flow.latency import Counts, no_latencies

THROTTLED = "throttled"
"""The status of a request to a database that AWS answers with 400 because there is no capacity for
it. It is kept apart from other answers with 400, since it failed for what the service lacked."""
FAILED = frozenset({"connection_timeout", "connection_refused", "connection_reset", THROTTLED})
"""Statuses of requests that got no answer at all, or none that did what was asked."""


@define(eq=False)
class Books:
    """What became of the requests to one resource since the books were opened."""

    by_status: dict[str, int] = field(factory=dict)
    latencies: Counts = field(factory=no_latencies)
    in_flight_at_opening: float = 0.0
    sent_at_opening: float = 0.0

    @property
    def total(self) -> int:
        """Requests that have ended."""
        return sum(self.by_status.values())

    @property
    def succeeded(self) -> int:
        """Requests answered without a 5xx status, and not throttled."""
        return sum(n for status, n in self.by_status.items() if succeeds(status))

    def count(self, status: str, requests: int) -> None:
        if requests:
            self.by_status[status] = self.by_status.get(status, 0) + requests


def succeeds(status: str) -> bool:
    """Whether a request with this status got what it asked for: no 5xx, and not throttled."""
    return status not in FAILED and not status.startswith("5")

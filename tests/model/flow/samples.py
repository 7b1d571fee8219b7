"""Stations for the tests, and ways to let time pass on them."""

from __future__ import annotations

from typing import Any

from model.flow.capability import Answering, Capability
from model.flow.mixture import Mixture
from model.flow.station import Station, Totals
from model.flow.waiting import Discipline

CAPACITY = 80.0
"""Requests per second of the usual station: 4 workers, 50 ms each."""
IDLE_TIMEOUT = 60.0


def serving(**changes: Any) -> Capability:
    """Four workers that take 50 ms each, with room for many to wait."""
    usual: dict[str, Any] = {"wait_time": 0.05, "workers": 4, "vcpus": 2, "backlog": 100_000}
    return Capability(Answering.SERVING, **(usual | changes))


def station(**changes: Any) -> Station:
    return Station(serving(**changes), IDLE_TIMEOUT)


class Line:
    """One station fed at a rate, alone in its group."""

    def __init__(self, fed: Station, now: float = 0.0) -> None:
        self.station = fed
        self.now = now
        self.mixture = Mixture()

    def run(self, seconds: float, rate: float, step: float = 1.0) -> None:
        """Let time pass in equal steps."""
        for _ in range(round(seconds / step)):
            self.station.step(self.now, step, rate * step, Discipline.RANDOM, 1, self.mixture)
            self.now += step

    @property
    def totals(self) -> Totals:
        return self.station.totals

"""What a target can do for the requests it is sent."""

from __future__ import annotations

import math
from enum import StrEnum

from attrs import field, frozen

SLOWEST_START = 1e-9
"""No service takes less than this many seconds; it keeps divisions finite."""


class Answering(StrEnum):
    """What happens to a connection to the target's port."""

    SERVING = "serving"
    REFUSING = "refusing"
    """Nothing listens: the connection is reset (502)."""
    SILENT = "silent"
    """No packet comes back: connecting times out (504)."""


@frozen(cache_hash=True)
class Capability:
    """What a target can do at present. Equal capabilities make equal targets."""

    answering: Answering
    cpu_time: float = 0.0
    """vCPU seconds a request takes."""
    wait_time: float = 0.0
    """Seconds a request waits on something else."""
    variation: float = 1.0
    workers: float = 1.0
    vcpus: float = 1.0
    backlog: float = 0.0
    latency: float = 0.0
    """Seconds the network adds to every answer."""
    error_rate: float = 0.0
    """Share of the requests that the service answers with a 5xx."""

    service_time: float = field(init=False, eq=False)
    """Mean seconds of service, waiting excluded."""
    capacity: float = field(init=False, eq=False)
    """Requests per second it can sustain: what its workers or its vCPUs allow."""

    @property
    def cpu_bound(self) -> bool:
        """Whether the vCPUs are what is exhausted first."""
        return self.vcpus < self.capacity * self.cpu_time * (1 + 1e-9)

    @service_time.default
    def _compute_service_time(self) -> float:
        return self.cpu_time + self.wait_time

    @capacity.default
    def _compute_capacity(self) -> float:
        by_workers = self.workers / max(self.service_time, SLOWEST_START)
        by_cpu = self.vcpus / self.cpu_time if self.cpu_time > 0 else math.inf
        return min(by_workers, by_cpu)


REFUSING = Capability(Answering.REFUSING)
SILENT = Capability(Answering.SILENT)

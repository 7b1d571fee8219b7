"""What a target can do for the requests it is sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from attrs import evolve, field, frozen

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
class Work:
    """What requests of one kind take (seconds)."""

    cpu_time: float
    wait_time: float
    variation: float
    """Coefficient of variation of both together."""

    @property
    def service_time(self) -> float:
        return self.cpu_time + self.wait_time

    def slower(self, factor: float) -> Work:
        """The same, taking so many times as long."""
        if factor == 1.0:
            return self
        return Work(self.cpu_time * factor, self.wait_time * factor, self.variation)


Mix = tuple[tuple[int, float], ...]
"""The kinds of requests that come, by their number in the world, each with its share."""


@frozen(cache_hash=True)
class Others:
    """What the other ports of an instance ask of the vCPUs that they share with one."""

    rate: float
    """Their requests per second."""
    cpu_time: float
    """vCPU seconds that one of those takes on average."""
    variation: float
    """Coefficient of variation of that."""
    left: float
    """vCPUs that the one gets if it asks for all: what the others leave, or a fair part."""


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
    works: tuple[Work, ...] = ()
    """What requests of each kind take, by the kind's number, where kinds differ."""
    others: Others | None = None
    """Who else wants its vCPUs."""
    cpu_variation: float = field()
    """Coefficient of variation of the CPU time alone."""

    service_time: float = field(init=False, eq=False)
    """Mean seconds of service, waiting excluded."""
    capacity: float = field(init=False, eq=False)
    """Requests per second it can sustain: what its workers or its vCPUs allow."""
    cpu_bound: bool = field(init=False, eq=False)
    """Whether the vCPUs are what is exhausted first."""
    serving: bool = field(init=False, eq=False)
    """Whether it answers."""

    @property
    def vcpus_left(self) -> float:
        """The vCPUs that it can count on."""
        return self.vcpus if self.others is None else self.others.left

    @cpu_variation.default
    def _same_variation(self) -> float:
        return self.variation

    @service_time.default
    def _compute_service_time(self) -> float:
        return self.cpu_time + self.wait_time

    @capacity.default
    def _compute_capacity(self) -> float:
        by_workers = self.workers / max(self.service_time, SLOWEST_START)
        by_cpu = self.vcpus_left / self.cpu_time if self.cpu_time > 0 else math.inf
        return min(by_workers, by_cpu)

    @cpu_bound.default
    def _compute_cpu_bound(self) -> bool:
        return self.vcpus_left < self.capacity * self.cpu_time * (1 + 1e-9)

    @serving.default
    def _compute_serving(self) -> bool:
        return self.answering is Answering.SERVING


REFUSING = Capability(Answering.REFUSING)
SILENT = Capability(Answering.SILENT)


@lru_cache(maxsize=1 << 12)
def mixed(can: Capability, mix: Mix) -> Capability:
    """What a target can do for requests of several kinds: their mean and variation together.

    Who waits for a turn waits for services of all kinds, in the shares in which they come.
    """
    parts = [(share, can.works[kind]) for kind, share in mix]
    cpu = [(share, work.cpu_time, work.variation) for share, work in parts]
    whole = [(share, work.service_time, work.variation) for share, work in parts]
    cpu_time, cpu_variation = together(cpu)
    service_time, variation = together(whole)
    return evolve(
        can,
        cpu_time=cpu_time,
        wait_time=service_time - cpu_time,
        variation=variation,
        cpu_variation=cpu_variation,
    )


def together(parts: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """Mean and coefficient of variation of times of several kinds (share or number, mean,
    coefficient of variation of each)."""
    total = sum(share for share, _, _ in parts)
    if total <= 0.0:
        return 0.0, 0.0
    mean = sum(share * time for share, time, _ in parts) / total
    square = sum(share * time * time * (1 + cv * cv) for share, time, cv in parts) / total
    if mean <= 0.0:
        return 0.0, 0.0
    # to a few digits, as the laws of waiting are computed for each
    return mean, round(math.sqrt(max(square / (mean * mean) - 1, 0.0)), 3)

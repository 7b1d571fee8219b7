"""What tasks on Fargate cost: US dollars, list prices of us-east-1.

Source: AWS Fargate pricing: vCPUs and memory by the second, from the time an image begins to be
pulled until the task ends; a minute at least, five for Windows; ephemeral storage beyond 20 GB.
Prices of Fargate Spot follow supply and demand.
"""

from __future__ import annotations

import math

from attrs import define, field, frozen

from model.clock import HOUR, Schedule
from model.ecs.resources import FARGATE_SPOT
from model.ecs.task_definitions import EPHEMERAL_STORAGE
from model.ecs.tasks import Task


@frozen
class Rates:
    """Dollars an hour."""

    vcpu: float
    gigabyte: float
    shortest: float = 60.0
    """Seconds that are billed at least."""


LINUX = Rates(0.04048, 0.004445)
ARM = Rates(0.03238, 0.00356)
WINDOWS = Rates(0.09148 + 0.046, 0.01005, 300.0)
"""With the licence of the operating system, by the vCPU."""
SPOT = 0.3
"""What Fargate Spot costs of the price: up to 70 % less."""
STORAGE = 0.000111
"""A GB of ephemeral storage beyond what is free."""


def price(task: Task) -> float:
    """Dollars an hour for a task."""
    definition, rates = task.definition, rates_of(task)
    whole = definition.vcpus * rates.vcpu + definition.gigabytes * rates.gigabyte
    if task.provider == FARGATE_SPOT:
        whole *= SPOT
    if definition.ephemeral_storage is not None:
        whole += (definition.ephemeral_storage.size_in_gi_b - EPHEMERAL_STORAGE) * STORAGE
    return whole


def rates_of(task: Task) -> Rates:
    """By what its containers are made for."""
    if task.definition.windows:
        return WINDOWS
    return ARM if task.definition.runtime_platform.cpu_architecture == "ARM64" else LINUX


def cost_of(task: Task, now: float) -> float:
    """Dollars for a task until now."""
    seconds = task.billed(now)
    if task.ended is not None:
        seconds = max(math.ceil(seconds), rates_of(task).shortest)
    return seconds / HOUR * price(task)


@define(eq=False)
class Bill:
    """What the tasks of each service cost, by the service's logical id."""

    schedule: Schedule
    _open: dict[str, Task] = field(factory=dict)
    _closed: dict[str, float] = field(factory=dict)
    _opening: dict[str, float] = field(factory=dict)

    def open(self, task: Task) -> None:
        """A task begins to cost."""
        self._open[task.name] = task

    def close(self, task: Task) -> None:
        """A task is over."""
        if self._open.pop(task.name, None) is not None:
            before = self._closed.get(task.service, 0.0)
            self._closed[task.service] = before + cost_of(task, self.schedule.now)

    def open_books(self) -> None:
        """From here on it is billed."""
        self._opening = self._totals()

    def costs(self) -> dict[str, float]:
        """Dollars since the books were opened."""
        return {
            name: total - self._opening.get(name, 0.0) for name, total in self._totals().items()
        }

    def _totals(self) -> dict[str, float]:
        totals = dict(self._closed)
        for task in self._open.values():
            cost = cost_of(task, self.schedule.now)
            totals[task.service] = totals.get(task.service, 0.0) + cost
        return totals

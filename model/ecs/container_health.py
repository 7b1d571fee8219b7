"""Health checks inside of containers.

Source: API HealthCheck. What a command looks at is not known: it is taken to ask the task's own
services, as an operator would, and passes while all of them listen and are not made to fail. A task
is healthy with the first check that passes, and unhealthy after so many failures in a row; those of
the start period do not count. A check that would change nothing is not played.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

from attrs import define

from model.clock import Event, Phase, Schedule
from model.ec2.instances import Instance
from model.ecs.task_definitions import HealthCheck
from model.ecs.tasks import Task


class Health(StrEnum):
    """healthStatus of a task."""

    UNKNOWN = "UNKNOWN"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"


@define(eq=False)
class ContainerHealth:
    """The health of one task that runs, by its containers' checks."""

    schedule: Schedule
    task: Task
    check: HealthCheck
    changed: Callable[[Task], None]
    """Called when the task's health is another."""
    health: Health = Health.UNKNOWN
    failures: int = 0
    """In a row."""
    _next: Event | None = None

    def begin(self) -> None:
        """The containers have started: checks repeat on the grid of time that begins now."""
        self.task.watchers.append(self.review)
        self.review(self.task)

    def end(self) -> None:
        """The containers end."""
        if self._next is not None:
            self._next.cancel()
        if self.review in self.task.watchers:
            self.task.watchers.remove(self.review)

    @property
    def passing(self) -> bool:
        """Whether a check would pass now."""
        task = self.task
        failing = any(task.ailing_of(service.port).failing_checks for service in task.services)
        return task.service_up and not failing

    def review(self, _: Instance) -> None:
        """Something about the task may be different: is there anything to find out?"""
        settled = self.health is Health.HEALTHY and not self.failures
        if settled if self.passing else self.health is Health.UNHEALTHY:
            return
        if self._next is None and self.task.started is not None:
            passed = self.schedule.now - self.task.started
            count = math.floor(passed / self.check.interval + 1e-9) + 1
            due = self.task.started + count * self.check.interval
            self._next = self.schedule.at(due, Phase.PROBE, self._look)

    def _look(self) -> None:
        self._next = None
        before, now = self.health, self.schedule.now
        assert self.task.started is not None
        if self.passing:
            self.failures, self.health = 0, Health.HEALTHY
        elif before is not Health.UNKNOWN or now >= self.task.started + self.check.start_period:
            self.failures += 1
            if self.failures >= self.check.retries:
                self.health = Health.UNHEALTHY
        if self.health is not before:
            self.changed(self.task)
        self.review(self.task)

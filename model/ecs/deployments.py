"""A deployment of a service: which revision its tasks are of, and how it fares.

Sources: "Deploy Amazon ECS services by replacing tasks"; "How the Amazon ECS deployment circuit
breaker detects failures"; API Deployment.
"""

from __future__ import annotations

import math
from enum import StrEnum

from attrs import define, field

from model.ecs.deployment_configuration import CircuitBreaker
from model.ecs.task_definitions import TaskDefinition
from model.ecs.tasks import Task
from model.ecs.throttle import Throttle


class Rollout(StrEnum):
    """rolloutState of a deployment."""

    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


@define(eq=False)
class Deployment:
    """One deployment of a service."""

    id: str
    definition: TaskDefinition
    began: float
    watched: tuple[str, ...] = ()
    """The alarms that end it, by logical id."""
    rollout: Rollout = Rollout.IN_PROGRESS
    failed_tasks: int = 0
    """Failures that count for the circuit breaker."""
    replaced_at: float = math.inf
    """Since when all its tasks are there, and nobody else's."""
    throttle: Throttle = field(factory=Throttle)
    tasks: list[Task] = field(factory=list)
    """Its tasks, until they have stopped."""

    @property
    def active(self) -> list[Task]:
        """Its tasks that are to run."""
        return [task for task in self.tasks if task.active]

    def count_failure(self, breaker: CircuitBreaker | None, desired: int) -> bool:
        """A task of it failed; whether that is one too many."""
        self.failed_tasks += 1
        if breaker is None or self.rollout is not Rollout.IN_PROGRESS:
            return False
        return self.failed_tasks >= breaker.threshold_configuration.failures(desired)

    def count_healthy(self, breaker: CircuitBreaker | None) -> None:
        """A task of it was found healthy."""
        if breaker is None or breaker.reset_on_healthy_task:
            self.failed_tasks = 0

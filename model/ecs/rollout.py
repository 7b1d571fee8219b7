"""The deployments of a service: how one begins, completes, fails, and is rolled back.

Sources: "How the Amazon ECS deployment circuit breaker detects failures", "How CloudWatch alarms
detect Amazon ECS deployment failures", "Amazon ECS service deployment state change events".
"""

from __future__ import annotations

import math
from collections.abc import Callable

from attrs import define, field

from model.clock import Schedule, Streams
from model.ecs.deployments import Deployment, Rollout
from model.ecs.record import Record
from model.ecs.resources import EcsService
from model.ecs.task_definitions import TaskDefinition


@define(eq=False)
class Rollouts:
    """The deployments of one service, the newest (PRIMARY) first."""

    schedule: Schedule
    streams: Streams
    record: Record
    service: EcsService
    rings: Callable[[str], bool]
    """Whether an alarm, by its logical id, is in ALARM."""
    deployments: list[Deployment] = field(factory=list)

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def under_way(self) -> bool:
        """Whether the primary deployment is not over."""
        return self.primary.rollout is Rollout.IN_PROGRESS

    def begin(self, definition: TaskDefinition) -> Deployment:
        """A deployment begins: it takes the place of what there was."""
        digits = "".join(map(str, self.streams["ecs/ids"].integers(0, 10, 19)))
        watched = self.service.deployment_configuration.watched
        ringing = any(map(self.rings, watched))  # then it is to repair something
        deployment = Deployment(
            id=f"ecs-svc/{digits}",
            definition=definition,
            began=self.schedule.now,
            watched=() if ringing else watched,
        )
        self.deployments.insert(0, deployment)
        self._tell(
            deployment,
            "SERVICE_DEPLOYMENT_IN_PROGRESS",
            f"ECS deployment {deployment.id} in progress.",
        )
        return deployment

    def replaced(self, *, all_there: bool) -> bool:
        """Whether the primary's tasks are all there, and nobody else's: when the time for which
        alarms are watched is over, it is complete. Tells whether it became that just now."""
        primary = self.primary
        if not all_there:
            primary.replaced_at = math.inf
            return False
        primary.replaced_at = min(primary.replaced_at, self.schedule.now)
        if not self.under_way or self.schedule.now < self.baked:
            return False
        primary.rollout = Rollout.COMPLETED
        del self.deployments[1:]
        self._tell(
            primary, "SERVICE_DEPLOYMENT_COMPLETED", f"ECS deployment {primary.id} completed."
        )
        return True

    @property
    def baked(self) -> float:
        """When the primary is complete if nothing happens until then."""
        bake = self.service.deployment_configuration.bake_seconds if self.primary.watched else 0.0
        return self.primary.replaced_at + bake

    def watch_alarms(self) -> bool:
        """Whether an alarm has just ended the primary deployment."""
        primary = self.primary
        if not self.under_way or not any(map(self.rings, primary.watched)):
            return False
        alarms = self.service.deployment_configuration.alarms
        self._fail(
            "ECS deployment failed: alarm detected.",
            "ECS deployment failed: alarm detected, rolling back to deploymentId {}.",
            rollback=alarms is not None and alarms.rollback,
        )
        return True

    def fail(self) -> None:
        """The circuit breaker ends the primary deployment."""
        breaker = self.service.deployment_configuration.breaker
        self._fail(
            "ECS deployment circuit breaker: tasks failed to start.",
            "ECS deployment circuit breaker: rolling back to deploymentId {}.",
            rollback=breaker is not None and breaker.rollback,
        )

    def _fail(self, reason: str, back: str, *, rollback: bool) -> None:
        failed = self.primary
        failed.rollout = Rollout.FAILED
        self._tell(failed, "SERVICE_DEPLOYMENT_FAILED", reason)
        good = next((d for d in self.deployments if d.rollout is Rollout.COMPLETED), None)
        if not rollback or good is None:
            return  # nothing is started until somebody deploys something else
        self.deployments.remove(good)
        self.deployments.insert(0, good)
        good.rollout, good.failed_tasks, good.replaced_at = Rollout.IN_PROGRESS, 0, math.inf
        good.watched = ()
        good.throttle.succeeded()
        self._tell(good, "SERVICE_DEPLOYMENT_IN_PROGRESS", back.format(good.id))

    def _tell(self, deployment: Deployment, name: str, reason: str) -> None:
        state = deployment.rollout.value
        self.record.deployment(self.service, deployment.id, name, state, reason)

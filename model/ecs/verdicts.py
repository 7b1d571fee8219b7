"""How a service's tasks fare, as its scheduler sees it.

Sources: API DeploymentConfiguration (minimumHealthyPercent), API CreateService
(healthCheckGracePeriodSeconds).
"""

from __future__ import annotations

from attrs import frozen

from model.ecs.resources import EcsService
from model.ecs.rolling import Standing
from model.ecs.tasks import Task
from model.elb.service import Elb
from model.elb.targets import AILING, IN_ROTATION

SETTLING = 40.0
"""Seconds from a task's running until it counts as healthy, without a load balancer."""


@frozen
class Verdicts:
    """Judges tasks at one instant."""

    service: EcsService
    elb: Elb
    now: float

    def standing(self, task: Task) -> Standing:
        """What a task counts as."""
        if not task.running or task.started is None:
            return Standing.COMING
        if self._fails(task):
            in_grace = self.now < task.started + self.service.grace_period
            return Standing.COMING if in_grace else Standing.UNHEALTHY
        if task.checked and not task.container_healthy:
            return Standing.COMING
        if self.service.load_balancers:
            healthy = all(state in IN_ROTATION for _, state in self._states(task))
        else:
            healthy = task.checked or self.now >= task.started + SETTLING
        return Standing.HEALTHY if healthy else Standing.COMING

    def _fails(self, task: Task) -> bool:
        """Whether some check says that it is unhealthy."""
        return task.container_healthy is False or self.failing_group(task) is not None

    def why(self, task: Task) -> str:
        """What it fails, in words."""
        group = self.failing_group(task)
        if group is None:
            return "failed container health checks"
        arn = self.elb.groups[group].resource.dimension[1]
        return f"failed ELB health checks in (target-group {arn})"

    def next_change(self, task: Task) -> float | None:
        """When it may count as something else by the clock alone; None: not."""
        if not task.running or task.started is None:
            return None
        due = task.started + SETTLING
        if self._fails(task):
            due = task.started + self.service.grace_period
        elif self.service.load_balancers or task.checked:
            return None
        return due if due > self.now else None

    def failing_group(self, task: Task) -> str | None:
        """The target group whose checks the task fails, if there is one."""
        return next((group for group, state in self._states(task) if state in AILING), None)

    def _states(self, task: Task) -> list[tuple[str, object]]:
        """What each target group says of the task; a group that does not know it says `None`."""
        found: list[tuple[str, object]] = []
        for attached in self.service.load_balancers:
            group, port = attached.target_group_arn, attached.container_port
            own = [t for t in self.elb.groups[group].on(task) if t.port == port]
            found.append((group, own[0].state if own else None))
        return found

"""What ECS writes down as it goes: states of tasks, counts of services, deployments, events.

Sources: "Amazon ECS task state change events", "Amazon ECS service action events", "Amazon ECS
service deployment state change events", "Amazon ECS service event messages".
"""

from __future__ import annotations

from typing import Any

from attrs import define, frozen

from model.clock import Schedule
from model.ecs.resources import EcsService
from model.ecs.tasks import Task
from model.events.bus import EventBus
from model.journal import Journal

TASK = "ECS Task State Change"
ACTION = "ECS Service Action"
DEPLOYMENT = "ECS Deployment State Change"

SEVERITY = {
    "SERVICE_TASK_START_IMPAIRED": "WARN",
    "SERVICE_TASK_PLACEMENT_FAILURE": "ERROR",
    "SERVICE_DEPLOYMENT_FAILED": "ERROR",
}
"""eventType of events that are no INFO."""


@frozen
class ServiceCounts:
    """How many tasks a service has, as the journal notes each change of it."""

    desired: int
    running: int
    pending: int

    def part(self, name: str) -> int:
        """DesiredCount, RunningCount or PendingCount, as DescribeServices has them."""
        return {
            "DesiredCount": self.desired,
            "RunningCount": self.running,
            "PendingCount": self.pending,
        }[name]


@frozen
class ServiceEvent:
    """An event of DescribeServices: what the scheduler did, in words."""

    time: float
    message: str


@define(eq=False)
class Record:
    """The record of one region's tasks and services."""

    schedule: Schedule
    bus: EventBus
    journal: Journal

    def task(self, task: Task) -> None:
        """A task is in another state."""
        task.version += 1
        self.journal.write(self.schedule.now, task.name, "task", task.status.value)
        self.bus.publish("aws.ecs", TASK, (task.arn,), self._detail(task))

    def counts(self, service: str, counts: ServiceCounts) -> None:
        """The counts of a service (by its logical id) may have changed."""
        self.journal.write(self.schedule.now, service, "capacity", counts)

    def action(self, service: EcsService, name: str, **more: Any) -> None:
        """The service scheduler did something."""
        detail = {
            "eventType": SEVERITY.get(name, "INFO"),
            "eventName": name,
            "clusterArn": service.cluster_arn,
            **more,
            "createdAt": self._stamp(self.schedule.now),
        }
        self.bus.publish("aws.ecs", ACTION, (service.arn,), detail)

    def deployment(self, service: EcsService, id: str, name: str, state: str, reason: str) -> None:
        """A deployment is in another state."""
        key = f"{service.logical_id}/{id}"
        self.journal.write(self.schedule.now, key, "deployment", state)
        detail = {
            "eventType": SEVERITY.get(name, "INFO"),
            "eventName": name,
            "deploymentId": id,
            "updatedAt": self._stamp(self.schedule.now),
            "reason": reason,
        }
        self.bus.publish("aws.ecs", DEPLOYMENT, (service.arn,), detail)

    def _detail(self, task: Task) -> dict[str, Any]:
        """A task, as its event tells it."""
        container = "RUNNING" if task.started is not None and task.ended is None else "PENDING"
        if task.ended is not None or task.status.value == "STOPPED":
            container = "STOPPED"
        definition = task.definition
        detail: dict[str, Any] = {
            "attachments": [
                {
                    "type": "eni",
                    "status": "DELETED" if task.status.value == "STOPPED" else "ATTACHED",
                    "details": [
                        {"name": "subnetId", "value": task.subnet},
                        {"name": "privateIPv4Address", "value": task.private_ip},
                    ],
                }
            ],
            "availabilityZone": task.zone,
            "capacityProviderName": task.provider,
            "clusterArn": task.arn.partition(":task/")[0] + f":cluster/{task.cluster}",
            "containers": [
                {"name": item.name, "image": item.image, "lastStatus": container}
                for item in definition.container_definitions
            ],
            "cpu": str(definition.cpu_units),
            "createdAt": self._stamp(task.launched),
            "desiredStatus": "RUNNING" if task.active else "STOPPED",
            "group": f"service:{task.service_name}",
            "launchType": "FARGATE",
            "lastStatus": task.status.value,
            "memory": str(definition.mebibytes),
            "startedBy": task.deployment,
            "taskArn": task.arn,
            "taskDefinitionArn": definition.arn,
            "updatedAt": self._stamp(self.schedule.now),
            "version": task.version,
        }
        if task.pull_started is not None:
            detail["pullStartedAt"] = self._stamp(task.pull_started)
        if task.started is not None:
            detail["startedAt"] = self._stamp(task.started)
        if task.stopping is not None:
            detail["stopCode"] = task.stopping.code.value
            detail["stoppedReason"] = task.stopping.reason
        if task.status.value == "STOPPED":
            detail["stoppedAt"] = self._stamp(self.schedule.now)
        return detail

    def _stamp(self, time: float) -> str:
        return f"{self.schedule.utc(time):%Y-%m-%dT%H:%M:%SZ}"

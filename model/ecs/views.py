"""What an operator can read of services: DescribeServices and DescribeTasks."""

from __future__ import annotations

from attrs import frozen

from model.ecs.record import ServiceEvent
from model.ecs.scheduler import Scheduler


@frozen
class TaskView:
    """What DescribeTasks shows of a task."""

    id: str
    address: str
    zone: str
    status: str
    definition: str
    """`family:revision`."""


@frozen
class DeploymentView:
    """What DescribeServices shows of a deployment."""

    id: str
    status: str
    """PRIMARY, or ACTIVE while its tasks are replaced."""
    definition: str
    rollout: str
    desired: int
    running: int
    pending: int
    failed: int


@frozen
class ServiceView:
    """What DescribeServices shows of a service."""

    id: str
    """Its logical id."""
    cluster: str
    desired: int
    running: int
    pending: int
    deployments: tuple[DeploymentView, ...]
    """The newest first."""
    tasks: tuple[TaskView, ...]
    events: tuple[ServiceEvent, ...]
    """The newest first."""


def view(scheduler: Scheduler) -> ServiceView:
    """A service as it is now."""
    counts = scheduler.counts
    deployments = []
    for place, deployment in enumerate(scheduler.rollouts.deployments):
        running = sum(task.running for task in deployment.tasks)
        deployments.append(
            DeploymentView(
                id=deployment.id,
                status="ACTIVE" if place else "PRIMARY",
                definition=deployment.definition.revision,
                rollout=deployment.rollout.value,
                desired=0 if place else counts.desired,
                running=running,
                pending=sum(task.starting for task in deployment.tasks),
                failed=deployment.failed_tasks,
            )
        )
    return ServiceView(
        id=scheduler.id,
        cluster=scheduler.service.cluster_name,
        desired=counts.desired,
        running=counts.running,
        pending=counts.pending,
        deployments=tuple(deployments),
        tasks=tuple(
            TaskView(task.name, task.id, task.zone, task.status.value, task.definition.revision)
            for task in scheduler.tasks
        ),
        events=tuple(reversed(scheduler.messages)),
    )

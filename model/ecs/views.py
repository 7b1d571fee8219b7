"""What an operator can read of services: DescribeServices and DescribeTasks."""

from __future__ import annotations

from attrs import frozen

from model.ecs.record import ServiceEvent
from model.ecs.scheduler import Scheduler
from model.ecs.tasks import Task


@frozen
class TaskView:
    """What DescribeTasks shows of a task."""

    id: str
    address: str
    zone: str
    status: str
    definition: str
    """`family:revision`."""
    created: float
    stopped_reason: str
    """Why it is to end; empty: it is to run."""


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
    """The oldest first."""
    events: tuple[ServiceEvent, ...]
    """The newest first."""


def _task(task: Task) -> TaskView:
    return TaskView(
        id=task.name,
        address=task.private_ip,
        zone=task.zone,
        status=task.status.value,
        definition=task.definition.revision,
        created=task.launched,
        stopped_reason="" if task.stopping is None else task.stopping.reason,
    )


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
        tasks=tuple(map(_task, sorted(scheduler.tasks, key=lambda task: task.launched))),
        events=tuple(reversed(scheduler.messages)),
    )

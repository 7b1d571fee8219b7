"""One task: where it runs, what state it is in, and why it ended.

Source: "Amazon ECS task lifecycle"; API Task. To load balancers a task is what an instance is: it
has an address, services that listen, and vCPUs of its own.
"""

from __future__ import annotations

from enum import StrEnum

from attrs import define, frozen

from model.ec2.instance_types import InstanceType
from model.ec2.instances import Instance
from model.ecs.task_definitions import TaskDefinition
from model.resources import ACCOUNT, REGION


class TaskStatus(StrEnum):
    """lastStatus of a task."""

    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    ACTIVATING = "ACTIVATING"
    RUNNING = "RUNNING"
    DEACTIVATING = "DEACTIVATING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


STARTING = frozenset({TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING})
"""On the way to running."""
LIVE = frozenset({TaskStatus.ACTIVATING, TaskStatus.RUNNING, TaskStatus.DEACTIVATING})
"""What LiveTaskCount counts."""


class StopCode(StrEnum):
    """stopCode of a task."""

    FAILED_TO_START = "TaskFailedToStart"
    CONTAINER_EXITED = "EssentialContainerExited"
    USER = "UserInitiated"
    SCHEDULER = "ServiceSchedulerInitiated"


@frozen
class Stopping:
    """Why a task is to end."""

    code: StopCode
    reason: str


@define(eq=False, kw_only=True)
class Task(Instance):
    """A task of a service. Its `id` is its address, by which target groups know it."""

    name: str
    """Its own id: 32 hexadecimal digits."""
    cluster: str
    """The name of its cluster."""
    service: str
    """The logical id of its service."""
    service_name: str
    definition: TaskDefinition
    deployment: str
    """The id of the deployment that started it."""
    provider: str
    """The capacity provider: FARGATE or FARGATE_SPOT."""
    status: TaskStatus = TaskStatus.PROVISIONING
    version: int = 0
    """How often its state has changed."""
    pull_started: float | None = None
    """When its images began to be pulled: from here on it is billed (s)."""
    started: float | None = None
    """When it began to run (s)."""
    ended: float | None = None
    """When its containers had ended: until here it is billed (s)."""
    stopping: Stopping | None = None
    """Why it is to end; None: it is to run."""
    balancing: bool = False
    """Started over the desired count, to even out the zones."""
    checked: bool = False
    """Whether a check inside of its containers tells its health."""
    container_healthy: bool | None = None
    """What that check has found; None: nothing yet."""
    was_healthy: bool = False
    """Whether it has ever been found healthy."""

    @property
    def arn(self) -> str:
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{self.cluster}/{self.name}"

    @property
    def active(self) -> bool:
        """Whether it is to run (desiredStatus RUNNING)."""
        return self.stopping is None

    @property
    def starting(self) -> bool:
        """Whether it is on the way to running."""
        return self.active and self.status in STARTING

    @property
    def running(self) -> bool:
        """Whether it runs, and is to."""
        return self.active and self.status is TaskStatus.RUNNING

    def billed(self, now: float) -> float:
        """Seconds that it is billed for until now, but for the minimum."""
        if self.pull_started is None:
            return 0.0
        return (now if self.ended is None else self.ended) - self.pull_started


def size_of(definition: TaskDefinition) -> InstanceType:
    """What Fargate gives to a task."""
    return InstanceType("FARGATE", definition.vcpus, definition.gigabytes, 0.0)

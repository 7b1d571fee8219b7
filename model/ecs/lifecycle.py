"""A task's way from its first state to its last.

Source: "Amazon ECS task lifecycle"; "Optimize load balancer connection draining parameters for
Amazon ECS"; API StopTask. AWS promises none of the times below: docs/assumptions.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from model.clock import Phase, Schedule, Streams
from model.ec2.instances import Instance, InstanceState
from model.ec2.service import Ec2
from model.ecs.container_health import ContainerHealth, Health
from model.ecs.record import Record
from model.ecs.resources import EcsService
from model.ecs.tasks import STARTING, StopCode, Stopping, Task, TaskStatus
from model.elb.service import Elb

PROVISIONING_SECONDS = (5, 12)
"""Until a task's network interface is attached: drawn evenly from this range."""
PENDING_SECONDS = (3, 8)
"""Until its images begin to be pulled: drawn evenly from this range."""
ACTIVATING_SECONDS = (10, 20)
"""Until its images are pulled and its containers started: drawn evenly from this range."""
DEPROVISIONING_SECONDS = (8, 20)
"""From a task's containers having ended to its last state: drawn evenly from this range."""
CANNOT_PULL = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve "
    "ref {image}"
)
EXITED = Stopping(StopCode.CONTAINER_EXITED, "Essential container in task exited")


@define(eq=False)
class Lifecycle:
    """Takes the tasks of a region through their states."""

    schedule: Schedule
    streams: Streams
    ec2: Ec2
    elb: Elb
    record: Record
    changed: Callable[[Task], None]
    """Called when a task is in another state."""
    judged: Callable[[Task], None]
    """Called when checks inside of a task's containers say something else of it."""
    services: dict[str, EcsService]
    """By logical id, as they are configured at present."""
    _health: dict[str, ContainerHealth] = field(factory=dict)
    """By the id of the task."""

    def start(self, task: Task) -> None:
        """A task that was just placed begins its way."""
        task.watchers.append(self._watch)
        self._enter(task, TaskStatus.PROVISIONING)
        self._after(task, PROVISIONING_SECONDS, TaskStatus.PENDING)

    def stop(self, task: Task, stopping: Stopping) -> None:
        """A task is to end; again changes nothing."""
        if task.stopping is not None:
            return
        task.stopping = stopping
        if task.status in STARTING:
            self._deprovision(task)
            return
        self._enter(task, TaskStatus.DEACTIVATING)
        delay = 0.0
        for attached in self.services[task.service].load_balancers:
            group, port = attached.target_group_arn, attached.container_port
            delay = max(delay, self.elb.deregister_targets(group, [task], port))
        self.schedule.after(delay, Phase.CHANGE, self._terminate, task)

    def exit(self, task: Task) -> None:
        """A container of a task ends by itself."""
        if task.running:
            self.ec2.stop_service(task)
            self.stop(task, EXITED)

    # -- the way up ---------------------------------------------------------------------------

    def _after(self, task: Task, seconds: tuple[int, int], status: TaskStatus) -> None:
        """Let a task be in another state after a time drawn from a range (whole seconds)."""
        drawn = float(self.streams["ecs/tasks"].integers(*seconds, endpoint=True))
        self.schedule.after(drawn, Phase.CHANGE, self._proceed, task, status)

    def _proceed(self, task: Task, status: TaskStatus) -> None:
        if status is TaskStatus.STOPPED:
            task.state = InstanceState.TERMINATED
            self.ec2.release_address(task.subnet, task.id)
            self._enter(task, status)
            task.watchers.remove(self._watch)
        elif not task.active:
            return
        elif status is TaskStatus.RUNNING:
            self._run(task)
        else:
            if status is TaskStatus.ACTIVATING:
                task.pull_started = self.schedule.now
            self._enter(task, status)
            if status is TaskStatus.PENDING:
                self._after(task, PENDING_SECONDS, TaskStatus.ACTIVATING)
            else:
                self._after(task, ACTIVATING_SECONDS, TaskStatus.RUNNING)

    def _run(self, task: Task) -> None:
        """The containers are started: the task runs, its services boot, targets are registered."""
        if task.ailing.unstartable:
            image = task.definition.container_definitions[0].image
            task.stopping = Stopping(StopCode.FAILED_TO_START, CANNOT_PULL.format(image=image))
            self._deprovision(task)
            return
        now = self.schedule.now
        task.started = task.running_since = now
        task.state = InstanceState.RUNNING
        task.cpu_before, task.network_before = task.cpu_seconds(now), task.network_bytes
        self.ec2.start_service(task)
        for attached in self.services[task.service].load_balancers:
            group, port = attached.target_group_arn, attached.container_port
            self.elb.register_targets(group, [task], port)
        self._enter(task, TaskStatus.RUNNING)
        check = task.definition.health_check
        if check is not None:
            task.checked = True
            health = ContainerHealth(self.schedule, task, check, self._judged)
            self._health[task.name] = health
            health.begin()

    def _judged(self, task: Task) -> None:
        """The checks inside of a task's containers say something else."""
        task.container_healthy = self._health[task.name].health is Health.HEALTHY
        self.judged(task)

    # -- the way down -------------------------------------------------------------------------

    def _terminate(self, task: Task) -> None:
        """The stop signal: the service listens no more, and has its time to end."""
        if (health := self._health.pop(task.name, None)) is not None:
            health.end()
        self.ec2.stop_service(task)
        task.state = InstanceState.SHUTTING_DOWN
        self._enter(task, TaskStatus.STOPPING)
        wanted = max((service.stop_time for service in task.services), default=0.0)
        exited = task.stopping == EXITED
        seconds = 0.0 if exited else min(wanted, float(task.definition.stop_timeout))
        self.schedule.after(seconds, Phase.CHANGE, self._deprovision, task)

    def _deprovision(self, task: Task) -> None:
        """The containers have ended: the network interface goes."""
        task.ended = self.schedule.now
        if task.running_since is not None:
            task.running_since = None
        task.state = InstanceState.SHUTTING_DOWN
        self._enter(task, TaskStatus.DEPROVISIONING)
        self._after(task, DEPROVISIONING_SECONDS, TaskStatus.STOPPED)

    # -- both ---------------------------------------------------------------------------------

    def _enter(self, task: Task, status: TaskStatus) -> None:
        task.status = status
        self.record.task(task)
        task.changed()
        self.changed(task)

    def _watch(self, instance: Instance) -> None:
        """A process that has listened and listens no more has ended, and its container with it."""
        assert isinstance(instance, Task)
        if instance.running and not instance.installed <= instance.listening:
            self.schedule.at(self.schedule.now, Phase.CHANGE, self.exit, instance)

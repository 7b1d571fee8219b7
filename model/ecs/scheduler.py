"""The service scheduler: keeps a service's tasks as many and as new as they should be.

Sources: "Amazon ECS services"; "Deploy Amazon ECS services by replacing tasks"; "Amazon ECS service
throttle logic"; "Amazon ECS service event messages". AWS does not say how often it looks at the
health that load balancers report: we take ten seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

from model.clock import Event, Phase, Schedule, Streams
from model.ecs.deployments import Deployment
from model.ecs.launching import Launcher
from model.ecs.lifecycle import Lifecycle
from model.ecs.rebalancing import LATER, Rebalancing
from model.ecs.record import Record, ServiceCounts, ServiceEvent
from model.ecs.resources import EcsService
from model.ecs.rolling import Limits, Plan, Revision, Standing, Why, plan
from model.ecs.rollout import Rollouts
from model.ecs.task_definitions import TaskDefinition
from model.ecs.tasks import StopCode, Stopping, Task, TaskStatus
from model.ecs.verdicts import Verdicts
from model.elb.service import Elb

LOOK_SECONDS = 10.0
"""How often the scheduler looks at what others say."""


class Scheduler:
    """Looks after one service."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        elb: Elb,
        record: Record,
        lifecycle: Lifecycle,
        launcher: Launcher,
        rollouts: Rollouts,
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._elb = elb
        self._record = record
        self._lifecycle = lifecycle
        self._launcher = launcher
        self.rollouts = rollouts
        self.service: EcsService = launcher.service
        self.desired = self.service.desired_count
        self.messages: list[ServiceEvent] = []
        """What DescribeServices shows as events, oldest first."""
        self.rebalancing = Rebalancing(record, launcher.placement, self.service)
        self.steady = False
        """Whether as many tasks as desired are there and healthy, and no others."""
        self._next: Event | None = None
        self._stuck = ""
        """The deployment that is known to be held by its limits."""
        self._forced = -math.inf
        """When an unhealthy task last had to make room."""

    # -- what there is ------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self.service.logical_id

    @property
    def tasks(self) -> list[Task]:
        """All that have not stopped."""
        return [task for deployment in self.rollouts.deployments for task in deployment.tasks]

    @property
    def counts(self) -> ServiceCounts:
        """As DescribeServices has them."""
        tasks = self.tasks
        running = sum(task.status is TaskStatus.RUNNING for task in tasks)
        return ServiceCounts(self.desired, running, sum(task.starting for task in tasks))

    @property
    def limits(self) -> Limits:
        """What the counts are held within."""
        configuration, desired = self.service.deployment_configuration, self.desired
        return Limits(desired, configuration.least(desired), configuration.most(desired))

    # -- what is asked of it ------------------------------------------------------------------

    def create(self, definition: TaskDefinition) -> None:
        """The service begins with its first deployment."""
        self.deploy(definition)
        self._record.counts(self.id, self.counts)

    def configure(self, service: EcsService) -> None:
        """From now on it is as `service` says, but for its desired count and task definition."""
        for part in (self, self._launcher, self.rollouts, self.rebalancing):
            part.service = service
        self.wake()

    def set_desired(self, desired: int) -> None:
        """UpdateService with a desired count."""
        self.desired = desired
        self._changed()

    def deploy(self, definition: TaskDefinition) -> None:
        """UpdateService with another task definition, or a new deployment of the same."""
        deployment = self.rollouts.begin(definition)
        self._say(f"has begun the deployment {deployment.id} of {definition.revision}.")
        self._changed()

    def wake(self, at: float | None = None) -> None:
        """Look at everything now, or at a time."""
        now = self._schedule.now
        due = now if at is None else max(at, now)
        if self._next is not None and self._next.callback is not None and self._next.time <= due:
            return
        if self._next is not None:
            self._next.cancel()
        self._next = self._schedule.at(due, Phase.CONTROL, self._look)

    def targets_changed(self) -> None:
        """A load balancer says something else of a task: that is seen at the next look."""
        self.wake(self._schedule.boundary(LOOK_SECONDS))

    def task_changed(self, task: Task) -> None:
        """A task is in another state."""
        deployment = next(d for d in self.rollouts.deployments if d.id == task.deployment)
        match task.status:
            case TaskStatus.RUNNING:
                deployment.throttle.succeeded()
            case TaskStatus.DEPROVISIONING if task.started is None:
                assert task.stopping is not None
                if task.stopping.code is StopCode.FAILED_TO_START:
                    self._failed_to_start(deployment, task)
            case TaskStatus.STOPPED:
                deployment.tasks.remove(task)
        self._changed()

    def _changed(self) -> None:
        self._record.counts(self.id, self.counts)
        self.wake()

    # -- looking ------------------------------------------------------------------------------

    def _look(self) -> None:
        self._next = None
        if self.rollouts.watch_alarms():
            self._say(f"deployment {self.rollouts.primary.id} takes over: an alarm went off.")
        verdicts = Verdicts(self.service, self._elb, self._schedule.now)
        self._note_healthy(verdicts)
        revisions = [Revision.of(d, verdicts.standing) for d in self.rollouts.deployments]
        now = self._schedule.now
        made = plan(
            self.limits,
            revisions,
            may_force=now >= self._forced + LOOK_SECONDS,
            pick=self._pick,
        )
        self._carry_out(made, verdicts)
        if made.stop or made.start:
            self.steady = False
            self.wake(self._schedule.boundary(LOOK_SECONDS))
        else:
            self._rest(revisions)
        self._come_back(verdicts)

    def _note_healthy(self, verdicts: Verdicts) -> None:
        breaker = self.service.deployment_configuration.breaker
        for deployment in self.rollouts.deployments:
            for task in deployment.active:
                if not task.was_healthy and verdicts.standing(task) is Standing.HEALTHY:
                    task.was_healthy, task.balancing = True, False
                    deployment.count_healthy(breaker)

    def _pick(self, tasks: Sequence[Task]) -> Task:
        """One at random."""
        return tasks[int(self._streams[f"ecs/{self.id}/choices"].integers(len(tasks)))]

    def _carry_out(self, made: Plan, verdicts: Verdicts) -> None:
        primary = self.rollouts.primary
        if made.forced:
            self._forced = self._schedule.now
        for task, why in made.stop:
            if why is Why.UNHEALTHY:
                self._replace(task, verdicts)
            else:
                reason = f"Scaling activity initiated by (deployment {primary.id})"
                if self.rebalancing.going_on:
                    reason = f"Availability-zone rebalancing initiated by (deployment {primary.id})"
                self._stop(task, reason)
        if made.stop:
            names = ", ".join(f"(task {task.name})" for task, _ in made.stop)
            self._say(f"has stopped {len(made.stop)} running tasks: {names}.")
        if self.rollouts.primary is not primary:
            return  # its failures have just ended it: what to do is another matter now
        for deployment, number in made.start:
            self._start(deployment, number)

    def _replace(self, task: Task, verdicts: Verdicts) -> None:
        why = verdicts.why(task)
        self._say(f"(task {task.name}) {why}.")
        self._stop(task, f"Task {why}")
        primary = self.rollouts.primary
        breaker = self.service.deployment_configuration.breaker
        if task.deployment == primary.id and primary.count_failure(breaker, self.desired):
            self._end_deployment()

    def _stop(self, task: Task, reason: str) -> None:
        self._lifecycle.stop(task, Stopping(StopCode.SCHEDULER, reason))

    def _start(self, deployment: Deployment, number: int) -> None:
        if self._schedule.now < deployment.throttle.opens:
            return
        started = [self._launcher.launch(deployment, self.tasks) for _ in range(number)]
        names = ", ".join(f"(task {task.name})" for task in started if task is not None)
        if names:
            self._say(f"has started {len(started) - started.count(None)} tasks: {names}.")
        if None in started:
            self._record.action(self.service, "SERVICE_TASK_PLACEMENT_FAILURE", reason="AZ")
            self._say("was unable to place a task.")
            self.wake(self._schedule.now + LATER)

    def _rest(self, revisions: Sequence[Revision]) -> None:
        """There is nothing to do: is that how it should be?"""
        primary, *others = revisions
        gone = not any(deployment.tasks for deployment in self.rollouts.deployments[1:])
        whole = len(primary.healthy) == primary.size == self.desired
        all_there = whole and gone and not any(revision.size for revision in others)
        if self.rollouts.replaced(all_there=all_there):
            self._say(f"(deployment {self.rollouts.primary.id}) deployment completed.")
        if not all_there:
            self.steady = False
            if primary.unhealthy or others:
                self.rebalancing.interrupt()
            self._complain(revisions)
            return
        if not self.steady:
            self.steady = True
            self._record.action(self.service, "SERVICE_STEADY_STATE")
            self._say("has reached a steady state.")
        if not self.rollouts.under_way and self.limits.most > self.desired:
            launch = partial(self._launch_in, self.rollouts.primary)
            again = self.rebalancing.step(primary.healthy, launch)
            if again is not None:
                self.wake(self._schedule.now + again)

    def _complain(self, revisions: Sequence[Revision]) -> None:
        """Tell, once, of a deployment whose limits let no task be started or stopped."""
        primary, limits = self.rollouts.primary, self.limits
        healthy = sum(len(revision.healthy) for revision in revisions)
        held = healthy == sum(revision.size for revision in revisions) == limits.most
        if held and limits.least >= healthy and self._stuck != primary.id:
            self._stuck = primary.id
            self._say(
                "was unable to stop or start tasks during a deployment because of the service "
                "deployment configuration. Update the minimumHealthyPercent or maximumPercent "
                "value and try again."
            )

    def _launch_in(self, deployment: Deployment, zone: str) -> Task | None:
        return self._launcher.launch(deployment, self.tasks, zone=zone)

    def _come_back(self, verdicts: Verdicts) -> None:
        """Look again when something is due by the clock alone."""
        now = self._schedule.now
        primary = self.rollouts.primary
        due = [verdicts.next_change(task) for task in self.tasks]
        due += [d.throttle.opens for d in self.rollouts.deployments if d.throttle.opens > now]
        if self.rollouts.under_way and primary.watched:
            due.append(min(self._schedule.boundary(LOOK_SECONDS), max(self.rollouts.baked, now)))
        coming = [time for time in due if time is not None and time > now]
        if coming:
            self.wake(min(coming))

    # -- failures -----------------------------------------------------------------------------

    def _failed_to_start(self, deployment: Deployment, task: Task) -> None:
        assert task.stopping is not None
        self._say(f"(task {task.name}) failed to start: {task.stopping.reason}.")
        if deployment.throttle.failed(self._schedule.now):
            self._record.action(self.service, "SERVICE_TASK_START_IMPAIRED")
            self._say("is unable to consistently start tasks successfully.")
        breaker = self.service.deployment_configuration.breaker
        primary = self.rollouts.primary
        if deployment is primary and primary.count_failure(breaker, self.desired):
            self._end_deployment()

    def _end_deployment(self) -> None:
        failed = self.rollouts.primary
        self._say(f"(deployment {failed.id}) deployment failed: tasks failed to start.")
        self.rollouts.fail()
        if self.rollouts.primary is not failed:
            back = self.rollouts.primary.id
            self._say(f"rolling back to (deployment {back}).")
        self.wake()

    def _say(self, text: str) -> None:
        message = f"(service {self.service.name}) {text}"
        self.messages.append(ServiceEvent(self._schedule.now, message))

"""Amazon ECS: the services of a template's clusters, their tasks, their metrics and their cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from model.clock import Schedule, Streams
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.metrics import MetricStore
from model.cloudwatch.service import CloudWatch
from model.ec2.resources import Subnet
from model.ec2.service import Ec2
from model.ecs.cost import Bill
from model.ecs.launching import Launcher
from model.ecs.lifecycle import Lifecycle
from model.ecs.metrics import EcsMetrics
from model.ecs.placement import Placement
from model.ecs.record import Record
from model.ecs.resources import Cluster, EcsService, Strategy
from model.ecs.rollout import Rollouts
from model.ecs.scheduler import Scheduler
from model.ecs.task_definitions import TaskDefinition
from model.ecs.tasks import Stopping, Task, TaskStatus
from model.ecs.views import ServiceView, view
from model.elb.service import Elb
from model.elb.target_group import TargetGroupState
from model.events.bus import EventBus
from model.journal import Journal
from model.stack import Stack


class Ecs:
    """The services of one region's clusters."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        stack: Stack,
        ec2: Ec2,
        elb: Elb,
        cloudwatch: CloudWatch,
        impaired: Mapping[str, int],
    ) -> None:
        """`impaired` tells how many faults each zone suffers from at present."""
        self._stack = stack
        self._elb = elb
        self._cloudwatch = cloudwatch
        self.record = Record(schedule, bus, journal)
        self._services = {item.logical_id: item for item in stack.of(EcsService)}
        self.lifecycle = Lifecycle(
            schedule,
            streams,
            ec2,
            elb,
            self.record,
            self._task_changed,
            self._task_judged,
            self._services,
        )
        self.clusters = {item.name: item for item in stack.of(Cluster)}
        """By name."""
        self.schedulers: dict[str, Scheduler] = {}
        """What looks after each service, by the service's logical id."""
        self.tasks: dict[str, Task] = {}
        """Every task there was, by its id, in order of its start."""
        self.bill = Bill(schedule)
        self._attached: dict[str, list[Scheduler]] = {}
        for service in self._services.values():
            placement = Placement(_subnets(stack, service), impaired, self._strategy(service))
            launcher = Launcher(schedule, streams, ec2, self.lifecycle, placement, service)
            rollouts = Rollouts(schedule, streams, self.record, service, self._rings)
            scheduler = Scheduler(
                schedule, streams, elb, self.record, self.lifecycle, launcher, rollouts
            )
            self.schedulers[service.logical_id] = scheduler
            for attached in service.load_balancers:
                self._attached.setdefault(attached.target_group_arn, []).append(scheduler)
        self.metrics = EcsMetrics(self.schedulers, self.clusters, ec2.roster)
        if self.schedulers:
            elb.on_health.append(self._targets_changed)

    def _strategy(self, service: EcsService) -> Strategy:
        """Its own capacity providers, or else those of its cluster; none: the launch type."""
        cluster = self.clusters.get(service.cluster_name)
        if service.capacity_provider_strategy or service.launch_type or cluster is None:
            return service.capacity_provider_strategy
        return cluster.default_capacity_provider_strategy

    def create_services(self) -> None:
        """Every service begins to start its tasks."""
        for scheduler in self.schedulers.values():
            scheduler.create(self.definition(scheduler.service.task_definition))

    def cluster_name(self, text: str) -> str:
        """The name of a cluster that a template or a scenario names (or the text itself)."""
        found = (item.name for item in self.clusters.values() if text in item.identity.names)
        return next(found, text)

    # -- the API ------------------------------------------------------------------------------

    def definition(self, name: str) -> TaskDefinition:
        """A task definition by its logical id."""
        found = self._stack.resources[name]
        assert isinstance(found, TaskDefinition)
        return found

    def update_service(
        self,
        service: str,
        *,
        changes: Mapping[str, Any],
        desired: int | None = None,
        definition: str | None = None,
        force: bool = False,
    ) -> None:
        """UpdateService, by logical ids. `changes` are fields of the resource; `ValueError` if they
        do not go together."""
        scheduler = self.schedulers[service]
        if changes:
            self._services[service] = evolve(self._services[service], **changes)
            scheduler.configure(self._services[service])
        if desired is not None and desired != scheduler.desired:
            scheduler.set_desired(desired)
        wanted = scheduler.rollouts.primary.definition
        if definition is not None:
            wanted = self.definition(definition)
        if force or wanted is not scheduler.rollouts.primary.definition:
            scheduler.deploy(wanted)

    def task(self, name: str) -> Task | None:
        """A task that has not stopped, by its id, its ARN or its address."""
        short = name.rpartition("/")[2]
        present = (task for scheduler in self.schedulers.values() for task in scheduler.tasks)
        return next((task for task in present if short in (task.name, task.id)), None)

    def stop_task(self, task: Task, stopping: Stopping) -> None:
        """StopTask."""
        self.lifecycle.stop(task, stopping)

    def describe_services(self) -> tuple[ServiceView, ...]:
        """DescribeServices, in order of the template."""
        return tuple(map(view, self.schedulers.values()))

    # -- what others tell -----------------------------------------------------------------------

    def _task_changed(self, task: Task) -> None:
        self.tasks.setdefault(task.name, task)
        if task.status is TaskStatus.STOPPED:
            self.bill.close(task)
        elif task.status is TaskStatus.ACTIVATING:
            self.bill.open(task)
        self.schedulers[task.service].task_changed(task)

    def _task_judged(self, task: Task) -> None:
        self.schedulers[task.service].targets_changed()

    def _targets_changed(self, group: TargetGroupState) -> None:
        for scheduler in self._attached.get(group.id, ()):
            scheduler.targets_changed()

    def _rings(self, alarm: str) -> bool:
        """Whether an alarm is in ALARM."""
        record = self._cloudwatch.alarms.get(alarm)
        if record is None:
            composite = self._cloudwatch.composites.records.get(alarm)
            return composite is not None and composite.state is AlarmState.ALARM
        return record.state is AlarmState.ALARM

    # -- metrics and cost -----------------------------------------------------------------------

    def report_to(self, metrics: MetricStore) -> None:
        """Have CloudWatch read the services' metrics from their ledgers."""
        self.metrics.report_to(metrics)

    def publish_metrics(self, end: float) -> None:
        """Enter what the minute that ends now brought."""
        self.metrics.publish(end)


def _subnets(stack: Stack, service: EcsService) -> dict[str, tuple[str, ...]]:
    """The subnets of each zone, in order of the service's."""
    zones: dict[str, tuple[str, ...]] = {}
    for name in service.network.subnets:
        subnet = stack.resources[name]
        assert isinstance(subnet, Subnet)
        zone = subnet.availability_zone
        zones[zone] = (*zones.get(zone, ()), name)
    return zones

"""The `services:` section of a scenario file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import asdict, field, frozen

from model.autoscaling.resources import AutoScalingGroup
from model.ec2.machines import StandaloneInstance
from model.ecs.resources import EcsService
from model.ecs.task_definitions import TaskDefinition
from model.elb.resources import ClassicLoadBalancer, TargetGroup
from model.fields import above, at_least, between
from model.functions.resources import Function
from model.rds.requests import DatabaseSource
from model.rds.resources import DBCluster, DBInstance
from model.services import RequestWork, Service
from model.stack import Stack
from model.traffic.source import Source
from scenarios.document import Place
from scenarios.mistakes import Mistake, nearest
from scenarios.structure import Structurer

DURATION = {"duration": True}
OF_INSTANCES = ("port", "workers", "backlog", "vcpus", "boot_time", "restart_time")
"""Settings of a service that are about its machines."""
OF_DATABASES = ("port", "vcpus", "boot_time", "restart_time", "cold_start")
"""Those that say nothing of a database, whose class says it."""

OF_MACHINES = ("vcpus", "restart_time")
"""Those that a task has of its own, or never needs."""


@frozen(kw_only=True)
class RequestItem:
    """An item under `requests:` of a service."""

    path: str = "*"
    method: str | None = None
    host: str | None = None
    cpu_time: float | None = field(default=None, metadata=DURATION, validator=at_least(0))
    wait_time: float | None = field(default=None, metadata=DURATION, validator=at_least(0))
    variation: float | None = field(default=None, validator=at_least(0))


@frozen(kw_only=True)
class ServiceItem:
    """What is said of one service under `services:`."""

    runs_on: tuple[str, ...]
    port: int | None = field(default=None, validator=between(1, 65_535))
    requests: tuple[RequestItem, ...] = ()
    cpu_time: float = field(default=0.010, metadata=DURATION, validator=at_least(0))
    wait_time: float = field(default=0.0, metadata=DURATION, validator=at_least(0))
    variation: float = field(default=1.0, validator=at_least(0))
    workers: int = field(default=64, validator=above(0))
    backlog: int = field(default=256, validator=at_least(0))
    vcpus: int = field(default=2, validator=above(0))
    boot_time: float = field(default=30.0, metadata=DURATION, validator=at_least(0))
    restart_time: float | None = field(default=None, metadata=DURATION, validator=at_least(0))
    stop_time: float = field(default=1.0, metadata=DURATION, validator=at_least(0))
    cold_start: float = field(default=0.4, metadata=DURATION, validator=at_least(0))

    def __attrs_post_init__(self) -> None:
        for item in (RequestItem(), *self.requests):
            cpu_time = self.cpu_time if item.cpu_time is None else item.cpu_time
            wait_time = self.wait_time if item.wait_time is None else item.wait_time
            if cpu_time + wait_time <= 0:
                raise ValueError("a request must take some cpu_time or wait_time")

    def service(self, name: str) -> Service:
        """The service that it tells of."""
        own = asdict(self, recurse=False)
        own["requests"] = tuple(RequestWork(**asdict(item)) for item in self.requests)
        return Service(name=name, **own)


class Software:
    """Reads the section, and gathers what is wrong or worth a remark."""

    def __init__(self, structurer: Structurer, stack: Stack) -> None:
        self._structurer = structurer
        self._stack = stack
        self.running: set[str] = set()
        """What services run on, by logical id."""
        self.mistakes: list[Mistake] = []
        self.remarks: list[Mistake] = []

    def _mistake(self, place: Place, message: str, hint: str = "") -> None:
        where = self._structurer.document.mark(place)
        self.mistakes.append(Mistake(where, message, hint))

    def check_databases(self, sources: Iterable[Source]) -> None:
        """That databases which are sent statements run a service."""
        databases = {source.to for source in sources if isinstance(source, DatabaseSource)}
        for name in sorted(databases - self.running):
            self._mistake(
                ("services",),
                f"{name} takes statements, but no service says what they take",
                f"describe them: services: {{data: {{runs_on: [{name}], ...}}}}",
            )

    def _remark_idle(
        self, given: dict[str, Any], runs_on: tuple[str, ...], functions: list[str], place: Place
    ) -> None:
        """Settings that say nothing where a service runs."""
        on_functions = [name for name in runs_on if name in functions]
        idle: tuple[str, ...]
        if set(runs_on) <= set(_databases(self._stack)):
            idle, why = OF_DATABASES, "runs on a database"
        elif not on_functions:
            idle, why = ("cold_start",), "runs on no Lambda function"
        elif len(on_functions) == len(runs_on):
            idle, why = OF_INSTANCES, "runs on Lambda functions only"
        else:
            return
        for key in idle:
            if key in given:
                where = self._structurer.document.key((*place, key))
                message = f"{key} says nothing of a service that {why}"
                self.remarks.append(Mistake(where, message))

    def _remark_tasks(
        self, given: dict[str, Any], runs_on: tuple[str, ...], containers: list[str], place: Place
    ) -> None:
        """The same of a service that runs in tasks of Amazon ECS alone, or in none."""
        in_tasks = [name for name in runs_on if name in containers]
        idle: tuple[str, ...]
        if not in_tasks:
            why = "runs in no task of Amazon ECS"
            idle = ("stop_time",)
        elif len(in_tasks) == len(runs_on):
            why = "runs in tasks of Amazon ECS only"
            idle = OF_MACHINES
        else:
            return
        for key in idle:
            if key in given:
                where = self._structurer.document.key((*place, key))
                self.remarks.append(Mistake(where, f"{key} says nothing of a service that {why}"))

    def read(self, content: Any) -> tuple[Service, ...]:
        """The services, in the order of the file."""
        stack = self._stack
        if not isinstance(content, dict):
            self._mistake(("services",), "services must be a mapping from name to service")
            return ()
        groups = {group.logical_id: group for group in stack.of(AutoScalingGroup)}
        by_address = [g.logical_id for g in stack.of(TargetGroup) if g.target_type == "ip"]
        single = [instance.logical_id for instance in stack.of(StandaloneInstance)]
        functions = [function.logical_id for function in stack.of(Function)]
        containers = [service.logical_id for service in stack.of(EcsService)]
        containers += [item.logical_id for item in stack.of(TaskDefinition)]
        databases = _databases(stack)
        runners = [*groups, *single, *by_address, *functions, *containers, *databases]
        taken: dict[tuple[str, int | None], str] = {}
        services: list[Service] = []
        for name, value in content.items():
            place: Place = ("services", name)
            item, mistakes = self._structurer.structure(value, ServiceItem, place)
            self.mistakes += mistakes
            if item is None:
                continue
            for index, group in enumerate(item.runs_on):
                inner = (*place, "runs_on", index)
                if group not in runners:
                    found = stack.resources.get(group)
                    what = f"{group} is an {found.TYPE}" if found else f"there is no {group}"
                    hint = nearest(group, runners)
                    message = (
                        f"{what}; a service runs on Auto Scaling groups, instances, ip targets, "
                        "functions, ECS services, task definitions or databases"
                    )
                    self._mistake(inner, message, hint)
                elif (group, item.port) in taken:
                    message = f"{taken[group, item.port]} runs on {group} already"
                    hint = "give each service a port of its own, as its target group has"
                    self._mistake(inner, message, hint)
                taken[group, item.port] = name
            apart = set(item.runs_on).intersection(databases)
            if apart and not apart.issuperset(item.runs_on):
                message = f"{sorted(apart)[0]} is a database: what runs there is a service apart"
                self._mistake((*place, "runs_on"), message)
            self._remark_idle(value, item.runs_on, functions, place)
            self._remark_tasks(value, item.runs_on, containers, place)
            services.append(item.service(str(name)))
        if len(services) < len(content):
            return ()  # which groups the others would have run on is not known
        for group, resource in groups.items():
            ports = [port for runner, port in taken if runner == group]
            for target_group in resource.target_group_arns if ports and None not in ports else ():
                own = stack.resources.get(target_group)
                if isinstance(own, TargetGroup) and own.port not in ports:
                    self._mistake(
                        ("services",),
                        f"{target_group} sends requests to port {own.port} of {group}, "
                        f"but no service listens there",
                    )
            for classic in resource.load_balancer_names if ports and None not in ports else ():
                own = stack.resources.get(classic)
                wanted = own.pools().values() if isinstance(own, ClassicLoadBalancer) else ()
                for port in sorted({pool.port for pool in wanted}.difference(ports)):
                    self._mistake(
                        ("services",),
                        f"{classic} sends requests to port {port} of {group}, "
                        f"but no service listens there",
                    )
            if resource.attachments and not ports:
                self._mistake(
                    ("services",),
                    f"{group} takes requests, but no service runs on it",
                    f"describe the software: services: {{web: {{runs_on: [{group}], ...}}}}",
                )
        self.running = running = {runner for runner, _ in taken}
        for own_service in stack.of(EcsService):
            names = {own_service.logical_id, own_service.task_definition}
            if own_service.load_balancers and not running & names:
                name = own_service.logical_id
                self._mistake(
                    ("services",),
                    f"{name} takes requests, but no service runs on it",
                    f"describe the software: services: {{web: {{runs_on: [{name}], ...}}}}",
                )
            for attached in own_service.load_balancers:
                ports = [port for runner, port in taken if runner in names]
                if ports and None not in ports and attached.container_port not in ports:
                    self._mistake(
                        ("services",),
                        f"{attached.target_group_arn} sends requests to port "
                        f"{attached.container_port} of {own_service.logical_id}, but no service "
                        "listens there",
                    )
        for listed in stack.of(TargetGroup):
            hosts = {
                "ip": [listed.logical_id],
                "instance": single,
                "lambda": [f.logical_id for f in stack.of(Function) if f.arn in _ids(listed)],
            }
            if (
                listed.targets
                and not listed.relays
                and not running.intersection(hosts[listed.target_type])
            ):
                self._mistake(
                    ("services",),
                    f"the targets of {listed.logical_id} take requests, but no service runs "
                    "on them",
                )
        return tuple(services)


def _databases(stack: Stack) -> list[str]:
    """Clusters, and DB instances that are in none."""
    clusters = [cluster.logical_id for cluster in stack.of(DBCluster)]
    alone = [i.logical_id for i in stack.of(DBInstance) if i.db_cluster_identifier is None]
    return [*clusters, *alone]


def _ids(group: TargetGroup) -> set[str]:
    return {target.id for target in group.targets}

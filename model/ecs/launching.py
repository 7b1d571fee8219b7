"""Starting a service's tasks: each gets an id, a place, an address, and its software."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define

from model.clock import Schedule, Streams
from model.ec2.service import Ec2
from model.ecs.deployments import Deployment
from model.ecs.lifecycle import Lifecycle
from model.ecs.placement import Placement
from model.ecs.resources import EcsService
from model.ecs.tasks import Task, size_of
from model.services import Service


@define(eq=False)
class Launcher:
    """Starts the tasks of one service."""

    schedule: Schedule
    streams: Streams
    ec2: Ec2
    lifecycle: Lifecycle
    placement: Placement
    service: EcsService

    def launch(
        self, deployment: Deployment, everyone: Iterable[Task], *, zone: str | None = None
    ) -> Task | None:
        """Start a task of a deployment beside all that are there, in a zone (None: where the fewest
        are); None: no zone can be reached, or its subnet is full."""
        everyone = list(everyone)
        zone = zone or self.placement.zone(deployment.active, everyone)
        if zone is None:
            return None
        subnet = self.placement.subnet(zone)
        if not self.ec2.free_addresses(subnet):
            return None
        address = self.ec2.take_address(subnet)
        task = Task(
            id=address,
            name=self.streams.hexadecimal("ecs/ids", 32),
            cluster=self.service.cluster_name,
            service=self.service.logical_id,
            service_name=self.service.name,
            definition=deployment.definition,
            deployment=deployment.id,
            provider=self.placement.provider(task for task in everyone if task.active),
            type=size_of(deployment.definition),
            zone=zone,
            subnet=subnet,
            private_ip=address,
            launched=self.schedule.now,
            services=self._software(deployment),
            security_groups=self.service.network.security_groups,
            roster=self.ec2.roster,
        )
        deployment.tasks.append(task)
        self.ec2.admit(task)
        self.lifecycle.start(task)
        return task

    def _software(self, deployment: Deployment) -> tuple[Service, ...]:
        """What runs in a task: what the scenario says of its task definition, or else of the
        service."""
        software = self.ec2.software
        own = software.get(deployment.definition.logical_id)
        return own or software.get(self.service.logical_id, ())

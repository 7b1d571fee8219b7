"""Amazon EC2: instances are launched, boot, stop, reboot and end.

How long each takes is not promised by AWS; the ranges below are what operators commonly see for
small Linux images and are listed in docs/assumptions.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from model.clock import MINUTE, Phase, Schedule, Streams
from model.ec2.addresses import Addresses
from model.ec2.credits import Credits
from model.ec2.instance_types import INSTANCE_TYPES
from model.ec2.instances import Instance, InstanceState, Roster
from model.ec2.launch_templates import LaunchTemplateData
from model.ec2.launches import Attempt, Refusal, first, no_address
from model.ec2.machines import StandaloneInstance, machine
from model.ec2.network import Network
from model.ec2.resources import Subnet
from model.ec2.spot import SpotMarket, SpotTerms
from model.ec2.templates import LaunchTemplates, TemplateVersion
from model.ec2.volumes import attached
from model.events.bus import EventBus
from model.journal import Journal
from model.services import Service
from model.stack import Stack

PENDING_SECONDS = (12, 24)
"""From RunInstances to the state running: drawn evenly from this range."""
STOPPING_SECONDS = 30.0
SHUTTING_DOWN_SECONDS = (20, 40)
"""From TerminateInstances to the state terminated: drawn evenly from this range."""
REBOOT_SECONDS = 60.0
"""From RebootInstances until the operating system is back and starts the service."""

STATE_CHANGE = "EC2 Instance State-change Notification"


class Ec2:
    """The instances of one region."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        stack: Stack,
        services: Iterable[Service] = (),
        spot: SpotTerms | None = None,
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._journal = journal
        self._stack = stack
        self._addresses = Addresses()
        self.instances: dict[str, Instance] = {}
        """Every instance there was, by id, in order of launch."""
        self.standalone: dict[str, str] = {}
        """Logical ids of the instances that no group keeps, by their id."""
        self.machines: dict[str, Instance] = {}
        """What is known by its address alone, by that."""
        self.software: dict[str, tuple[Service, ...]] = {}
        """The services that run on a group, an instance or the ip targets of a target group, by
        logical id."""
        for service in services:
            for runner in service.runs_on:
                self.software[runner] = (*self.software.get(runner, ()), service)
        self.roster = Roster()
        self.network = Network(stack)
        """Who can reach whom."""
        self.templates = LaunchTemplates(stack)
        self.spot = SpotMarket(
            schedule, streams, bus, spot or SpotTerms(), self.terminate_instances
        )
        self.refusals: dict[str, Refusal] = {}
        """What stands in the way of launches, by the faults' ids."""
        self._watching_credits = False
        self.on_launch: list[Callable[[Instance], None]] = []
        """Called with each new instance before it boots."""

    # -- the API ------------------------------------------------------------------------------

    def run_instance(
        self,
        data: LaunchTemplateData,
        subnet: str,
        *,
        kind: str | None = None,
        group: str | None = None,
        template: TemplateVersion | None = None,
        configuration: str | None = None,
        services: tuple[Service, ...] = (),
        identity: str | None = None,
        address: str | None = None,
        spot: bool | None = None,
        max_price: float | None = None,
        others: tuple[str, ...] = (),
    ) -> Instance:
        """RunInstances for one instance in a subnet (by logical id), with an id and an address of
        its own (None: the next ones).

        Its type and whether it is a Spot instance (at what price) are as in `data`, unless given;
        `others` are zones that it could be in as well. Raises `LaunchError`.
        """
        place = self._subnet(subnet)
        chosen = INSTANCE_TYPES[kind or data.instance_type or ""]
        bought = data.spot if spot is None else spot
        most = max_price or data.max_price or chosen.price
        self._check(
            Attempt(
                type=chosen.name,
                zone=place.availability_zone,
                subnet=subnet,
                image=data.image_id or "",
                key_name=data.key_name or "",
                security_group=next(iter(data.groups), ""),
                profile=data.profile,
                group=group,
                spot=bought,
                others=others,
            ),
            place,
            most,
        )
        credits = data.credit_specification
        instance = Instance(
            id=identity or "i-" + self._streams.hexadecimal("ec2/ids", 17),
            type=chosen,
            zone=place.availability_zone,
            subnet=subnet,
            private_ip=self._addresses.take(place, address),
            image=data.image_id or "",
            monitoring=data.detailed,
            volumes=attached(
                data.block_device_mappings,
                partial(self._streams.hexadecimal, "ec2/volumes", 17),
            ),
            launched=self._schedule.now,
            group=group,
            launched_by=group,
            template=template.template if template else None,
            template_version=template.number if template else 0,
            launch_configuration=configuration,
            spot=bought,
            services=services,
            security_groups=data.groups,
            roster=self.roster,
            credits=Credits.of(chosen, credits.cpu_credits if credits else None),
        )
        self.instances[instance.id] = instance
        for tell in self.on_launch:
            tell(instance)
        self._enter(instance, InstanceState.PENDING)
        self._boot(instance)
        if bought:
            self.spot.launched(instance, most)
        return instance

    def _check(self, attempt: Attempt, place: Subnet, max_price: float) -> None:
        """Raises `LaunchError` if something stands in the way of a launch."""
        error = first(self.refusals.values(), attempt)
        if error is None and self._addresses.free(place) < 1:
            error = no_address(place.identity.ref)
        if error is None and attempt.spot:
            error = self.spot.refuse(INSTANCE_TYPES[attempt.type], attempt.zone, max_price)
        if error is not None:
            raise error

    def free_addresses(self, subnet: str) -> int:
        """How many addresses of a subnet (by logical id) are free."""
        return self._addresses.free(self._subnet(subnet))

    def _subnet(self, name: str) -> Subnet:
        place = self._stack.resources[name]
        assert isinstance(place, Subnet)
        return place

    def create_instances(self) -> None:
        """Run the instances of the template that no group keeps."""
        for resource in self._stack.of(StandaloneInstance):
            name, wanted, data = resource.logical_id, resource.launch_template, resource.data
            version = None if wanted is None else self.templates.resolve(wanted)
            instance = self.run_instance(
                data if version is None else data.over(version.data),
                resource.subnet_id,
                template=version,
                services=self.software.get(name, ()),
                identity=resource.identity.ref,
                address=resource.private_ip_address,
            )
            self.standalone[instance.id] = name

    def id_of(self, name: str) -> str:
        """The id of an instance that a template names (or the id itself)."""
        found = (id_ for id_, logical in self.standalone.items() if logical == name)
        return next(found, name)

    def host(self, name: str) -> Instance:
        """An instance by its id, or what answers at an address."""
        return self.instances.get(name) or self.machines[name]

    def machine_at(self, address: str, zone: str | None, runner: str) -> Instance:
        """What answers at an address, running the services of a target group."""
        services = self.software.get(runner, ())
        if address in self.machines:
            known = self.machines[address]
            new = tuple(s for s in services if s not in known.services)
            known.services += new
            known.listening |= {service.name for service in new}
        else:
            subnets = self._stack.of(Subnet)
            found = machine(address, zone, subnets, services, self.roster)
            self.admit(found)
        return self.machines[address]

    def take_address(self, subnet: str) -> str:
        """The next free address of a subnet (by logical id; it must have one) that nothing answers
        at."""
        place = self._subnet(subnet)
        while (address := self._addresses.take(place)) in self.machines:
            if self.machines[address].state is InstanceState.TERMINATED:
                break
        return address

    def release_address(self, subnet: str, address: str) -> None:
        """Nothing answers at an address any more."""
        self._addresses.release(subnet, address)

    def admit(self, host: Instance) -> None:
        """Something that is no instance answers at its address from now on."""
        self.machines[host.private_ip] = host
        for tell in self.on_launch:
            tell(host)

    def terminate_instances(self, *ids: str) -> None:
        """TerminateInstances; ending twice changes nothing."""
        for instance in map(self.instances.__getitem__, ids):
            if instance.state in (InstanceState.SHUTTING_DOWN, InstanceState.TERMINATED):
                continue
            self._halt(instance, InstanceState.SHUTTING_DOWN)
            seconds = self._whole_seconds("ec2/shutdown", SHUTTING_DOWN_SECONDS)
            self._schedule.after(
                seconds, Phase.CHANGE, self._enter, instance, InstanceState.TERMINATED
            )

    def stop_instances(self, *ids: str, hibernate: bool = False) -> None:
        """StopInstances: only a running instance can be stopped. One that hibernates keeps its
        memory: its services are there again as soon as it runs."""
        for instance in map(self.instances.__getitem__, ids):
            if instance.state is InstanceState.RUNNING:
                instance.asleep = set(instance.listening) if hibernate else set()
                self._halt(instance, InstanceState.STOPPING)
                self._schedule.after(STOPPING_SECONDS, Phase.CHANGE, self._stopped, instance)

    def start_instances(self, *ids: str) -> None:
        """StartInstances: only a stopped instance can be started."""
        for instance in map(self.instances.__getitem__, ids):
            if instance.state is InstanceState.STOPPED:
                self._enter(instance, InstanceState.PENDING)
                self._boot(instance)

    def reboot_instances(self, *ids: str) -> None:
        """RebootInstances: the state stays running, the service is gone until it has booted."""
        for instance in map(self.instances.__getitem__, ids):
            if instance.state is InstanceState.RUNNING:
                instance.restarting_until = self._schedule.now + REBOOT_SECONDS
                self.stop_service(instance)
                for service in instance.services:
                    self._schedule.after(
                        REBOOT_SECONDS,
                        Phase.CHANGE,
                        self._start_if_still,
                        instance,
                        service,
                        instance.boots[service.name],
                    )

    # -- the services on an instance ----------------------------------------------------------

    def stop_service(self, instance: Instance, names: Collection[str] = ()) -> None:
        """The processes of some services end (empty: of all); nothing listens on their ports."""
        for service in _chosen(instance, names):
            self._overtake(instance, service)
            instance.listening.discard(service.name)
        instance.changed()

    def start_service(self, instance: Instance, names: Collection[str] = ()) -> None:
        """Some services start (empty: all); each listens after its boot time."""
        if instance.state is not InstanceState.RUNNING:
            return
        for service in _chosen(instance, names):
            self._start(instance, service, service.boot_time)

    def _start(self, instance: Instance, service: Service, seconds: float) -> None:
        boots = self._overtake(instance, service)
        self._schedule.after(seconds, Phase.CHANGE, self._listen, instance, service, boots)

    @staticmethod
    def _overtake(instance: Instance, service: Service) -> int:
        """A start that is under way counts no more; returns the number of the next one."""
        boots = instance.boots[service.name] = instance.boots.get(service.name, 0) + 1
        return boots

    def _start_if_still(self, instance: Instance, service: Service, boots: int) -> None:
        if instance.boots[service.name] == boots:
            self.start_service(instance, (service.name,))

    def _listen(self, instance: Instance, service: Service, boots: int) -> None:
        current = instance.boots[service.name] == boots
        if current and instance.state is InstanceState.RUNNING:
            instance.listening.add(service.name)
            instance.installed.add(service.name)
            instance.changed()

    # -- states -------------------------------------------------------------------------------

    def _boot(self, instance: Instance) -> None:
        seconds = self._whole_seconds("ec2/boot", PENDING_SECONDS)
        self._schedule.after(seconds, Phase.CHANGE, self._run, instance)

    def _whole_seconds(self, stream: str, limits: tuple[int, int]) -> float:
        """A time within limits, drawn evenly: whole, so that a large fleet changes in steps."""
        return float(self._streams[stream].integers(*limits, endpoint=True))

    def _run(self, instance: Instance) -> None:
        if instance.state is InstanceState.PENDING:
            instance.running_since = self._schedule.now
            instance.cpu_before = instance.cpu_seconds(self._schedule.now)
            instance.network_before = instance.network_bytes
            if instance.credits is not None:
                instance.credits.start(self._schedule.now, instance.cpu_before)
                instance.settle_credits(self._schedule.now)
                self._watch_credits()
            self.start_service_on_boot(instance)

    def start_service_on_boot(self, instance: Instance) -> None:
        """The operating system is up: the instance is running and starts its services, but for
        those that hibernated."""
        instance.listening |= instance.asleep
        self._enter(instance, InstanceState.RUNNING)
        for service in instance.services:
            if service.name not in instance.asleep:
                again = service.name in instance.installed
                self._start(instance, service, service.again if again else service.boot_time)
        instance.asleep = set()

    def _halt(self, instance: Instance, state: InstanceState) -> None:
        """The operating system goes down and takes the service with it."""
        now = self._schedule.now
        if instance.running_since is not None:
            if instance.credits is not None:
                instance.credits.stop(now, instance.cpu_seconds(now))
            instance.running_seconds = instance.billed_seconds(now)
            instance.running_since = None
        for service in instance.services:
            self._overtake(instance, service)
        instance.listening.clear()
        self._enter(instance, state)

    def _watch_credits(self) -> None:
        """Settle credits each minute while some instance slows down when it has none."""
        if not self._watching_credits:
            self._watching_credits = True
            due = self._schedule.boundary(MINUTE)
            self._schedule.at(due, Phase.CONTROL, self._settle_credits)

    def _settle_credits(self) -> None:
        self._watching_credits = False
        for instance in self.instances.values():
            mine = instance.credits
            if mine is not None and not mine.unlimited and instance.running_since is not None:
                instance.settle_credits(self._schedule.now)
                self._watch_credits()

    def _stopped(self, instance: Instance) -> None:
        if instance.state is InstanceState.STOPPING:
            self._enter(instance, InstanceState.STOPPED)

    def _enter(self, instance: Instance, state: InstanceState) -> None:
        instance.state = state
        if state is InstanceState.TERMINATED:
            self._addresses.release(instance.subnet, instance.private_ip)
        self._journal.write(self._schedule.now, instance.id, "state", state.value)
        instance.changed()
        self._bus.publish(
            "aws.ec2",
            STATE_CHANGE,
            (instance.arn,),
            {"instance-id": instance.id, "state": state.value},
        )


def _chosen(instance: Instance, names: Collection[str]) -> Iterator[Service]:
    return (service for service in instance.services if not names or service.name in names)

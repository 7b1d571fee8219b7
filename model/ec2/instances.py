"""One EC2 instance and the services that run on it."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv4Address

from attrs import define, field

from model.ec2.credits import Credits
from model.ec2.effects import Effect, together
from model.ec2.instance_types import InstanceType
from model.ec2.network import Endpoint
from model.ec2.volumes import AttachedVolume
from model.flow.capability import REFUSING, SILENT, Answering, Capability
from model.flow.station import Station
from model.resources import ACCOUNT, REGION
from model.services import Service

STRESS_FAIR_SHARE = 0.5
"""The share of the CPU a service keeps when something else wants all of it: the operating system's
scheduler divides fairly between the two."""


def instance_arn(instance: str) -> str:
    """An instance's ARN by its id."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance}"


class InstanceState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    SHUTTING_DOWN = "shutting-down"
    TERMINATED = "terminated"


@define(eq=False)
class Roster:
    """Who runs, where their load is and whom they count for: how often any of it changed."""

    changes: int = 0
    moves: int = 0
    """Those of them that moved load from one station to another."""

    @property
    def states(self) -> int:
        """How often instances themselves changed, or whom they count for."""
        return self.changes - self.moves

    def move(self) -> None:
        """Load is held elsewhere now."""
        self.changes += 1
        self.moves += 1


@define(eq=False)
class Instance:
    """What EC2 knows of an instance, what runs on it, and what ails it.

    Other things that answer (a machine outside EC2, a function, a load balancer as a target) are
    known by the same; how it was launched, they leave at its defaults.
    """

    id: str
    type: InstanceType
    zone: str
    private_ip: str
    services: tuple[Service, ...]
    subnet: str = ""
    image: str = ""
    monitoring: bool = False
    """Detailed monitoring: a datapoint a minute instead of one in five."""
    volumes: tuple[AttachedVolume, ...] = ()
    """Those that its launch has made; of the image's own nothing is known."""
    launched: float = 0.0
    group: str | None = None
    """The Auto Scaling group that it is in."""
    launched_by: str | None = None
    """The one that launched it, whatever has become of it."""
    template: str | None = None
    """The launch template that it was launched from, by logical id."""
    template_version: int = 0
    launch_configuration: str | None = None
    """The launch configuration that it was launched from, by logical id."""
    spot: bool = False
    security_groups: tuple[str, ...] = ()
    """By logical id; none: nothing is in the way."""
    state: InstanceState = InstanceState.PENDING
    listening: set[str] = field(factory=set)
    """The services that listen on their ports, by name."""
    installed: set[str] = field(factory=set)
    """The services that have once listened here: they start again in their restart time."""
    asleep: set[str] = field(factory=set)
    """The services that wake up as they were, after hibernation."""
    boots: dict[str, int] = field(factory=dict)
    """How often each service was started or stopped; a later start overtakes an earlier one."""
    effects: dict[str, Effect] = field(factory=dict)
    """What faults do to it, by the fault's id."""
    stations: list[Station] = field(factory=list)
    """The load of each port that a target group sends requests to."""
    watchers: list[Callable[[Instance], None]] = field(factory=list)
    """Called whenever what the instance can do has changed."""
    running_since: float | None = None
    running_seconds: float = 0.0
    """Billed time before `running_since`."""
    cpu_before: float = 0.0
    """vCPU seconds used before `running_since`."""
    network_before: tuple[float, float] = (0.0, 0.0)
    """Bytes that came and went before that."""
    roster: Roster = field(factory=Roster)
    """Of the region it is in."""
    credits: Credits | None = None
    """Its CPU credits, if it is burstable."""
    speed: float = 1.0
    """The share of its vCPUs that its credits let it use."""
    restarting_until: float = -math.inf
    """When a reboot is over."""
    _busy_gone: float = 0.0
    _received_gone: float = 0.0
    _sent_gone: float = 0.0
    _burnt: float = 0.0
    _burnt_since: float = 0.0

    @property
    def arn(self) -> str:
        return instance_arn(self.id)

    @property
    def endpoint(self) -> Endpoint:
        """Its end of a connection."""
        subnet = self.subnet or None
        return Endpoint(IPv4Address(self.private_ip), subnet, self.security_groups)

    @property
    def service_up(self) -> bool:
        """Whether all its services listen."""
        up = [service.name in self.listening for service in self.services]
        return bool(up) and all(up)

    def service_on(self, port: int | None) -> Service | None:
        """Whose port it is (None: any): the service's that has it, or else the one's that has no
        port of its own."""
        for wanted in (port, None):
            for service in self.services:
                if service.port == wanted or port is None:
                    return service
        return None

    @property
    def ailing(self) -> Effect:
        """All that faults do to it at present, and to its services."""
        return together(self.effects.values())

    def ailing_of(self, port: int | None) -> Effect:
        """What of that the service on a port feels."""
        service = self.service_on(port)
        name = service.name if service is not None else None
        return together([effect.on(name) for effect in self.effects.values()])

    def capability(self, port: int | None = None) -> Capability:
        """What the service on a port (None: the only one) can do for a request at present."""
        service, ailing = self.service_on(port), self.ailing_of(port)
        if ailing.unreachable or self.state in (
            InstanceState.PENDING,
            InstanceState.STOPPED,
            InstanceState.TERMINATED,
        ):
            return SILENT
        if service is None or service.name not in self.listening:
            return REFUSING
        slowdown = ailing.slowdown
        return Capability(
            answering=Answering.SERVING,
            cpu_time=service.cpu_time * slowdown,
            wait_time=service.wait_time * slowdown,
            variation=service.variation,
            works=tuple([work.slower(slowdown) for work in service.works]),
            workers=service.workers,
            vcpus=self.vcpus,
            backlog=service.backlog,
            latency=ailing.latency,
            error_rate=ailing.error_rate,
        )

    def station(
        self, capability: Capability, idle_timeout: float, *, patient: bool, overflowing: bool
    ) -> Station:
        """A port as a queueing station."""
        return Station(capability, idle_timeout, patient=patient, overflowing=overflowing)

    @property
    def vcpus(self) -> float:
        """The vCPUs that its services have at present."""
        left = max(1 - self.ailing.cpu_burnt, STRESS_FAIR_SHARE)
        return self.type.vcpus * left * self.speed

    def changed(self) -> None:
        """Tell the watchers that what the instance can do may be different now."""
        self.roster.changes += 1
        for watcher in tuple(self.watchers):
            watcher(self)

    def set_effect(self, now: float, fault: str, effect: Effect | None) -> None:
        """Put a fault's effect in place, or lift it (None)."""
        self._note_burnt(now)
        if effect is None:
            self.effects.pop(fault, None)
        else:
            self.effects[fault] = effect
        self.changed()

    def attach_station(self, station: Station) -> None:
        """A port becomes a target."""
        self.stations.append(station)
        self._keep(station, -1.0)
        self.roster.move()

    def detach_station(self, station: Station) -> None:
        """The port is no longer a target; what it used still counts."""
        self.stations.remove(station)
        self._keep(station, 1.0)
        self.roster.move()

    def exchange_station(self, old: Station, new: Station) -> None:
        """A port's load is held by another station now; what was used before still counts."""
        self.stations[self.stations.index(old)] = new
        self._keep(old, 1.0)
        self._keep(new, -1.0)
        self.roster.move()

    def _keep(self, station: Station, sign: float) -> None:
        """Go on counting what a station counted (1), or what it will count from here (-1)."""
        self._busy_gone += sign * station.busy
        self._received_gone += sign * station.received
        self._sent_gone += sign * station.sent

    @property
    def burning(self) -> float:
        """vCPUs that faults keep busy."""
        return self.ailing.cpu_burnt * self.type.vcpus * self.speed if self.effects else 0.0

    def burnt(self, now: float) -> float:
        """vCPU seconds that faults have used."""
        return self._burnt + self.burning * (now - self._burnt_since)

    def _note_burnt(self, now: float) -> None:
        """What faults keep busy is about to change."""
        self._burnt, self._burnt_since = self.burnt(now), now

    def settle_credits(self, now: float) -> None:
        """Account for its CPU credits until now, and run as fast as they allow."""
        if self.credits is None:
            return
        self.credits.settle(now, self.cpu_seconds(now))
        if self.speed != self.credits.speed:
            self._note_burnt(now)
            self.speed = self.credits.speed
            self.changed()

    def cpu_seconds(self, now: float) -> float:
        """vCPU seconds used since it was launched, by requests and by faults."""
        return self._busy_gone + sum(station.busy for station in self.stations) + self.burnt(now)

    @property
    def network_bytes(self) -> tuple[float, float]:
        """Bytes of requests that came to it and of answers that it sent since it was launched."""
        return (
            self._received_gone + sum([station.received for station in self.stations]),
            self._sent_gone + sum([station.sent for station in self.stations]),
        )

    def billed_seconds(self, now: float) -> float:
        """Seconds EC2 bills until now: while running, a minute at least for each start."""
        current = 0.0 if self.running_since is None else max(now - self.running_since, 60.0)
        return self.running_seconds + current

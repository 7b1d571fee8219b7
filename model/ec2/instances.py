"""One EC2 instance and the service that runs on it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from attrs import define, field

from model.ec2.credits import Credits
from model.ec2.effects import Effect, together
from model.ec2.instance_types import InstanceType
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


@define(eq=False)
class Instance:
    """What EC2 knows of an instance, what runs on it, and what ails it."""

    id: str
    type: InstanceType
    zone: str
    subnet: str
    private_ip: str
    image: str
    monitoring: bool
    """Detailed monitoring: a datapoint a minute instead of one in five."""
    launched: float
    group: str | None
    template: str | None
    template_version: int
    service: Service | None
    state: InstanceState = InstanceState.PENDING
    service_up: bool = False
    """Whether the service listens on its port."""
    boots: int = 0
    """How often the service was started; a later start overtakes an earlier one."""
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
    roster: Roster = field(factory=Roster)
    """Of the region it is in."""
    credits: Credits | None = None
    """Its CPU credits, if it is burstable."""
    speed: float = 1.0
    """The share of its vCPUs that its credits let it use."""
    _busy_gone: float = 0.0
    _burnt: float = 0.0
    _burnt_since: float = 0.0

    @property
    def arn(self) -> str:
        return instance_arn(self.id)

    @property
    def ailing(self) -> Effect:
        """All that faults do to it at present."""
        return together(self.effects.values())

    def capability(self) -> Capability:
        """What its service can do for a request at present."""
        ailing = self.ailing
        if ailing.unreachable or self.state in (
            InstanceState.PENDING,
            InstanceState.STOPPED,
            InstanceState.TERMINATED,
        ):
            return SILENT
        if not self.service_up or self.service is None:
            return REFUSING
        service = self.service
        left = max(1 - ailing.cpu_burnt, STRESS_FAIR_SHARE)
        return Capability(
            answering=Answering.SERVING,
            cpu_time=service.cpu_time * ailing.slowdown,
            wait_time=service.wait_time * ailing.slowdown,
            variation=service.variation,
            workers=service.workers,
            vcpus=self.type.vcpus * left * self.speed,
            backlog=service.backlog,
            latency=ailing.latency,
            error_rate=ailing.error_rate,
        )

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
        self._busy_gone -= station.busy
        self.roster.changes += 1

    def detach_station(self, station: Station) -> None:
        """The port is no longer a target; its CPU time still counts."""
        self.stations.remove(station)
        self._busy_gone += station.busy
        self.roster.changes += 1

    def exchange_station(self, old: Station, new: Station) -> None:
        """A port's load is held by another station now; CPU time used before still counts."""
        self.stations[self.stations.index(old)] = new
        self._busy_gone += old.busy - new.busy
        self.roster.changes += 1

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

    def billed_seconds(self, now: float) -> float:
        """Seconds EC2 bills until now: while running, a minute at least for each start."""
        current = 0.0 if self.running_since is None else max(now - self.running_since, 60.0)
        return self.running_seconds + current

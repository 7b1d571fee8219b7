"""A DB instance at work: a station with the vCPUs of its class."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
from attrs import define, field, frozen

from model.flow.capability import REFUSING, Answering, Capability, Mix
from model.flow.latency import MIDDLES, Histogram
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from model.rds.resources import DBInstance
from model.services import Service

QUERY_TIMEOUT = 60.0
"""Seconds after which a client gives up waiting for an answer."""


class Status(StrEnum):
    """The status of a DB instance ("Viewing DB instance status")."""

    CREATING = "creating"
    AVAILABLE = "available"
    REBOOTING = "rebooting"
    DELETING = "deleting"


class Role(StrEnum):
    WRITER = "WRITER"
    READER = "READER"


@frozen
class InstanceView:
    """A DB instance as DescribeDBInstances and DescribeDBClusters give it."""

    status: Status
    role: Role | None
    """None: it is in no cluster."""
    db_instance_class: str
    availability_zone: str


@frozen
class Minute:
    """What a DB instance did in a minute."""

    cpu: float
    """Percent of its vCPUs."""
    connections: float
    uptime: float
    """Seconds."""
    served: Mapping[int, float]
    """Statements that it was sent, by their kind."""
    latencies: Mapping[int, float]
    """Mean seconds that they took, by their kind."""


@define(eq=False)
class Database:
    """One DB instance."""

    id: str
    """Its logical id; of one that a call made, its identifier."""
    resource: DBInstance
    zone: str
    service: Service | None
    status: Status
    role: Role | None = None
    standby: str = ""
    """The zone of its standby, if it has one."""
    since: float = 0.0
    """When its engine was last started (seconds since start)."""
    billed: float = 0.0
    """Seconds that it was there, before `there_since`."""
    there_since: float | None = None
    connections: float = 0.0
    """Of all sources, at present."""
    mixture: Mixture = field(factory=Mixture)
    station: Station = field(init=False)
    _arrivals: dict[int, float] = field(factory=dict)
    """What it was sent since the minute began, by kind."""
    _answered: float = 0.0
    _seconds: float = 0.0
    _busy: float = 0.0
    """vCPU seconds used before the minute began."""

    @station.default
    def _make_station(self) -> Station:
        return Station(self.capability, QUERY_TIMEOUT)

    @property
    def capability(self) -> Capability:
        """What it can do for a statement at present."""
        service = self.service
        if self.status is not Status.AVAILABLE or service is None:
            return REFUSING
        return Capability(
            answering=Answering.SERVING,
            cpu_time=service.cpu_time,
            wait_time=service.wait_time,
            variation=service.variation,
            works=service.works,
            workers=service.workers,
            vcpus=self.resource.kind.vcpus,
            backlog=service.backlog,
        )

    @property
    def available(self) -> bool:
        return self.status is Status.AVAILABLE

    @property
    def view(self) -> InstanceView:
        """DescribeDBInstances."""
        return InstanceView(self.status, self.role, self.resource.db_instance_class, self.zone)

    def become(self, status: Status, now: float) -> None:
        """Be in another status: what is inside is broken off where it stops answering."""
        if status is Status.AVAILABLE and not self.available:
            self.since = now
            if self.there_since is None:
                self.there_since = now
        if status is Status.DELETING and self.there_since is not None:
            self.billed += now - self.there_since
            self.there_since = None
        self.status = status
        self.station.change(now, self.capability)

    def billed_seconds(self, now: float) -> float:
        """Seconds until now that it is billed for."""
        return self.billed + (0.0 if self.there_since is None else now - self.there_since)

    def step(self, start: float, end: float, arrivals: Mapping[int, float]) -> None:
        """Be sent so many statements of each kind."""
        total, dt = sum(arrivals.values()), end - start
        mix: Mix = tuple((kind, arrivals[kind] / total) for kind in sorted(arrivals) if total)
        self.station.expect(total / dt, mix)
        self.station.step(start, dt, total, Discipline.RANDOM, 1, self.mixture)
        for kind, amount in arrivals.items():
            self._arrivals[kind] = self._arrivals.get(kind, 0.0) + amount

    def read_latencies(self) -> Histogram:
        """The response times since the last reading."""
        histogram = self.mixture.histogram(QUERY_TIMEOUT)
        self.mixture.clear()
        self._answered += float(np.add.reduce(histogram))
        self._seconds += float(np.add.reduce(histogram * MIDDLES))
        return histogram

    def close_minute(self, end: float, seconds: float) -> Minute | None:
        """What it did in the minute that is over; None: it does not answer to CloudWatch."""
        used = self.station.busy - self._busy
        answered, took, served = self._answered, self._seconds, self._arrivals
        self._busy, self._answered, self._seconds = self.station.busy, 0.0, 0.0
        self._arrivals = {}
        if not self.available:
            return None
        latencies = {}
        if answered > 0.0 and self.service is not None:
            wait = max(took / answered - self.station.can.service_time, 0.0)
            works, common = self.service.works, self.station.can.service_time
            latencies = {
                kind: wait + (works[kind].service_time if works else common) for kind in served
            }
        cpu = min(100.0 * used / (self.resource.kind.vcpus * seconds), 100.0)
        return Minute(cpu, self.connections, end - self.since, served, latencies)

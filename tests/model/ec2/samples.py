"""Single instances, on a schedule that is turned by hand."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from attrs import define, field, frozen

from model.clock import Schedule, Streams
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.ec2.instances import Instance
from model.ec2.metrics import Ec2Metrics
from model.ec2.resources import LaunchTemplate, LaunchTemplateData, Monitoring, Subnet
from model.ec2.service import Ec2
from model.events.bus import EventBus
from model.flow.station import Station
from model.journal import Journal
from model.resources import Identity
from model.services import Service
from model.stack import Stack

START = datetime(2026, 11, 25, 9, tzinfo=UTC)


def make_subnet(name: str = "Subnet", block: str = "10.0.0.0/24") -> Subnet:
    return Subnet(
        identity=Identity(name, Subnet.TYPE, name), cidr_block=block, availability_zone="us-east-1a"
    )


def make_template(**data: Any) -> LaunchTemplate:
    return LaunchTemplate(
        identity=Identity("Launch", LaunchTemplate.TYPE, "Launch"),
        launch_template_data=LaunchTemplateData(**({"instance_type": "m5.large"} | data)),
    )


@frozen
class Item:
    """One datapoint that was published."""

    key: MetricKey
    unit: str
    start: float
    length: float
    point: Datapoint


@define(eq=False)
class Region:
    """EC2 alone: no groups, no load balancers."""

    schedule: Schedule = field(factory=lambda: Schedule(0.0, START))
    subnet: Subnet = field(factory=make_subnet)
    services: tuple[Service, ...] = (
        Service(name="web", runs_on=(), boot_time=20.0, cpu_time=0.01),
    )
    group: str | None = None
    """The group whose metrics every instance counts for."""
    ec2: Ec2 = field(init=False)
    bus: EventBus = field(init=False)
    journal: Journal = field(factory=Journal)
    store: MetricStore = field(factory=MetricStore)
    metrics: Ec2Metrics = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.bus = EventBus(self.schedule)
        stack = Stack({self.subnet.logical_id: self.subnet})
        self.ec2 = Ec2(self.schedule, Streams(0), self.bus, self.journal, stack)
        epoch = self.schedule.epoch.timestamp()
        self.metrics = Ec2Metrics(self.ec2, self._aggregates, epoch, self.store)

    def _aggregates(self) -> tuple[dict[str, str], float]:
        group = self.group
        return {} if group is None else dict.fromkeys(self.ec2.instances, group), math.inf

    def launch(self, *, detailed: bool = False, **data: Any) -> Instance:
        template = make_template(monitoring=Monitoring(enabled=detailed), **data)
        return self.ec2.run_instance(
            template.launch_template_data, self.subnet.logical_id, services=self.services
        )

    def running(self, *, detailed: bool = False, **data: Any) -> Instance:
        """An instance that has just begun to run."""
        instance = self.launch(detailed=detailed, **data)
        while instance.state != "running":
            self.run((self.schedule.next_time() or 0.0) - self.schedule.now)
        return instance

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = self.schedule.now + seconds
        while (time := self.schedule.next_time()) is not None and time <= until:
            for event in self.schedule.due(time):
                assert event.callback is not None
                event.callback(*event.arguments)
        self.schedule.now = until

    def states(self, instance: Instance) -> list[str]:
        """Every state that EC2 told of the instance."""
        return [
            event.detail["state"]
            for event in self.bus.events
            if event.detail.get("instance-id") == instance.id
        ]

    def minutes(self, count: int) -> list[Item]:
        """Let whole minutes pass, and gather the datapoints of each at its end."""
        before = self.items()
        for _ in range(count):
            end = self.schedule.boundary(60.0)
            self.run(end - self.schedule.now)
            self.metrics.publish(end)
        return self.items()[len(before) :]

    def items(self) -> list[Item]:
        """All datapoints there are, in order of time."""
        items = [
            Item(metric.key, metric.unit, start, metric.length(start), point)
            for metric in self.store
            for start, point in metric.points.items()
        ]
        return sorted(items, key=lambda item: item.start + item.length)


def load(instance: Instance, vcpu_seconds: float) -> None:
    """Have requests use CPU time on an instance."""
    _station(instance).busy += vcpu_seconds


def transfer(instance: Instance, received: float, sent: float) -> None:
    """Have requests and answers of so many bytes come and go."""
    station = _station(instance)
    station.received += received
    station.sent += sent


def _station(instance: Instance) -> Station:
    if not instance.stations:
        instance.attach_station(Station(instance.capability(), 60.0))
    return instance.stations[0]

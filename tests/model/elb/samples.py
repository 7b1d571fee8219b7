"""A small world for the tests: one Application Load Balancer, one target group, bare instances."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from model.actions import Action as Change
from model.actions import Targets
from model.books import Books
from model.clock import Phase
from model.cloudwatch.metrics import MetricKey
from model.ec2.effects import Effect
from model.ec2.instance_types import INSTANCE_TYPES
from model.ec2.instances import Instance, InstanceState
from model.ec2.resources import Subnet, Vpc
from model.elb.attributes import KeyValue
from model.elb.load_balancer import LoadBalancerState
from model.elb.resources import (
    Action,
    FixedResponseConfig,
    Listener,
    LoadBalancer,
    TargetGroup,
)
from model.elb.resources.classic_parts import HealthCheck
from model.elb.target_group import TargetGroupState
from model.elb.views import TargetView
from model.faults.network import DisruptConnectivity
from model.resources import Identity, Resource
from model.services import Service
from model.stack import Stack
from model.traffic.shapes import Constant, Shape
from model.traffic.source import Source
from model.world import World

A, B = "us-east-1a", "us-east-1b"
ELSEWHERE = "us-east-1c"
"""A zone of the region that the load balancer has no subnet in."""
START = datetime(2026, 11, 25, 9, tzinfo=UTC)
WEB = Service(name="web", runs_on=("Group",), cpu_time=0.010, wait_time=0.040)

BALANCER_NAME = "app/web/50dc6c495c0c9188"
GROUP_NAME = "targetgroup/web/73e2d6bc24d8a067"
BALANCER = {"LoadBalancer": BALANCER_NAME}
GROUP = {"LoadBalancer": BALANCER_NAME, "TargetGroup": GROUP_NAME}

HEALTH = "target_group_health"
ROUTING = f"{HEALTH}.unhealthy_state_routing.minimum_healthy_targets"
DNS = f"{HEALTH}.dns_failover.minimum_healthy_targets"
CROSS_ZONE_OFF = {"load_balancing.cross_zone.enabled": "false"}
LEAST_OUTSTANDING = {"load_balancing.algorithm.type": "least_outstanding_requests"}


def identity(logical_id: str, **attributes: str) -> Identity:
    return Identity(logical_id, "test", logical_id, attributes)


def pairs(attributes: Mapping[str, str] | None) -> tuple[KeyValue, ...]:
    """Attributes as a template lists them."""
    return tuple(KeyValue(key=key, value=value) for key, value in (attributes or {}).items())


def health_check(target: str = "HTTP:80/", **given: int) -> HealthCheck:
    """That of a Classic Load Balancer, with the usual numbers but for those given."""
    return evolve(HealthCheck.usual(80), target=target, **given)


def target_group(
    attributes: Mapping[str, str] | None = None, name: str = "Targets", **properties: Any
) -> TargetGroup:
    given: dict[str, Any] = {"port": 80, "protocol": "HTTP", "vpc_id": "Vpc", **properties}
    full_name = GROUP_NAME if name == "Targets" else f"targetgroup/{name}/0"
    return TargetGroup(
        identity=identity(name, TargetGroupFullName=full_name),
        target_group_attributes=pairs(attributes),
        **given,
    )


def load_balancer(attributes: Mapping[str, str] | None = None, **properties: Any) -> LoadBalancer:
    return LoadBalancer(
        identity=identity("Balancer", LoadBalancerFullName=BALANCER_NAME),
        load_balancer_attributes=pairs(attributes),
        **({"subnets": ("SubnetA", "SubnetB")} | properties),
    )


FORWARD = Action(type="forward", target_group_arn="Targets")


def fixed(status: str) -> Action:
    """A fixed-response action."""
    config = FixedResponseConfig(status_code=status)
    return Action(type="fixed-response", fixed_response_config=config)


def network() -> tuple[Vpc, Subnet, Subnet]:
    """A VPC with a subnet in either zone."""
    first, second = (
        Subnet(
            identity=identity(name),
            vpc_id="Vpc",
            cidr_block=f"10.0.{number}.0/24",
            availability_zone=zone,
        )
        for number, (name, zone) in enumerate((("SubnetA", A), ("SubnetB", B)))
    )
    return Vpc(identity=identity("Vpc"), cidr_block="10.0.0.0/16"), first, second


class Cloud:
    """A world with the load balancer in zones A and B, and short ways to act on it and read it."""

    def __init__(
        self,
        traffic: float | Shape | Iterable[Source] = (),
        attributes: Mapping[str, str] | None = None,
        *,
        action: Action = FORWARD,
        idle_timeout: int = 60,
        more: Iterable[Resource] = (),
        balancer: Identity | None = None,
        seed: int = 7,
        **properties: Any,
    ) -> None:
        if isinstance(traffic, int | float):
            traffic = Constant(float(traffic))
        if not isinstance(traffic, Iterable):
            traffic = (Source(name="users", to="Balancer", shape=traffic),)
        resources = (
            *network(),
            evolve(
                load_balancer({"idle_timeout.timeout_seconds": str(idle_timeout)}),
                identity=balancer or identity("Balancer", LoadBalancerFullName=BALANCER_NAME),
            ),
            target_group(attributes, **properties),
            Listener(
                identity=identity("Listener"),
                load_balancer_arn="Balancer",
                port=80,
                protocol="HTTP",
                default_actions=(action,),
            ),
            *more,
        )
        stack = Stack({resource.logical_id: resource for resource in resources})
        self.world = World(stack, start=START, seed=seed, traffic=traffic)
        self._launched = 0

    # -- acting -------------------------------------------------------------------------------

    def launch(self, zone: str = A, service: Service = WEB) -> Instance:
        """An instance that runs and serves already."""
        self._launched += 1
        instance = Instance(
            id=f"i-{self._launched:017x}",
            type=INSTANCE_TYPES["m5.large"],
            zone=zone,
            subnet="SubnetA" if zone == A else "SubnetB",
            private_ip=f"10.0.0.{self._launched}",
            image="",
            monitoring=False,
            launched=0.0,
            group=None,
            template=None,
            template_version=1,
            services=(service,),
            state=InstanceState.RUNNING,
            listening={service.name},
            roster=self.world.ec2.roster,
        )
        self.world.ec2.instances[instance.id] = instance
        return instance

    def add(
        self, zone: str = A, number: int = 1, service: Service = WEB, group: str = "Targets"
    ) -> list[Instance]:
        """Launch and register so many instances."""
        made = [self.launch(zone, service) for _ in range(number)]
        self.world.elb.register_targets(group, made)
        return made

    def run(self, until: float) -> None:
        self.world.run(until)

    def ail(self, *instances: Instance, **effect: Any) -> None:
        """Let them suffer a fault (from now on; no argument: lift it)."""
        for instance in instances:
            instance.set_effect(self.world.now, "fault", Effect(**effect) if effect else None)

    def kill(self, *instances: Instance) -> None:
        """Nothing listens on the port any more."""
        for instance in instances:
            self.world.ec2.stop_service(instance)

    def lose_zone(self, zone: str, duration: float | None = None) -> None:
        """The network of a zone is cut."""
        self.world.apply(
            Change(
                name="aws:network:disrupt-connectivity",
                targets=Targets(zones=(zone,)),
                parameters=DisruptConnectivity(),
                duration=duration,
            )
        )

    def later(self, time: float, do: Any, *arguments: Any) -> None:
        """Have something change by itself at an instant."""
        self.world.schedule.at(time, Phase.CHANGE, do, *arguments)

    # -- reading ------------------------------------------------------------------------------

    @property
    def balancer(self) -> LoadBalancerState:
        return self.world.elb.balancers["Balancer"]

    @property
    def group(self) -> TargetGroupState:
        return self.world.elb.groups["Targets"]

    @property
    def books(self) -> Books:
        return self.world.elb.books["Balancer"]

    def view(self, instance: Instance) -> TargetView:
        """What DescribeTargetHealth shows of it now."""
        views = self.world.elb.describe_target_health("Targets")
        return next(view for view in views if view.instance == instance.id)

    def states(self, instance: Instance) -> list[tuple[float, str, str]]:
        """When it entered which state, and the reason code."""
        history = self.world.journal.history(f"Targets/{instance.id}:80", "health")
        return [(change.time, change.value.state, change.value.reason) for change in history]

    def shares(self, *groups: list[Instance]) -> list[float]:
        """What each list of instances gets of all that is sent to targets at present."""
        rates = [sum(self.view(item).rate for item in instances) for instances in groups]
        whole = sum(view.rate for view in self.world.elb.describe_target_health("Targets"))
        return [rate / whole for rate in rates]

    def metric(
        self,
        name: str,
        dimensions: Mapping[str, str] | None = None,
        statistic: str = "Sum",
        start: float = 0.0,
        end: float | None = None,
    ) -> list[float]:
        """The one-minute datapoints of a metric (of the load balancer, if nothing else is said)."""
        key = MetricKey.of("AWS/ApplicationELB", name, dimensions or BALANCER)
        until = self.world.now if end is None else end
        data = self.world.cloudwatch.metrics.get_metric_data(key, statistic, 60.0, start, until)
        return list(data.values)

    def names(self, dimensions: Mapping[str, str]) -> set[str]:
        """The metrics that exist with exactly these dimensions."""
        wanted = tuple(sorted(dimensions.items()))
        metrics = self.world.cloudwatch.metrics
        return {metric.key.name for metric in metrics if metric.key.dimensions == wanted}

"""Network Load Balancers: flows instead of requests ("Network Load Balancers", "Target groups for
your Network Load Balancers", "Health checks for Network Load Balancer target groups")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from model.billing import cost
from model.cloudwatch.metrics import MetricKey
from model.ec2.firewalls import SecurityGroup
from model.elb.attributes import KeyValue
from model.elb.resources import Action, Certificate, Listener, LoadBalancer, TargetGroup
from model.elb.resources.target_groups import NETWORK_REGISTRATION_SECONDS
from model.fields import FieldError
from model.resources import Resource
from model.services import Service
from model.stack import Stack
from model.traffic.shapes import Constant
from model.traffic.source import Request, Source
from model.world import World
from tests.model.ec2.test_network import group, tcp
from tests.model.elb.samples import START, A, B, Cloud, identity, network, pairs

NLB = "net/flows/50dc6c495c0c9188"
BALANCER = {"LoadBalancer": NLB}
GROUP = {"LoadBalancer": NLB, "TargetGroup": "targetgroup/flows/73e2d6bc24d8a067"}
CHAT = Service(name="chat", runs_on=("G",), cpu_time=0.001, wait_time=20.0, workers=100_000)
"""Connections that last for 20 seconds on average."""
CERTIFICATES = (Certificate(certificate_arn="arn:aws:acm:1"),)
CROSS_ZONE = {"load_balancing.cross_zone.enabled": "true"}


class Flows(Cloud):
    """A Network Load Balancer in two zones, with a listener for TCP."""

    def __init__(
        self,
        rate: float = 0.0,
        attributes: Mapping[str, str] | None = None,
        *,
        balancer: Mapping[str, str] | None = None,
        groups: tuple[str, ...] = (),
        more: tuple[Resource, ...] = (),
        port: int = 80,
        sources: tuple[Source, ...] = (),
        listener: str | None = None,
        seed: int = 7,
        **properties: Any,
    ) -> None:
        given: dict[str, Any] = {"port": 80, "protocol": "TCP", "vpc_id": "Vpc"} | properties
        resources: tuple[Resource, ...] = (
            *network(),
            LoadBalancer(
                identity=identity("Balancer", LoadBalancerFullName=NLB),
                type="network",
                subnets=("SubnetA", "SubnetB"),
                security_groups=groups,
                load_balancer_attributes=pairs(balancer),
            ),
            TargetGroup(
                identity=identity("Targets", TargetGroupFullName=GROUP["TargetGroup"]),
                target_group_attributes=pairs(attributes),
                **given,
            ),
            Listener(
                identity=identity("Listener"),
                load_balancer_arn="Balancer",
                port=80,
                protocol=listener or given["protocol"],
                certificates=CERTIFICATES if listener == "TLS" else (),
                default_actions=(Action(type="forward", target_group_arn="Targets"),),
            ),
            *more,
        )
        users = Source(
            name="users", to="Balancer", shape=Constant(rate), request=Request(port=port)
        )
        stack = Stack({resource.logical_id: resource for resource in resources})
        self.world = World(stack, start=START, seed=seed, traffic=sources or (users,))
        self._launched = 0

    def flow(self, name: str, statistic: str = "Sum", **where: str) -> list[float]:
        """The one-minute datapoints of a metric of AWS/NetworkELB."""
        key = MetricKey.of("AWS/NetworkELB", name, BALANCER | where)
        metrics = self.world.cloudwatch.metrics
        return list(metrics.get_metric_data(key, statistic, 60.0, 0.0, self.world.now).values)


def test_flows_end_well_and_are_counted() -> None:
    cloud = Flows(10)
    cloud.add(A, service=CHAT)
    cloud.add(B, service=CHAT)
    cloud.run(600)
    assert set(cloud.books.by_status) == {"completed"}
    assert cloud.flow("NewFlowCount")[-1] == 600
    assert cloud.flow("NewFlowCount_TCP")[-1] == 600
    assert cloud.flow("ActiveFlowCount", "Average")[-1] == pytest.approx(10 * 20, rel=0.02)
    assert cloud.flow("TCP_ELB_Reset_Count")[-1] == 0
    assert cloud.flow("ZonalHealthStatus", "Maximum", AvailabilityZone=A)[-1] == 1
    names = {
        m.key.name for m in cloud.world.cloudwatch.metrics if m.key.namespace == "AWS/NetworkELB"
    }
    assert "RequestCount" not in names
    assert "TargetResponseTime" not in names


def test_registration_takes_longer_and_the_first_check_is_enough() -> None:
    cloud = Flows(10)
    (one,) = cloud.add(A)
    cloud.run(NETWORK_REGISTRATION_SECONDS - 1)
    assert cloud.view(one).state == "initial"
    cloud.run(NETWORK_REGISTRATION_SECONDS + 1)
    assert cloud.view(one).state == "healthy"


def test_cross_zone_is_off_unless_the_load_balancer_or_the_group_says_otherwise() -> None:
    for balancer, attributes, few_get in (
        (None, None, 0.5),
        (CROSS_ZONE, None, 0.2),
        (None, CROSS_ZONE, 0.2),
        (CROSS_ZONE, {"load_balancing.cross_zone.enabled": "false"}, 0.5),
    ):
        cloud = Flows(100, attributes, balancer=balancer)
        few, many = cloud.add(A, 2), cloud.add(B, 8)
        cloud.run(300)
        assert cloud.shares(few, many) == pytest.approx([few_get, 1 - few_get])


def test_a_zone_without_targets_leaves_dns() -> None:
    cloud = Flows(100)
    (one,) = cloud.add(A)
    cloud.run(300)
    assert cloud.balancer.zones_in_dns() == [A]
    assert cloud.view(one).rate == pytest.approx(100.0)
    assert cloud.flow("ZonalHealthStatus", "Maximum", AvailabilityZone=B)[-1] == 0


def test_a_tcp_check_asks_for_a_connection_only() -> None:
    cloud = Flows(10)
    (sick,) = cloud.add(A)
    cloud.run(120)
    cloud.ail(sick, failing_checks=True)
    cloud.run(300)
    assert cloud.view(sick).state == "healthy"
    cloud.kill(sick)
    cloud.run(500)
    view = cloud.view(sick)
    assert (view.state, view.reason) == ("unhealthy", "Target.FailedHealthChecks")
    http = Flows(10, health_check_protocol="HTTP")
    (sick,) = http.add(A)
    http.run(120)
    http.ail(sick, failing_checks=True)
    http.run(300)
    view = http.view(sick)
    assert (view.state, view.reason) == ("unhealthy", "Target.FailedHealthChecks")


def test_flows_to_an_unhealthy_target_are_reset_unless_told_otherwise() -> None:
    key = "target_health_state.unhealthy.connection_termination.enabled"
    for ends, resets in (("true", 100), ("false", 0)):
        cloud = Flows(10, CROSS_ZONE | {key: ends}, health_check_protocol="HTTP")
        sick, _ = cloud.add(A, 2, service=CHAT)
        cloud.run(300)
        inside = cloud.view(sick).in_flight
        assert inside == pytest.approx(100, rel=0.05)
        cloud.ail(sick, failing_checks=True)
        cloud.run(420)
        assert cloud.view(sick).state == "unhealthy"
        cut = sum(cloud.flow("TCP_ELB_Reset_Count"))
        assert cut == pytest.approx(resets, rel=0.1, abs=1)
        assert cloud.books.by_status.get("connection_reset", 0) == cut


def test_an_unhealthy_target_may_drain_before_it_is_unhealthy() -> None:
    """New flows go elsewhere at once, those inside go on; a target that recovers is healthy."""
    name = "target_health_state.unhealthy"
    draining = {
        f"{name}.connection_termination.enabled": "false",
        f"{name}.draining_interval_seconds": "120",
    }
    cloud = Flows(10, CROSS_ZONE | draining, health_check_protocol="HTTP")
    sick, well = cloud.add(A, 2, service=CHAT)
    cloud.run(300)
    cloud.ail(sick, failing_checks=True)
    cloud.run(390)
    assert cloud.view(sick).state == "unhealthy.draining"
    assert cloud.view(sick).rate == 0.0
    assert sum(cloud.flow("TCP_ELB_Reset_Count")) == 0.0
    cloud.run(520)
    states = [state for _, state, _ in cloud.states(sick)]
    assert states[-2:] == ["unhealthy.draining", "unhealthy"]
    (began, ended) = [time for time, _, _ in cloud.states(sick)][-2:]
    assert ended - began == 120.0
    cloud.ail(sick)
    cloud.run(800)
    assert cloud.view(sick).state == "healthy"
    assert cloud.view(well).state == "healthy"


def test_flows_of_a_deregistered_target_go_on_unless_told_otherwise() -> None:
    """With connection termination they end with the delay; without it they live on, "even after
    the state is unused"."""
    key = "deregistration_delay.connection_termination.enabled"
    delay = {"deregistration_delay.timeout_seconds": "10"}
    for ends in ("true", "false"):
        cloud = Flows(10, CROSS_ZONE | delay | {key: ends})
        one, _ = cloud.add(A, 2, service=CHAT)
        cloud.run(300)
        cloud.world.elb.deregister_targets("Targets", [one])
        cloud.run(312)
        assert [view.instance for view in cloud.world.elb.describe_target_health("Targets")] != [
            one.id
        ]
        cloud.run(600)
        reset = cloud.books.by_status.get("connection_reset", 0)
        assert reset == (0 if ends == "false" else pytest.approx(100 * 0.6, rel=0.1))
        ended = cloud.books.total + cloud.balancer.in_flight
        assert ended == pytest.approx(cloud.balancer.sent, abs=2)


def test_a_port_without_a_listener_drops_packets() -> None:
    cloud = Flows(10, port=443)
    cloud.add(A)
    cloud.run(300)
    assert set(cloud.books.by_status) == {"connection_timeout"}


def test_a_target_that_listens_no_more_resets_flows() -> None:
    cloud = Flows(10)
    (one,) = cloud.add(A)
    cloud.run(200)
    cloud.kill(one)
    cloud.run(260)
    assert cloud.books.by_status["connection_refused"] > 0
    assert sum(cloud.flow("TCP_Target_Reset_Count")) > 0


def test_targets_see_the_addresses_of_clients() -> None:
    """So their security group must let clients in, or name that of the load balancer."""
    only_nodes = group("Web", tcp(80, cidr_ip="10.0.0.0/16"))
    by_group = group("Web", tcp(80, source_security_group_id="Nlb"))
    anybody = group("Nlb", tcp(80, cidr_ip="0.0.0.0/0"))

    def statuses(web: SecurityGroup, attributes: Mapping[str, str] | None = None) -> set[str]:
        cloud = Flows(10, attributes, groups=("Nlb",), more=(web, anybody))
        one = cloud.launch(A)
        one.security_groups = ("Web",)
        cloud.world.elb.register_targets("Targets", [one])
        cloud.run(300)
        assert cloud.view(one).state == "healthy", "checks come from the nodes"
        return set(cloud.books.by_status)

    assert "connection_timeout" in statuses(only_nodes)
    assert "completed" not in statuses(only_nodes)
    assert "completed" in statuses(by_group)
    assert "completed" in statuses(only_nodes, {"preserve_client_ip.enabled": "false"})


def test_capacity_units_and_their_price() -> None:
    cloud = Flows(8000)
    cloud.add(A, 2, service=Service(name="fast", runs_on=("G",), cpu_time=0.0001, workers=5000))
    cloud.run(3600)
    # 8,000 new flows a second are ten units; of 11 KB each, 88 MB a second are 317 GB an hour
    record = cloud.world.elb.ledgers["Balancer"].records[3000.0]
    assert record.use.dimensions[0] == pytest.approx(10.0)
    assert record.use.dimensions[2] == pytest.approx(8000 * 11_000 * 3600 / 1e9)
    units = cloud.world.elb.meters["Balancer"].unit_hours()
    assert cost(cloud.world)["Balancer"] == pytest.approx(0.0225 + units * 0.006)


def test_defaults_of_health_checks() -> None:
    def made(**properties: Any) -> TargetGroup:
        given: dict[str, Any] = {"port": 80, "protocol": "TCP"} | properties
        return TargetGroup(identity=identity("T"), **given)

    assert made().health_check_protocol == "TCP"
    assert made().health_check_path is None
    assert made().health_check_timeout_seconds == 10
    http = made(health_check_protocol="HTTP")
    assert (http.health_check_path, http.health_check_timeout_seconds) == ("/", 6)
    assert http.matches(399)
    assert not http.matches(400)
    with pytest.raises(ValueError, match="HealthCheckPath is for HTTP and HTTPS"):
        made(health_check_path="/up")
    with pytest.raises(FieldError, match="is no attribute of it"):
        made(target_group_attributes=(KeyValue(key="slow_start.duration_seconds", value="30"),))

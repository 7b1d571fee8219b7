"""Port allocation errors ("Troubleshoot your Network Load Balancer", "Edit target group attributes
for your Network Load Balancer: client IP preservation")."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.elb.ports import PORTS, admitted
from model.elb.resources import TargetGroup
from model.flow.capability import REFUSING, Answering, Capability
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline
from model.services import Service
from model.traffic.shapes import Stage, Stages
from model.traffic.source import Source
from tests.model.elb.samples import A, B, identity, pairs
from tests.model.elb.test_network_load_balancer import CROSS_ZONE, Flows

LONG = Service(name="long", runs_on=("G",), cpu_time=0.0001, wait_time=20.0, workers=400_000)
"""Connections that last for 20 seconds: 4,000 a second are 80,000 at a time."""
HIDDEN = CROSS_ZONE | {"preserve_client_ip.enabled": "false"}
REASON = ("connection_timeout", "no port left from a node to a target")


def flows(
    attributes: dict[str, str],
    rate: float | Stages = 4000,
    where: str = A,
    number: int = 1,
    **more: Any,
) -> Flows:
    """Some targets in one zone."""
    if not isinstance(rate, Stages):
        rate = Stages(0, (Stage(100, 0), Stage(0, rate)))
    sources = (Source(name="users", to="Balancer", shape=rate),)
    cloud = Flows(attributes=attributes, sources=sources, **more)
    cloud.add(where, number, service=LONG)
    return cloud


def errors(cloud: Flows, **where: str) -> float:
    return cloud.flow("PortAllocationErrorCount", **where)[-1]


def test_a_node_has_55_000_ports_for_each_target() -> None:
    """The other zone has no target and leaves DNS without cross-zone load balancing."""
    off = HIDDEN | {"load_balancing.cross_zone.enabled": "false"}
    cloud = flows(off)
    cloud.run(600)
    assert cloud.balancer.zones_in_dns() == [A]
    (station,) = [target.station for target in cloud.group.targets.values()]
    assert station.in_flight == pytest.approx(PORTS, rel=1e-3)
    # 55,000 that last 20 s each are 2,750 a second: the rest of 4,000 finds no port
    assert errors(cloud) == pytest.approx(60 * (4000 - 2750), rel=0.01)
    assert errors(cloud, AvailabilityZone=A) == errors(cloud)
    (view,) = cloud.world.elb.describe_load_balancers()
    assert [error[:2] for error in view.errors] == [REASON]
    assert set(cloud.books.by_status) == {"completed", "connection_timeout"}


def test_each_node_has_ports_of_its_own() -> None:
    cloud = flows(HIDDEN)
    cloud.run(600)
    assert errors(cloud) == 0.0
    cloud = flows(HIDDEN, 8000)
    cloud.run(600)
    assert errors(cloud) == pytest.approx(60 * (8000 - 2 * 2750), rel=0.01)
    assert errors(cloud, AvailabilityZone=B) == pytest.approx(errors(cloud) / 2, abs=2)


def test_more_targets_help() -> None:
    cloud = flows(HIDDEN, 8000, number=2)
    cloud.run(600)
    assert errors(cloud) == 0.0
    assert cloud.books.by_status.keys() == {"completed"}


def test_flows_that_keep_the_addresses_of_clients_need_no_port() -> None:
    cloud = flows(CROSS_ZONE, 8000)
    cloud.run(600)
    assert errors(cloud) == 0.0


def test_errors_end_when_there_is_room_again() -> None:
    shape = Stages(0, (Stage(100, 0), Stage(0, 8000), Stage(200, 8000), Stage(0, 2000)))
    cloud = flows(HIDDEN, shape)
    cloud.run(900)
    counted = cloud.flow("PortAllocationErrorCount")
    assert max(counted) > 0
    assert counted[-1] == 0.0
    assert not cloud.balancer.unsettled


def made(**properties: Any) -> TargetGroup:
    given: dict[str, Any] = {"port": 80, "protocol": "TCP"} | properties
    return TargetGroup(identity=identity("T"), **given)


@pytest.mark.parametrize(
    ("kind", "protocol", "preserved"),
    [
        ("instance", "TCP", True),
        ("instance", "TLS", True),
        ("instance", "UDP", True),
        ("ip", "TCP", False),
        ("ip", "TLS", False),
        ("ip", "UDP", True),
        ("ip", "TCP_UDP", True),
    ],
)
def test_whether_addresses_are_preserved_by_default(
    kind: str, protocol: str, preserved: bool
) -> None:
    assert made(target_type=kind, protocol=protocol).preserves_client_ip is preserved
    on = pairs({"preserve_client_ip.enabled": "true"})
    given = made(target_type=kind, protocol=protocol, target_group_attributes=on)
    assert given.preserves_client_ip


@pytest.mark.parametrize("protocol", ["UDP", "TCP_UDP"])
def test_datagrams_always_keep_them(protocol: str) -> None:
    off = pairs({"preserve_client_ip.enabled": "false"})
    with pytest.raises(ValueError, match=f"cannot be false for {protocol}"):
        made(protocol=protocol, target_group_attributes=off)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 500), st.sampled_from([1.0, 5.0, 60.0])), max_size=12),
    st.floats(0.1, 100),
    st.sampled_from([50.0, 1000.0]),
)
def test_there_are_never_more_flows_than_ports(
    steps: list[tuple[float, float]], service: float, ports: float
) -> None:
    can = Capability(Answering.SERVING, wait_time=service, workers=300.0, backlog=500.0)
    station, now = Station(can, 350.0, patient=True), 0.0
    for rate, dt in steps:
        taken = admitted(station, rate * dt, dt, ports)
        assert 0.0 <= taken <= rate * dt
        station.step(now, dt, taken, Discipline.RANDOM, 1, Mixture())
        now += dt
        # what a line by chance holds beside is not known beforehand
        assert station.in_flight <= max(ports, 300.0) * 1.1 + 1.0


def test_a_target_that_refuses_takes_no_port() -> None:
    assert admitted(Station(REFUSING, 350.0), 1e6, 1.0, PORTS) == 1e6


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from([0, 1000, 4000, 12_000]), min_size=1, max_size=5))
def test_flows_are_neither_lost_nor_made(rates: list[int]) -> None:
    stages = [stage for rate in rates for stage in (Stage(0, rate), Stage(70, rate))]
    cloud = flows(HIDDEN, Stages(0, (Stage(100, 0), *stages)))
    for _ in range(8):
        cloud.run(cloud.world.now + 60)
        cloud.world.note_totals()
        inside = cloud.balancer.in_flight
        assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=4)
        routed, ended = cloud.balancer.routed, cloud.balancer.ended
        stranded = inside - cloud.group.scopes.in_flight
        assert cloud.balancer.sent == pytest.approx(
            sum(routed.values()) + sum(ended.values()) + stranded
        )

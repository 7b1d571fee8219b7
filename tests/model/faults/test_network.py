"""Disrupted connectivity: of a subnet, or of a whole zone.

Source: "AWS FIS actions reference", aws:network:disrupt-connectivity.
"""

from __future__ import annotations

from typing import Any

import pytest

from model.elb.load_balancer import CLIENT_CONNECT_TIMEOUT
from model.elb.nodes import DNS_REMOVAL
from model.flow.capability import Answering
from tests.model.faults.samples import calm, condition, do, lift, set_desired, view
from tests.model.samples import A, B, instances

DISRUPT = "aws:network:disrupt-connectivity"


@pytest.mark.parametrize("place", [{"zones": (A,)}, {"subnets": ("SubnetA",)}])
def test_instances_and_nodes_there_are_cut_off_and_others_are_not(
    place: dict[str, Any],
) -> None:
    world = calm(4)
    do(world, DISRUPT, **place)
    for instance in instances(world):
        dark = instance.zone == A
        expected = Answering.SILENT if dark else Answering.SERVING
        assert instance.capability().answering is expected
    nodes = world.elb.balancers["Balancer"].nodes
    assert {zone: node.dark for zone, node in nodes.items()} == {A: True, B: False}


def test_health_checks_there_time_out() -> None:
    world = calm(2)
    dark, light = sorted(instances(world), key=lambda instance: instance.zone)
    do(world, DISRUPT, zones=(A,))
    world.run(90.0)
    assert (view(world, dark).state, view(world, dark).reason) == ("unhealthy", "Target.Timeout")
    assert view(world, light).state == "healthy"


def test_clients_of_the_dark_node_time_out_until_its_zone_has_left_dns() -> None:
    world = calm(2, rate=60.0)
    do(world, DISRUPT, zones=(A,))
    world.run(60.0 + DNS_REMOVAL + CLIENT_CONNECT_TIMEOUT + 60.0)
    world.note_totals()
    by_status = world.elb.books["Balancer"].by_status
    assert by_status["connection_timeout"] == pytest.approx(30.0 * DNS_REMOVAL, abs=2)


def test_no_instance_is_launched_in_a_dark_zone() -> None:
    world = calm(1)
    (first,) = instances(world)
    other = B if first.zone == A else A
    do(world, DISRUPT, zones=(other,))
    assert [item.zone for item in set_desired(world, 3)] == [first.zone, first.zone]
    lift(world)
    assert [item.zone for item in set_desired(world, 4)] == [other]


def test_an_instance_launched_in_a_dark_subnet_is_cut_off_too() -> None:
    world = calm(1)
    (first,) = instances(world)
    other = "SubnetB" if first.subnet == "SubnetA" else "SubnetA"
    do(world, DISRUPT, subnets=(other,))
    (new,) = set_desired(world, 2)
    assert new.subnet == other
    world.run(150.0)
    assert new.capability().answering is Answering.SILENT
    lift(world)
    assert new.capability().answering is Answering.SERVING


def test_a_zone_stays_dark_until_the_last_of_its_faults_ends() -> None:
    world = calm(2)
    before = condition(world)
    do(world, DISRUPT, 60.0, zones=(A,))
    world.run(90.0)
    do(world, DISRUPT, 60.0, zones=(A,))
    dark = condition(world)
    world.run(130.0)
    assert condition(world) == dark
    world.run(150.0)
    assert condition(world) == before


def test_a_subnet_and_its_zone_may_both_be_disrupted() -> None:
    world = calm(2)
    before = condition(world)
    do(world, DISRUPT, 60.0, zones=(A,))
    do(world, DISRUPT, 90.0, subnets=("SubnetA",))
    world.run(130.0)
    assert world.elb.balancers["Balancer"].nodes[A].dark
    world.run(150.0)
    assert condition(world) == before

"""More clients than planned, or fewer."""

from __future__ import annotations

import pytest

from model.traffic.shapes import Constant
from model.traffic.source import Source
from model.world import World
from tests.model.faults.samples import calm, do, lift, refused
from tests.model.samples import source, world_at


def rate(world: World) -> float:
    return world.elb.balancers["Balancer"].rate(world.now)


def test_a_spike_comes_on_top_and_a_factor_multiplies() -> None:
    world = calm(1, rate=60.0)
    do(world, "spillover:traffic-spike", id="spike", requests_per_second=25.0)
    assert rate(world) == pytest.approx(85.0)
    do(world, "spillover:traffic-factor", factor=0.5)
    assert rate(world) == pytest.approx(0.5 * 60 + 25)
    lift(world, "spike")
    assert rate(world) == pytest.approx(30.0)


def test_faults_of_one_kind_add_up_and_are_lifted_alone() -> None:
    world = calm(1, rate=60.0)
    do(world, "spillover:traffic-factor", id="a", factor=2.0)
    do(world, "spillover:traffic-factor", id="b", factor=3.0)
    assert rate(world) == pytest.approx(360.0)
    lift(world, "a")
    assert rate(world) == pytest.approx(180.0)
    do(world, "spillover:traffic-spike", id="c", requests_per_second=5.0)
    do(world, "spillover:traffic-spike", id="d", requests_per_second=7.0)
    assert rate(world) == pytest.approx(192.0)
    lift(world)
    assert rate(world) == pytest.approx(60.0)


def test_a_spike_sends_what_it_says_from_its_beginning_to_its_end() -> None:
    world = calm(1, rate=20.0)
    before = world.elb.balancers["Balancer"].sent
    do(world, "spillover:traffic-spike", 33.3, requests_per_second=10.0)
    world.run(180.0)
    sent = world.elb.balancers["Balancer"].sent - before
    assert sent == pytest.approx(20 * 120 + 10 * 33.3)


def test_no_traffic_at_all_is_a_factor_of_nothing() -> None:
    world = calm(1, rate=20.0)
    before = world.elb.balancers["Balancer"].sent
    do(world, "spillover:traffic-factor", 60.0, factor=0.0)
    world.run(180.0)
    assert world.elb.balancers["Balancer"].sent - before == pytest.approx(20.0 * 60)


def test_one_source_may_be_named() -> None:
    other = Source(name="robots", to="Balancer", shape=Constant(10.0))
    world = world_at(60.0, 1, traffic=(*source(60.0), other))
    do(world, "spillover:traffic-factor", factor=5.0, source="robots")
    assert rate(world) == pytest.approx(60 + 50)
    do(world, "spillover:traffic-spike", requests_per_second=1.0)  # on top of each
    assert rate(world) == pytest.approx(60 + 50 + 2)


def test_a_source_that_is_not_there_is_told() -> None:
    world = calm(1)
    message = refused(world, "spillover:traffic-factor", factor=5.0, source="robots")
    assert message == "there is no traffic named robots"
    assert not world.faults.active

"""An Application Load Balancer has to grow; a Network Load Balancer and a reservation need not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.billing import cost
from model.elb.growth import DOUBLING, LEAST_UNITS, Growth
from model.elb.resources.balancers import MinimumLoadBalancerCapacity
from model.services import Service
from model.traffic.shapes import Stage, Stages
from model.traffic.source import Source
from tests.model.elb.samples import Cloud, load_balancer

FAST = Service(name="fast", runs_on=("G",), cpu_time=0.00001, workers=5000)


def burst(rate: float, then: float, at: float = 600.0) -> list[Source]:
    """A rate that jumps to another one."""
    shape = Stages(rate, (Stage(at, rate), Stage(0.0, then)))
    return [Source(name="fans", to="Balancer", shape=shape, clients=1000)]


def test_it_doubles_within_five_minutes_at_most() -> None:
    growth = Growth()
    assert growth.admit(60.0, 200.0) == 1.0
    assert growth.room == 400.0
    assert growth.admit(60.0, 1600.0) == 0.25
    for _ in range(4):
        growth.admit(60.0, 1600.0)
    assert growth.room == pytest.approx(800.0)
    assert growth.admit(DOUBLING, 1600.0) == pytest.approx(0.5)
    assert growth.admit(60.0, 1600.0) == pytest.approx(1.0)


@given(st.lists(st.tuples(st.floats(1, 300), st.floats(0, 1e5)), max_size=30))
def test_it_never_has_less_than_the_least_nor_shrinks_below_what_is_used(
    steps: list[tuple[float, float]],
) -> None:
    growth = Growth()
    for dt, units in steps:
        before = growth.room
        assert 0 < growth.admit(dt, units) <= 1.0
        assert growth.room >= LEAST_UNITS
        assert not before or growth.room <= before * 2 ** (dt / DOUBLING) * (1 + 1e-9)


def test_a_burst_is_rejected_until_it_has_grown() -> None:
    """11 KB each: 20,000 requests a second are 792 units, and it had grown to twice 79."""
    cloud = Cloud(burst(2000, 20_000))
    cloud.add(number=2, service=FAST)
    cloud.run(590)
    assert cloud.metric("RejectedConnectionCount") == []
    cloud.run(720)
    rejected = cloud.metric("RejectedConnectionCount")
    assert rejected[0] == pytest.approx(20_000 * 60 * 0.79, rel=0.1)
    assert cloud.books.by_status["connection_refused"] == sum(rejected)
    (balancer,) = cloud.world.elb.describe_load_balancers()
    assert ("connection_refused", "the load balancer has not grown to it yet") in [
        error[:2] for error in balancer.errors
    ]
    cloud.run(1800)
    assert cloud.metric("RejectedConnectionCount", start=1740) == []
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=3)


def test_what_is_reserved_is_there_at_once_and_paid_for() -> None:
    cloud = Cloud(burst(2000, 20_000))
    reservation = MinimumLoadBalancerCapacity(capacity_units=1000)
    cloud.balancer.modify(load_balancer(minimum_load_balancer_capacity=reservation))
    cloud.add(number=2, service=FAST)
    cloud.run(3600)
    assert "connection_refused" not in cloud.books.by_status
    assert cloud.metric("ReservedLCUs")[-1] == pytest.approx(1000 / 60)
    assert cost(cloud.world)["Balancer"] == pytest.approx(0.0225 + 1000 * 0.008, rel=1e-3)


def test_traffic_that_doubles_in_five_minutes_is_followed() -> None:
    stages = (Stage(600, 2000), Stage(300, 4000), Stage(300, 8000), Stage(300, 16_000))
    cloud = Cloud([Source(name="fans", to="Balancer", shape=Stages(2000, stages))])
    cloud.add(number=2, service=FAST)
    cloud.run(2000)
    assert "connection_refused" not in cloud.books.by_status

"""Connections, bytes, capacity units and what they cost."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.billing import cost
from model.elb.resources import Condition
from model.elb.units import LCU_HOUR, capacity_units, connected
from model.traffic.shapes import Constant
from model.traffic.source import Source
from tests.model.elb.samples import BALANCER, Cloud, fixed
from tests.model.elb.test_rules import rule


def test_the_worked_example_of_the_pricing_page() -> None:
    """One new connection a second that lasts two minutes, 5 requests a second, 300 KB a second,
    60 rules: 1.08 capacity units, for the bytes."""
    units = capacity_units(1.0, 120.0, 300_000.0, (60 - 10) * 5.0)
    assert units == pytest.approx((0.04, 0.04, 1.08, 0.25))
    assert 0.0225 + max(units) * LCU_HOUR == pytest.approx(0.03114)


@given(st.floats(1, 1e6), st.floats(0.001, 1e5), st.floats(1, 4000), st.floats(60, 604_800))
def test_nobody_has_more_than_one_connection(
    clients: float, rate: float, idle: float, keep_alive: float
) -> None:
    opened, active = connected(clients, rate, idle, keep_alive)
    assert 0 < active <= clients
    assert 0 < opened <= rate + clients / keep_alive


def test_busy_clients_stay_connected_and_idle_ones_connect_each_time() -> None:
    opened, active = connected(100, 1000.0, 60.0, 3600.0)
    assert opened == pytest.approx(100 / 3600)
    assert active == pytest.approx(100)
    opened, active = connected(1e6, 10.0, 60.0, 3600.0)
    assert opened == pytest.approx(10.0, rel=0.02)
    assert active == pytest.approx(10.0 * 60, rel=0.02)


def test_metrics_of_connections_and_bytes() -> None:
    load = Source(
        name="users",
        to="Balancer",
        shape=Constant(100.0),
        clients=1000,
        request_size=500,
        response_size=1500,
    )
    cloud = Cloud([load])
    cloud.add()
    cloud.run(300)
    assert cloud.metric("ProcessedBytes")[-1] == 100 * 60 * 2000
    lonely = math.exp(-100 * 60 / 1000)
    inside = cloud.balancer.in_flight
    active = 1000 * (1 - lonely) + inside
    assert cloud.metric("ActiveConnectionCount")[-1] == pytest.approx(active, abs=1)
    opened = 60 * (100 * lonely + 1000 * (1 - lonely) / 3600)
    assert cloud.metric("NewConnectionCount")[-1] == pytest.approx(opened, abs=1)


def test_an_hour_of_consumed_units_is_what_is_billed() -> None:
    load = Source(name="users", to="Balancer", shape=Constant(100.0), response_size=9000)
    cloud = Cloud([load])
    cloud.add()
    cloud.run(3600)
    # 1 MB a second: 3.6 GB an hour
    assert sum(cloud.metric("ConsumedLCUs", BALANCER)) == pytest.approx(3.6)
    assert cost(cloud.world)["Balancer"] == pytest.approx(0.0225 + 3.6 * 0.008)


def test_rules_beyond_ten_are_paid_for() -> None:
    never = Condition(field="path-pattern", values=("/never",))
    cloud = Cloud(100, more=[rule(n, fixed("404"), never) for n in range(1, 31)])
    cloud.add()
    cloud.run(120)
    record = cloud.world.elb.ledgers["Balancer"].records[60.0]
    assert record.use.dimensions[3] == pytest.approx(20 * 100 / 1000)
    assert cloud.metric("RuleEvaluations")[-1] == 30 * 6000

"""Requests sent = answered + failed + in flight, at every minute, whatever happens."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow.station import OUTCOMES
from model.services import Service
from model.traffic.shapes import Stage, Stages
from tests.model.elb.samples import (
    BALANCER,
    CROSS_ZONE_OFF,
    GROUP,
    LEAST_OUTSTANDING,
    A,
    B,
    Cloud,
)

MINUTES = 10


def books_balance(cloud: Cloud) -> None:
    """To within the parts of requests that wait to be counted: one for each place of counting."""
    balancer, books = cloud.balancer, cloud.books
    uncounted = balancer.sent - books.total - balancer.in_flight
    places = len(balancer.ended) + len(cloud.group.scopes)
    assert -1e-3 <= uncounted < places + 1e-3


def flows_balance(cloud: Cloud) -> None:
    """As a flow the law is exact, for the load balancer and for every target."""
    balancer, group = cloud.balancer, cloud.group
    routed = sum(balancer.routed.values())
    stranded = balancer.in_flight - group.scopes.in_flight
    assert balancer.sent == pytest.approx(routed + sum(balancer.ended.values()) + stranded)
    for target in group.targets.values():
        station = target.station
        assert station.totals.arrived == pytest.approx(
            station.totals.finished + station.in_flight, abs=1e-6
        )


def metrics_balance(cloud: Cloud) -> None:
    """Zones add up to the load balancer, statuses to what was routed."""
    end = cloud.world.now
    for name in ("RequestCount", "HTTPCode_Target_2XX_Count", "HTTPCode_ELB_502_Count"):
        whole = sum(cloud.metric(name, BALANCER, end=end))
        parts = sum(
            sum(cloud.metric(name, {"AvailabilityZone": zone, **BALANCER}, end=end))
            for zone in (A, B)
        )
        assert whole == parts
    routed = sum(cloud.metric("RequestCount", GROUP, end=end))
    counted = sum(cloud.group.scopes.requests.values())
    inside = cloud.group.scopes.in_flight
    assert abs(routed - counted - inside) <= 2 * len(cloud.group.scopes) + 2
    assert sum(cloud.metric("HTTPCode_Target_2XX_Count", end=end)) == cloud.books.by_status.get(
        "200", 0
    )


TROUBLES: dict[str, dict[str, Any]] = {
    "silent": {"unreachable": True},
    "failing": {"failing_checks": True},
    "erring": {"error_rate": 0.3},
    "slow": {"slowdown": 30.0},
    "late": {"latency": 3.0},
    "well": {},
}
troubles = st.tuples(
    st.integers(5, MINUTES * 60),
    st.integers(0, 4),
    st.sampled_from([*TROUBLES, "killed", "stopped", "deregistered", "registered", "dark"]),
)


def strike(cloud: Cloud, index: int, trouble: str) -> None:
    instances = list(cloud.world.ec2.instances.values())
    instance = instances[index]
    match trouble:
        case "killed":
            cloud.kill(instance)
        case "stopped":
            cloud.world.ec2.stop_instances(instance.id)
        case "deregistered":
            cloud.world.elb.deregister_targets("Targets", [instance])
        case "registered":
            cloud.world.elb.register_targets("Targets", [instance])
        case "dark":
            cloud.balancer.set_dark(B, not cloud.balancer.nodes[B].dark)
        case _:
            cloud.ail(instance, **TROUBLES[trouble])


@settings(max_examples=15, deadline=None)
@given(
    rates=st.lists(st.floats(0, 400), min_size=1, max_size=4),
    attributes=st.sampled_from([{}, CROSS_ZONE_OFF, LEAST_OUTSTANDING]),
    delay=st.sampled_from(["0", "20", "300"]),
    happening=st.lists(troubles, max_size=8),
)
def test_sent_is_answered_plus_failed_plus_in_flight_at_every_minute(
    rates: list[float],
    attributes: dict[str, str],
    delay: str,
    happening: list[tuple[int, int, str]],
) -> None:
    shape = Stages(rates[0], tuple(Stage(120.0, rate) for rate in rates))
    delays = {"deregistration_delay.timeout_seconds": delay}
    cloud = Cloud(shape, attributes | delays, health_check_interval_seconds=10)
    service = Service(name="web", runs_on=("G",), cpu_time=0.02, workers=8, backlog=500)
    cloud.add(A, 3, service)
    cloud.add(B, 2, service)
    for time, index, trouble in happening:
        cloud.later(time, strike, cloud, index, trouble)
    for minute in range(1, MINUTES + 1):
        cloud.run(minute * 60.0)
        books_balance(cloud)
        flows_balance(cloud)
    metrics_balance(cloud)


def test_in_the_end_everything_has_ended() -> None:
    """Five minutes after the last request nothing is in flight, and all are counted."""
    shape = Stages(50.0, (Stage(300.0, 200.0), Stage(0.0, 0.0)))
    cloud = Cloud(shape)
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.later(100, lambda: cloud.ail(targets[0], unreachable=True))
    cloud.later(200, cloud.kill, targets[1])
    cloud.run(600)
    assert cloud.balancer.in_flight == pytest.approx(0, abs=1e-6)
    assert cloud.books.total == pytest.approx(125 * 300, abs=2)
    assert {"200", "502", "504"} == set(cloud.books.by_status)


def test_there_is_an_outcome_for_every_end_that_a_station_knows() -> None:
    cloud = Cloud()
    cloud.add()
    (target,) = cloud.group.targets.values()
    for number, outcome in enumerate(OUTCOMES, 1):
        setattr(target.station.totals, outcome, float(number))
    assert target.station.totals.finished == sum(range(1, len(OUTCOMES) + 1))

"""Every request ends in one status, with its cause ("Troubleshoot your Application Load Balancers",
"CloudWatch metrics for your Application Load Balancer")."""

from __future__ import annotations

from typing import Any

import pytest

from model.clock import MINUTE
from model.services import Service
from model.traffic.shapes import Constant
from model.traffic.source import Request, Source
from tests.model.elb.samples import BALANCER, GROUP, A, Cloud, fixed

RATE = 20.0
QUIET: dict[str, Any] = {"health_check_interval_seconds": 300}
"""No check notices within the test's few minutes."""


def metrics_of(cloud: Cloud, *names: str) -> dict[str, float]:
    """What the load balancer counted from minute two on."""
    return {name: sum(cloud.metric(name, start=120)) for name in names}


def test_an_answer_of_the_target_is_its_own() -> None:
    cloud = Cloud(RATE)
    (target,) = cloud.add()
    cloud.ail(target, error_rate=0.25)
    cloud.run(1800)
    sent = RATE * 1800
    statuses = cloud.books.by_status
    assert set(statuses) == {"200", "500"}
    assert statuses["500"] == pytest.approx(sent / 4, rel=0.05)
    assert sum(cloud.metric("HTTPCode_Target_5XX_Count")) == statuses["500"]
    assert sum(cloud.metric("HTTPCode_Target_2XX_Count")) == statuses["200"]
    assert cloud.names(BALANCER).isdisjoint({"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count"})


def test_a_refused_connection_is_a_502_and_a_target_connection_error() -> None:
    cloud = Cloud(RATE, **QUIET)
    (target,) = cloud.add()
    cloud.later(60, cloud.kill, target)
    cloud.run(240)
    names = (
        "RequestCount",
        "HTTPCode_ELB_502_Count",
        "HTTPCode_ELB_5XX_Count",
        "TargetConnectionErrorCount",
    )
    assert metrics_of(cloud, *names) == dict.fromkeys(names, RATE * 2 * MINUTE)
    assert cloud.metric("HTTPCode_Target_5XX_Count") == []


def test_a_connection_cut_while_a_request_is_outstanding_is_a_502_and_no_connection_error() -> None:
    long = Service(name="long", runs_on=("G",), cpu_time=0.0, wait_time=2.0, workers=1000)
    cloud = Cloud(RATE, **QUIET)
    (target,) = cloud.add(A, 1, long)
    cloud.run(60)
    inside = cloud.view(target).in_flight
    assert inside == pytest.approx(RATE * 2, rel=0.01)
    cloud.kill(target)
    cloud.run(120)
    bad = sum(cloud.metric("HTTPCode_ELB_502_Count"))
    refused = sum(cloud.metric("TargetConnectionErrorCount"))
    assert bad - refused == pytest.approx(inside, rel=0.6), "drawn among 1,200"


def test_a_full_backlog_refuses_connections() -> None:
    small = Service(name="small", runs_on=("G",), cpu_time=0.1, wait_time=0.0, workers=1, backlog=0)
    cloud = Cloud(RATE, **QUIET)
    cloud.add(A, 1, small)
    cloud.run(1800)
    refused = cloud.books.by_status["502"]
    # Erlang's loss formula for one server at twice its capacity
    assert refused == pytest.approx(cloud.books.total * 2 / 3, rel=0.05)
    assert sum(cloud.metric("TargetConnectionErrorCount")) == refused


def test_with_no_registered_target_requests_get_503_and_none_is_routed() -> None:
    cloud = Cloud(RATE)
    cloud.run(240)
    assert cloud.books.by_status == {"503": RATE * 240}
    assert metrics_of(cloud, "HTTPCode_ELB_503_Count", "HTTPCode_ELB_5XX_Count") == {
        "HTTPCode_ELB_503_Count": RATE * 120,
        "HTTPCode_ELB_5XX_Count": RATE * 120,
    }
    assert cloud.metric("RequestCount") == []
    assert cloud.names(GROUP).isdisjoint({"RequestCount", "HealthyHostCount"})


def test_a_connection_that_is_not_made_in_ten_seconds_is_a_504() -> None:
    cloud = Cloud(RATE, **QUIET)
    (target,) = cloud.add()
    cloud.later(60, lambda: cloud.ail(target, unreachable=True))
    cloud.run(300)
    names = (
        "RequestCount",
        "HTTPCode_ELB_504_Count",
        "HTTPCode_ELB_5XX_Count",
        "TargetConnectionErrorCount",
    )
    assert metrics_of(cloud, *names) == pytest.approx(dict.fromkeys(names, RATE * 3 * MINUTE))
    waiting = cloud.view(target).in_flight
    assert RATE * 10 <= waiting <= RATE * 11
    assert len(cloud.metric("TargetResponseTime", start=120)) == 0


@pytest.mark.parametrize("idle_timeout", [1, 60])
def test_an_answer_later_than_the_idle_timeout_is_a_504_and_no_connection_error(
    idle_timeout: int,
) -> None:
    slow = Service(name="slow", runs_on=("G",), cpu_time=0.0, wait_time=70.0, variation=0.0)
    cloud = Cloud(0.5, idle_timeout=idle_timeout, **QUIET)
    cloud.add(A, 1, slow)
    cloud.run(600)
    assert set(cloud.books.by_status) == {"504"}
    assert cloud.metric("TargetConnectionErrorCount") == []
    assert cloud.metric("TargetResponseTime", statistic="Average") == []


def test_an_answer_within_the_idle_timeout_is_none() -> None:
    slow = Service(name="slow", runs_on=("G",), cpu_time=0.0, wait_time=70.0, variation=0.0)
    cloud = Cloud(0.5, idle_timeout=80, **QUIET)
    cloud.add(A, 1, slow)
    cloud.run(600)
    assert set(cloud.books.by_status) == {"200"}
    assert cloud.metric("TargetResponseTime", statistic="Average")[-1] == pytest.approx(70, rel=0.1)


@pytest.mark.parametrize("status", ["200", "404", "500", "503", "599"])
def test_a_fixed_response_originates_from_the_load_balancer_and_chooses_no_target(
    status: str,
) -> None:
    cloud = Cloud(RATE, action=fixed(status))
    cloud.run(240)
    assert cloud.books.by_status == {status: RATE * 240}
    assert metrics_of(cloud, "HTTP_Fixed_Response_Count") == {
        "HTTP_Fixed_Response_Count": RATE * 120
    }
    families = {f"HTTPCode_ELB_{family}XX_Count": family == status[0] for family in ("4", "5")} | {
        f"HTTPCode_ELB_{code}_Count": code == status for code in ("500", "502", "503", "504")
    }
    assert metrics_of(cloud, *families) == {
        name: RATE * 120 * counted for name, counted in families.items()
    }
    assert cloud.metric("RequestCount") == []


def test_a_port_without_a_listener_refuses_the_connection() -> None:
    shape = Constant(RATE)
    source = Source(name="lost", to="Balancer", shape=shape, request=Request(port=8443))
    cloud = Cloud((source,))
    cloud.add()
    cloud.run(240)
    assert cloud.books.by_status == {"connection_refused": RATE * 240}
    assert cloud.books.succeeded == 0
    assert cloud.metric("RequestCount") == []

"""AWS/ApplicationELB: names, dimensions, units, statistics and when a datapoint is reported
("CloudWatch metrics for your Application Load Balancer")."""

from __future__ import annotations

import pytest

from tests.model.elb.samples import BALANCER, CROSS_ZONE_OFF, GROUP, GROUP_NAME, A, B, Cloud

TRAFFIC = {
    "RequestCount",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetConnectionErrorCount",
    "TargetResponseTime",
}
USE = {"ActiveConnectionCount", "NewConnectionCount", "ProcessedBytes"}
OWN = {"HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_502_Count", "HTTPCode_ELB_504_Count"}
STATES = {
    f"{state}State{action}" for state in ("Healthy", "Unhealthy") for action in ("DNS", "Routing")
}
ANOMALIES = {"AnomalousHostCount", "MitigatedHostCount"}
HOSTS = {"HealthyHostCount", "UnHealthyHostCount"} | STATES | ANOMALIES
PER_TARGET = {"RequestCountPerTarget"}


def zonal(dimensions: dict[str, str], zone: str = A) -> dict[str, str]:
    return {"AvailabilityZone": zone, **dimensions}


@pytest.fixture(name="eventful")
def _eventful() -> Cloud:
    """Ten minutes of 20 requests a second in which everything goes wrong."""
    cloud = Cloud(20)
    targets = cloud.add(A, 3) + cloud.add(B, 2)
    cloud.ail(targets[0], error_rate=0.5)
    cloud.later(60, cloud.kill, targets[1])
    cloud.later(60, lambda: cloud.ail(targets[2], unreachable=True))
    cloud.run(600)
    return cloud


def test_each_metric_has_the_dimensions_of_the_documentation(eventful: Cloud) -> None:
    failover = {"UnhealthyRoutingRequestCount"}  # in the first seconds, while none is healthy
    assert eventful.names(BALANCER) == TRAFFIC | OWN | USE | {"ConsumedLCUs"}
    headers = {"ForwardedInvalidHeaderRequestCount"}
    assert eventful.names(zonal(BALANCER)) == TRAFFIC | OWN | USE | headers
    for dimensions in (GROUP, zonal(GROUP)):
        assert eventful.names(dimensions) == TRAFFIC | HOSTS | PER_TARGET | failover
    for dimensions in ({"TargetGroup": GROUP_NAME}, zonal({"TargetGroup": GROUP_NAME})):
        assert eventful.names(dimensions) == PER_TARGET


def test_units_are_those_of_the_documentation(eventful: Cloud) -> None:
    for metric in eventful.world.cloudwatch.metrics:
        if metric.key.namespace == "AWS/ApplicationELB":
            own = {"TargetResponseTime": "Seconds", "ProcessedBytes": "Bytes"}
            assert metric.unit == own.get(metric.key.name, "Count"), metric.key


@pytest.mark.parametrize("name", sorted(TRAFFIC - {"TargetResponseTime"}))
def test_zones_add_up_in_every_minute(eventful: Cloud, name: str) -> None:
    for dimensions in (BALANCER, GROUP):
        whole = sum(eventful.metric(name, dimensions))
        parts = [sum(eventful.metric(name, zonal(dimensions, zone))) for zone in (A, B)]
        assert whole == sum(parts) > 0


def test_statuses_of_targets_and_load_balancer_add_up_to_what_was_routed(eventful: Cloud) -> None:
    ended = sum(
        sum(eventful.metric(name))
        for name in (
            "HTTPCode_Target_2XX_Count",
            "HTTPCode_Target_5XX_Count",
            "HTTPCode_ELB_5XX_Count",
        )
    )
    routed = sum(eventful.metric("RequestCount"))
    assert routed - ended == pytest.approx(eventful.balancer.in_flight, abs=3)


def test_the_response_time_has_a_sample_for_each_answer_of_a_target(eventful: Cloud) -> None:
    samples = eventful.metric("TargetResponseTime", statistic="SampleCount")
    answered = sum(
        sum(eventful.metric(name))
        for name in ("HTTPCode_Target_2XX_Count", "HTTPCode_Target_5XX_Count")
    )
    assert sum(samples) == answered


def test_the_response_time_is_that_of_the_target() -> None:
    """10 ms of CPU and 40 ms of waiting, exponential: the 99th percentile is 4.6 times the mean."""
    cloud = Cloud(20)
    cloud.add(A, 4)
    cloud.run(1800)
    average = cloud.metric("TargetResponseTime", statistic="Average", start=60)
    p99 = cloud.metric("TargetResponseTime", statistic="p99", start=60)
    assert sum(average) / len(average) == pytest.approx(0.050, rel=0.03)
    assert sum(p99) / len(p99) == pytest.approx(0.050 * 4.6, rel=0.05)


def test_without_requests_there_are_no_datapoints_but_those_of_hosts() -> None:
    cloud = Cloud()
    cloud.add(A, 2)
    cloud.run(300)
    assert cloud.names(BALANCER) == {"ConsumedLCUs"}
    assert cloud.metric("ConsumedLCUs") == [0.0] * 5
    assert cloud.names(zonal(BALANCER)) == set()
    assert cloud.names(GROUP) == HOSTS | PER_TARGET
    assert cloud.metric("RequestCountPerTarget", GROUP) == [0.0] * 5


def test_without_registered_targets_there_are_no_hosts_to_count() -> None:
    cloud = Cloud(20)
    cloud.run(300)
    assert cloud.names(GROUP) == set()
    assert cloud.names({"TargetGroup": GROUP_NAME}) == set()


def test_a_count_that_is_zero_is_missing() -> None:
    cloud = Cloud(20)
    cloud.add(A, 2)
    cloud.run(300)
    names = cloud.names(BALANCER) - USE - {"ConsumedLCUs"}
    assert names == {"RequestCount", "HTTPCode_Target_2XX_Count", "TargetResponseTime"}


def test_hosts_are_counted_by_zone_and_together() -> None:
    cloud = Cloud(20)
    sick, *_ = cloud.add(A, 3) + cloud.add(B, 2)
    cloud.ail(sick, failing_checks=True)
    cloud.run(180)
    assert cloud.metric("HealthyHostCount", GROUP, "Average", 120) == [4]
    assert cloud.metric("UnHealthyHostCount", GROUP, "Average", 120) == [1]
    assert cloud.metric("HealthyHostCount", zonal(GROUP), "Average", 120) == [2]
    assert cloud.metric("HealthyHostCount", zonal(GROUP, B), "Average", 120) == [2]
    assert cloud.metric("UnHealthyHostCount", zonal(GROUP, B), "Average", 120) == [0]


def test_minimum_and_maximum_show_a_change_within_the_minute() -> None:
    """Unhealthy from 94 s on: of the second minute 34 s with two hosts, 26 s with one."""
    cloud = Cloud(20)
    sick, _ = cloud.add(A, 2)
    cloud.later(40, lambda: cloud.ail(sick, failing_checks=True))
    cloud.run(120)
    for statistic, expected in (("Minimum", 1), ("Maximum", 2), ("Average", (34 * 2 + 26) / 60)):
        assert cloud.metric("HealthyHostCount", GROUP, statistic, 60) == pytest.approx([expected])


def test_initial_targets_are_neither_healthy_nor_unhealthy() -> None:
    cloud = Cloud(20, unhealthy_threshold_count=10)
    cloud.ail(*cloud.add(A, 2), failing_checks=True)
    cloud.run(120)
    assert cloud.metric("HealthyHostCount", GROUP, "Maximum") == [0, 0]
    assert cloud.metric("UnHealthyHostCount", GROUP, "Maximum") == [0, 0]


def test_requests_per_target_are_an_average_over_the_healthy_ones() -> None:
    cloud = Cloud(20)
    sick, *_ = cloud.add(A, 5)
    cloud.ail(sick, failing_checks=True)
    cloud.run(240)
    for dimensions in (GROUP, {"TargetGroup": GROUP_NAME}):
        counts = cloud.metric("RequestCountPerTarget", dimensions, start=120)
        assert counts == pytest.approx([1200 / 4] * 2, abs=1)


def test_with_none_healthy_requests_per_target_are_an_average_over_the_registered_ones() -> None:
    cloud = Cloud(20)
    cloud.ail(*cloud.add(A, 5), failing_checks=True)
    cloud.run(240)
    counts = cloud.metric("RequestCountPerTarget", GROUP, start=120)
    assert counts == pytest.approx([1200 / 5] * 2, abs=1)


def test_requests_per_target_of_a_zone() -> None:
    cloud = Cloud(20, CROSS_ZONE_OFF)
    cloud.add(A, 2)
    cloud.add(B, 6)
    cloud.run(240)
    for zone, targets in ((A, 2), (B, 6)):
        counts = cloud.metric("RequestCountPerTarget", zonal(GROUP, zone), start=120)
        assert counts == pytest.approx([600 / targets] * 2, abs=1)


def test_states_are_zones_that_meet_their_requirements() -> None:
    cloud = Cloud(20, CROSS_ZONE_OFF)
    here, _ = cloud.add(A), cloud.add(B)
    cloud.run(120)
    cloud.ail(*here, failing_checks=True)
    cloud.run(360)
    for name, whole, there in (
        ("HealthyStateDNS", 1, 0),
        ("UnhealthyStateDNS", 1, 1),
        ("HealthyStateRouting", 1, 0),
        ("UnhealthyStateRouting", 1, 1),
    ):
        assert cloud.metric(name, GROUP, "Maximum")[-1] == whole, name
        assert cloud.metric(name, zonal(GROUP), "Maximum")[-1] == there, name

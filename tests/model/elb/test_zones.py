"""How requests are spread over zones ("How Elastic Load Balancing works", "Cross-zone load
balancing"; "Target group health")."""

from __future__ import annotations

import pytest

from tests.model.elb.samples import CROSS_ZONE_OFF, ELSEWHERE, A, B, Cloud

DETECTED = 70.0
"""By then two health checks, 30 s apart, have timed out."""


def shares(cloud: Cloud, a: int, b: int) -> tuple[float, float]:
    """The share of one target in each zone, with so many targets there."""
    first, second = cloud.add(A, a), cloud.add(B, b)
    cloud.run(30)
    (one,) = cloud.shares(first[:1])
    (other,) = cloud.shares(second[:1])
    assert one * a + other * b == pytest.approx(1.0)
    return one, other


def test_with_cross_zone_each_of_2_and_8_targets_gets_a_tenth() -> None:
    assert shares(Cloud(100), 2, 8) == pytest.approx((0.10, 0.10))


def test_without_cross_zone_each_of_2_gets_25_percent_and_each_of_8_gets_6_25() -> None:
    assert shares(Cloud(100, CROSS_ZONE_OFF), 2, 8) == pytest.approx((0.25, 0.0625))


def test_only_healthy_targets_share() -> None:
    """Two and eight targets of which one of the eight is unhealthy."""
    for attributes, expected in (({}, (1 / 9, 1 / 9)), (CROSS_ZONE_OFF, (1 / 4, 1 / 14))):
        cloud = Cloud(100, attributes)
        a, (sick, *b) = cloud.add(A, 2), cloud.add(B, 8)
        cloud.ail(sick, failing_checks=True)
        cloud.run(90)
        assert cloud.view(sick).state == "unhealthy"
        assert cloud.shares(a[:1]) == pytest.approx([expected[0]])
        assert cloud.shares(b[:1]) == pytest.approx([expected[1]])
        assert cloud.view(sick).rate == 0


def test_a_target_in_a_zone_that_is_not_enabled_is_not_in_use() -> None:
    cloud = Cloud(100)
    (inside,), (outside,) = cloud.add(A), cloud.add(ELSEWHERE)
    cloud.run(120)
    view = cloud.view(outside)
    assert (view.state, view.reason) == ("unused", "Target.NotInUse")
    assert view.description == (
        "Target is in an Availability Zone that is not enabled for the load balancer"
    )
    assert cloud.shares([inside]) == [1.0]


def test_without_cross_zone_a_zone_without_targets_stays_in_dns_and_answers_503() -> None:
    """ "Cross-zone load balancing for target groups" (Application Load Balancers)."""
    cloud = Cloud(100, CROSS_ZONE_OFF)
    cloud.add(A, 2)
    cloud.run(600)
    assert cloud.balancer.zones_in_dns() == [A, B]
    total = cloud.books.total
    assert cloud.books.by_status["503"] == pytest.approx(total / 2, rel=0.02)


def test_with_cross_zone_the_node_of_a_zone_without_targets_uses_the_other_zone() -> None:
    cloud = Cloud(100)
    targets = cloud.add(A, 2)
    cloud.run(600)
    assert cloud.balancer.zones_in_dns() == [A, B]
    assert cloud.shares(targets[:1]) == [0.5]
    assert cloud.metric("HTTPCode_ELB_503_Count", start=60) == []


def test_without_cross_zone_a_zone_without_healthy_targets_leaves_dns_and_returns() -> None:
    cloud = Cloud(100, CROSS_ZONE_OFF)
    cloud.add(A, 2)
    sick = cloud.add(B, 2)
    cloud.run(10)
    cloud.ail(*sick, failing_checks=True)
    cloud.run(DETECTED)
    assert cloud.balancer.zones_in_dns() == [A, B], "clients keep addresses for the TTL"
    cloud.run(DETECTED + 60)
    assert cloud.balancer.zones_in_dns() == [A]
    cloud.run(DETECTED + 70)
    assert cloud.shares(sick) == [0.0]
    cloud.ail(*sick)
    cloud.run(DETECTED + 70 + 5 * 30 + 60)
    assert cloud.view(sick[0]).state == "healthy"
    assert cloud.balancer.zones_in_dns() == [A, B]


def test_with_cross_zone_a_zone_without_healthy_targets_stays_in_dns() -> None:
    cloud = Cloud(100)
    well, sick = cloud.add(A, 2), cloud.add(B, 2)
    cloud.run(10)
    cloud.ail(*sick, failing_checks=True)
    cloud.run(300)
    assert cloud.balancer.zones_in_dns() == [A, B]
    assert cloud.shares(well) == [1.0]


def test_with_all_zones_unhealthy_dns_answers_with_all() -> None:
    cloud = Cloud(100, CROSS_ZONE_OFF)
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.ail(*targets, failing_checks=True)
    cloud.run(300)
    assert {cloud.view(target).state for target in targets} == {"unhealthy"}
    assert cloud.balancer.zones_in_dns() == [A, B]
    assert cloud.books.succeeded == cloud.books.total > 0


def test_clients_of_a_dark_zone_time_out_until_it_has_left_dns() -> None:
    cloud = Cloud(100)
    cloud.add(A, 2)
    cloud.add(B, 2)
    cloud.run(60)
    cloud.lose_zone(B)
    cloud.run(180)
    lost = cloud.books.by_status["connection_timeout"]
    assert lost == pytest.approx(90 * 100 / 2, rel=0.05), "half of what comes in 90 s"
    assert cloud.balancer.zones_in_dns() == [A]
    cloud.run(600)
    assert cloud.books.by_status["connection_timeout"] == lost

"""Too few healthy targets: routing failover ("Target group health", "Health checks for Application
Load Balancer target groups")."""

from __future__ import annotations

import pytest

from tests.model.elb.samples import CROSS_ZONE_OFF, DNS, GROUP, ROUTING, A, B, Cloud

HALF = {f"{DNS}.percentage": "50", f"{ROUTING}.percentage": "50"}


def test_with_no_healthy_target_requests_go_to_all_and_none_fails_for_that() -> None:
    cloud = Cloud(100)
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.ail(*targets, failing_checks=True)
    cloud.run(600)
    assert {cloud.view(target).state for target in targets} == {"unhealthy"}
    assert cloud.shares(*([target] for target in targets)) == pytest.approx([0.25] * 4)
    assert set(cloud.books.by_status) == {"200"}


def test_requests_of_routing_failover_are_counted() -> None:
    cloud = Cloud(100)
    targets = cloud.add(A, 2)
    cloud.run(60)
    cloud.ail(*targets, failing_checks=True)
    cloud.run(600)
    counts = cloud.metric("UnhealthyRoutingRequestCount", GROUP, start=180)
    assert counts == cloud.metric("RequestCount", GROUP, start=180)
    assert len(counts) == 7


def test_only_the_part_of_a_minute_in_failover_is_counted() -> None:
    """Checks at 4, 34, 64, 94, ...: the second failing one is that of 94."""
    cloud = Cloud(100)
    targets = cloud.add(A, 2)
    cloud.run(60)
    cloud.ail(*targets, failing_checks=True)
    cloud.run(180)
    (first, second) = cloud.metric("UnhealthyRoutingRequestCount", GROUP, start=60)
    assert first == pytest.approx(26 * 100, rel=0.05)
    assert second == 60 * 100


def test_without_failover_the_metric_is_absent() -> None:
    cloud = Cloud(100)
    cloud.add(A, 2)
    cloud.run(600)
    assert len(cloud.metric("RequestCount", GROUP)) == 10
    assert cloud.metric("UnhealthyRoutingRequestCount", GROUP, start=60) == []


def ten_and_ten(attributes: dict[str, str]) -> tuple[Cloud, list[float]]:
    """The documentation's example: ten targets in each zone, six of zone B unhealthy."""
    cloud = Cloud(100, attributes | HALF)
    a, b = cloud.add(A, 10), cloud.add(B, 10)
    cloud.run(10)
    cloud.ail(*b[:6], failing_checks=True)
    cloud.run(100)
    return cloud, [*cloud.shares(a, b[:6], b[6:])]


def test_ten_and_ten_without_cross_zone() -> None:
    """Zone B is at 40%: its node sends to all ten, and leaves DNS."""
    cloud, shares = ten_and_ten(CROSS_ZONE_OFF)
    assert shares == pytest.approx([0.5, 0.3, 0.2])
    cloud.run(200)
    assert cloud.balancer.zones_in_dns() == [A]


def test_ten_and_ten_with_cross_zone() -> None:
    """14 of 20 are 70%: nothing happens, the healthy ones share."""
    cloud, shares = ten_and_ten({})
    assert shares == pytest.approx([10 / 14, 0.0, 4 / 14])
    cloud.run(600)
    assert cloud.balancer.zones_in_dns() == [A, B]


@pytest.mark.parametrize(("sick", "share"), [(1, 0.0), (2, 0.0), (3, 3 / 4)])
def test_a_count_is_breached_only_below_it(sick: int, share: float) -> None:
    """Two healthy targets of four meet a minimum of two."""
    cloud = Cloud(100, {f"{DNS}.count": "2", f"{ROUTING}.count": "2"})
    targets = cloud.add(A, 4)
    cloud.ail(*targets[:sick], failing_checks=True)
    cloud.run(100)
    assert cloud.shares(targets[:sick]) == pytest.approx([share])


@pytest.mark.parametrize(("sick", "share"), [(2, 0.0), (3, 3 / 4)])
def test_a_percentage_is_breached_only_below_it(sick: int, share: float) -> None:
    cloud = Cloud(100, HALF)
    targets = cloud.add(A, 4)
    cloud.ail(*targets[:sick], failing_checks=True)
    cloud.run(100)
    assert cloud.shares(targets[:sick]) == pytest.approx([share])


def test_with_count_and_percentage_either_breach_is_enough() -> None:
    cloud = Cloud(100, HALF | {f"{DNS}.count": "3", f"{ROUTING}.count": "3"})
    targets = cloud.add(A, 4)
    cloud.ail(*targets[:2], failing_checks=True)
    cloud.run(100)
    assert cloud.shares(targets[:2]) == pytest.approx([0.5]), "50% are enough, two are not"


def test_the_percentage_is_of_the_registered_targets_at_present() -> None:
    cloud = Cloud(100, HALF)
    targets = cloud.add(A, 4)
    cloud.ail(*targets[:3], failing_checks=True)
    cloud.run(100)
    assert cloud.shares(targets[:3]) == pytest.approx([0.75])
    cloud.world.elb.deregister_targets("Targets", targets[:2])
    cloud.run(161)
    assert cloud.shares([targets[3]]) == [1.0], "one of two is healthy now"
    assert cloud.view(targets[0]).state == "draining"


def test_dns_failover_can_be_off() -> None:
    cloud = Cloud(100, CROSS_ZONE_OFF | {f"{DNS}.count": "off"})
    cloud.add(A, 2)
    sick = cloud.add(B, 2)
    cloud.ail(*sick, failing_checks=True)
    cloud.run(600)
    assert cloud.balancer.zones_in_dns() == [A, B]
    assert cloud.shares(sick) == pytest.approx([0.5])

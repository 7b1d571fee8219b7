"""Routing algorithms ("Edit target group attributes for your Application Load Balancer")."""

from __future__ import annotations

import pytest

from model.services import Service
from tests.model.elb.samples import LEAST_OUTSTANDING, A, B, Cloud

SLOW = Service(name="slow", runs_on=("Group",), cpu_time=0.010, wait_time=0.290)


def test_round_robin_sends_every_target_as_many_requests() -> None:
    cloud = Cloud(100)
    targets = cloud.add(A, 3) + cloud.add(B, 2, SLOW)
    cloud.run(600)
    counts = [cloud.view(target).requests for target in targets]
    in_flight = 100 / 5 * 0.3
    assert max(counts) - min(counts) <= in_flight + 600 / 60


def test_least_outstanding_requests_evens_out_what_is_in_progress() -> None:
    """A target that takes six times as long gets a sixth of the requests."""
    cloud = Cloud(100, LEAST_OUTSTANDING)
    (fast,), (slow,) = cloud.add(A), cloud.add(A, 1, SLOW)
    cloud.run(300)
    assert cloud.view(fast).rate / cloud.view(slow).rate == pytest.approx(6, rel=0.1)
    assert cloud.view(fast).in_flight == pytest.approx(cloud.view(slow).in_flight, rel=0.1)


def test_least_outstanding_requests_is_round_robin_among_equals() -> None:
    cloud = Cloud(100, LEAST_OUTSTANDING)
    targets = cloud.add(A, 3) + cloud.add(B, 1)
    cloud.run(300)
    assert cloud.shares(*([target] for target in targets)) == pytest.approx([0.25] * 4)


@pytest.mark.parametrize("attributes", [{}, LEAST_OUTSTANDING])
def test_a_target_that_fails_fast_attracts_requests_under_least_outstanding_only(
    attributes: dict[str, str],
) -> None:
    """It is never busy, so it always has the fewest requests in progress."""
    cloud = Cloud(100, attributes, health_check_interval_seconds=300)
    targets = cloud.add(A, 4)
    cloud.run(60)
    cloud.kill(targets[0])
    cloud.run(120)
    assert cloud.view(targets[0]).state == "healthy", "no check has noticed yet"
    (share,) = cloud.shares(targets[:1])
    if attributes:
        assert share > 0.8
    else:
        assert share == pytest.approx(0.25)
    failed = cloud.books.by_status["502"]
    assert failed == pytest.approx(share * 100 * 60, rel=0.1)


def test_the_sick_target_loses_its_share_once_it_is_unhealthy() -> None:
    cloud = Cloud(100, LEAST_OUTSTANDING)
    targets = cloud.add(A, 4)
    cloud.run(60)
    cloud.kill(targets[0])
    cloud.run(120)
    assert cloud.view(targets[0]).state == "unhealthy"
    failed = cloud.books.by_status["502"]
    assert failed > 0
    cloud.run(600)
    assert cloud.shares(targets[:1]) == [0.0]
    assert cloud.books.by_status["502"] <= failed + 1, "the part of one that was left over"

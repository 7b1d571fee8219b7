"""Slow start mode ("Edit target group attributes for your Application Load Balancer")."""

from __future__ import annotations

import pytest

from model.ec2.instances import Instance
from tests.model.elb.samples import A, Cloud

SLOW_START = {"slow_start.duration_seconds": "100"}
HEALTHY_AFTER = 4.0
"""Seconds from the registration to the first health check."""


def joined() -> tuple[Cloud, list[Instance], Instance, float]:
    """Three targets that another joins after ten minutes; and when it begins its slow start."""
    cloud = Cloud(90, SLOW_START)
    old = cloud.add(A, 3)
    cloud.run(600)
    (new,) = cloud.add(A)
    return cloud, old, new, 600 + HEALTHY_AFTER


def test_the_share_of_a_new_target_grows_linearly() -> None:
    cloud, old, new, begins = joined()
    for share in (0.1, 0.25, 0.5, 0.9):
        cloud.run(begins + 100 * share)
        rate = cloud.view(new).rate
        assert rate == pytest.approx(90 * share / (3 + share), rel=0.06)
        assert cloud.view(old[0]).rate == pytest.approx(90 / (3 + share), rel=0.02)
    cloud.run(begins + 102)
    assert cloud.shares([new]) == pytest.approx([0.25])


def test_the_first_targets_of_a_group_do_not_start_slowly() -> None:
    """They are registered together: there is nobody who could help them out."""
    cloud = Cloud(90, SLOW_START)
    targets = cloud.add(A, 3)
    cloud.run(30)
    assert cloud.shares(*([target] for target in targets)) == pytest.approx([1 / 3] * 3)


def test_a_target_that_recovers_starts_slowly_again() -> None:
    cloud, old, new, begins = joined()
    cloud.run(begins + 200)
    cloud.ail(new, failing_checks=True)
    cloud.run(begins + 400)
    assert cloud.view(new).rate == 0.0
    cloud.ail(new)
    while cloud.view(new).state != "healthy":
        cloud.run(cloud.world.now + 1.0)
    cloud.run(cloud.world.now + 50.0)
    assert cloud.view(new).rate == pytest.approx(90 * 0.5 / 3.5, rel=0.06)
    assert cloud.view(old[0]).state == "healthy"


def test_without_slow_start_a_new_target_gets_its_whole_share_at_once() -> None:
    cloud = Cloud(90)
    cloud.add(A, 3)
    cloud.run(600)
    (new,) = cloud.add(A)
    cloud.run(600 + HEALTHY_AFTER + 2)
    assert cloud.shares([new]) == pytest.approx([0.25])


def test_requests_are_counted_where_they_went() -> None:
    cloud, old, new, begins = joined()
    before = cloud.view(old[0]).requests
    cloud.run(780)  # they are counted at full minutes
    ramped = sum(90 * s / (300 + s) for s in range(100)) + (780 - begins - 100) * 90 / 4
    assert cloud.view(new).requests == pytest.approx(ramped, rel=0.02)
    rest = (180 * 90 - ramped) / 3
    assert cloud.view(old[0]).requests - before == pytest.approx(rest, rel=0.02)

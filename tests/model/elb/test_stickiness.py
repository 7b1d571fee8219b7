"""Sticky sessions ("Sticky sessions for your Application Load Balancer")."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.traffic.shapes import Constant
from model.traffic.source import Source
from tests.model.elb.samples import CROSS_ZONE_OFF, A, B, Cloud, target_group

STICKY = {"stickiness.enabled": "true"}
SHORT = STICKY | {"stickiness.lb_cookie.duration_seconds": "10"}


def users(rate: float, clients: int) -> list[Source]:
    return [Source(name="users", to="Balancer", shape=Constant(rate), clients=clients)]


def test_clients_that_know_their_target_stay_when_another_one_comes() -> None:
    cloud = Cloud(users(100, 1000), STICKY)
    old = cloud.add(A, 2)
    cloud.run(300)
    assert cloud.shares(old) == pytest.approx([1.0])
    new = cloud.add(B, 2)
    cloud.run(600)
    assert cloud.shares(old, new) == pytest.approx([1.0, 0.0], abs=1e-3)


def test_without_stickiness_it_is_even_at_once() -> None:
    cloud = Cloud(users(100, 1000))
    old = cloud.add(A, 2)
    cloud.run(300)
    new = cloud.add(B, 2)
    cloud.run(600)
    assert cloud.shares(old, new) == pytest.approx([0.5, 0.5])


def test_cookies_that_run_out_let_clients_go() -> None:
    """Each client asks once in a thousand seconds: nearly all cookies have run out by then."""
    cloud = Cloud(users(100, 100_000), SHORT)
    old = cloud.add(A, 2)
    cloud.run(300)
    new = cloud.add(B, 2)
    cloud.run(600)
    assert cloud.shares(old, new) == pytest.approx([0.5, 0.5], abs=0.01)


def test_an_unhealthy_target_s_clients_go_elsewhere_and_do_not_return() -> None:
    cloud = Cloud(users(100, 1000), STICKY)
    sick, well = cloud.add(A, 2)
    cloud.run(300)
    cloud.ail(sick, failing_checks=True)
    cloud.run(500)
    assert cloud.shares([sick], [well]) == pytest.approx([0.0, 1.0])
    cloud.ail(sick)
    cloud.run(900)
    assert cloud.view(sick).state == "healthy"
    assert cloud.shares([sick], [well]) == pytest.approx([0.0, 1.0], abs=1e-3)


def test_a_deregistered_target_s_clients_go_elsewhere_at_once() -> None:
    cloud = Cloud(users(100, 1000), STICKY)
    one, two, three = cloud.add(A, 3)
    cloud.run(300)
    cloud.world.elb.deregister_targets("Targets", [one])
    cloud.run(370)
    assert cloud.shares([one], [two], [three]) == pytest.approx([0.0, 0.5, 0.5])
    assert cloud.books.by_status.keys() == {"200"}


def test_it_can_be_switched_off() -> None:
    cloud = Cloud(users(100, 1000), STICKY)
    old = cloud.add(A, 2)
    cloud.run(300)
    new = cloud.add(B, 2)
    cloud.world.elb.modify_target_group("Targets", target_group({"stickiness.enabled": "false"}))
    cloud.run(600)
    assert cloud.shares(old, new) == pytest.approx([0.5, 0.5])


def test_like_targets_are_still_computed_once() -> None:
    cloud = Cloud(users(100, 1000), STICKY)
    cloud.add(A, 20)
    cloud.run(300)
    (scope,) = cloud.group.scopes
    assert [cohort.size for cohort in scope.cohorts] == [20]


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(["add", "sick", "well", "wait"]), max_size=8),
    st.sampled_from([10, 1000, 100_000]),
)
def test_requests_are_neither_lost_nor_made(deeds: list[str], clients: int) -> None:
    cloud = Cloud(users(60, clients), SHORT)
    targets = cloud.add(A, 2)
    for number, deed in enumerate(deeds):
        match deed:
            case "add":
                targets += cloud.add(B)
            case "sick":
                cloud.ail(targets[number % len(targets)], failing_checks=True)
            case "well":
                cloud.ail(*targets)
        cloud.run(cloud.world.now + 45)
    cloud.world.note_totals()
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=2)
    (scope,) = cloud.group.scopes
    assert sum(cohort.clients * cohort.size for cohort in scope.cohorts) <= clients * (1 + 1e-9)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"load_balancing.algorithm.type": "weighted_random"}, "does not go with"),
        (CROSS_ZONE_OFF, "needs cross-zone load balancing"),
        ({"stickiness.type": "app_cookie"}, "needs stickiness.app_cookie.cookie_name"),
        (
            {"stickiness.type": "app_cookie", "stickiness.app_cookie.cookie_name": "AWSALBX"},
            "are the load balancer's",
        ),
    ],
)
def test_what_it_does_not_go_with(more: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        target_group(STICKY | more)


def test_requests_without_a_cookie_of_use_are_counted() -> None:
    """NonStickyRequestCount: the first request of each client, and the first after its target was
    lost."""
    users = Source(name="users", to="Balancer", shape=Constant(100.0), clients=500)
    cloud = Cloud((users,), {"stickiness.enabled": "true"})
    first, _ = cloud.add(A, 2)
    cloud.run(600)
    counted = cloud.metric("NonStickyRequestCount")
    assert sum(counted) == pytest.approx(500, abs=3)
    assert sum(counted[2:]) <= 1
    cloud.world.elb.deregister_targets("Targets", [first])
    cloud.run(900)
    assert sum(cloud.metric("NonStickyRequestCount")) == pytest.approx(750, abs=5)

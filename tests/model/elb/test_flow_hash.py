"""Where flows of a Network Load Balancer fall: by chance, or by the client's address ("What is a
Network Load Balancer?", "Edit target group attributes for your Network Load Balancer: sticky
sessions")."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import Action as Change
from model.actions import ActionError, Targets
from model.ec2.instances import Instance
from model.elb import flow_hash
from model.elb.attributes import KeyValue
from model.elb.moves import ModifyTargetGroupAttributes
from model.elb.resources import TargetGroup
from model.traffic.shapes import Constant, Shape, Stage, Stages
from model.traffic.source import Source
from model.world import World
from tests.model.elb.samples import A, B, Cloud, identity, pairs
from tests.model.elb.test_network_load_balancer import CHAT, CROSS_ZONE, Flows

BY_ADDRESS = CROSS_ZONE | {"stickiness.enabled": "true", "stickiness.type": "source_ip"}
READY = 100.0
"""By then targets are registered and healthy."""


def users(rate: float | Shape, clients: int) -> tuple[Source, ...]:
    shape = Constant(rate) if isinstance(rate, float | int) else rate
    return (Source(name="users", to="Balancer", shape=shape, clients=clients),)


def rates(cloud: Cloud, instances: list[Instance]) -> list[float]:
    return [cloud.view(instance).rate for instance in instances]


# -- source_ip --------------------------------------------------------------------------------


def test_all_flows_of_one_client_go_to_one_target() -> None:
    cloud = Flows(attributes=BY_ADDRESS, sources=users(12, 1))
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.run(300)
    first = rates(cloud, targets)
    assert sorted(first) == pytest.approx([0, 0, 0, 12])
    cloud.run(3600)
    assert rates(cloud, targets) == pytest.approx(first)


def test_few_clients_load_targets_unevenly() -> None:
    """Five clients on four targets: someone has two of them at least."""
    cloud = Flows(attributes=BY_ADDRESS, sources=users(50, 5))
    targets = cloud.add(A, 4)
    cloud.run(300)
    held = rates(cloud, targets)
    assert sum(held) == pytest.approx(50)
    assert [rate / 10 for rate in held] == pytest.approx([round(rate / 10) for rate in held])
    assert max(held) >= 20 - 1e-9


def test_many_clients_fall_as_balls_into_boxes() -> None:
    """Of 1,000 clients a tenth on each of ten targets, give or take the binomial deviation."""
    cloud = Flows(attributes=BY_ADDRESS, sources=users(1000, 1000))
    targets = cloud.add(A, 10)
    cloud.run(300)
    held = np.array(rates(cloud, targets))
    deviation = math.sqrt(1000 * 0.1 * 0.9)
    assert abs(held - 100).max() < 4 * deviation
    assert 0.4 * deviation < held.std() < 1.6 * deviation


def test_without_stickiness_flows_of_few_clients_spread_evenly() -> None:
    cloud = Flows(attributes=CROSS_ZONE, sources=users(50, 5))
    targets = cloud.add(A, 4)
    cloud.run(300)
    assert rates(cloud, targets) == pytest.approx([12.5] * 4)


def test_an_unhealthy_target_s_clients_go_elsewhere_and_the_others_stay() -> None:
    cloud = Flows(attributes=BY_ADDRESS, sources=users(100, 100), health_check_protocol="HTTP")
    sick, *well = cloud.add(A, 4)
    cloud.run(300)
    before = rates(cloud, well)
    cloud.ail(sick, failing_checks=True)
    cloud.run(500)
    after = rates(cloud, well)
    assert rates(cloud, [sick]) == [0.0]
    assert sum(after) == pytest.approx(100)
    assert all(now >= then - 1e-9 for now, then in zip(after, before, strict=True))
    cloud.ail(sick)
    cloud.run(900)
    assert cloud.view(sick).state == "healthy"
    assert rates(cloud, well) == pytest.approx(after), "and they stay where they are"


def test_a_deregistered_target_s_clients_go_elsewhere_at_once() -> None:
    cloud = Flows(attributes=BY_ADDRESS, sources=users(100, 100))
    one, *others = cloud.add(A, 3)
    cloud.run(300)
    cloud.world.elb.deregister_targets("Targets", [one])
    cloud.run(370)
    assert rates(cloud, [one]) == [0.0]
    assert sum(rates(cloud, others)) == pytest.approx(100)


def test_a_new_target_gets_new_clients_only() -> None:
    shape = Stages(10, (Stage(600, 10), Stage(0, 10)))
    late = Source(
        name="late", to="Balancer", shape=Stages(0, (Stage(600, 0), Stage(0, 30))), clients=300
    )
    cloud = Flows(attributes=BY_ADDRESS, sources=(*users(shape, 100), late))
    cloud.add(A, 2)
    cloud.run(300)
    (new,) = cloud.add(A)
    cloud.run(590)
    assert cloud.view(new).state == "healthy"
    assert rates(cloud, [new]) == [0.0]
    cloud.run(700)
    assert rates(cloud, [new])[0] == pytest.approx(300 / 3 * 0.1, rel=0.25)


def test_each_zone_has_clients_of_its_own_without_cross_zone() -> None:
    off = BY_ADDRESS | {"load_balancing.cross_zone.enabled": "false"}
    cloud = Flows(attributes=off, sources=users(40, 4))
    here, there = cloud.add(A, 3), cloud.add(B, 3)
    cloud.run(300)
    for targets in (here, there):
        held = rates(cloud, targets)
        assert sum(held) == pytest.approx(20)
        assert all(rate == pytest.approx(10 * round(rate / 10)) for rate in held)


def test_it_can_be_switched_on_and_off() -> None:
    cloud = Flows(attributes=CROSS_ZONE, sources=users(12, 1))
    targets = cloud.add(A, 3)
    cloud.run(300)

    def stick(value: str) -> None:
        pair = KeyValue(key="stickiness.enabled", value=value)
        wanted = ModifyTargetGroupAttributes(target_group_arn="Targets", attributes=(pair,))
        call = "elasticloadbalancing:ModifyTargetGroupAttributes"
        cloud.world.apply(Change(name=call, targets=Targets(), parameters=wanted))

    stick("true")
    cloud.run(360)
    assert sorted(rates(cloud, targets)) == pytest.approx([0, 0, 12])
    stick("false")
    cloud.run(420)
    assert rates(cloud, targets) == pytest.approx([4, 4, 4])
    cloud.run(700)
    (scope,) = cloud.group.scopes
    assert [cohort.size for cohort in scope.cohorts] == [3], "and they are computed once again"


def test_the_same_seed_has_the_same_clients_fall_on_the_same_targets() -> None:
    def held(seed: int, parts: int = 1) -> list[float]:
        cloud = Flows(attributes=BY_ADDRESS, sources=users(100, 100), seed=seed)
        targets = cloud.add(A, 4)
        for part in range(parts):
            cloud.run(300 * (part + 1) / parts)
        cloud.world = World.restore(cloud.world.snapshot())
        cloud.run(360)
        return rates(cloud, targets)

    assert held(1) == held(1, parts=7)
    assert held(1) != held(2)


def test_tls_is_refused() -> None:
    flows = Flows(attributes=CROSS_ZONE, protocol="TCP", listener="TLS")
    pair = KeyValue(key="stickiness.enabled", value="true")
    wanted = ModifyTargetGroupAttributes(target_group_arn="Targets", attributes=(pair,))
    call = "elasticloadbalancing:ModifyTargetGroupAttributes"
    with pytest.raises(ActionError, match="not for TLS listeners"):
        flows.world.apply(Change(name=call, targets=Targets(), parameters=wanted))
    with pytest.raises(ValueError, match="source_ip is not for TLS"):
        TargetGroup(
            identity=identity("T"),
            port=443,
            protocol="TLS",
            target_group_attributes=pairs({"stickiness.enabled": "true"}),
        )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=6), st.floats(0, 400), st.integers(0, 9))
def test_clients_are_neither_lost_nor_made(held: list[int], clients: float, seed: int) -> None:
    drawn = flow_hash.changes(np.random.default_rng(seed), clients, [float(n) for n in held])
    after = [own + more for own, more in zip(held, drawn, strict=True)]
    assert sum(after) == flow_hash.persons(clients)
    assert min(after) >= 0
    if sum(held) >= flow_hash.persons(clients):
        assert max(drawn) <= 0


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(["add", "sick", "well", "leave", "wait"]), max_size=8),
    st.sampled_from([1, 10, 1000]),
)
def test_flows_are_neither_lost_nor_made(deeds: list[str], clients: int) -> None:
    cloud = Flows(attributes=BY_ADDRESS, sources=users(60, clients), health_check_protocol="HTTP")
    targets = cloud.add(A, 2) + cloud.add(B, 1)
    cloud.run(READY)
    for number, deed in enumerate(deeds):
        one = targets[number % len(targets)]
        match deed:
            case "add":
                targets += cloud.add(B)
            case "sick":
                cloud.ail(one, failing_checks=True)
            case "well":
                cloud.ail(*targets)
            case "leave":
                cloud.world.elb.deregister_targets("Targets", [one])
        cloud.run(cloud.world.now + 45)
    cloud.world.note_totals()
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=4)


# -- counts -----------------------------------------------------------------------------------


def counts(cloud: Cloud, minutes: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """What each target was counted in each of so many minutes."""
    seen: dict[str, int] = {}
    rows = []
    for minute in range(minutes):
        cloud.run(600 + 60 * minute)
        now = cloud.group.scopes.requests
        rows.append([now[name] - seen.get(name, 0) for name in cloud.group.targets])
        seen = now
    return np.array(rows[1:])


def test_flows_fall_on_targets_with_the_binomial_deviation() -> None:
    """Of 600 flows a minute a quarter on each of four targets, give or take 10.6."""
    cloud = Flows(10, CROSS_ZONE)
    cloud.add(A, 4, service=CHAT)
    found = counts(cloud, 200)
    assert found.sum(axis=1) == pytest.approx(600, abs=1), "counts add up"
    deviation = math.sqrt(600 * 0.25 * 0.75)
    assert found.mean(axis=0) == pytest.approx([150] * 4, abs=4 * deviation / math.sqrt(200))
    assert found.std(axis=0) == pytest.approx([deviation] * 4, rel=0.2)
    # who gets more leaves less to the others
    assert np.asarray(np.corrcoef(found.T))[0, 1] == pytest.approx(-1 / 3, abs=0.2)


def test_so_do_those_of_targets_that_differ() -> None:
    """Each of two zones has half of the flows; one has a target, the other one has three."""
    cloud = Flows(10)
    cloud.add(A, 1, service=CHAT)
    cloud.add(B, 3, service=CHAT)
    found = counts(cloud, 200)
    assert found[:, 0] == pytest.approx(300, abs=2), "between zones DNS decides"
    assert found[:, 1:].std(axis=0) == pytest.approx([math.sqrt(300 * 2 / 9)] * 3, rel=0.25)


def test_an_application_load_balancer_deals_requests_out_in_turn() -> None:
    cloud = Cloud(10)
    cloud.add(A, 4)
    assert counts(cloud, 50) == pytest.approx(150, abs=2)

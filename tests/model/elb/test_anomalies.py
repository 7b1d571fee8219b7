"""Automatic target weights ("Edit target group attributes for your Application Load Balancer")."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.ec2.instances import Instance
from model.elb.anomalies import LEAST_WEIGHT, RECOVERY_SECONDS, REVIEW_SECONDS
from model.services import Service
from model.world import World
from tests.model.elb.samples import (
    CROSS_ZONE_OFF,
    GROUP,
    LEAST_OUTSTANDING,
    A,
    B,
    Cloud,
    target_group,
)
from tests.model.elb.test_network_load_balancer import Flows

RANDOM = {"load_balancing.algorithm.type": "weighted_random"}
MITIGATED = RANDOM | {"load_balancing.algorithm.anomaly_mitigation": "on"}
LEFT = LEAST_WEIGHT / (2 + LEAST_WEIGHT)
"""What one of three targets gets while it is mitigated."""


def three(
    attributes: dict[str, str] | None = None, rate: float = 90, **properties: Any
) -> tuple[Cloud, list[Instance]]:
    """A group of three targets, one of them in another zone."""
    cloud = Cloud(rate, attributes, **properties)
    targets = [*cloud.add(A, 2), *cloud.add(B)]
    cloud.run(300)
    return cloud, targets


def results(cloud: Cloud, targets: list[Instance]) -> list[str | None]:
    return [cloud.view(target).anomaly for target in targets]


# -- detection --------------------------------------------------------------------------------


@pytest.mark.parametrize("attributes", [None, LEAST_OUTSTANDING, RANDOM, MITIGATED])
def test_detection_is_on_whatever_the_algorithm(attributes: dict[str, str] | None) -> None:
    cloud, (sick, *well) = three(attributes)
    assert results(cloud, [sick, *well]) == ["normal"] * 3
    cloud.ail(sick, error_rate=0.3)
    cloud.run(360)
    assert results(cloud, [sick, *well]) == ["anomalous", "normal", "normal"]
    assert cloud.view(sick).state == "healthy", "detection does not change health"


@pytest.mark.parametrize("attributes", [None, LEAST_OUTSTANDING, RANDOM])
def test_without_mitigation_an_anomalous_target_gets_its_share(
    attributes: dict[str, str] | None,
) -> None:
    cloud, (sick, *_) = three(attributes)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(600)
    assert cloud.shares([sick]) == pytest.approx([1 / 3])
    assert not cloud.view(sick).mitigated


def test_two_targets_are_not_compared() -> None:
    cloud = Cloud(90)
    sick, well = cloud.add(A, 2)
    cloud.run(300)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(360)
    assert results(cloud, [sick, well]) == [None, None]


def test_only_healthy_targets_count_as_three() -> None:
    cloud, (sick, other, _) = three()
    cloud.ail(sick, error_rate=0.3)
    cloud.ail(other, failing_checks=True)
    cloud.run(420)
    assert cloud.view(other).state == "unhealthy"
    assert results(cloud, [sick, other]) == [None, None]


def test_zones_count_together_without_cross_zone_too() -> None:
    cloud, (sick, *well) = three(CROSS_ZONE_OFF)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(360)
    assert results(cloud, [sick, *well]) == ["anomalous", "normal", "normal"]


def test_who_fails_like_its_peers_is_normal() -> None:
    cloud, targets = three()
    cloud.ail(*targets, error_rate=0.3)
    cloud.run(360)
    assert results(cloud, targets) == ["normal"] * 3
    cloud.ail(targets[0], error_rate=0.5)
    cloud.run(420)
    assert results(cloud, targets) == ["normal"] * 3, "half is not out of proportion to a third"


def test_who_fails_seldom_is_normal() -> None:
    cloud, targets = three()
    cloud.ail(targets[0], error_rate=0.04)
    cloud.run(360)
    assert results(cloud, targets) == ["normal"] * 3


@pytest.mark.parametrize("trouble", ["killed", "silent", "overloaded"])
def test_connection_errors_count(trouble: str) -> None:
    cloud = Cloud(90)
    sick, *_ = cloud.add(
        number=3, service=Service(name="web", runs_on=("G",), cpu_time=0.01, backlog=2)
    )
    cloud.run(300)
    match trouble:
        case "killed":
            cloud.kill(sick)
        case "silent":
            cloud.ail(sick, unreachable=True)
        case "overloaded":
            cloud.ail(sick, slowdown=20.0)
    cloud.run(305)
    assert cloud.view(sick).state == "healthy"
    assert cloud.view(sick).anomaly == "anomalous"


def test_a_group_that_nobody_asks_has_no_anomalies() -> None:
    cloud, targets = three(rate=0)
    cloud.ail(targets[0], error_rate=0.3)
    cloud.run(360)
    assert results(cloud, targets) == [None] * 3


def test_flows_are_not_judged() -> None:
    cloud = Flows(90)
    targets = cloud.add(A, 3)
    cloud.run(300)
    cloud.ail(targets[0], error_rate=0.3)
    cloud.run(360)
    assert results(cloud, targets) == [None] * 3


def test_hosts_are_counted_by_group_and_zone() -> None:
    cloud, (sick, *_) = three(MITIGATED)
    assert cloud.metric("AnomalousHostCount", GROUP, "Maximum") == [0.0] * 5
    assert cloud.metric("MitigatedHostCount", GROUP, "Maximum") == [0.0] * 5
    cloud.ail(sick, error_rate=0.3)
    cloud.run(360)
    for name in ("AnomalousHostCount", "MitigatedHostCount"):
        for where, number in (
            ({}, 1.0),
            ({"AvailabilityZone": A}, 1.0),
            ({"AvailabilityZone": B}, 0),
        ):
            assert cloud.metric(name, GROUP | where, "Maximum")[-1] == number
    cloud.ail(sick)
    cloud.run(420)
    assert cloud.metric("AnomalousHostCount", GROUP, "Maximum")[-1] == 0.0
    assert cloud.metric("MitigatedHostCount", GROUP, "Maximum")[-1] == 1.0


# -- mitigation -------------------------------------------------------------------------------


def test_an_anomalous_target_is_sent_very_little_within_five_seconds() -> None:
    cloud, (sick, *well) = three(MITIGATED)
    cloud.later(301, lambda: cloud.ail(sick, error_rate=0.3))
    cloud.run(304)
    assert cloud.shares([sick]) == pytest.approx([1 / 3])
    cloud.run(301 + REVIEW_SECONDS + 1)
    assert cloud.shares([sick], well) == pytest.approx([LEFT, 1 - LEFT])
    assert cloud.view(sick).mitigated
    assert cloud.view(sick).state == "healthy"
    cloud.run(900)
    assert cloud.shares([sick]) == pytest.approx([LEFT]), "as long as it is anomalous"


def test_most_errors_are_avoided() -> None:
    failed = {}
    for name, attributes in (("off", RANDOM), ("on", MITIGATED)):
        cloud, (sick, *_) = three(attributes)
        cloud.ail(sick, error_rate=0.5)
        cloud.run(900)
        failed[name] = cloud.books.by_status["500"]
    assert failed["off"] == pytest.approx(600 * 90 / 3 * 0.5, rel=0.05)
    assert failed["on"] == pytest.approx(600 * 90 * LEFT * 0.5, rel=0.15)


def test_a_target_that_is_normal_again_gets_its_share_back_gradually() -> None:
    cloud, (sick, *well) = three(MITIGATED)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(600)
    cloud.ail(sick)
    seen = []
    for time in range(606, 606 + int(RECOVERY_SECONDS) + 1, 15):
        cloud.run(time)
        seen += cloud.shares([sick])
    assert seen == sorted(seen)
    assert seen[0] < 0.06
    middle = (1 + LEAST_WEIGHT) / 2
    assert seen[len(seen) // 2] == pytest.approx(middle / (2 + middle), rel=0.05)
    assert cloud.shares([sick], well) == pytest.approx([1 / 3, 2 / 3])
    assert not cloud.view(sick).mitigated
    cloud.run(960)
    (scope,) = cloud.group.scopes
    assert [cohort.size for cohort in scope.cohorts] == [3], "nothing tells it from the others"


def test_nobody_looks_while_all_is_calm() -> None:
    cloud, _ = three(MITIGATED)
    assert cloud.group.mitigation is not None
    assert cloud.group.mitigation._next is None


def test_overload_that_fails_requests_is_mitigated_too() -> None:
    service = Service(name="web", runs_on=("G",), cpu_time=0.01, backlog=2)
    cloud = Cloud(90, MITIGATED)
    slow, *_ = cloud.add(number=3, service=service)
    cloud.run(300)
    cloud.ail(slow, slowdown=20.0)
    cloud.run(310)
    assert cloud.shares([slow]) == pytest.approx([LEFT], rel=0.3)


def test_switching_it_off_gives_everybody_the_same_at_once() -> None:
    cloud, (sick, *well) = three(MITIGATED)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(400)
    cloud.world.elb.modify_target_group("Targets", target_group(RANDOM))
    cloud.run(480)
    assert cloud.shares([sick], well) == pytest.approx([1 / 3, 2 / 3])
    assert cloud.group.mitigation is None
    cloud.world.elb.modify_target_group("Targets", target_group(MITIGATED))
    cloud.run(490)
    assert cloud.shares([sick]) == pytest.approx([LEFT])


def test_a_restored_world_goes_on_reviewing() -> None:
    cloud, (sick, *_) = three(MITIGATED)
    cloud.ail(sick, error_rate=0.3)
    cloud.run(400)
    cloud.world = World.restore(cloud.world.snapshot())
    cloud.ail(cloud.world.ec2.instances[sick.id])
    cloud.run(800)
    assert cloud.shares([sick]) == pytest.approx([1 / 3])


def test_it_does_not_matter_how_run_is_cut() -> None:
    def end(parts: int) -> tuple[float, dict[str, int]]:
        cloud = Cloud(90, MITIGATED)
        sick, *_ = cloud.add(A, 3)
        cloud.later(301, lambda: cloud.ail(sick, error_rate=0.3))
        cloud.later(400, cloud.ail, sick)
        for part in range(parts):
            cloud.run(600 * (part + 1) / parts)
        return cloud.view(sick).rate, cloud.books.by_status

    assert end(1) == end(97)


def test_the_middle_one_of_several_targets() -> None:
    """Two of four may be anomalous, two of three are what is usual."""
    for number, expected in ((3, "normal"), (4, "anomalous"), (5, "anomalous")):
        cloud = Cloud(90)
        targets = cloud.add(A, number)
        cloud.run(300)
        cloud.ail(*targets[:2], error_rate=0.3)
        cloud.run(360)
        assert results(cloud, targets[:2]) == [expected] * 2
        assert set(results(cloud, targets[2:])) == {"normal"}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["erring", "killed", "well", "sick", "gone"])),
        max_size=6,
    )
)
def test_requests_are_neither_lost_nor_made(deeds: list[tuple[int, str]]) -> None:
    cloud = Cloud(60, MITIGATED)
    targets = cloud.add(A, 2) + cloud.add(B, 2)
    cloud.run(60)
    for index, deed in deeds:
        match deed:
            case "erring":
                cloud.ail(targets[index], error_rate=0.4)
            case "killed":
                cloud.kill(targets[index])
            case "well":
                cloud.ail(*targets)
            case "sick":
                cloud.ail(targets[index], failing_checks=True)
            case "gone":
                cloud.world.elb.deregister_targets("Targets", [targets[index]])
        cloud.run(cloud.world.now + 35)
        for scope in cloud.group.scopes:
            for cohort in scope.cohorts:
                assert LEAST_WEIGHT <= cohort.trust <= 1.0
    cloud.world.note_totals()
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=4)

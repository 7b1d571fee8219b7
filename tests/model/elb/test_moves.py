"""What an operator changes while traffic flows."""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import REGISTER, ActionError
from model.actions import Action as Change
from model.elb.attributes import KeyValue
from model.elb.resources import Action, Condition, FixedResponseConfig
from model.elb.zonal_shift import StartZonalShift
from model.world import World
from tests.model.elb.samples import A, B, Cloud, fixed, load_balancer, target_group
from tests.model.elb.test_rules import rates, source, weights

ELB = "elasticloadbalancing"


def do(cloud: Cloud, name: str, **parameters: Any) -> None:
    cloud.world.apply(Change(name=name, parameters=REGISTER[name].parameters(**parameters)))


def attributes(cloud: Cloud, **given: str) -> None:
    pairs = tuple(KeyValue(key=key.replace("__", "."), value=value) for key, value in given.items())
    do(
        cloud,
        f"{ELB}:ModifyTargetGroupAttributes",
        target_group_arn="Targets",
        attributes=pairs,
    )


def two_groups(**weight: int) -> Cloud:
    cloud = Cloud([source(40)], action=weights(**weight), more=[target_group(name="Others")])
    cloud.add()
    cloud.add(group="Others")
    cloud.run(120)
    return cloud


def test_traffic_is_shifted_from_blue_to_green_by_weights() -> None:
    cloud = two_groups(Targets=1, Others=0)
    do(
        cloud,
        f"{ELB}:ModifyListener",
        listener_arn="Listener",
        default_actions=(weights(Targets=1, Others=3),),
    )
    cloud.run(180)
    assert rates(cloud) == {"Targets": pytest.approx(10.0), "Others": pytest.approx(30.0)}


def test_a_group_that_nobody_forwards_to_is_unused_until_somebody_does() -> None:
    cloud = Cloud([source(40)], more=[target_group(name="Others")])
    cloud.add()
    cloud.add(group="Others")
    cloud.run(120)
    (view,) = cloud.world.elb.describe_target_health("Others")
    assert (view.state, view.reason) == ("unused", "Target.NotInUse")
    forward = Action(type="forward", target_group_arn="Others")
    do(cloud, f"{ELB}:ModifyListener", listener_arn="Listener", default_actions=(forward,))
    cloud.run(150)
    assert rates(cloud) == {"Targets": 0.0, "Others": pytest.approx(40.0)}
    (view,) = cloud.world.elb.describe_target_health("Targets")
    assert (view.state, view.reason) == ("unused", "Target.NotInUse")
    back = Action(type="forward", target_group_arn="Targets")
    do(cloud, f"{ELB}:ModifyListener", listener_arn="Listener", default_actions=(back,))
    cloud.run(200)
    assert rates(cloud) == {"Targets": pytest.approx(40.0), "Others": 0.0}
    names = {metric.key.dimensions for metric in cloud.world.cloudwatch.metrics}
    assert any(("TargetGroup", "targetgroup/Others/0") in dimensions for dimensions in names)


def test_a_rule_is_made_changed_and_taken_away() -> None:
    cloud = Cloud([source(10, path="/search")])
    cloud.add()
    cloud.run(60)
    search = Condition(field="path-pattern", values=("/search*",))
    do(
        cloud,
        f"{ELB}:CreateRule",
        listener_arn="Listener",
        priority=1,
        conditions=(search,),
        actions=(fixed("429"),),
    )
    cloud.run(120)
    assert rates(cloud) == {"Targets": 0.0}
    with pytest.raises(ActionError, match="Priority '1' is currently in use") as error:
        do(
            cloud,
            f"{ELB}:CreateRule",
            listener_arn="Listener",
            priority=1,
            conditions=(search,),
            actions=(fixed("429"),),
        )
    assert error.value.code == "PriorityInUse"
    config = FixedResponseConfig(status_code="404")
    other = Action(type="fixed-response", fixed_response_config=config)
    do(cloud, f"{ELB}:ModifyRule", rule_arn="Listener-1", actions=(other,))
    cloud.run(180)
    assert cloud.books.by_status["404"] == pytest.approx(600, abs=2)
    do(cloud, f"{ELB}:DeleteRule", rule_arn="Listener-1")
    cloud.run(240)
    assert rates(cloud) == {"Targets": pytest.approx(10.0)}
    with pytest.raises(ActionError, match="not found"):
        do(cloud, f"{ELB}:DeleteRule", rule_arn="Listener-1")


def test_cross_zone_is_switched_off_and_on() -> None:
    """The shares of the guide's example, one after the other, and no request is lost between."""
    cloud = Cloud(100)
    few, many = cloud.add(A, 2), cloud.add(B, 8)
    cloud.run(120)
    assert cloud.shares(few, many) == pytest.approx([0.2, 0.8])
    attributes(cloud, load_balancing__cross_zone__enabled="false")
    cloud.run(150.5)
    assert cloud.shares(few, many) == pytest.approx([0.5, 0.5])
    assert [len(scope.zones) for scope in cloud.group.scopes] == [1, 1]
    attributes(cloud, load_balancing__cross_zone__enabled="true")
    cloud.run(240)
    assert cloud.shares(few, many) == pytest.approx([0.2, 0.8])
    cloud.world.note_totals()
    inside = cloud.balancer.in_flight
    assert cloud.books.total + inside == pytest.approx(cloud.balancer.sent, abs=2)


def test_the_algorithm_is_changed() -> None:
    cloud = Cloud(40)
    fast, slow = cloud.add(), cloud.add()
    cloud.ail(*slow, slowdown=3.0)
    cloud.run(120)
    assert cloud.shares(fast, slow) == pytest.approx([0.5, 0.5])
    attributes(cloud, load_balancing__algorithm__type="least_outstanding_requests")
    cloud.run(180)
    assert cloud.shares(fast, slow) == pytest.approx([0.75, 0.25], abs=0.02)


def test_a_wrong_attribute_changes_nothing() -> None:
    cloud = Cloud(40)
    with pytest.raises(ActionError, match="from 30 to 900 or 0, not '29'"):
        attributes(cloud, slow_start__duration_seconds="29")
    assert cloud.group.resource.slow_start == 0.0


def test_checks_follow_another_interval() -> None:
    cloud = Cloud(health_check_interval_seconds=30)
    (target,) = cloud.add()
    cloud.run(100)
    do(
        cloud,
        f"{ELB}:ModifyTargetGroup",
        target_group_arn="Targets",
        health_check_interval_seconds=10,
    )
    cloud.kill(target)
    cloud.run(125)
    assert cloud.states(target)[-1][1] == "unhealthy"  # two checks, ten seconds apart
    with pytest.raises(ActionError, match="must be less than HealthCheckIntervalSeconds"):
        do(
            cloud,
            f"{ELB}:ModifyTargetGroup",
            target_group_arn="Targets",
            health_check_timeout_seconds=10,
        )


def shiftable(**group: str) -> Cloud:
    """Two targets in each zone, 40 requests per second, zonal shift allowed."""
    cloud = Cloud(40, {key.replace("__", "."): value for key, value in group.items()})
    enabled = load_balancer({"zonal_shift.config.enabled": "true"})
    cloud.balancer.modify(enabled)
    return cloud


def shift(cloud: Cloud, zone: str = A, expires_in: str = "20m") -> None:
    name = "arc-zonal-shift:StartZonalShift"
    wanted = StartZonalShift(resource_identifier="Balancer", away_from=zone, expires_in=expires_in)
    cloud.world.apply(Change(name=name, parameters=wanted))


def test_a_zonal_shift_takes_new_requests_away_at_once_and_the_zone_out_of_dns() -> None:
    cloud = shiftable()
    here, there = cloud.add(A, 2), cloud.add(B, 2)
    cloud.run(120)
    shift(cloud, "use1-az1")
    cloud.run(125)
    assert cloud.shares(here, there) == pytest.approx([0.0, 1.0])
    assert cloud.view(here[0]).state == "healthy"
    assert cloud.view(here[0]).override == "zonal_shift_active"
    assert cloud.balancer.zones_in_dns() == [A, B]
    cloud.run(185)
    assert cloud.balancer.zones_in_dns() == [B]
    cloud.run(120 + 1200 + 61)
    assert cloud.balancer.zones_in_dns() == [A, B]
    assert cloud.shares(here, there) == pytest.approx([0.5, 0.5])
    assert cloud.view(here[0]).override == "no_override"


def test_without_cross_zone_a_shift_is_left_to_dns() -> None:
    cloud = shiftable(load_balancing__cross_zone__enabled="false")
    here, there = cloud.add(A, 2), cloud.add(B, 2)
    cloud.run(120)
    shift(cloud)
    cloud.run(125)
    assert cloud.view(here[0]).override == "zonal_shift_delegated_to_dns"
    assert cloud.shares(here, there) == pytest.approx([0.5, 0.5])
    cloud.run(185)
    assert cloud.shares(here, there) == pytest.approx([0.0, 1.0])


def test_one_shift_at_a_time_and_only_where_it_is_allowed() -> None:
    cloud = Cloud(40)
    with pytest.raises(ActionError, match=r"zonal_shift\.config\.enabled is false"):
        shift(cloud)
    cloud = shiftable()
    shift(cloud)
    with pytest.raises(ActionError, match="active already") as error:
        shift(cloud, B)
    assert error.value.code == "ConflictException"
    do(cloud, "arc-zonal-shift:CancelZonalShift", resource_identifier="Balancer")
    with pytest.raises(ActionError, match="no zonal shift"):
        do(cloud, "arc-zonal-shift:CancelZonalShift", resource_identifier="Balancer")
    with pytest.raises(ValueError, match="from 1m to 72h"):
        shift(cloud, expires_in="73h")


def test_a_snapshot_remembers_a_shift() -> None:
    cloud = shiftable()
    cloud.add(A, 2)
    shift(cloud, B)
    copy = World.restore(cloud.world.snapshot())
    copy.run(1300)
    assert copy.elb.balancers["Balancer"].zones_in_dns() == [A, B]

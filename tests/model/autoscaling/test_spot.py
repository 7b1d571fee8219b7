"""Spot instances of a group: interrupted with notice, replaced, or replaced before that.

Sources: "Spot Instance interruption notices", "Billing for interrupted Spot Instances", "Use
Capacity Rebalancing to handle Amazon EC2 Spot interruptions", AWS FIS Actions reference.
"""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.lifecycle_resources import TERMINATING
from model.autoscaling.members import Member
from model.ec2.launch_templates import InstanceMarketOptions, SpotOptions
from model.ec2.spot import RECOMMENDATION, WARNING, PoolTerms, SpotTerms
from model.resources import ZONES
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    group_of,
    harm,
    in_service,
    make_world,
    set_desired,
)
from tests.model.autoscaling.test_hooks import hook
from tests.model.autoscaling.test_mixed_instances import ALL_SPOT, mixed

A = ZONES[0]
SEND = "aws:ec2:send-spot-instance-interruptions"
SPOT: dict[str, Any] = {"instance_market_options": InstanceMarketOptions(market_type="spot")}


def move(world: World, name: str, *members: Member, **more: Any) -> None:
    ids = tuple(member.instance.id for member in members)
    api(
        world, f"autoscaling:{name}", auto_scaling_group_name="Group", instance_ids=ids, **more
    )  # fmt: skip


def spot_world(**given: Any) -> World:
    """Three Spot instances in service."""
    usual: dict[str, Any] = {"min_size": 3, "launch": SPOT, "targets": {}}
    hooks = given.pop("hooks", ())
    world = make_world(*hooks, **(usual | given))
    world.run(120.0)
    assert len(in_service(world)) == 3
    return world


def times(world: World, event: str) -> list[float]:
    return [item.time for item in world.bus.events if item.detail_type == event]


def test_an_interruption_is_announced_and_the_instance_replaced_when_it_is_gone() -> None:
    world = spot_world()
    harm(world, SEND, auto_scaling_groups=("Group",), count=1, duration_before_interruption=300.0)
    assert times(world, RECOMMENDATION) == [120.0]
    world.run(419.0)
    assert times(world, WARNING) == [300.0]
    assert len(in_service(world)) == 3
    assert not activities(world, "Terminating")
    world.run(600.0)
    (ended,) = activities(world, "Terminating")
    assert ended.start == 420.0
    assert "EC2 health check that indicated it had been terminated or stopped" in ended.cause
    assert len(in_service(world)) == 3


def test_an_interruption_within_the_first_hour_costs_nothing() -> None:
    world = spot_world()
    harm(world, SEND, auto_scaling_groups=("Group",), count=1)
    world.run(300.0)
    spent = [world.ec2.spot.cost(name) for name in world.ec2.instances]
    assert spent.count(0.0) >= 1
    hour = 3600.0
    world.run(2 * hour)
    instance = in_service(world)[0].instance
    harm(world, SEND, instances=(instance.id,))
    world.run(2 * hour + 200.0)
    price = 0.096 * 0.35
    billed = instance.billed_seconds(world.now) / hour
    assert world.ec2.spot.cost(instance.id) == pytest.approx(billed * price)


def test_a_price_that_changes_counts_from_then_on() -> None:
    world = spot_world(spot=SpotTerms(price=0.5))
    instance = in_service(world)[0].instance
    before = world.ec2.spot.cost(instance.id)
    harm(world, "spillover:spot-market", 600.0, zones=ZONES, price=0.75)
    world.run(720.0)
    after = world.ec2.spot.cost(instance.id)
    assert after - before == pytest.approx(600 / 3600 * 0.75 * 0.096)
    world.run(1320.0)
    assert world.ec2.spot.cost(instance.id) - after == pytest.approx(600 / 3600 * 0.5 * 0.096)


def test_a_price_above_the_maximum_interrupts_and_keeps_out() -> None:
    options = SpotOptions(max_price=0.05)
    market = InstanceMarketOptions(market_type="spot", spot_options=options)
    world = spot_world(launch={"instance_market_options": market})
    harm(world, "spillover:spot-market", 600.0, zones=ZONES, price=0.9)
    world.run(300.0)
    assert not in_service(world)
    assert "is lower than the minimum required" in activities(world, "Launching")[-1].description
    world.run(2000.0)
    assert len(in_service(world)) == 3


def test_less_capacity_takes_back_what_is_too_many() -> None:
    world = spot_world(zones=1, targets=None)
    harm(world, "spillover:spot-market", 600.0, zones=(A,), capacity=1)
    assert len(times(world, WARNING)) == 2
    world.run(300.0)
    assert len(in_service(world)) == 1
    failed = [item for item in group_of(world).activities if item.status == "Failed"]
    assert failed[0].message == (
        "There is no Spot capacity available that matches your request. "
        "Launching EC2 instance failed."
    )


def test_on_demand_instances_cannot_be_interrupted() -> None:
    world = make_world()
    world.run(60.0)
    with pytest.raises(ActionError, match="finds no Spot instance"):
        harm(world, SEND, auto_scaling_groups=("Group",))


def test_capacity_rebalancing_launches_first_and_ends_the_old_one_once_the_new_is_healthy() -> None:
    world = spot_world(capacity_rebalance=True, health_check_type="ELB")
    old = {member.instance.id for member in in_service(world)}
    harm(world, SEND, auto_scaling_groups=("Group",), count=1, duration_before_interruption=600.0)
    launch = activities(world, "Launching")[-1]
    assert launch.start == 120.0
    assert "in response to an EC2 instance rebalance recommendation" in launch.cause
    lowest = 3
    while world.now < 500.0:
        world.run(world.now + 1.0)
        lowest = min(lowest, len(in_service(world)))
    assert lowest == 3
    (ended,) = activities(world, "Terminating")
    assert ended.instance in old
    assert "rebalance recommendation" in ended.cause
    assert launch.end is not None
    new = next(
        v for v in world.elb.describe_target_health("Targets") if v.instance == launch.instance
    )
    assert new.state == "healthy"
    assert not times(world, WARNING)  # the old one was gone before
    assert len(group_of(world).active()) == 3


def test_a_tenth_of_the_desired_capacity_is_replaced_at_a_time() -> None:
    world = spot_world(capacity_rebalance=True)
    harm(world, SEND, auto_scaling_groups=("Group",), duration_before_interruption=900.0)
    most = 0
    while world.now < 900.0:
        world.run(world.now + 5.0)
        most = max(most, len(group_of(world).active()))
    assert most == 4
    assert len(in_service(world)) == 3
    assert not times(world, WARNING)


def test_a_replacement_that_comes_too_late_is_kept() -> None:
    world = spot_world(capacity_rebalance=True)
    harm(world, SEND, auto_scaling_groups=("Group",))
    world.run(900.0)
    assert len(in_service(world)) == len(group_of(world).active()) == 3
    assert not any(member.balancing or member.leaving for member in group_of(world).active())


def test_interruptions_come_at_the_rate_of_the_pool() -> None:
    market = SpotTerms(pools=(PoolTerms(zones=(A,), interruptions_per_hour=1.0),))
    world = make_world(min_size=20, max_size=40, launch=SPOT, spot=market)
    world.run(10 * 3600.0)
    zones = [
        world.ec2.instances[e.detail["instance-id"]].zone
        for e in world.bus.events
        if e.detail_type == WARNING
    ]
    assert set(zones) == {A}
    assert 60 <= len(zones) <= 140  # ten instances for ten hours


def test_the_recommendation_can_come_before_the_notice() -> None:
    market = SpotTerms(interruptions_per_hour=1.0, recommendation=300.0)
    world = spot_world(spot=market)
    world.run(6 * 3600.0)
    first, notice = times(world, RECOMMENDATION)[0], times(world, WARNING)[0]
    assert notice - first == pytest.approx(300.0)


def test_scaling_in_and_out_goes_on_while_instances_leave() -> None:
    world = spot_world(capacity_rebalance=True, min_size=1, desired_capacity=3)
    harm(world, SEND, auto_scaling_groups=("Group",), duration_before_interruption=600.0)
    set_desired(world, 6)
    world.run(400.0)
    set_desired(world, 2)
    world.run(1500.0)
    assert len(in_service(world)) == len(group_of(world).active()) == 2


def test_a_replacement_is_launched_only_where_the_risk_is_no_worse() -> None:
    """Until EC2 has given notice: then it is launched regardless."""
    spread = {"spot_allocation_strategy": "lowest-price", **ALL_SPOT}
    world = make_world(
        zones=1, desired_capacity=2, capacity_rebalance=True, **mixed("m5.large", **spread)
    )
    world.run(60.0)
    (first, _) = in_service(world)
    policy = mixed("c5.large", **spread)["mixed_instances_policy"]
    api(
        world, "autoscaling:UpdateAutoScalingGroup", auto_scaling_group_name="Group",
        mixed_instances_policy=policy,
    )  # fmt: skip
    risky = PoolTerms(types=("c5.large",), interruptions_per_hour=0.01)
    world.ec2.spot.change("risky", risky)
    harm(world, SEND, instances=(first.instance.id,), duration_before_interruption=600.0)
    world.run(530.0)
    assert len(group_of(world).active()) == 2, "the only pool left is riskier"
    assert not [item for item in group_of(world).activities if item.status == "Failed"]
    world.run(545.0)
    assert times(world, WARNING) == [540.0]
    assert len(group_of(world).active()) == 3
    world.run(800.0)
    assert len(in_service(world)) == 2
    assert first not in in_service(world)


def test_a_scale_out_comes_before_the_old_instance_ends() -> None:
    world = spot_world(capacity_rebalance=True, zones=1, targets=None)
    harm(world, SEND, auto_scaling_groups=("Group",), count=1, duration_before_interruption=900.0)
    set_desired(world, 8)
    while len(in_service(world)) < 8:
        assert not activities(world, "Terminating")
        world.run(world.now + 1.0)
    world.run(world.now + 120.0)
    assert len(activities(world, "Terminating")) == 1
    assert len(in_service(world)) == 8


def test_an_instance_in_standby_can_be_interrupted_and_is_found_out_when_it_comes_back() -> None:
    world = spot_world(capacity_rebalance=True)
    member = in_service(world)[0]
    move(world, "EnterStandby", member, should_decrement_desired_capacity=False)
    harm(world, SEND, instances=(member.instance.id,))
    world.run(400.0)
    assert member.lifecycle == "Standby"
    assert member.instance.state.value == "terminated"
    assert len(in_service(world)) == 3
    move(world, "ExitStandby", member)
    world.run(500.0)
    assert member.lifecycle == "Terminated"
    assert len(group_of(world).members) == len(in_service(world)) == 3


def test_an_instance_that_comes_back_from_standby_at_risk_is_replaced() -> None:
    world = spot_world(capacity_rebalance=True, min_size=1, desired_capacity=3)
    member = in_service(world)[0]
    move(world, "EnterStandby", member, should_decrement_desired_capacity=True)
    harm(world, SEND, instances=(member.instance.id,), duration_before_interruption=900.0)
    world.run(200.0)
    assert len(group_of(world).active()) == 2
    move(world, "ExitStandby", member)
    world.run(500.0)
    assert member.lifecycle == "Terminated"
    assert len(in_service(world)) == 3


def test_an_instance_that_waits_for_a_hook_is_interrupted_and_replaced() -> None:
    world = make_world(hook("In"), min_size=1, launch=SPOT)
    world.run(60.0)
    (waiting,) = group_of(world).active()
    assert waiting.lifecycle == "Pending:Wait"
    harm(world, SEND, instances=(waiting.instance.id,))
    world.run(300.0)
    (other,) = group_of(world).active()
    assert (other is not waiting, other.lifecycle) == (True, "Pending:Wait")


def test_a_terminate_hook_is_not_waited_for_once_ec2_takes_the_instance() -> None:
    world = spot_world(hooks=(hook("Out", TERMINATING),), capacity_rebalance=True)
    harm(world, SEND, auto_scaling_groups=("Group",), count=1, duration_before_interruption=300.0)
    world.run(400.0)
    held = [m for m in group_of(world).members.values() if m.lifecycle == "Terminating:Wait"]
    assert len(held) == 1
    world.run(520.0)
    assert held[0].lifecycle == "Terminated"
    assert len(in_service(world)) == 3

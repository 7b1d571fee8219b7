"""Warm pools: how large they are, who leaves them first, what it costs and saves.

Sources: "Decrease latency for applications with long boot times using warm pools", "Use lifecycle
hooks with a warm pool", "Warm pool example events and patterns".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.lifecycle_resources import (
    LAUNCHING,
    TERMINATING,
    InstanceReusePolicy,
    WarmPool,
)
from model.autoscaling.members import Member
from model.autoscaling.resources import MetricsCollection
from model.billing.instances import instance_costs
from model.cloudwatch.metrics import MetricKey
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    group_of,
    identity,
    in_service,
    kill,
    make_world,
    no_capacity,
    resume,
    set_desired,
    suspend,
)
from tests.model.autoscaling.test_hooks import complete, events, hook, states
from tests.model.autoscaling.test_launch_sources import configuration
from tests.model.autoscaling.test_mixed_instances import ALL_SPOT, mixed, types
from tests.model.autoscaling.test_spot import SPOT

REUSE = InstanceReusePolicy(reuse_on_scale_in=True)
QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def pool(**settings: Any) -> WarmPool:
    return WarmPool(
        identity=identity("Pool", WarmPool), auto_scaling_group_name="Group", **settings
    )


def warm(world: World) -> list[Member]:
    members = group_of(world).members.values()
    return [member for member in members if member.lifecycle.startswith("Warmed:")]


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, 4),  # desired 6, max 10
        ({"max_group_prepared_capacity": 8}, 2),
        ({"max_group_prepared_capacity": -1}, 4),
        ({"max_group_prepared_capacity": 5}, 0),
        ({"max_group_prepared_capacity": 5, "min_size": 1}, 1),
        ({"min_size": 3}, 4),
    ],
)
def test_the_size_follows_from_the_group_and_the_settings(
    settings: dict[str, Any], size: int
) -> None:
    world = make_world(pool(**settings), desired_capacity=6)
    world.run(120)
    assert len(in_service(world)) == 6
    assert [member.lifecycle for member in warm(world)] == ["Warmed:Stopped"] * size


@pytest.mark.parametrize(("state", "ec2"), [("Stopped", "stopped"), ("Running", "running")])
def test_instances_wait_in_the_pools_state(state: str, ec2: str) -> None:
    world = make_world(pool(pool_state=state), max_size=2)
    world.run(120)
    (member,) = warm(world)
    assert member.lifecycle == f"Warmed:{state}"
    assert member.instance.state == ec2
    first = activities(world, "Launching a new EC2 instance into warm pool: i-")[0]
    assert first.status == "Successful"
    assert "increasing the warm pool capacity from 0 to 1" in first.cause


def test_the_group_draws_on_the_pool_and_the_pool_shrinks_with_it() -> None:
    world = make_world(pool(), max_size=3)
    world.run(120)
    ready = {member.instance.id for member in warm(world)}
    set_desired(world, 2)
    (started,) = activities(world, "Launching a new EC2 instance from warm pool: i-")
    assert started.instance in ready
    assert "increasing the capacity from 1 to 2" in started.cause
    world.run(240)
    assert len(in_service(world)) == 2
    assert len(warm(world)) == 1
    assert started.instance is not None
    assert states(world, started.instance) == [
        "Warmed:Pending",
        "Warmed:Stopped",
        "Pending",
        "InService",
    ]


def test_an_empty_pool_is_no_obstacle_and_a_least_size_is_filled_again() -> None:
    world = make_world(pool(max_group_prepared_capacity=0, min_size=1), max_size=6)
    world.run(120)
    set_desired(world, 3)
    new = [activity.description.rpartition(": ")[0] for activity in activities(world, "Launching")]
    assert new[2:] == [
        "Launching a new EC2 instance from warm pool",
        "Launching a new EC2 instance",
        "Launching a new EC2 instance into warm pool",
    ]


def served(world: World, member: Member) -> float:
    """Seconds until the service of a member answers."""
    begun = world.now
    while not member.instance.service_up:
        world.run(world.now + 1)
    return world.now - begun


@pytest.mark.parametrize(
    ("state", "low", "high"), [("Running", 0, 1), ("Hibernated", 12, 25), ("Stopped", 22, 35)]
)
def test_a_warm_start_is_faster_than_a_cold_one(state: str, low: float, high: float) -> None:
    slow = {"boot_time": 300.0}
    bye = hook(heartbeat_timeout=400, default_result="CONTINUE")
    world = make_world(bye, pool(pool_state=state), max_size=2, service=slow)
    world.run(600)
    (member,) = warm(world)
    set_desired(world, 2)
    assert low <= served(world, member) <= high


def test_without_a_hook_an_instance_is_stopped_before_it_is_done() -> None:
    world = make_world(pool(), max_size=2, service={"boot_time": 300.0})
    world.run(600)
    (member,) = warm(world)
    set_desired(world, 2)
    assert served(world, member) > 300


def test_what_is_stopped_costs_nothing() -> None:
    costs = {}
    for state in ("Stopped", "Running"):
        world = make_world(pool(pool_state=state), max_size=2)
        world.run(3600)
        costs[state] = instance_costs(world)["Group"]
    assert costs["Running"] > 1.9 * costs["Stopped"]


def test_launch_hooks_hold_on_the_way_into_the_pool_and_out_of_it() -> None:
    world = make_world(hook(), pool(), min_size=0, desired_capacity=0, max_size=1)
    world.run(60)
    (member,) = warm(world)
    assert member.lifecycle == "Warmed:Pending:Wait"
    complete(world)
    assert member.lifecycle == "Warmed:Pending:Proceed"
    world.run(120)
    assert member.lifecycle == "Warmed:Stopped"
    set_desired(world, 1)
    world.run(180)
    assert member.lifecycle == "Pending:Wait"
    complete(world)
    world.run(200)
    assert member.lifecycle == "InService"
    ways = [
        (event.detail["Origin"], event.detail["Destination"])
        for event in events(world, "EC2 Instance-launch Lifecycle Action")
    ]
    assert ways == [("EC2", "WarmPool"), ("WarmPool", "AutoScalingGroup")]


def test_an_instance_whose_preparation_is_abandoned_is_replaced_in_the_pool() -> None:
    world = make_world(hook(), pool(), min_size=0, desired_capacity=0, max_size=1)
    world.run(60)
    (member,) = warm(world)
    complete(world, "ABANDON")
    world.run(140)
    assert states(world, member.instance.id)[-1] == "Warmed:Terminated"
    assert len(warm(world)) == 1


def test_scale_in_ends_instances_and_fills_the_pool_with_new_ones() -> None:
    world = make_world(pool(), max_size=3, desired_capacity=2)
    world.run(120)
    set_desired(world, 1)
    world.run(240)
    assert len(warm(world)) == 2
    assert len(activities(world, "Terminating")) == 1
    assert len(activities(world, "Launching a new EC2 instance into warm pool")) == 2


def test_with_a_reuse_policy_instances_come_back() -> None:
    bye = hook("Bye", TERMINATING)
    world = make_world(
        bye, pool(instance_reuse_policy=REUSE), max_size=3, desired_capacity=2, targets=QUICK
    )
    world.run(200)
    set_desired(world, 1)
    (back,) = activities(world, "Returning EC2 instance to warm pool: i-")
    assert back.status == "WaitingForELBConnectionDraining"
    world.run(231)
    member = group_of(world).members[back.instance or ""]
    assert member.lifecycle == "Warmed:Pending:Wait"
    (event,) = events(world, "EC2 Instance-terminate Lifecycle Action")
    assert (event.detail["Origin"], event.detail["Destination"]) == ("AutoScalingGroup", "WarmPool")
    complete(world, name="Bye", member=member)
    world.run(300)
    assert member.lifecycle == "Warmed:Stopped"
    assert not activities(world, "Terminating")
    assert len(warm(world)) == 2
    set_desired(world, 2)
    set_desired(world, 3)
    world.run(400)
    assert member.lifecycle == "InService"
    assert len(world.elb.describe_target_health("Targets")) == 3


def test_a_pool_that_is_too_large_is_made_smaller() -> None:
    world = make_world(pool(), max_size=4)
    world.run(120)
    api(
        world,
        "autoscaling:PutWarmPool",
        auto_scaling_group_name="Group",
        max_group_prepared_capacity=2,
    )
    assert [a.description[:11] for a in group_of(world).activities[-2:]] == ["Terminating"] * 2
    world.run(240)
    assert len(warm(world)) == 1
    api(world, "autoscaling:DeleteWarmPool", auto_scaling_group_name="Group")
    world.run(360)
    assert warm(world) == []
    assert len(in_service(world)) == 1


def test_a_terminate_hook_holds_in_the_pool_as_well() -> None:
    world = make_world(hook("Bye", TERMINATING), pool(), max_size=2)
    world.run(120)
    api(world, "autoscaling:DeleteWarmPool", auto_scaling_group_name="Group")
    (member,) = warm(world)
    assert member.lifecycle == "Warmed:Terminating:Wait"
    (event,) = events(world, "EC2 Instance-terminate Lifecycle Action")
    assert (event.detail["Origin"], event.detail["Destination"]) == ("WarmPool", "EC2")


@pytest.mark.parametrize("state", ["Stopped", "Running"])
def test_an_instance_that_ends_in_the_pool_is_replaced_there(state: str) -> None:
    world = make_world(pool(pool_state=state), max_size=2)
    world.run(120)
    (lost,) = warm(world)
    kill(world, lost)
    world.run(300)
    (member,) = warm(world)
    assert member is not lost
    assert member.lifecycle == f"Warmed:{state}"


def test_nothing_warms_up_while_launch_is_suspended() -> None:
    world = make_world(pool(), max_size=3)
    suspend(world, "Launch")
    set_desired(world, 2)
    world.run(300)
    assert len(activities(world, "Launching")) == 3
    resume(world, "Launch")
    assert len(activities(world, "Launching a new EC2 instance from warm pool")) == 1


def test_a_replacement_comes_from_the_pool() -> None:
    world = make_world(pool(), max_size=2)
    world.run(120)
    (member,) = warm(world)
    kill(world, in_service(world)[0])
    world.run(240)
    assert in_service(world) == [member]
    assert len(warm(world)) == 1


def test_the_pools_metrics() -> None:
    collection = (MetricsCollection(granularity="1Minute"),)
    world = make_world(
        pool(min_size=1), metrics_collection=collection, desired_capacity=2, max_size=5
    )
    world.run(180)
    found = {}
    for name in (
        "MinSize",
        "DesiredCapacity",
        "WarmedCapacity",
        "PendingCapacity",
        "TotalCapacity",
    ):
        dimensions = {"AutoScalingGroupName": "Group"}
        key = MetricKey.of("AWS/AutoScaling", f"WarmPool{name}", dimensions)
        metric = world.cloudwatch.metrics.get(key)
        assert metric is not None
        found[name] = [point.statistic("Average") for point in metric.points.values()]
    assert found["MinSize"] == [1, 1, 1]
    assert found["DesiredCapacity"] == [3, 3, 3]
    assert found["PendingCapacity"] == [3, 0, 0]
    assert found["WarmedCapacity"] == [0, 3, 3]
    assert found["TotalCapacity"] == [3, 3, 3]
    (view,) = world.autoscaling.describe_auto_scaling_groups()
    assert (view.in_service, view.warmed) == (2, 3)


def test_warm_instances_count_in_no_metric_and_no_target_group() -> None:
    world = make_world(
        pool(pool_state="Running"),
        hook("H", LAUNCHING, default_result="CONTINUE", heartbeat_timeout=30),
        max_size=3,
        targets=QUICK,
    )
    world.run(300)
    assert len(world.autoscaling.aggregates()[0]) == 1
    assert len(world.elb.describe_target_health("Targets")) == 1


@pytest.mark.parametrize(
    "source",
    [
        mixed("c5.large", "m5.large"),
        {"launch_template": None, "launch_configuration_name": "First"},
    ],
)
def test_a_pool_is_filled_by_whatever_the_group_launches_from(source: dict[str, Any]) -> None:
    world = make_world(pool(), configuration("First"), max_size=4, desired_capacity=2, **source)
    world.run(200.0)
    assert [member.lifecycle.value for member in warm(world)] == ["Warmed:Stopped"] * 2
    assert {m.instance.zone for m in warm(world)} == {"us-east-1a", "us-east-1b"}
    set_desired(world, 4)
    world.run(400.0)
    assert types(world) == {"c5.large" if "mixed_instances_policy" in source else "m5.large": 4}
    assert len(world.ec2.instances) == 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"launch": SPOT}, "holds On-Demand Instances, but Group launches Spot"),
        (mixed("m5.large", **ALL_SPOT), "holds On-Demand Instances, but Group launches Spot"),
        (mixed("m5.large", "c5.large", weights=(2, 1)), "does not go with the weights"),
    ],
)
def test_a_pool_takes_no_spot_instances_and_no_weights(given: dict[str, Any], message: str) -> None:
    world = make_world(**given)
    with pytest.raises(ActionError, match=message):
        api(world, "autoscaling:PutWarmPool", auto_scaling_group_name="Group")


def test_a_pool_fills_where_there_is_capacity_and_tries_again() -> None:
    world = make_world(pool(), max_size=5, desired_capacity=1)
    no_capacity(world, "us-east-1a", "us-east-1b", duration=100.0)
    api(
        world,
        "autoscaling:UpdateAutoScalingGroup",
        auto_scaling_group_name="Group",
        max_size=9,
    )
    kill(world, warm(world)[0])
    assert len(warm(world)) < 8
    failed = [a for a in group_of(world).activities if a.status == "Failed"]
    assert failed[0].description.startswith(
        "Launching a new EC2 instance into warm pool.  Status Reason: We currently do not have"
    )
    world.run(1200.0)
    assert len(warm(world)) == 8

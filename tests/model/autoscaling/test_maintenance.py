"""Instance maintenance policies: how many instances are there while some are replaced.

Source: "Instance maintenance policies" with its examples, and "Amazon EC2 Auto Scaling benefits"
for rebalancing.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.autoscaling.maintenance import Bounds
from model.autoscaling.resources import InstanceMaintenancePolicy
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    darken,
    group_of,
    in_service,
    kill,
    make_world,
    set_desired,
    sicken,
    zones_of,
)

QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}


def policy(least: int, most: int) -> InstanceMaintenancePolicy:
    return InstanceMaintenancePolicy(min_healthy_percentage=least, max_healthy_percentage=most)


def running(least: int, most: int, size: int, **group: Any) -> World:
    world = make_world(
        targets=QUICK,
        desired_capacity=size,
        max_size=100,
        health_check_type="ELB",
        instance_maintenance_policy=policy(least, most),
        **group,
    )
    world.run(240)
    return world


@pytest.mark.parametrize(
    ("desired", "least", "most", "bounds"),
    [
        (100, 90, 120, Bounds(90, 120)),  # the guide's
        (10, 90, 120, Bounds(9, 12)),
        (10, 100, 110, Bounds(10, 11)),
        (10, 90, 100, Bounds(9, 10)),
        (10, 0, 100, Bounds(0, 10)),
        (10, 100, 100, Bounds(10, 11)),  # one at a time, launched first
        (4, 90, 100, Bounds(3, 4)),  # at least one
        (4, 100, 110, Bounds(4, 5)),
        (1, 90, 100, Bounds(0, 1)),
        (0, 90, 100, Bounds(0, 0)),
    ],
)
def test_percentages_of_the_desired_capacity(
    desired: int, least: int, most: int, bounds: Bounds
) -> None:
    if desired == 0:
        assert Bounds.of(desired, least, most).least == 0
    else:
        assert Bounds.of(desired, least, most) == bounds


@given(st.integers(1, 200), st.integers(0, 100), st.integers(100, 200))
def test_there_is_always_room_for_one(desired: int, least: int, most: int) -> None:
    bounds = Bounds.of(desired, least, most)
    assert 0 <= bounds.least <= desired <= bounds.most
    assert bounds.least < bounds.most


@pytest.mark.parametrize(
    ("least", "most", "message"),
    [
        (50, 200, "not be more than 100 above"),
        (-1, 110, "cleared together"),
        (90, 99, "from 100 to 200"),
        (101, 110, "from -1 to 100"),
    ],
)
def test_a_policy_is_refused(least: int, most: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        policy(least, most)


def test_minus_one_is_no_policy() -> None:
    world = make_world(instance_maintenance_policy=policy(-1, -1))
    assert group_of(world).bounds is None


def test_a_minimum_of_all_launches_before_it_ends_the_unhealthy_one() -> None:
    world = running(100, 110, 4, default_instance_warmup=60)
    ill = in_service(world)[0]
    sicken(world, ill)
    while not activities(world, "Terminating"):
        world.run(world.now + 1)
    (end,) = activities(world, "Terminating")
    launch = activities(world, "Launching")[-1]
    assert end.instance == ill.instance.id
    assert launch.end is not None
    assert launch.end + 60 <= end.start, "it was warm by then"
    assert "unhealthy instance needing to be replaced" in launch.cause
    world.run(world.now + 400)
    assert len(in_service(world)) == 4
    assert not any(member.ahead for member in in_service(world))


def test_a_range_replaces_several_between_its_bounds() -> None:
    world = running(90, 120, 10)
    ill = in_service(world)[:3]
    sicken(world, *ill)
    most = least = 10
    for second in range(241, 900, 3):
        world.run(second)
        most = max(most, len(group_of(world).active()))
        least = min(least, len(in_service(world)))
    assert most == 12
    assert least >= 9
    assert {a.instance for a in activities(world, "Terminating")} == {m.instance.id for m in ill}
    assert len(in_service(world)) == 10


def test_ending_first_is_never_stuck_though_too_few_are_left() -> None:
    world = running(90, 100, 4)
    sicken(world, *in_service(world)[:3])
    world.run(1500)
    assert len(activities(world, "Terminating")) == 3
    assert len(in_service(world)) == 4


def test_what_ended_by_itself_is_replaced_at_once_all_the_same() -> None:
    world = running(100, 110, 4)
    kill(world, in_service(world)[0])
    assert activities(world, "Terminating")[0].start == 240
    assert len(group_of(world).pending()) == 1


@pytest.mark.parametrize(("least", "most", "first"), [(100, 110, "Launching"), (90, 100, "Term")])
def test_rebalancing_follows_the_policy(least: int, most: int, first: str) -> None:
    world = make_world(
        min_size=0, desired_capacity=4, instance_maintenance_policy=policy(least, most)
    )
    world.run(60)
    zone = "us-east-1a"
    darken(world, zone, 240)
    kill(world, *(m for m in in_service(world) if m.instance.zone == zone))
    world.run(299)
    before = len(group_of(world).activities)
    world.run(1000)
    assert zones_of(world) == {zone: 2, "us-east-1b": 2}
    done = group_of(world).activities[before:]
    assert done[0].description.startswith(first)
    assert len(done) == 4


@settings(max_examples=8, deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from([(100, 100), (100, 120), (90, 100), (50, 100), (50, 150), (0, 100)]),
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(250, 700), st.integers(1, 8)), max_size=3).map(sorted),
)
def test_launches_minus_terminations_are_the_change_of_the_group(
    size: int, shares: tuple[int, int], ill: int, changes: list[tuple[int, int]]
) -> None:
    world = running(*shares, size)
    sicken(world, *in_service(world)[:ill])
    for time, capacity in changes:
        world.run(time)
        set_desired(world, capacity)
    world.run(3600)
    launched = len(activities(world, "Launching"))
    ended = len(activities(world, "Terminating"))
    assert launched - ended == len(in_service(world)) == group_of(world).desired
    assert not any(member.extra for member in in_service(world))
    assert all(member.healthy for member in in_service(world))


def test_what_was_launched_for_one_that_recovers_does_not_stay_too_many() -> None:
    world = running(100, 150, 4, default_instance_warmup=600)
    world.run(700)
    ill = in_service(world)[0]
    sicken(world, ill)
    world.run(900)
    assert len(group_of(world).active()) == 5
    ill.instance.set_effect(world.now, "sick", None)
    world.run(1000)
    instance = ill.instance.id
    api(world, "autoscaling:SetInstanceHealth", instance_id=instance, health_status="Healthy")
    world.run(1300)
    assert len(in_service(world)) == 4

"""The maximum instance lifetime ("Replace Auto Scaling instances based on maximum instance
lifetime")."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from model.autoscaling.lifetime import PAUSE, _pace
from model.autoscaling.resources import InstanceMaintenancePolicy
from model.world import World
from tests.model.autoscaling.samples import activities, group_of, in_service, make_group, make_world

DAY = 86_400.0


def aged(size: int, **group: Any) -> World:
    world = make_world(desired_capacity=size, max_instance_lifetime=86_400, **group)
    world.run(0.9 * DAY)
    return world


def test_instances_go_one_at_a_time_with_a_pause_before_they_are_too_old() -> None:
    world = aged(4)
    assert not activities(world, "Terminating")
    first = in_service(world)
    world.run(DAY + 600)
    ends = [activity.start for activity in activities(world, "Terminating")]
    assert len(ends) == 4
    assert all(later - earlier >= PAUSE for earlier, later in pairwise(ends))
    assert max(ends) <= DAY + 60
    assert not set(first) & set(in_service(world))
    assert "maximum instance lifetime" in activities(world, "Terminating")[0].cause
    assert len(in_service(world)) == 4


def test_one_alone_ends_before_another_is_launched() -> None:
    world = aged(1)
    world.run(DAY + 61)
    (end,) = activities(world, "Terminating")
    assert activities(world, "Launching")[-1].start == end.start


def test_a_maintenance_policy_launches_first() -> None:
    policy = InstanceMaintenancePolicy(min_healthy_percentage=100, max_healthy_percentage=200)
    world = aged(1, instance_maintenance_policy=policy)
    while world.now < 1.1 * DAY:
        world.run(world.now + 600)
        assert in_service(world)
    assert activities(world, "Launching")[-1].start < activities(world, "Terminating")[0].start


def test_protection_delays_it() -> None:
    world = aged(1)
    in_service(world)[0].protected = True
    world.run(1.1 * DAY)
    assert not activities(world, "Terminating")
    in_service(world)[0].protected = False
    world.run(1.1 * DAY + 60)
    assert len(activities(world, "Terminating")) == 1
    assert len(group_of(world).active()) == 1


def test_a_large_group_replaces_several_at_once_up_to_a_tenth() -> None:
    assert _pace(100, DAY) == (600.0, 1)
    pause, number = _pace(500, DAY)
    assert number == 4
    assert 500 / number * pause <= DAY
    pause, number = _pace(10_000, DAY)
    assert number <= 1000
    assert 10_000 / number * pause <= DAY


@pytest.mark.parametrize("value", [1, 86_399, -1])
def test_less_than_a_day_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="must be at least 86400, a day, or 0 for none"):
        make_group(max_instance_lifetime=value)


def test_zero_is_none() -> None:
    world = make_world(max_instance_lifetime=0)
    world.run(2 * DAY)
    assert not activities(world, "Terminating")

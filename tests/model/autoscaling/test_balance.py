"""Zones in balance: where launches go, which instance ends, and how a lopsided group recovers.

Sources: "Amazon EC2 Auto Scaling benefits for application architecture" (distribution of instances
across Availability Zones, rebalancing) and "Configure termination policies for Amazon EC2 Auto
Scaling".
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.autoscaling.termination import first_zones
from model.autoscaling.zones import emptiest, imbalance
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    darken,
    group_of,
    in_service,
    kill,
    make_world,
    set_desired,
    zones_of,
)

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


def staggered(*policies: str) -> World:
    """Five instances, one launched each minute from 0 on, in turn in zones a and b."""
    world = make_world(termination_policies=policies or ("Default",))
    for minute in range(1, 5):
        world.run(60 * minute)
        set_desired(world, minute + 1)
    world.run(300)
    return world


def ended(world: World) -> list[tuple[float, str]]:
    """Launch time and zone of every instance that was chosen to end, in order."""
    chosen = [world.ec2.instances[a.instance or ""] for a in activities(world, "Terminating")]
    return [(instance.launched, instance.zone) for instance in chosen]


def test_zone_balance_comes_before_the_termination_policy() -> None:
    world = staggered("NewestInstance")
    assert zones_of(world) == {A: 3, B: 2}
    set_desired(world, 4)
    assert ended(world) == [(240, A)]
    world = staggered("OldestInstance")
    set_desired(world, 3)
    assert ended(world) == [(0, A), (60, B)]


def test_newer_instances_may_end_before_the_oldest_for_the_sake_of_balance() -> None:
    world = make_world(termination_policies=("OldestInstance",))
    world.run(60)
    darken(world, A, 60)
    set_desired(world, 4)
    world.run(130)
    assert zones_of(world)[B] == 3
    set_desired(world, 3)
    assert ended(world)[0] == (60, B)


def test_equal_zones_are_considered_together() -> None:
    world = make_world(desired_capacity=2, termination_policies=("NewestInstance",))
    world.run(60)
    set_desired(world, 4)
    world.run(120)
    set_desired(world, 3)
    assert ended(world)[0][0] == 60


def test_the_default_policy_ends_what_is_closest_to_its_next_hour() -> None:
    world = staggered()
    world.run(3660 + 30)  # the second instance of zone b began a new hour, so did the first two
    set_desired(world, 4)
    assert ended(world) == [(120, A)]  # 3690 - 120 = 59.5 min; the first is 1.5 min into an hour


def test_what_no_policy_decides_is_decided_by_the_seed() -> None:
    def first(seed: int) -> str:
        world = make_world(desired_capacity=9, seed=seed)
        world.run(60)
        order = list(group_of(world).members)
        set_desired(world, 8)
        return str(order.index(activities(world, "Terminating")[0].instance or ""))

    assert first(1) == first(1)
    assert len({first(seed) for seed in range(8)}) > 1


@given(st.dictionaries(st.sampled_from([A, B, C]), st.integers(0, 9), min_size=1))
def test_a_launch_never_makes_the_imbalance_worse(counts: dict[str, int]) -> None:
    before = imbalance(counts)
    zone = emptiest(counts)
    assert counts[zone] == min(counts.values())
    counts[zone] += 1
    assert imbalance(counts) <= max(before, 1)


@given(st.integers(1, 9))
def test_the_chosen_one_is_always_from_a_fullest_zone(size: int) -> None:
    world = make_world(desired_capacity=size, max_size=9, zones=3)
    members = group_of(world).active()[: max(size - 1, 1)]
    counts = {zone: sum(m.instance.zone == zone for m in members) for zone in (A, B, C)}
    chosen = first_zones(members)
    assert chosen
    assert all(counts[member.instance.zone] == max(counts.values()) for member in chosen)


def test_a_dark_zone_gets_no_launches_while_another_is_open() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    darken(world, A, 300)
    set_desired(world, 6)
    assert zones_of(world) == {A: 1, B: 5}
    launched = {activity.zone for activity in activities(world, "Launching")[2:]}
    assert launched == {B}


def test_a_dark_zone_is_not_rebalanced_into() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    darken(world, A, None)
    set_desired(world, 6)
    world.run(1800)
    assert zones_of(world) == {A: 0, B: 6}, "status checks failed in a, and b took over"


def recovering() -> World:
    """Four instances, all in zone b, as zone a comes back at 300."""
    world = make_world(min_size=0, desired_capacity=4, max_size=4)
    world.run(60)
    darken(world, A, 240)
    kill(world, *(m for m in in_service(world) if m.instance.zone == A))
    world.run(240)
    assert zones_of(world) == {A: 0, B: 4}
    world.run(299)
    return world


def test_rebalancing_launches_before_it_terminates_one_over_max_at_most() -> None:
    world = recovering()
    before = len(group_of(world).activities)
    for second in range(300, 900, 5):
        world.run(second)
        assert 4 <= len(in_service(world)) + len(group_of(world).pending()) <= 5
        assert len(in_service(world)) >= 4
        assert world.autoscaling.describe_auto_scaling_groups()[0].desired == 4
    assert zones_of(world) == {A: 2, B: 2}
    kinds = [activity.description.split()[0] for activity in group_of(world).activities[before:]]
    assert kinds == ["Launching", "Terminating"] * 2


def test_rebalancing_says_between_which_zones() -> None:
    world = recovering()
    world.run(900)
    launch = activities(world, "Launching")[-1]
    assert launch.zone == A
    assert launch.cause.endswith(
        f"an instance was launched to balance instances in zone(s) {A} with other zones {B}."
    )
    end = activities(world, "Terminating")[-1]
    assert end.zone == B
    assert f"to balance instances in zone(s) {B} with other zones {A}." in end.cause
    assert end.cause.endswith(f"instance {end.instance} was selected for termination.")


@pytest.mark.parametrize("late", [0, 10, 30])
@pytest.mark.parametrize("capacity", [0, 1, 3])
def test_desired_capacity_may_change_during_rebalancing(capacity: int, late: int) -> None:
    world = recovering()
    while len(activities(world, "Launching")) < 7:
        world.run(world.now + 1)
    world.run(world.now + late)
    set_desired(world, capacity)
    world.run(1200)
    assert len(in_service(world)) == len(group_of(world).active()) == capacity
    assert imbalance(zones_of(world)) <= 1


def test_nothing_is_given_back_while_an_instance_is_missing() -> None:
    world = recovering()
    while len(activities(world, "Launching")) < 7:
        world.run(world.now + 1)
    (balancing,) = group_of(world).pending()
    kill(world, in_service(world)[0])
    while balancing.lifecycle == "Pending":
        world.run(world.now + 0.5)
    assert len(group_of(world).active()) == 4


def test_one_apart_is_balance() -> None:
    world = make_world(desired_capacity=3)
    world.run(3600)
    assert len(group_of(world).activities) == 3

"""Whom a fault touches: what it is aimed at, how many of them, and who comes later."""

from __future__ import annotations

from typing import Any

import pytest

from model.ec2.instances import Instance, InstanceState
from model.world import World
from tests.model.faults.samples import calm, do, lift, set_desired
from tests.model.samples import A, B, instances, world_at


def touched(world: World, **targets: Any) -> list[Instance]:
    """The instances that a fault aimed so makes slow."""
    do(world, "spillover:slow-responses", id="it", **targets)
    return slow(world)


def slow(world: World) -> list[Instance]:
    return [item for item in instances(world) if item.ailing.slowdown > 1]


def test_zones_and_subnets_mean_what_is_there() -> None:
    world = calm(4)
    here = [item for item in instances(world) if item.zone == A]
    assert len(here) == 2
    assert touched(world, zones=(A,)) == here
    lift(world)
    assert touched(world, subnets=("SubnetA",)) == here


@pytest.mark.parametrize(
    "targets",
    [
        {"auto_scaling_groups": ("Group",)},
        {"services": ("web",)},
        {"target_groups": ("Targets",)},
        {"zones": (A, B)},
    ],
)
def test_a_group_a_service_a_target_group_and_all_zones_mean_everyone(
    targets: dict[str, Any],
) -> None:
    world = calm(3)
    assert touched(world, **targets) == instances(world)


def test_instances_are_named_by_id() -> None:
    world = calm(3)
    second = instances(world)[1]
    assert touched(world, instances=(second.id,)) == [second]


def test_several_kinds_of_targets_mean_what_fits_all_of_them() -> None:
    world = calm(4)
    expected = [item for item in instances(world) if item.zone == B]
    assert touched(world, services=("web",), zones=(B,)) == expected
    lift(world)
    assert touched(world, subnets=("SubnetA",), zones=(B,)) == []


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"count": 1}, 1),
        ({"count": 3}, 3),
        ({"count": 9}, 4),
        ({"percent": 50.0}, 2),
        ({"percent": 51.0}, 3),  # rounded up
        ({"percent": 1.0}, 1),
        ({"percent": 100.0}, 4),
        ({"percent": 0.0}, 0),
    ],
)
def test_a_count_or_a_percentage_takes_some(given: dict[str, Any], expected: int) -> None:
    assert len(touched(calm(4), services=("web",), **given)) == expected


def test_which_ones_are_taken_is_up_to_the_seed() -> None:
    places = set()
    for seed in range(12):
        chosen = []
        for _ in range(2):
            world = world_at(60.0, 4, seed=seed)
            (one,) = touched(world, services=("web",), count=1)
            chosen.append(instances(world).index(one))
        assert chosen[0] == chosen[1]
        places.add(chosen[0])
    assert len(places) > 1


def test_the_dead_are_not_among_the_targets() -> None:
    world = calm(3)
    gone = instances(world)[0]
    do(world, "aws:ec2:terminate-instances", instances=(gone.id,))
    world.run(200.0)
    assert gone.state is InstanceState.TERMINATED
    assert gone not in touched(world, services=("web",))


@pytest.mark.parametrize(
    "targets",
    [
        {"services": ("web",)},
        {"zones": (A, B)},
        {"subnets": ("SubnetA", "SubnetB")},
        {"auto_scaling_groups": ("Group",)},
        {"target_groups": ("Targets",)},
    ],
)
def test_who_comes_to_a_place_or_a_service_later_is_touched_too(targets: dict[str, Any]) -> None:
    world = calm(1)
    touched(world, **targets)
    new = set_desired(world, 3)
    world.run(200.0)
    assert len(new) == 2
    assert slow(world) == instances(world)
    lift(world)
    assert slow(world) == []


@pytest.mark.parametrize("chosen", [{"count": 1}, {"percent": 100.0}])
def test_where_some_were_chosen_newcomers_are_spared(chosen: dict[str, Any]) -> None:
    world = calm(1)
    (first,) = touched(world, services=("web",), **chosen)
    set_desired(world, 2)
    world.run(200.0)
    assert slow(world) == [first]


def test_newcomers_elsewhere_are_spared() -> None:
    world = calm(1)
    (first,) = instances(world)
    other = B if first.zone == A else A
    touched(world, zones=(first.zone,))
    (new,) = set_desired(world, 2)
    assert new.zone == other
    assert slow(world) == [first]


def test_whom_fis_sent_a_command_was_chosen_at_the_beginning() -> None:
    world = calm(1)
    do(world, "aws:ssm:send-command", services=("web",), document_arn="AWSFIS-Run-CPU-Stress")
    (new,) = set_desired(world, 2)
    world.run(200.0)
    assert new.ailing.cpu_burnt == 0.0
    assert instances(world)[0].ailing.cpu_burnt == 1.0


def test_a_fault_on_traffic_touches_no_instance() -> None:
    world = calm(1)
    do(world, "spillover:traffic-factor", id="it", factor=2.0)
    set_desired(world, 2)
    lift(world, "it")
    told = [event.detail for event in world.bus.events if event.source == "spillover"]
    assert [detail["targets"]["instances"] for detail in told] == [[], []]

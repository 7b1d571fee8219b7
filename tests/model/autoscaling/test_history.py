"""How capacity went over time, for the group and zone by zone."""

from __future__ import annotations

from model.autoscaling.history import CapacityHistory, Level
from model.world import World
from tests.model.autoscaling.samples import api, in_service, make_world, set_desired


def history(world: World, start: float = 0.0, zone: str | None = None) -> CapacityHistory:
    return world.autoscaling.describe_capacity("Group", start, world.now, zone)


def test_sizes_and_states_change_when_they_do() -> None:
    world = make_world(desired_capacity=2, default_instance_warmup=120)
    world.run(60)
    set_desired(world, 4)
    world.run(300)
    seen = history(world)
    assert seen.desired == Level((0.0, 60.0), (2, 4))
    assert seen.min.values == (1,)
    assert seen.max.values == (10,)
    assert seen.states["pending"].at(61) == 2
    assert seen.states["in service"].at(59) == 2
    assert seen.states["in service"].at(299) == 4
    assert seen.states["warming"].at(59) == 2
    assert seen.states["warming"].at(299) == 0
    assert {name: level.at(299) for name, level in seen.zones.items()} == {
        "us-east-1a": 2,
        "us-east-1b": 2,
    }
    assert not seen.warmed.used
    assert seen.desired.at(-1.0) == 0.0, "there was nothing before"


def test_a_window_begins_with_what_held_then() -> None:
    world = make_world(desired_capacity=3)
    world.run(100)
    set_desired(world, 5)
    world.run(200)
    seen = history(world, 90.0)
    assert seen.desired.values == (3, 5)
    assert seen.desired.times[0] < 90.0
    assert history(world, 150.0).desired.values == (5,)


def test_one_zone_alone() -> None:
    world = make_world(desired_capacity=3)
    world.run(60)
    group = {"auto_scaling_group_name": "Group"}
    first = in_service(world)[0].instance
    api(
        world,
        "autoscaling:SetInstanceProtection",
        instance_ids=(first.id,),
        protected_from_scale_in=True,
        **group,
    )
    world.run(120)
    api(
        world,
        "autoscaling:EnterStandby",
        instance_ids=(first.id,),
        should_decrement_desired_capacity=True,
        **group,
    )
    world.run(180)
    own, whole = history(world, zone=first.zone), history(world)
    (other,) = {"us-east-1a", "us-east-1b"} - {first.zone}
    assert own.states["standby"].at(179) == whole.states["standby"].at(179) == 1
    assert own.states["protected"].times == (0.0, 60.0)
    assert not history(world, zone=other).states["standby"].used
    assert own.states["in service"].at(59) - own.states["in service"].at(179) == 1
    view = world.autoscaling.describe_auto_scaling_groups()[0]
    assert (view.standby, view.protected) == (1, 1)
    assert {zone.zone: zone.standby for zone in view.zones} == {first.zone: 1, other: 0}

"""Instance refreshes: their pace, checkpoints, bake time, ends, rollbacks.

Sources: "How an instance refresh works in an Auto Scaling group", "Add checkpoints to an instance
refresh" (whose timings are played here), "Undo changes with a rollback", "Use an instance refresh
with skip matching", "Understand the default values for an instance refresh".
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.autoscaling.maintenance import Bounds
from model.autoscaling.members import units_of
from model.autoscaling.refresh import RefreshView
from model.autoscaling.refresh_settings import (
    AlarmSpecification,
    DesiredConfiguration,
    RefreshPreferences,
)
from model.autoscaling.resources import InstanceMaintenancePolicy
from model.cloudwatch.alarms import AlarmState
from model.ec2.launch_templates import LaunchTemplateData, LaunchTemplateSpecification
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    api,
    group_of,
    in_service,
    make_world,
    resume,
    set_desired,
    sicken,
    suspend,
)
from tests.model.autoscaling.test_mixed_instances import ALL_SPOT, mixed

NEW = DesiredConfiguration(
    launch_template=LaunchTemplateSpecification(launch_template_id="Launch", version="2")
)


def running(size: int, *extra: Any, **group: Any) -> World:
    world = make_world(*extra, desired_capacity=size, max_size=40, **group)
    world.run(60)
    return world


def begin(
    world: World, configuration: DesiredConfiguration | None = NEW, **preferences: Any
) -> float:
    """Start a refresh; the time."""
    if world.ec2.templates.latest("Launch") == 1:
        world.ec2.templates.create_version("Launch", LaunchTemplateData(), source="1")
    api(
        world,
        "autoscaling:StartInstanceRefresh",
        auto_scaling_group_name="Group",
        desired_configuration=configuration,
        preferences=RefreshPreferences(**preferences),
    )
    return world.now


def act(world: World, name: str, **parameters: Any) -> None:
    api(world, f"autoscaling:{name}", auto_scaling_group_name="Group", **parameters)


def view(world: World) -> RefreshView:
    return world.autoscaling.refreshes.describe("Group")[0]


def told(world: World) -> list[str]:
    """The events about refreshes, by the end of their detail-type."""
    start = "EC2 Auto Scaling Instance Refresh "
    types = [event.detail_type for event in world.bus.events]
    return [name.removeprefix(start) for name in types if name.startswith(start)]


def versions(world: World) -> list[int]:
    return sorted(member.instance.template_version for member in group_of(world).active())


def ends(world: World) -> list[float]:
    return [activity.start for activity in activities(world, "Terminating")]


def test_a_tenth_at_a_time_by_default() -> None:
    world = running(10)
    begin(world, instance_warmup=60)
    world.run(70)
    assert view(world).status == "InProgress"
    assert len(ends(world)) == 1
    least = 10
    while not view(world).end:
        world.run(world.now + 5)
        least = min(least, len(in_service(world)))
    assert least == 9
    assert versions(world) == [2] * 10
    assert view(world).status == "Successful"
    assert (view(world).percentage_complete, view(world).instances_to_update) == (100, 0)
    assert told(world) == ["Started", "Succeeded"]
    gaps = [later - earlier for earlier, later in pairwise(ends(world))]
    assert all(60 < gap < 60 + 24 + 2 * 10 for gap in gaps)
    assert "instance refresh" in activities(world, "Terminating")[0].cause
    set_desired(world, 11)
    assert versions(world) == [2] * 11, "the group launches the new version from now on"


@pytest.mark.parametrize(
    ("least", "most", "at_once"), [(0, 100, 4), (50, 100, 2), (75, 100, 1), (90, 100, 1)]
)
def test_how_many_end_at_once(least: int, most: int, at_once: int) -> None:
    world = running(4)
    begin(world, min_healthy_percentage=least, max_healthy_percentage=most)
    world.run(70)
    assert len(ends(world)) == at_once


@pytest.mark.parametrize("most", [100, 125])
def test_a_minimum_of_all_launches_first(most: int) -> None:
    world = running(4)
    begin(world, min_healthy_percentage=100, max_healthy_percentage=most)
    world.run(70)
    assert not ends(world)
    assert len(group_of(world).active()) == 5
    while not view(world).end:
        world.run(world.now + 5)
        assert len(in_service(world)) >= 4
        assert len(group_of(world).active()) <= 5
    assert versions(world) == [2] * 4
    assert view(world).status == "Successful"


def test_the_maintenance_policy_is_the_default() -> None:
    policy = InstanceMaintenancePolicy(min_healthy_percentage=100, max_healthy_percentage=150)
    world = running(4, instance_maintenance_policy=policy)
    begin(world)
    world.run(70)
    assert len(group_of(world).active()) == 6


def test_the_guide_s_checkpoints() -> None:
    """10 instances, [20, 50], a quarter of an hour each, 80 percent, ten minutes of warm-up."""
    world = running(10)
    start = begin(
        world,
        min_healthy_percentage=80,
        instance_warmup=600,
        checkpoint_percentages=(20, 50),
        checkpoint_delay=900,
    )
    late = 24 + 10.0  # what EC2 takes to run an instance, and the refresh to look
    world.run(start + 300)
    assert len(ends(world)) == 2
    assert view(world).percentage_complete == 0
    world.run(start + 600 + 2 * late)
    assert view(world).percentage_complete == 20
    assert told(world) == ["Started", "Checkpoint Reached"]
    event = world.bus.events[-1]
    assert event.detail["CheckpointPercentage"] == 20
    assert event.detail["CheckpointDelay"] == 900
    world.run(start + 1500)
    assert len(ends(world)) == 2
    world.run(start + 1500 + 3 * late)
    assert len(ends(world)) == 4
    world.run(start + 2100 + 5 * late)
    assert len(ends(world)) == 5
    assert view(world).status == "InProgress"
    world.run(start + 2700 + 7 * late)
    assert (view(world).status, view(world).percentage_complete) == ("Successful", 50)
    assert versions(world) == [1] * 5 + [2] * 5


def test_a_checkpoint_that_is_passed_over_is_not_told_of() -> None:
    world = running(2)
    begin(world, checkpoint_percentages=(10, 40, 100), checkpoint_delay=60)
    world.run(1200)
    reached = [
        e.detail["CheckpointPercentage"] for e in world.bus.events if "Check" in e.detail_type
    ]
    assert reached == [40]
    assert view(world).status == "Successful"


def test_skip_matching_replaces_what_differs_only() -> None:
    world = running(4)
    for member in in_service(world)[:3]:
        member.instance.template_version = 2
    begin(world, skip_matching=True)
    world.run(400)
    assert len(ends(world)) == 1
    assert view(world).status == "Successful"
    begin(world, skip_matching=True)
    world.run(500)
    assert (view(world).status, view(world).percentage_complete) == ("Successful", 100)
    assert len(ends(world)) == 1


def test_baking_waits_at_the_end() -> None:
    world = running(1)
    begin(world, bake_time=600)
    world.run(200)
    assert view(world).status == "Baking"
    world.run(900)
    assert view(world).status == "Successful"


def test_one_at_a_time() -> None:
    world = running(4)
    begin(world)
    with pytest.raises(ActionError, match="already in progress"):
        begin(world)
    with pytest.raises(ActionError, match="No in progress or pending Instance Refresh"):
        act(running(1), "CancelInstanceRefresh")


def test_a_cancelled_refresh_leaves_what_it_has_replaced() -> None:
    world = running(4)
    begin(world, instance_warmup=60)
    world.run(200)
    act(world, "CancelInstanceRefresh")
    assert view(world).status == "Cancelling"
    world.run(400)
    assert view(world).status == "Cancelled"
    assert told(world)[-1] == "Cancelled"
    left = versions(world)
    assert set(left) == {1, 2}
    set_desired(world, 5)
    assert versions(world) == sorted([*left, 1]), "the group has its old version again"


def test_a_rollback_replaces_what_was_replaced() -> None:
    world = running(4)
    begin(world, instance_warmup=60)
    world.run(200)
    act(world, "RollbackInstanceRefresh")
    assert view(world).status == "RollbackInProgress"
    world.run(900)
    assert view(world).status == "RollbackSuccessful"
    assert versions(world) == [1] * 4


def test_what_cannot_be_rolled_back() -> None:
    world = running(4)
    begin(world, None)
    world.run(70)
    with pytest.raises(ActionError, match="needs a DesiredConfiguration"):
        act(world, "RollbackInstanceRefresh")
    with pytest.raises(ActionError, match="needs a DesiredConfiguration"):
        begin(running(4), None, auto_rollback=True)
    latest = LaunchTemplateSpecification(launch_template_id="Launch", version="$Latest")
    with pytest.raises(ActionError, match=r"version \$Latest"):
        begin(running(4, launch_template=latest), auto_rollback=True)


@pytest.mark.parametrize(("rollback", "status"), [(False, "Failed"), (True, "RollbackInProgress")])
def test_an_alarm_ends_a_refresh(rollback: bool, status: str) -> None:
    world = running(4, alarm("Bad", "Group", "GreaterThanThreshold", 1.0))
    watched = AlarmSpecification(alarms=("Bad",))
    begin(world, auto_rollback=rollback, alarm_specification=watched, instance_warmup=30)
    world.run(150)
    assert view(world).status == "InProgress"
    parameters = {"alarm_name": "Bad", "state_value": AlarmState.ALARM, "state_reason": "test"}
    api(world, "cloudwatch:SetAlarmState", **parameters)
    world.run(165)
    assert view(world).status == status
    assert "the alarm Bad" in view(world).reason
    world.run(1200)
    assert versions(world) == [1] * 4 if rollback else {1, 2} == set(versions(world))


def test_suspending_the_process_pauses_it() -> None:
    world = running(4)
    begin(world)
    world.run(70)
    suspend(world, "InstanceRefresh")
    world.run(10_000)
    assert len(ends(world)) == 1
    assert view(world).status == "InProgress"
    resume(world, "InstanceRefresh")
    world.run(11_000)
    assert view(world).status == "Successful"


@pytest.mark.parametrize(
    ("choice", "status", "left"),
    [
        ("Wait", "Failed", [1, 2]),
        ("Ignore", "Successful", [1, 2]),
        ("Refresh", "Successful", [2, 2]),
    ],
)
def test_instances_that_are_protected(choice: str, status: str, left: list[int]) -> None:
    world = running(2)
    in_service(world)[0].protected = True
    begin(world, scale_in_protected_instances=choice)
    world.run(1800)
    if choice == "Wait":
        assert "protected from scale-in" in view(world).reason
    world.run(6000)
    assert view(world).status == status
    assert versions(world) == left


def test_new_instances_that_never_pass_their_checks_fail_it_after_an_hour() -> None:
    quick = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}
    world = make_world(targets=quick, desired_capacity=4, health_check_type="ELB")
    world.run(120)
    first = {member.instance.id for member in in_service(world)}
    begin(world)
    while world.now < 6000:
        world.run(world.now + 15)
        fresh = [m for m in in_service(world) if m.instance.template_version == 2]
        sicken(world, *fresh)
    assert view(world).status == "Failed"
    left = first & {member.instance.id for member in in_service(world)}
    assert len(left) == 3, "the rest of the group is untouched"


def test_a_scale_out_meanwhile_launches_the_desired_configuration() -> None:
    world = running(4)
    begin(world, instance_warmup=60)
    world.run(70)
    set_desired(world, 8)
    assert versions(world) == [1] * 3 + [2] * 5
    world.run(1500)
    assert versions(world) == [2] * 8


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ({"checkpoint_percentages": (50, 20)}, "must ascend"),
        ({"checkpoint_percentages": (0, 20)}, "from 1 to 100"),
        ({"checkpoint_delay": 5}, "needs CheckpointPercentages"),
        ({"max_healthy_percentage": 110}, "needs a MinHealthyPercentage"),
        ({"min_healthy_percentage": 50, "max_healthy_percentage": 160}, "more than 100 above"),
        ({"bake_time": 172_801}, "from 0 to 172800"),
        ({"standby_instances": "Refresh"}, "must be one of"),
    ],
)
def test_wrong_preferences(preferences: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RefreshPreferences(**preferences)


@settings(max_examples=10, deadline=None)
@given(
    st.integers(1, 7),
    st.sampled_from([(0, 100), (50, 100), (90, 100), (100, 100), (100, 150), (60, 140)]),
    st.sampled_from([0, 45]),
)
def test_never_fewer_are_ready_than_the_minimum_nor_more_there_than_the_maximum(
    size: int, shares: tuple[int, int], warmup: int
) -> None:
    world = running(size)
    bounds = Bounds.of(size, *shares)
    least, most = shares
    begin(
        world,
        min_healthy_percentage=least,
        max_healthy_percentage=most,
        instance_warmup=warmup,
    )
    first = {member.instance.id for member in in_service(world)}
    while not view(world).end and world.now < 5000:
        world.run(world.now + 5)
        ready = [
            m for m in in_service(world) if m.instance.id in first or m.warm(world.now, warmup)
        ]
        assert len(ready) >= bounds.least
        assert len(group_of(world).active()) <= bounds.most
    assert view(world).status == "Successful"
    assert versions(world) == [2] * size
    world.run(world.now + 120)
    assert len(activities(world, "Launching")) - len(ends(world)) == size


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([(2, 1), (3, 2), (4, 1), (5, 3)]),
    st.integers(5, 16),
    st.sampled_from([(90, 100), (50, 100), (100, 100), (100, 130), (0, 100), (90, 110)]),
)
def test_with_weights_a_refresh_counts_units(
    weights: tuple[int, int], size: int, shares: tuple[int, int]
) -> None:
    """The bounds hold in units, but for what one instance weighs where that is more than all the
    room (and for the overage that weights have anyway)."""
    group = mixed("m5.large", "c5.large", weights=weights, on_demand_base_capacity=2, **ALL_SPOT)
    world = running(size, zones=1, **group)
    before = units_of(in_service(world))
    assert size <= before < size + max(weights)
    least, most = shares
    begin(
        world, min_healthy_percentage=least, max_healthy_percentage=most,
        instance_warmup=0,
    )  # fmt: skip
    bounds, heaviest = Bounds.of(size, least, most), max(weights)
    while not view(world).end and world.now < 20_000:
        world.run(world.now + 5)
        assert units_of(in_service(world)) >= bounds.least - (heaviest if least < 100 else 0)
        assert units_of(group_of(world).active()) < max(bounds.most, before) + 2 * heaviest
    assert view(world).status == "Successful"
    assert set(versions(world)) == {2}
    world.run(world.now + 600)
    assert size <= units_of(in_service(world)) < size + heaviest


def test_the_view_tells_where_it_stops_and_until_when_it_waits() -> None:
    world = running(4)
    begin(world, None, checkpoint_percentages=(50, 100), checkpoint_delay=600, instance_warmup=0)
    world.run(world.now + 5)
    assert (view(world).checkpoints, view(world).until) == ((50, 100), None)
    while not view(world).reason.startswith("Waiting at"):
        world.run(world.now + 10)
    assert view(world).checkpoints == (100,)
    until = view(world).until
    assert until is not None
    assert world.now < until <= world.now + 600
    world.run(until + 1200)
    assert (view(world).status, view(world).checkpoints) == ("Successful", ())
    assert view(world).until is None

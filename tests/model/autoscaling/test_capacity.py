"""A group keeps as many instances as are desired, and says what it does in AWS's words.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Verify a scaling activity for an Auto
Scaling group", "Troubleshoot Amazon EC2 Auto Scaling" and the API reference of SetDesiredCapacity.
"""

from __future__ import annotations

import re

import pytest

from model.actions import ActionError
from model.ec2.service import PENDING_SECONDS
from tests.model.autoscaling.samples import (
    activities,
    desired,
    group_of,
    in_service,
    make_world,
    resume,
    set_desired,
    suspend,
    zones_of,
)

LATEST = PENDING_SECONDS[1]
TIME = r"At 2026-11-25T\d\d:\d\d:\d\dZ "


@pytest.mark.parametrize(("given", "wanted"), [(None, 2), (2, 2), (3, 3), (4, 4)])
def test_the_desired_capacity_is_min_size_unless_given(given: int | None, wanted: int) -> None:
    world = make_world(min_size=2, max_size=4, desired_capacity=given)
    assert desired(world) == wanted
    assert len(group_of(world).pending()) == wanted
    world.run(LATEST)
    assert len(in_service(world)) == wanted


def test_a_new_group_launches_with_the_documented_cause() -> None:
    world = make_world(min_size=3)
    world.run(LATEST)
    launches = activities(world, "Launching a new EC2 instance: i-")
    assert len(launches) == 3
    for activity in launches:
        assert activity.status == "Successful"
        assert activity.end is not None
        assert activity.cause == (
            "At 2026-11-25T09:00:00Z a user request created an AutoScalingGroup changing the "
            "desired capacity from 0 to 3.  At 2026-11-25T09:00:00Z an instance was started in "
            "response to a difference between desired and actual capacity, increasing the capacity "
            "from 0 to 3."
        )


def test_in_service_comes_with_running_before_the_software_answers() -> None:
    world = make_world(targets={}, service={"boot_time": 120.0})
    world.run(LATEST)
    (member,) = in_service(world)
    assert not member.instance.service_up
    (target,) = world.elb.describe_target_health("Targets")
    assert target.instance == member.instance.id
    assert target.state == "initial"


def test_registered_when_in_service_not_before() -> None:
    world = make_world(targets={})
    world.run(PENDING_SECONDS[0] - 1)
    assert world.elb.describe_target_health("Targets") == ()


def test_launches_go_to_the_zone_with_the_fewest_instances() -> None:
    world = make_world(min_size=4, zones=3)
    assert sorted(zones_of(world).values()) == [1, 1, 2]
    set_desired(world, 9)
    assert set(zones_of(world).values()) == {3}


def test_set_desired_capacity_launches_what_is_missing() -> None:
    world = make_world()
    world.run(60)
    set_desired(world, 3)
    launches = activities(world, "Launching")[1:]
    assert len(launches) == 2
    assert {activity.cause for activity in launches} == {
        "At 2026-11-25T09:01:00Z a user request explicitly set group desired capacity changing the "
        "desired capacity from 1 to 3.  At 2026-11-25T09:01:00Z an instance was started in "
        "response to a difference between desired and actual capacity, increasing the capacity "
        "from 1 to 3."
    }


def test_scale_in_says_which_instance_was_selected() -> None:
    world = make_world(desired_capacity=3)
    world.run(60)
    set_desired(world, 2)
    (end,) = activities(world, "Terminating EC2 instance: i-")
    assert re.fullmatch(
        f"{TIME}a user request explicitly set group desired capacity changing the desired capacity "
        f"from 3 to 2\\.  {TIME}an instance was taken out of service in response to a difference "
        f"between desired and actual capacity, shrinking the capacity from 3 to 2\\.  "
        f"{TIME}instance {end.instance} was selected for termination\\.",
        end.cause,
    )
    assert end.status == "InProgress"
    world.run(120)
    assert end.status == "Successful"
    assert end.end == pytest.approx(80, abs=20.001)  # 20 to 40 s after the request at 60


def test_a_terminating_instance_drains_first() -> None:
    world = make_world(targets={}, desired_capacity=2)
    world.run(60)
    set_desired(world, 1)
    (end,) = activities(world, "Terminating")
    assert end.status == "WaitingForELBConnectionDraining"
    instance = world.ec2.instances[end.instance or ""]
    world.run(60 + 29)
    assert instance.state == "running"
    world.run(60 + 30)
    assert instance.state == "shutting-down"
    assert end.status == "InProgress"


def test_a_pending_instance_that_is_no_longer_wanted_cancels_its_launch() -> None:
    world = make_world(desired_capacity=2)
    world.run(1)
    set_desired(world, 1)
    world.run(120)
    statuses = [activity.status for activity in activities(world, "Launching")]
    assert sorted(statuses) == ["Cancelled", "Successful"]
    assert [a.status for a in activities(world, "Terminating")] == ["Successful"]


@pytest.mark.parametrize(
    ("capacity", "message"),
    [
        (5, "New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup."),
        (0, "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup."),
    ],
)
def test_set_desired_capacity_outside_the_limits_is_refused(capacity: int, message: str) -> None:
    world = make_world(max_size=4)
    world.run(60)
    with pytest.raises(ActionError, match=re.escape(message)):
        set_desired(world, capacity)
    assert desired(world) == 1
    assert len(group_of(world).activities) == 1


def test_a_change_that_was_taken_back_is_no_reason_for_later_activities() -> None:
    world = make_world()
    world.run(60)
    suspend(world, "Launch")
    set_desired(world, 3)
    set_desired(world, 1)
    resume(world, "Launch")
    world.run(120)
    set_desired(world, 2)
    assert activities(world, "Launching")[-1].cause.count("a user request explicitly") == 1


def test_activities_are_described_newest_first() -> None:
    world = make_world()
    world.run(60)
    set_desired(world, 2)
    described = world.autoscaling.describe_scaling_activities("Group")
    assert [activity.start for activity in described] == [60, 0]


def test_launches_and_ends_are_events_with_aws_s_fields() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    set_desired(world, 1)
    world.run(120)
    events = [e for e in world.bus.events if e.detail_type.startswith("EC2 Instance L")]
    events += [e for e in world.bus.events if e.detail_type.startswith("EC2 Instance T")]
    names = [event.detail_type for event in events]
    assert names == [
        "EC2 Instance Launch Successful",
        "EC2 Instance Launch Successful",
        "EC2 Instance Terminate Successful",
    ]
    assert {event.source for event in events} == {"aws.autoscaling"}
    detail = events[-1].detail
    assert detail["StatusCode"] == "InProgress"
    assert detail["AutoScalingGroupName"] == "Group"
    assert detail["EC2InstanceId"] in detail["Description"]
    assert set(detail["Details"]) == {"Availability Zone", "Subnet ID"}

"""Lifecycle hooks: who waits, for how long, and what follows.

Sources: "Amazon EC2 Auto Scaling lifecycle hooks", "How lifecycle hooks work", "Complete a
lifecycle action", "Amazon EC2 Auto Scaling event reference".
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.lifecycle_resources import LAUNCHING, TERMINATING, LifecycleHook
from model.autoscaling.members import Member
from model.autoscaling.pace import LONGEST_PAUSE, LaunchPace
from model.events.resources import Queue, Topic
from model.resources import Identity
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    api,
    feed,
    group_of,
    identity,
    in_service,
    kill,
    make_world,
    resume,
    set_desired,
    stepping,
    suspend,
)
from tests.model.autoscaling.samples import step as one_step

QUICK = {"health_check_interval_seconds": 5, "health_check_timeout_seconds": 2}
TOPIC = "arn:aws:sns:us-east-1:123456789012:Told"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:Todo"


def hook(name: str = "Hook", transition: str = LAUNCHING, **terms: Any) -> LifecycleHook:
    return LifecycleHook(
        identity=identity(name, LifecycleHook),
        auto_scaling_group_name="Group",
        lifecycle_transition=transition,
        **terms,
    )


def member_of(world: World) -> Member:
    (member,) = group_of(world).members.values()
    return member


def complete(
    world: World, result: str = "CONTINUE", name: str = "Hook", member: Member | None = None
) -> None:
    api(
        world,
        "autoscaling:CompleteLifecycleAction",
        auto_scaling_group_name="Group",
        lifecycle_hook_name=name,
        lifecycle_action_result=result,
        instance_id=(member or member_of(world)).instance.id,
    )


def heartbeat(world: World, name: str = "Hook") -> None:
    api(
        world,
        "autoscaling:RecordLifecycleActionHeartbeat",
        auto_scaling_group_name="Group",
        lifecycle_hook_name=name,
        instance_id=member_of(world).instance.id,
    )


def states(world: World, instance: str) -> list[str]:
    return [change.value for change in world.journal.history(instance, "lifecycle")]


def events(world: World, detail_type: str) -> list[Any]:
    return [event for event in world.bus.events if event.detail_type == detail_type]


def test_a_launch_hook_keeps_an_instance_from_service_and_registration() -> None:
    world = make_world(hook(), targets=QUICK)
    world.run(300)
    member = member_of(world)
    assert member.lifecycle == "Pending:Wait"
    assert member.activity.status == "MidLifecycleAction"
    assert world.elb.describe_target_health("Targets") == ()
    complete(world)
    assert member.lifecycle == "Pending:Proceed"
    world.run(310)
    assert states(world, member.instance.id) == [
        "Pending",
        "Pending:Wait",
        "Pending:Proceed",
        "InService",
    ]
    assert member.activity.status == "Successful"
    assert len(world.elb.describe_target_health("Targets")) == 1


def test_an_instance_that_waits_counts_as_pending_but_in_no_aggregate_metric() -> None:
    world = make_world(hook(), default_instance_warmup=0)
    world.run(300)
    assert len(group_of(world).pending()) == 1
    assert world.autoscaling.aggregates()[0] == {}
    complete(world)
    world.run(310)
    assert list(world.autoscaling.aggregates()[0]) == [member_of(world).instance.id]


def test_the_event_tells_what_is_needed_to_go_on() -> None:
    world = make_world(hook(notification_metadata="additional-info"))
    world.run(60)
    (event,) = events(world, "EC2 Instance-launch Lifecycle Action")
    assert event.resources == ("arn:aws:autoscaling:::Group",)
    member = member_of(world)
    (action,) = member.actions
    assert event.detail == {
        "LifecycleActionToken": action.token,
        "AutoScalingGroupName": "Group",
        "LifecycleHookName": "Hook",
        "EC2InstanceId": member.instance.id,
        "LifecycleTransition": LAUNCHING,
        "NotificationMetadata": "additional-info",
        "Origin": "EC2",
        "Destination": "AutoScalingGroup",
    }
    assert len(action.token) == 36
    api(
        world,
        "autoscaling:CompleteLifecycleAction",
        auto_scaling_group_name="Group",
        lifecycle_hook_name="Hook",
        lifecycle_action_result="CONTINUE",
        lifecycle_action_token=action.token,
    )
    world.run(90)
    assert len(in_service(world)) == 1


def test_a_heartbeat_at_30_minutes_of_60_makes_90() -> None:
    world = make_world(hook(default_result="CONTINUE"))
    world.run(60)
    began = world.journal.history(member_of(world).instance.id, "lifecycle")[-1].time
    world.run(began + 1800)
    heartbeat(world)
    ((wait,),) = [
        view.waiting for view in world.autoscaling.describe_auto_scaling_groups()[0].members
    ]
    assert (wait.hook, wait.deadline) == ("Hook", began + 5400)
    world.run(began + 5399)
    assert member_of(world).lifecycle == "Pending:Wait"
    world.run(began + 5410)
    assert member_of(world).lifecycle == "InService"


def test_no_wait_is_longer_than_a_hundred_heartbeats() -> None:
    world = make_world(hook(heartbeat_timeout=30, default_result="CONTINUE"))
    world.run(30)
    began = world.journal.history(member_of(world).instance.id, "lifecycle")[-1].time
    while world.now < began + 2970:
        heartbeat(world)
        world.run(world.now + 20)
    heartbeat(world)
    assert member_of(world).actions[0].deadline == began + 3000
    world.run(began + 3010)
    assert member_of(world).lifecycle == "InService"


def test_nor_than_two_days() -> None:
    assert hook(heartbeat_timeout=7200).longest == 48 * 3600
    assert hook(heartbeat_timeout=60).longest == 6000


@pytest.mark.parametrize("says", ["nothing", "ABANDON"])
def test_an_abandoned_launch_is_ended_and_replaced(says: str) -> None:
    world = make_world(hook(heartbeat_timeout=300))
    world.run(60)
    member = member_of(world)
    (action,) = member.actions
    if says == "ABANDON":
        complete(world, says)
    world.run(370)
    why = (
        "Lifecycle Action Completed with ABANDON Result"
        if says == "ABANDON"
        else "Heartbeat Timeout"
    )
    launch, replacement = activities(world, "Launching")[:2]
    assert launch.status == "Cancelled"
    assert launch.description == (
        f"Launching a new EC2 instance: {member.instance.id}.  Status Reason: Instance failed to "
        f"complete user's Lifecycle Action: Lifecycle Action with token {action.token} was "
        f"abandoned: {why}"
    )
    (end,) = activities(world, "Terminating")
    assert end.cause.endswith(
        "an instance was taken out of service in response to a launch failure."
    )
    assert "increasing the capacity from 0 to 1" in replacement.cause
    assert replacement.start == launch.end
    assert len(events(world, "EC2 Instance Launch Unsuccessful")) == 1


def test_hooks_that_keep_failing_slow_the_launches_down() -> None:
    world = make_world(hook(heartbeat_timeout=30))
    world.run(3600)
    starts = [activity.start for activity in activities(world, "Launching")]
    gaps = [b - a for a, b in pairwise(starts)]
    assert gaps[0] < 60 < gaps[1] < gaps[2] < gaps[3]
    assert len(starts) < 10


def test_the_pause_grows_to_a_limit_and_ends_with_a_success() -> None:
    pace = LaunchPace()
    pauses = []
    for _ in range(9):
        pace.failed(100.0)
        pauses.append(max(pace.opens - 100.0, 0.0))
    assert pauses[:4] == [0.0, 30.0, 60.0, 120.0]
    assert pauses[-1] == LONGEST_PAUSE
    pace.succeeded()
    assert pace.opens < 100.0


def test_a_terminate_hook_comes_after_draining() -> None:
    world = make_world(hook("Bye", TERMINATING), targets=QUICK, desired_capacity=2)
    world.run(200)
    set_desired(world, 1)
    (member,) = group_of(world).terminating()
    assert member.lifecycle == "Terminating"
    assert member.activity.status == "WaitingForELBConnectionDraining"
    world.run(231)
    assert member.lifecycle == "Terminating:Wait"
    assert member.activity.status == "MidLifecycleAction"
    (event,) = events(world, "EC2 Instance-terminate Lifecycle Action")
    assert event.time == 230
    assert (event.detail["Origin"], event.detail["Destination"]) == ("AutoScalingGroup", "EC2")
    assert member.instance.state == "running"
    complete(world, name="Bye", member=member)
    assert member.lifecycle == "Terminating:Proceed"
    world.run(280)
    assert states(world, member.instance.id)[-4:] == [
        "Terminating",
        "Terminating:Wait",
        "Terminating:Proceed",
        "Terminated",
    ]
    assert member.activity.status == "Successful"


def test_of_several_hooks_all_must_continue() -> None:
    world = make_world(hook("One"), hook("Two", heartbeat_timeout=600, default_result="CONTINUE"))
    world.run(60)
    member = member_of(world)
    assert len(member.actions) == 2
    complete(world, name="One")
    assert member.lifecycle == "Pending:Wait"
    world.run(700)
    assert member.lifecycle == "InService"


@pytest.mark.parametrize(
    ("transition", "end"), [(LAUNCHING, "Cancelled"), (TERMINATING, "Successful")]
)
def test_one_that_abandons_ends_the_wait_for_all(transition: str, end: str) -> None:
    world = make_world(
        hook("One", transition), hook("Two", transition), min_size=0, desired_capacity=1
    )
    world.run(60)
    member = member_of(world)
    if transition == TERMINATING:
        set_desired(world, 0)
        world.run(61)
    activity = member.activity
    complete(world, "ABANDON", "Two", member)
    assert member.actions == []
    world.run(200)
    assert activity.status == end


def test_what_nobody_waits_for_cannot_be_completed() -> None:
    world = make_world()
    world.run(60)
    with pytest.raises(ActionError, match="No active Lifecycle Action found with instance ID i-"):
        complete(world)


def test_an_instance_that_ends_by_itself_meets_no_hook_and_is_replaced() -> None:
    world = make_world(hook("Bye", TERMINATING))
    world.run(60)
    kill(world, member_of(world))
    world.run(200)
    assert not events(world, "EC2 Instance-terminate Lifecycle Action")
    assert len(in_service(world)) == 1


def test_one_that_ends_while_it_waits_is_replaced_and_waits_no_more() -> None:
    world = make_world(hook())
    world.run(60)
    member = member_of(world)
    kill(world, member)
    assert member.actions == []
    world.run(200)
    assert [a.status for a in activities(world, "Launching")] == ["Cancelled", "MidLifecycleAction"]


def test_nothing_is_launched_in_its_place_while_launch_is_suspended() -> None:
    world = make_world(hook(heartbeat_timeout=60))
    world.run(30)
    suspend(world, "Launch")
    world.run(600)
    assert len(activities(world, "Launching")) == 1
    resume(world, "Launch")
    assert len(activities(world, "Launching")) == 2


def test_targets_of_notifications_are_tried_out_and_told() -> None:
    topic = Topic(identity=Identity("Told", Topic.TYPE, TOPIC, {"TopicArn": TOPIC}))
    queue = Queue(identity=Identity("Todo", Queue.TYPE, "url", {"Arn": QUEUE}))
    world = make_world(
        topic,
        queue,
        hook("One", notification_target_arn=TOPIC),
        hook("Two", notification_target_arn=QUEUE),
    )
    world.run(60)
    first, second = world.sns.deliveries
    assert json.loads(first.message)["Event"] == "autoscaling:TEST_NOTIFICATION"
    assert second.subject == (
        f"Auto Scaling:  Lifecycle action 'LAUNCHING' for instance "
        f"{member_of(world).instance.id} in progress."
    )
    told = json.loads(second.message)
    assert told["LifecycleHookName"] == "One"
    test, todo = (json.loads(message.body) for message in world.couriers.messages["Todo"])
    assert test["Event"] == "autoscaling:TEST_NOTIFICATION"
    assert todo["Service"] == "AWS Auto Scaling"
    assert todo["EC2InstanceId"] == member_of(world).instance.id
    assert todo["Time"].endswith("Z")


def test_nothing_scales_in_while_an_instance_waits() -> None:
    policy = stepping("In", one_step(-1, None, 0))
    low = alarm("Low", "In", "LessThanThreshold", 50)
    world = make_world(hook(), policy, low, feeds=[feed(*[10.0] * 20)], desired_capacity=2)
    world.run(600)
    assert len(group_of(world).pending()) == 2
    assert group_of(world).desired == 2


def test_a_world_is_restored_in_the_middle_of_a_wait() -> None:
    world = make_world(hook(default_result="CONTINUE", heartbeat_timeout=120))
    world.run(60)
    again = World.restore(world.snapshot())
    world.run(400)
    again.run(400)
    one, other = (w.journal.history(member_of(w).instance.id, "lifecycle") for w in (world, again))
    assert one == other

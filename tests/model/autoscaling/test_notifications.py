"""What topics are told of a group's instances.

Source: "Amazon SNS notification options for Amazon EC2 Auto Scaling".
"""

from __future__ import annotations

import json
from typing import Any

from model.autoscaling.lifecycle_resources import NotificationConfiguration
from model.events.resources import Topic
from model.resources import Identity
from model.world import World
from tests.model.autoscaling.samples import group_of, harm, kill, make_world, set_desired

ARN = "arn:aws:sns:us-east-1:123456789012:Told"


def topic() -> Topic:
    return Topic(identity=Identity("Told", Topic.TYPE, ARN, {"TopicArn": ARN}))


def told(world: World) -> list[dict[str, Any]]:
    return [json.loads(delivery.message) for delivery in world.sns.deliveries]


def test_a_topic_is_tried_out_and_told_of_launches_and_terminations() -> None:
    told_of = NotificationConfiguration(topic_arn=ARN)
    world = make_world(topic(), notification_configurations=(told_of,), desired_capacity=2)
    world.run(60)
    set_desired(world, 1)
    world.run(120)
    test, launch, _, end = told(world)
    assert test["Event"] == "autoscaling:TEST_NOTIFICATION"
    assert launch["Event"] == "autoscaling:EC2_INSTANCE_LAUNCH"
    assert launch["Description"].startswith("Launching a new EC2 instance: i-")
    assert (launch["Progress"], launch["StatusCode"]) == (50, "InProgress")
    assert launch["Details"] == {"Subnet ID": "Subnet0", "Availability Zone": "us-east-1a"}
    assert launch["StartTime"] == "2026-11-25T09:00:00.000Z"
    assert end["Event"] == "autoscaling:EC2_INSTANCE_TERMINATE"
    subjects = [delivery.subject for delivery in world.sns.deliveries]
    assert subjects == [
        'Auto Scaling: test notification for group "Group"',
        'Auto Scaling: launch for group "Group"',
        'Auto Scaling: launch for group "Group"',
        'Auto Scaling: termination for group "Group"',
    ]


def test_only_of_what_it_wants_to_know() -> None:
    told_of = NotificationConfiguration(
        topic_arn=ARN, notification_types=("autoscaling:EC2_INSTANCE_LAUNCH_ERROR",)
    )
    world = make_world(topic(), notification_configurations=(told_of,))
    kill(world, group_of(world).pending()[0])
    world.run(120)
    _, error = told(world)
    assert error["Event"] == "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"
    assert (error["Progress"], error["StatusCode"]) == (100, "Cancelled")


def test_a_launch_that_ec2_refuses_is_an_error_of_no_instance() -> None:
    told_of = NotificationConfiguration(topic_arn=ARN)
    world = make_world(topic(), notification_configurations=(told_of,))
    world.run(60)
    harm(world, "spillover:launch-error", reason="image")
    set_desired(world, 2)
    error = told(world)[-1]
    assert error["Event"] == "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"
    assert (error["StatusCode"], error["EC2InstanceId"]) == ("Failed", "")
    assert "does not exist. Launching EC2 instance failed." in error["StatusMessage"]
    unsuccessful = "EC2 Instance Launch Unsuccessful"
    (event,) = [item for item in world.bus.events if item.detail_type == unsuccessful]
    assert event.resources == (group_of(world).resource.arn,)

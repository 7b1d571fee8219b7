"""What a group sends to topics and queues: about its hooks, and about what became of instances.

Sources: "Amazon SNS notification options for Amazon EC2 Auto Scaling"; API PutLifecycleHook.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from model.autoscaling.activity import Activity
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Schedule, Streams
from model.events.delivery import Couriers, DeliveryError
from model.events.inputs import compact
from model.events.resources import Topic
from model.events.sns import Sns
from model.resources import ACCOUNT
from model.stack import Stack

SERVICE = "AWS Auto Scaling"
TEST = "autoscaling:TEST_NOTIFICATION"
NOTICES = {
    "EC2 Instance Launch Successful": ("EC2_INSTANCE_LAUNCH", "launch"),
    "EC2 Instance Launch Unsuccessful": ("EC2_INSTANCE_LAUNCH_ERROR", "failed launch"),
    "EC2 Instance Terminate Successful": ("EC2_INSTANCE_TERMINATE", "termination"),
    "EC2 Instance Terminate Unsuccessful": ("EC2_INSTANCE_TERMINATE_ERROR", "failed termination"),
}
"""The notification that goes with each event, and what its subject calls it."""


class Notifier:
    """Reaches topics and queues in the name of EC2 Auto Scaling."""

    def __init__(self, schedule: Schedule, streams: Streams, sns: Sns, stack: Stack) -> None:
        self._schedule = schedule
        self._streams = streams
        self._sns = sns
        self._topics = {topic.arn: topic.logical_id for topic in stack.of(Topic)}
        self.couriers: Couriers | None = None

    def test(self, group: AutoScalingGroup, target: str) -> None:
        """A target is tried out as soon as a group is told of it."""
        message = {
            **self._heading(),
            "AutoScalingGroupARN": group.arn,
            "AutoScalingGroupName": group.name,
            "Service": SERVICE,
            "Event": TEST,
            "Time": self._stamp(),
        }
        subject = f'Auto Scaling: test notification for group "{group.name}"'
        self._send(target, subject, message)

    def lifecycle(self, target: str, detail: Mapping[str, Any]) -> None:
        """An instance waits for a lifecycle hook."""
        message = {**self._heading(), **detail, "Service": SERVICE, "Time": self._stamp()}
        kind = detail["LifecycleTransition"].rpartition("_")[2]
        instance = detail["EC2InstanceId"]
        subject = f"Auto Scaling:  Lifecycle action '{kind}' for instance {instance} in progress."
        self._send(target, subject, message)

    def activity(self, group: AutoScalingGroup, event: str, activity: Activity) -> None:
        """An activity is over, with an event of that detail-type: topics that want to know are
        told."""
        kind, what = NOTICES[event]
        notice = f"autoscaling:{kind}"
        for configuration in group.notification_configurations:
            if notice in configuration.notification_types:
                subject = f'Auto Scaling: {what} for group "{group.name}"'
                message = self._activity(group, notice, activity)
                self._send(configuration.topic_arn, subject, message)

    def _activity(self, group: AutoScalingGroup, notice: str, activity: Activity) -> dict[str, Any]:
        well = activity.status == "Successful"
        return {
            "Progress": 50 if well else 100,
            "AccountId": ACCOUNT,
            "Description": activity.description,
            "RequestId": activity.id,
            "EndTime": self._stamp(activity.end),
            "AutoScalingGroupARN": group.arn,
            "ActivityId": activity.id,
            "StartTime": self._stamp(activity.start),
            "Service": SERVICE,
            "Time": self._stamp(),
            "EC2InstanceId": activity.instance or "",
            "StatusCode": "InProgress" if well else activity.status,
            "StatusMessage": activity.message,
            "Details": {"Subnet ID": activity.subnet, "Availability Zone": activity.zone},
            "AutoScalingGroupName": group.name,
            "Cause": activity.cause,
            "Event": notice,
        }

    def _heading(self) -> dict[str, Any]:
        return {"AccountId": ACCOUNT, "RequestId": self._streams.uuid("autoscaling/requests")}

    def _stamp(self, time: float | None = None) -> str:
        stamp = self._schedule.utc(time).isoformat(timespec="milliseconds")
        return stamp.replace("+00:00", "Z")

    def _send(self, target: str, subject: str, message: Mapping[str, Any]) -> None:
        """To a topic or a queue by its ARN; what is not there takes nothing."""
        if target in self._topics:
            self._sns.publish(self._topics[target], subject, compact(message))
        elif self.couriers is not None and ":sqs:" in target:
            with suppress(DeliveryError):
                self.couriers.to_queue(target, compact(message))

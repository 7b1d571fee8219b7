"""What a group writes down as it goes: activities, lifecycle states, capacity, events.

Sources: API Activity; "EC2 Auto Scaling events" for the event bus.
"""

from __future__ import annotations

import math

from model.autoscaling.activity import Activity
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.notifications import Notifier
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zonal import by_zone
from model.clock import Phase, Schedule, Streams
from model.ec2.instances import Instance, instance_arn
from model.ec2.service import Ec2
from model.events.bus import EventBus
from model.journal import Journal


class Record:
    """The record of one group."""

    def __init__(
        self,
        schedule: Schedule,
        streams: Streams,
        bus: EventBus,
        journal: Journal,
        ec2: Ec2,
        resource: AutoScalingGroup,
        members: Members,
        notifier: Notifier,
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._journal = journal
        self._ec2 = ec2
        self.resource = resource
        self._members = members
        self._notifier = notifier
        self.activities: list[Activity] = []
        self._counted_at = math.nan
        """The instant for which instances are about to be counted zone by zone."""

    @property
    def group(self) -> str:
        """The group's logical id."""
        return self.resource.logical_id

    def introduce(self) -> None:
        """Topics that are told of activities are tried out."""
        for configuration in self.resource.notification_configurations:
            self._notifier.test(self.resource, configuration.topic_arn)

    def begin(self, description: str, cause: str, instance: Instance) -> Activity:
        """An activity that concerns an instance begins."""
        activity = self._activity(description, cause)
        activity.zone, activity.subnet = instance.zone, instance.subnet
        activity.instance = instance.id
        self.activities.append(activity)
        return activity

    def failed_launch(
        self, description: str, cause: str, zone: str, subnet: str, reason: str
    ) -> None:
        """No instance could be launched; `reason` is what EC2 says."""
        activity = self._activity(description, cause)
        activity.zone, activity.subnet = zone, subnet
        self.abandon(activity, f"{reason} Launching EC2 instance failed.")
        self.activities.append(activity)
        self.end(activity, "Failed", "EC2 Instance Launch Unsuccessful")

    def _activity(self, description: str, cause: str) -> Activity:
        return Activity(
            id=self._streams.uuid(f"autoscaling/{self.group}/ids"),
            group=self.group,
            description=description,
            cause=cause,
            start=self._schedule.now,
        )

    def cancel(self, activity: Activity) -> None:
        """An activity that is not over is overtaken by another."""
        if activity.end is None:
            kind = "Launch" if activity.comes else "Terminate"
            self.end(activity, "Cancelled", f"EC2 Instance {kind} Unsuccessful")

    def note(self, description: str, cause: str) -> None:
        """Something could not be done, of which no instance is to blame."""
        last = self.activities[-1]
        if last.description == description and last.cause == cause:
            return
        activity = self._activity(description, cause)
        activity.end, activity.status = activity.start, "Cancelled"
        self.activities.append(activity)

    def abandon(self, activity: Activity, why: str) -> None:
        """An activity will not succeed: its description tells why."""
        activity.description += f".  Status Reason: {why}"
        activity.message = why

    def end(self, activity: Activity, status: str, event: str) -> None:
        """An activity is over, with a StatusCode and an event of that detail-type."""
        activity.end, activity.status = self._schedule.now, status
        utc, instance = self._schedule.utc, activity.instance
        detail = {
            "StatusCode": "InProgress" if status == "Successful" else "Failed",
            "Description": activity.description,
            "AutoScalingGroupName": self.resource.name,
            "ActivityId": activity.id,
            "Details": {"Availability Zone": activity.zone, "Subnet ID": activity.subnet},
            "RequestId": activity.id,
            "StatusMessage": activity.message,
            "StartTime": f"{utc(activity.start):%Y-%m-%dT%H:%M:%SZ}",
            "EndTime": f"{utc(activity.end):%Y-%m-%dT%H:%M:%SZ}",
            "EC2InstanceId": instance or "",
            "Cause": activity.cause,
        }
        resources = (self.resource.arn, *([instance_arn(instance)] if instance else []))
        self._bus.publish("aws.autoscaling", event, resources, detail)
        self._notifier.activity(self.resource, event, activity)

    def lifecycle(self, member: Member, lifecycle: Lifecycle) -> None:
        """A member enters a state of its lifecycle."""
        member.lifecycle = lifecycle
        self._ec2.roster.changes += 1
        self._journal.write(self._schedule.now, member.instance.id, "lifecycle", lifecycle.value)
        self.capacity()

    def capacity(self) -> None:
        """The group's capacity may have changed."""
        group, now = self.resource.logical_id, self._schedule.now
        self._journal.write(now, group, "capacity", self._members.capacity)
        if self._counted_at != now:
            self._counted_at = now
            self._schedule.at(now, Phase.CONTROL, self._count_zones)

    def _count_zones(self) -> None:
        """Zone by zone it is counted once for all that changes at an instant."""
        now, self._counted_at = self._schedule.now, math.nan
        zones = by_zone(self._members.values(), now, self.resource.instance_warmup or 0)
        self._journal.write(now, self.resource.logical_id, "zones", zones)

"""What a group writes down as it goes: activities, lifecycle states, capacity, events.

Sources: API Activity; "EC2 Auto Scaling events" for the event bus.
"""

from __future__ import annotations

from model.autoscaling.activity import Activity
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.resources import AutoScalingGroup
from model.clock import Schedule, Streams
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
    ) -> None:
        self._schedule = schedule
        self._streams = streams
        self._bus = bus
        self._journal = journal
        self._ec2 = ec2
        self.resource = resource
        self._members = members
        self.activities: list[Activity] = []

    def begin(self, description: str, cause: str, instance: Instance) -> Activity:
        """An activity that concerns an instance begins."""
        activity = self._begin(description, cause, instance.zone, instance.subnet)
        activity.instance = instance.id
        return activity

    def failed_launch(self, cause: str, zone: str, subnet: str, reason: str) -> None:
        """No instance could be launched; `reason` is what EC2 says."""
        message = f"{reason} Launching EC2 instance failed."
        description = f"Launching a new EC2 instance.  Status Reason: {message}"
        activity = self._begin(description, cause, zone, subnet)
        activity.message = message
        self.end(activity, "Failed", "EC2 Instance Launch Unsuccessful")

    def _begin(self, description: str, cause: str, zone: str, subnet: str) -> Activity:
        group = self.resource.logical_id
        activity = Activity(
            id=self._streams.uuid(f"autoscaling/{group}/ids"),
            group=group,
            description=description,
            cause=cause,
            start=self._schedule.now,
            zone=zone,
            subnet=subnet,
        )
        self.activities.append(activity)
        return activity

    def end(self, activity: Activity, status: str, event: str) -> None:
        """An activity is over, with a StatusCode and an event of that detail-type."""
        activity.end, activity.status = self._schedule.now, status
        utc, instance = self._schedule.utc, activity.instance
        self._bus.publish(
            "aws.autoscaling",
            event,
            (self.resource.arn, *([instance_arn(instance)] if instance else [])),
            {
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
            },
        )

    def lifecycle(self, member: Member, lifecycle: Lifecycle) -> None:
        """A member enters a state of its lifecycle."""
        member.lifecycle = lifecycle
        self._ec2.roster.changes += 1
        self._journal.write(self._schedule.now, member.instance.id, "lifecycle", lifecycle.value)
        self.capacity()

    def capacity(self) -> None:
        """The group's capacity may have changed."""
        group = self.resource.logical_id
        self._journal.write(self._schedule.now, group, "capacity", self._members.capacity)

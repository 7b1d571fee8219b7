"""How a group gets another instance: in which zone, from which template, until it is in service.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Amazon EC2 Auto Scaling benefits" (zones).
Without a lifecycle hook an instance is in service as soon as EC2 says it runs, with one as soon as
that is over; it is registered with the target groups just before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from model.autoscaling.attachments import Attachments
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest
from model.clock import Schedule
from model.ec2.resources import LaunchTemplate
from model.ec2.service import Ec2


class Launcher:
    """Launches the instances of one group."""

    def __init__(
        self,
        schedule: Schedule,
        ec2: Ec2,
        attachments: Attachments,
        resource: AutoScalingGroup,
        template: LaunchTemplate,
        subnets: Mapping[str, str],
        blocked: Callable[[str], bool],
        members: Members,
        record: Record,
    ) -> None:
        self._schedule = schedule
        self._ec2 = ec2
        self._attachments = attachments
        self.resource = resource
        self._template = template
        self.specification = resource.launch_template
        """The launch template and its version that instances are launched from."""
        self._subnets = subnets
        """The subnet of each zone, in order of the group's subnets."""
        self._blocked = blocked
        self._members = members
        self._record = record

    @property
    def current(self) -> tuple[str, int]:
        """The launch template and the number of its version."""
        version = self.specification.version
        number = int(version) if version.isdecimal() else 1
        return self.specification.launch_template_id, number

    @property
    def zones(self) -> list[str]:
        """The group's zones, in order of its subnets."""
        return list(self._subnets)

    def open_zones(self) -> list[str]:
        """Zones it can launch in: those that are impaired are left out while another is not."""
        open_zones = [zone for zone in self._subnets if not self._blocked(zone)]
        return open_zones or list(self._subnets)

    def counts(self) -> dict[str, int]:
        """How many active members each open zone has."""
        counts = dict.fromkeys(self.open_zones(), 0)
        for member in self._members.active():
            if member.instance.zone in counts:
                counts[member.instance.zone] += 1
        return counts

    def launch(
        self,
        cause: str,
        *,
        zone: str | None = None,
        balancing: bool = False,
        into: Lifecycle = Lifecycle.PENDING,
    ) -> Member:
        """Launch an instance, in the emptiest zone if none is given; for the warm pool, it is
        `into` Warmed:Pending."""
        zone = zone or emptiest(self.counts())
        instance = self._ec2.run_instance(
            self._template.launch_template_data,
            self._subnets[zone],
            group=self.resource.logical_id,
            template=self._template.logical_id,
            services=self._ec2.software.get(self.resource.logical_id, ()),
        )
        instance.template, instance.template_version = self.current
        where = "" if into is Lifecycle.PENDING else " into warm pool"
        description = f"Launching a new EC2 instance{where}: {instance.id}"
        activity = self._record.begin(description, cause, instance)
        member = Member(instance, activity, balancing=balancing)
        self._members[instance.id] = member
        self._record.lifecycle(member, into)
        return member

    def enter_service(self, member: Member, *, registers: bool) -> None:
        """A member is ready: it is registered (unless that is suspended), and in service."""
        if registers:
            self._attachments.register(member.instance)
        member.in_service_at = self._schedule.now
        member.protected = self.resource.new_instances_protected_from_scale_in
        self._record.lifecycle(member, Lifecycle.IN_SERVICE)
        self._record.end(member.activity, "Successful", "EC2 Instance Launch Successful")

"""How a group gets another instance: in which zone, of which type, until it is in service.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Amazon EC2 Auto Scaling benefits" (zones),
"Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures". Without a lifecycle hook an
instance is in service as soon as EC2 says it runs; it is registered with the target groups just
before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from model.autoscaling.allocation import Offer
from model.autoscaling.back_off import BackOff
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.members import Lifecycle, Member, Members
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest
from model.clock import Phase, Schedule
from model.ec2.instances import Instance
from model.ec2.launches import LaunchError
from model.ec2.service import Ec2
from model.elb.service import Elb

Subnets = Mapping[str, Sequence[str]]
"""The subnets of each zone, in order of the group's subnets."""


class Launcher:
    """Launches the instances of one group."""

    def __init__(
        self,
        schedule: Schedule,
        ec2: Ec2,
        elb: Elb,
        resource: AutoScalingGroup,
        source: LaunchSource,
        subnets: Subnets,
        blocked: Callable[[str], bool],
        members: Members,
        record: Record,
        retry: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        """`retry` is called when what failed may be tried again, `give_up` when nothing could be
        launched for a day."""
        self._schedule = schedule
        self._ec2 = ec2
        self._elb = elb
        self.resource = resource
        self.source = source
        """What instances are launched from."""
        self._subnets = subnets
        self._blocked = blocked
        self._members = members
        self._record = record
        self._retry = retry
        self._give_up = give_up
        self._back_off = BackOff()
        self.failures = 0
        """How many launches have failed."""
        self._retrying = False

    # -- where --------------------------------------------------------------------------------

    @property
    def zones(self) -> list[str]:
        """The group's zones, in order of its subnets."""
        return list(self._subnets)

    def open_zones(self) -> list[str]:
        """Zones it can launch in: those that are impaired, or where a launch has just failed, are
        left out while another is not."""
        unimpaired, now = self._unimpaired(), self._schedule.now
        return [zone for zone in unimpaired if self._back_off.open(zone, now)] or unimpaired

    def _unimpaired(self) -> list[str]:
        return [zone for zone in self._subnets if not self._blocked(zone)] or list(self._subnets)

    def counts(self) -> dict[str, int]:
        """How many active members each open zone has, without those that are being replaced."""
        return self._count(self.open_zones())

    def _count(self, zones: Sequence[str]) -> dict[str, int]:
        counts = dict.fromkeys(zones, 0)
        for member in self._members.active():
            if member.instance.zone in counts and not member.leaving:
                counts[member.instance.zone] += 1
        return counts

    def _places(self, zone: str | None) -> list[str]:
        """Zones to try, the emptiest first: one alone if the group is to stay balanced."""
        now = self._schedule.now
        strategy = self.resource.availability_zone_distribution.capacity_distribution_strategy
        if zone is not None:
            places = [zone]
        elif strategy == "balanced-only":
            places = [emptiest(self._count(self._unimpaired()))]
        else:
            counts = self.counts()
            places = sorted(counts, key=lambda name: (counts[name], name))
        return [place for place in places if self._back_off.open(place, now)]

    def _subnet(self, zone: str) -> str:
        """The subnet of a zone with the most free addresses."""
        return max(self._subnets[zone], key=self._ec2.free_addresses)

    # -- what ---------------------------------------------------------------------------------

    def launch(
        self,
        cause: str,
        *,
        zone: str | None = None,
        balancing: bool = False,
        replaces: Member | None = None,
        instead: Member | None = None,
    ) -> Member | None:
        """Launch an instance, in the emptiest zone if none is given; with `replaces` a Spot
        instance that takes another's place, and `instead` of one that is to end afterwards.

        None if that fails: it is on the record, and tried again after a while.
        """
        for place in self._places(zone):
            subnet = self._subnet(place)
            try:
                instance, offer = self._run(place, subnet, replaces, instead)
            except LaunchError as error:
                self._fail(error, cause, place, subnet)
                if not balancing and self._back_off.gives_up(self._schedule.now):
                    self._give_up()
                if not error.zonal:
                    break
                continue
            self._back_off.succeeded(place)
            description = f"Launching a new EC2 instance: {instance.id}"
            activity = self._record.begin(description, cause, instance)
            member = Member(
                instance, activity, balancing=balancing, units=offer.weight, replaces=replaces
            )
            self._members[instance.id] = member
            self._record.lifecycle(member, Lifecycle.PENDING)
            return member
        self._try_again()
        return None

    def _run(
        self, zone: str, subnet: str, replaces: Member | None, instead: Member | None
    ) -> tuple[Instance, Offer]:
        """Have EC2 run an instance in a zone. Raises the `LaunchError` of what was wanted most, if
        none of the group's types can be had there."""
        counted = [m for m in self._members.active() if not m.leaving and m is not instead]
        if replaces is not None:
            offers = self.source.spot_offers(zone, counted)
        else:
            offers = self.source.offers(zone, counted, self._members.desired)
        problem = None
        for offer in offers:
            try:
                instance = self._ec2.run_instance(
                    offer.data,
                    subnet,
                    kind=offer.type,
                    group=self.resource.logical_id,
                    template=offer.template,
                    configuration=offer.configuration,
                    services=self._ec2.software.get(self.resource.logical_id, ()),
                    spot=offer.spot,
                    max_price=offer.max_price,
                    others=tuple(other for other in self._subnets if other != zone),
                )
            except LaunchError as error:
                problem = problem or error
                continue
            return instance, offer
        assert problem is not None
        raise problem

    # -- what fails ---------------------------------------------------------------------------

    def _fail(self, error: LaunchError, cause: str, zone: str, subnet: str) -> None:
        self._record.failed_launch(cause, zone, subnet, str(error))
        self.failures += 1
        self._back_off.failed([zone] if error.zonal else self.zones, self._schedule.now)

    def _try_again(self) -> None:
        if not self._retrying:
            self._retrying = True
            due = self._back_off.next_try(self._unimpaired(), self._schedule.now)
            self._schedule.at(due, Phase.CONTROL, self._again)

    def _again(self) -> None:
        self._retrying = False
        self._retry()

    # -- in service ---------------------------------------------------------------------------

    def enter_service(self, member: Member, *, registers: bool) -> None:
        """A member is ready: it is registered (unless that is suspended), and in service."""
        if registers:
            for group in self.resource.attachments:
                self._elb.register_targets(group, [member.instance])
        member.in_service_at = self._schedule.now
        self._record.lifecycle(member, Lifecycle.IN_SERVICE)
        self._record.end(member.activity, "Successful", "EC2 Instance Launch Successful")

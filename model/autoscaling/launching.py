"""How a group gets another instance: in which zone, of which type, until it is in service.

Sources: "Amazon EC2 Auto Scaling instance lifecycle", "Amazon EC2 Auto Scaling benefits" (zones),
"Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures". Without a lifecycle hook an
instance is in service as soon as EC2 says it runs, with one as soon as that is over; it is
registered with the target groups just before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from model.autoscaling.allocation import Offer
from model.autoscaling.attachments import Attachments
from model.autoscaling.back_off import BackOff
from model.autoscaling.launch_sources import LaunchSource
from model.autoscaling.members import POOLED, Lifecycle, Member, Members
from model.autoscaling.record import Record
from model.autoscaling.resources import AutoScalingGroup
from model.autoscaling.zones import emptiest
from model.clock import Phase, Schedule
from model.ec2.instances import Instance
from model.ec2.launches import LaunchError
from model.ec2.service import Ec2

Subnets = Mapping[str, Sequence[str]]
"""The subnets of each zone, in order of the group's subnets."""


class Launcher:
    """Launches the instances of one group."""

    def __init__(
        self,
        schedule: Schedule,
        ec2: Ec2,
        attachments: Attachments,
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
        self._attachments = attachments
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
        return _count(self._members.active(), self.open_zones())

    def _places(self, zone: str | None, pooled: bool) -> list[str]:
        """Zones to try, the emptiest first (of the warm pool's instances, if it is for that): one
        alone if the group is to stay balanced."""
        now = self._schedule.now
        own = self._members.in_state(*POOLED) if pooled else self._members.active()
        strategy = self.resource.availability_zone_distribution.capacity_distribution_strategy
        if zone is not None:
            places = [zone]
        elif strategy == "balanced-only":
            places = [emptiest(_count(own, self._unimpaired()))]
        else:
            counts = _count(own, self.open_zones())
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
        at_any_risk: bool = False,
        into: Lifecycle = Lifecycle.PENDING,
    ) -> Member | None:
        """Launch an instance, in the emptiest zone if none is given; `instead` of one that is to
        end afterwards. With `replaces` it is a Spot instance that takes another's place, from a
        pool that is no riskier (unless `at_any_risk`). For the warm pool it is `into`
        Warmed:Pending.

        None if that fails: it is on the record, and tried again after a while.
        """
        pooled = into is not Lifecycle.PENDING
        what = f"Launching a new EC2 instance{' into warm pool' if pooled else ''}"
        for place in self._places(zone, pooled):
            subnet = self._subnet(place)
            offers = self._offers(place, replaces, instead, at_any_risk)
            if not offers:
                continue
            try:
                instance, offer = self._run(offers, place, subnet)
            except LaunchError as error:
                self._fail(error, what, cause, place, subnet)
                if not balancing and self._back_off.gives_up(self._schedule.now):
                    self._give_up()
                if not error.zonal:
                    break
                continue
            self._back_off.succeeded(place)
            activity = self._record.begin(f"{what}: {instance.id}", cause, instance)
            member = Member(
                instance, activity, balancing=balancing, units=offer.weight, replaces=replaces
            )
            self._members.add(member)
            self._record.lifecycle(member, into)
            return member
        if replaces is None:  # else Capacity Rebalancing looks after it
            self._try_again()
        return None

    def _offers(
        self, zone: str, replaces: Member | None, instead: Member | None, at_any_risk: bool
    ) -> list[Offer]:
        """What could be launched in a zone, the best first."""
        counted = [m for m in self._members.active() if not m.leaving and m is not instead]
        if replaces is None:
            return self.source.offers(zone, counted, self._members.desired)
        offers = self.source.spot_offers(zone, counted)
        if at_any_risk:
            return offers
        return [o for o in offers if not self._ec2.spot.riskier(o.type, zone, replaces.instance)]

    def _run(self, offers: list[Offer], zone: str, subnet: str) -> tuple[Instance, Offer]:
        """Have EC2 run an instance in a zone. Raises the `LaunchError` of what was wanted most, if
        none of the group's types can be had there."""
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

    def _fail(self, error: LaunchError, what: str, cause: str, zone: str, subnet: str) -> None:
        self._record.failed_launch(what, cause, zone, subnet, str(error))
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
            self._attachments.register(member.instance)
        member.in_service_at = self._schedule.now
        member.protected = self.resource.new_instances_protected_from_scale_in
        self._record.lifecycle(member, Lifecycle.IN_SERVICE)
        self._record.end(member.activity, "Successful", "EC2 Instance Launch Successful")


def _count(members: Iterable[Member], zones: Sequence[str]) -> dict[str, int]:
    """How many of them each of these zones has; those that are being replaced do not count."""
    counts = dict.fromkeys(zones, 0)
    for member in members:
        if member.instance.zone in counts and not member.leaving:
            counts[member.instance.zone] += 1
    return counts

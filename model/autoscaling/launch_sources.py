"""What a group launches from, and the ways in which it could launch its next instance.

Sources: "Launch templates", "Auto Scaling groups with multiple instance types and purchase
options", "Configure instance weighting", "Create an Auto Scaling group using attribute-based
instance type selection".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from attrs import evolve

from model.autoscaling.allocation import Offer, on_demand_order, on_demand_units, spot_order
from model.autoscaling.errors import AutoScalingError
from model.autoscaling.launch_configurations import LaunchConfiguration
from model.autoscaling.members import Member, units_of
from model.autoscaling.mixed_instances import MixedInstancesPolicy
from model.autoscaling.resources import AutoScalingGroup
from model.ec2.instance_types import INSTANCE_TYPES, InstanceType
from model.ec2.launch_templates import LaunchTemplateData, LaunchTemplateSpecification
from model.ec2.service import Ec2
from model.ec2.templates import LaunchTemplateError, TemplateVersion
from model.stack import Stack


class LaunchSource:
    """The launch template, launch configuration or mixed instances policy of one group."""

    def __init__(self, ec2: Ec2, resource: AutoScalingGroup, stack: Stack) -> None:
        self._ec2 = ec2
        self.resource = resource
        self._stack = stack
        self.specification = resource.template
        """The launch template and its version, overrides left aside; None: a configuration."""

    @property
    def policy(self) -> MixedInstancesPolicy | None:
        return self.resource.mixed_instances_policy

    def configure(self, resource: AutoScalingGroup) -> None:
        """From now on it is as `resource` says."""
        if resource.template != self.resource.template:
            self.specification = resource.template
        self.resource = resource

    def check(self, resource: AutoScalingGroup) -> None:
        """Raises `AutoScalingError` if a group like that could not launch."""
        for wanted in specifications(resource):
            try:
                data = self._ec2.templates.resolve(wanted).data
            except LaunchTemplateError as problem:
                raise AutoScalingError(str(problem)) from None
            wrong = unusable(resource, wanted.template, data)
            if wrong is not None:
                raise AutoScalingError(wrong)

    @property
    def current(self) -> TemplateVersion | None:
        """The launch template's version that is launched from at present (None: the group has a
        launch configuration)."""
        wanted = self.specification
        return None if wanted is None else self._ec2.templates.resolve(wanted)

    @property
    def data(self) -> LaunchTemplateData:
        """How instances are launched at present, overrides left aside."""
        current = self.current
        if current is not None:
            return current.data
        found = self._stack.resources[self.resource.launch_configuration_name or ""]
        assert isinstance(found, LaunchConfiguration)
        return found.data

    def offers(self, zone: str, members: Iterable[Member], desired: int) -> list[Offer]:
        """The ways to launch the next instance in a zone, the best one first.

        `members` are those that count towards the desired capacity (in units).
        """
        policy = self.policy
        if policy is None:
            return [self._single()]
        members = list(members)
        wanted = _on_demand(policy, max(desired, units_of(members) + 1))
        if _bought(members) < wanted:
            return on_demand_order(list(self._mixed(policy)), policy.on_demand_strategy)
        return self.spot_offers(zone, members)

    def beyond_share(
        self, candidates: Sequence[Member], members: Iterable[Member], desired: int
    ) -> list[Member]:
        """Of some candidates to be ended, those bought in the way that has more than its share of
        all members, as far as there are any."""
        policy = self.policy
        if policy is None:
            return list(candidates)
        spot = _bought(members) <= _on_demand(policy, desired)
        return [m for m in candidates if m.instance.spot is spot] or list(candidates)

    def misplaced(self, members: Sequence[Member], desired: int) -> list[Member]:
        """Those of the purchase option that has more than its share; nobody while the shares are
        right, or where types have weights, by which they seldom can be."""
        policy = self.policy
        if policy is None or any(member.units > 1 for member in members):
            return []
        bought, wanted = _bought(members), _on_demand(policy, desired)
        return [m for m in members if bought != wanted and m.instance.spot is (bought < wanted)]

    def worst(self, members: Sequence[Member]) -> list[Member]:
        """Of some members those whose type the allocation strategy likes least in their zone."""
        policy = self.policy
        if policy is None:
            return list(members)
        owned = on_demand_order(list(self._mixed(policy)), policy.on_demand_strategy)
        spot = {
            zone: self.spot_offers(zone, members)
            for zone in {member.instance.zone for member in members if member.instance.spot}
        }

        def rank(member: Member) -> int:
            instance = member.instance
            offers = spot[instance.zone] if instance.spot else owned
            types = [offer.type for offer in offers]
            name = instance.type.name
            return types.index(name) if name in types else len(types)

        ranks = [rank(member) for member in members]
        most = max(ranks, default=0)
        return [member for member, own in zip(members, ranks, strict=True) if own == most]

    def spot_offers(self, zone: str, members: Iterable[Member]) -> list[Offer]:
        """The ways to launch a Spot instance in a zone, the best one first."""
        policy = self.policy
        if policy is None:
            return [self._single()]
        spread, market = policy.instances_distribution, self._ec2.spot
        offers = [_as_spot(offer, spread.max_price) for offer in self._mixed(policy, spot=True)]
        held: dict[str, int] = {}
        for member in members:
            instance = member.instance
            if instance.spot and instance.zone == zone:
                held[instance.type.name] = held.get(instance.type.name, 0) + 1
        return spot_order(
            offers,
            spread.spot_allocation_strategy,
            partial(market.terms, zone=zone),
            partial(market.room, zone=zone),
            held,
            spread.spot_instance_pools,
        )

    def _single(self) -> Offer:
        data, current = self.data, self.current
        kind = min(_kinds(data, spot=data.spot), key=lambda kind: kind.price)
        return Offer(
            data,
            kind.name,
            template=current,
            configuration=None if current else self.resource.launch_configuration_name,
            spot=data.spot,
            max_price=data.max_price,
        )

    def _mixed(self, policy: MixedInstancesPolicy, *, spot: bool = False) -> Iterator[Offer]:
        """All types, in order of the overrides."""
        base = self.specification or policy.launch_template.launch_template_specification
        overrides = policy.launch_template.overrides
        if not overrides:
            version = self._ec2.templates.resolve(base)
            for kind in _kinds(version.data, spot=spot):
                yield Offer(version.data, kind.name, self._counts(kind), version)
        for override in overrides:
            version = self._ec2.templates.resolve(override.launch_template_specification or base)
            data = override.over(version.data)
            for kind in _kinds(data, spot=spot):
                weight = override.weighted_capacity or self._counts(kind)
                yield Offer(data, kind.name, weight, version)

    def units(self, kind: InstanceType, before: int = 1) -> int:
        """What an instance counts for by its type; where weights say nothing of that, as much as
        `before`."""
        overrides = () if self.policy is None else self.policy.launch_template.overrides
        weights = {item.instance_type: item.weighted_capacity for item in overrides}
        if any(weights.values()):
            return weights.get(kind.name) or before
        return self._counts(kind)

    def _counts(self, kind: InstanceType) -> int:
        """The units that an instance counts for, by the group's DesiredCapacityType."""
        match self.resource.desired_capacity_type:
            case "vcpu":
                return round(kind.vcpus)
            case "memory-mib":
                return round(kind.memory * 1024)
        return 1


def specifications(group: AutoScalingGroup) -> Iterator[LaunchTemplateSpecification]:
    """All launch templates, with their versions, that a group launches from."""
    if group.template is not None:
        yield group.template
    policy = group.mixed_instances_policy
    for override in () if policy is None else policy.launch_template.overrides:
        if override.launch_template_specification is not None:
            yield override.launch_template_specification


def unusable(group: AutoScalingGroup, template: str, data: LaunchTemplateData) -> str | None:
    """Why a group cannot launch from a launch template that says this, if it cannot."""
    policy = group.mixed_instances_policy
    if policy is not None and data.spot:
        return (
            f"{template} asks for Spot instances by InstanceMarketOptions, which does not go with "
            "a MixedInstancesPolicy: that says itself how much is Spot"
        )
    overridden = policy is not None and policy.launch_template.overrides
    if overridden or data.instance_type is not None or data.instance_requirements is not None:
        return None
    return f"{template} says no InstanceType" + (": give Overrides" if policy is not None else "")


def _on_demand(policy: MixedInstancesPolicy, capacity: int) -> int:
    """How many units of a capacity are to be On-Demand."""
    spread = policy.instances_distribution
    return on_demand_units(
        capacity,
        spread.on_demand_base_capacity,
        spread.on_demand_percentage_above_base_capacity,
    )


def _bought(members: Iterable[Member]) -> int:
    """How many units of them are On-Demand."""
    return units_of(member for member in members if not member.instance.spot)


def _kinds(data: LaunchTemplateData, *, spot: bool) -> list[InstanceType]:
    """The type of a launch template, or those that have what it requires."""
    if data.instance_requirements is not None:
        return data.instance_requirements.fitting(spot=spot)
    assert data.instance_type is not None
    return [INSTANCE_TYPES[data.instance_type]]


def _as_spot(offer: Offer, unit_price: float | None) -> Offer:
    most = None if unit_price is None else unit_price * offer.weight
    return evolve(offer, spot=True, max_price=most)

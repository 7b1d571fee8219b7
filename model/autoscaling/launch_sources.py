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
from model.autoscaling.launch_configurations import LaunchConfiguration
from model.autoscaling.members import Member, units_of
from model.autoscaling.mixed_instances import LaunchTemplateOverrides, MixedInstancesPolicy
from model.autoscaling.resources import AutoScalingGroup
from model.ec2.instance_types import INSTANCE_TYPES, InstanceType
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.ec2.service import Ec2
from model.ec2.templates import TemplateVersion
from model.stack import Stack


class LaunchSource:
    """The launch template, launch configuration or mixed instances policy of one group."""

    def __init__(self, ec2: Ec2, resource: AutoScalingGroup, stack: Stack) -> None:
        self._ec2 = ec2
        self.resource = resource
        self._stack = stack
        self.specification = _specification(resource)
        """The launch template and its version, overrides left aside; None: a configuration."""

    @property
    def policy(self) -> MixedInstancesPolicy | None:
        return self.resource.mixed_instances_policy

    @property
    def current(self) -> TemplateVersion | None:
        """The launch template's version that is launched from at present (None: the group has a
        launch configuration)."""
        wanted = self.specification
        return None if wanted is None else self._ec2.templates.resolve(wanted)

    def offers(self, zone: str, members: Iterable[Member], desired: int) -> list[Offer]:
        """The ways to launch the next instance in a zone, the best one first.

        `members` are those that count towards the desired capacity (in units).
        """
        policy = self.policy
        if policy is None:
            return [self._single()]
        members = list(members)
        spread = policy.instances_distribution
        have = units_of(members)
        wanted = on_demand_units(
            max(desired, have + 1),
            spread.on_demand_base_capacity,
            spread.on_demand_percentage_above_base_capacity,
        )
        bought = units_of(member for member in members if not member.instance.spot)
        if bought < wanted:
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
        spread = policy.instances_distribution
        wanted = on_demand_units(
            desired,
            spread.on_demand_base_capacity,
            spread.on_demand_percentage_above_base_capacity,
        )
        bought = units_of(member for member in members if not member.instance.spot)
        spot = bought <= wanted
        return [m for m in candidates if m.instance.spot is spot] or list(candidates)

    def worst(self, members: Sequence[Member]) -> list[Member]:
        """Of some members in one zone those whose type the allocation strategy likes least."""
        policy = self.policy
        if policy is None or not members:
            return list(members)
        wanted = on_demand_order(list(self._mixed(policy)), policy.on_demand_strategy)
        order = {False: [offer.type for offer in wanted]}
        zone = members[0].instance.zone
        order[True] = [offer.type for offer in self.spot_offers(zone, members)]

        def rank(member: Member) -> int:
            types = order[member.instance.spot]
            name = member.instance.type.name
            return types.index(name) if name in types else len(types)

        most = max(map(rank, members))
        return [member for member in members if rank(member) == most]

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
        current = self.current
        if current is not None:
            data, configuration = current.data, None
        else:
            configuration = self.resource.launch_configuration_name
            found = self._stack.resources[configuration or ""]
            assert isinstance(found, LaunchConfiguration)
            data = found.data
        kind = data.instance_type
        if kind is None and data.instance_requirements is not None:
            fitting = data.instance_requirements.fitting(spot=data.spot)
            kind = min(fitting, key=lambda kind: kind.price).name
        assert kind is not None
        return Offer(
            data, kind, 1, current, configuration, spot=data.spot, max_price=data.max_price
        )

    def _mixed(self, policy: MixedInstancesPolicy, *, spot: bool = False) -> Iterator[Offer]:
        """All types, in order of the overrides."""
        base = self.specification or policy.launch_template.launch_template_specification
        for override in policy.launch_template.overrides or (LaunchTemplateOverrides(),):
            wanted = override.launch_template_specification or base
            version = self._ec2.templates.resolve(wanted)
            data = version.data
            if override.image_id is not None:
                data = evolve(data, image_id=override.image_id)
            for kind in _kinds(override, data.instance_type, spot=spot):
                weight = override.weighted_capacity or self._counts(kind)
                yield Offer(data, kind.name, weight, version)

    def units(self, kind: InstanceType) -> int:
        """What an instance counts for that the group has not launched itself."""
        overrides = () if self.policy is None else self.policy.launch_template.overrides
        weights = {item.instance_type: item.weighted_capacity for item in overrides}
        return weights.get(kind.name) or self._counts(kind)

    def _counts(self, kind: InstanceType) -> int:
        """The units that an instance counts for, by the group's DesiredCapacityType."""
        match self.resource.desired_capacity_type:
            case "vcpu":
                return kind.vcpus
            case "memory-mib":
                return round(kind.memory * 1024)
        return 1


def _specification(resource: AutoScalingGroup) -> LaunchTemplateSpecification | None:
    policy = resource.mixed_instances_policy
    if policy is not None:
        return policy.launch_template.launch_template_specification
    return resource.launch_template


def _kinds(
    override: LaunchTemplateOverrides, usual: str | None, *, spot: bool
) -> list[InstanceType]:
    if override.instance_requirements is not None:
        return override.instance_requirements.fitting(spot=spot)
    name = override.instance_type or usual
    assert name is not None
    return [INSTANCE_TYPES[name]]


def _as_spot(offer: Offer, unit_price: float | None) -> Offer:
    most = None if unit_price is None else unit_price * offer.weight
    return evolve(offer, spot=True, max_price=most)

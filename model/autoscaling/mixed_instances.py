"""Mixed instances policies, as CloudFormation describes them: several types, On-Demand and Spot.

Source: API InstancesDistribution, LaunchTemplateOverrides; "Auto Scaling groups with multiple
instance types and purchase options".
"""

from __future__ import annotations

from typing import Any

from attrs import Attribute, evolve, field, frozen

from model.ec2.credits import EARNED
from model.ec2.launch_templates import (
    LEAST_PRICE,
    LaunchTemplateData,
    LaunchTemplateSpecification,
    image,
    known_type,
)
from model.ec2.requirements import InstanceRequirements
from model.fields import FieldError, at_least, between, length, one_of

SPOT_STRATEGIES = (
    "lowest-price",
    "capacity-optimized",
    "capacity-optimized-prioritized",
    "price-capacity-optimized",
)
SPOT_POOLS = 2
"""How many of the cheapest pools of a zone lowest-price draws on, unless told."""
MOST_TYPES = 40
MOST_REQUIREMENTS = 4


@frozen(kw_only=True)
class InstancesDistribution:
    """How much is bought On-Demand, and which types and pools come first."""

    on_demand_allocation_strategy: str | None = field(
        default=None, validator=one_of("prioritized", "lowest-price")
    )
    """None: prioritized, or lowest-price where types are selected by their attributes."""
    on_demand_base_capacity: int = field(default=0, validator=at_least(0))
    on_demand_percentage_above_base_capacity: int = field(default=100, validator=between(0, 100))
    spot_allocation_strategy: str = field(
        default="lowest-price", validator=one_of(*SPOT_STRATEGIES)
    )
    spot_instance_pools: int | None = field(default=None, validator=between(1, 20))
    spot_max_price: str | None = field(default=None)
    """Dollars per unit and hour; none (or an empty text): the On-Demand price."""

    @spot_max_price.validator
    def _price(self, attribute: Attribute[Any], value: str | None) -> None:
        try:
            right = not value or float(value) >= LEAST_PRICE
        except ValueError:
            right = False
        if not right:
            raise FieldError(
                attribute, f"must be at least {LEAST_PRICE} dollars an hour, not {value!r}"
            )

    def __attrs_post_init__(self) -> None:
        if self.spot_instance_pools is not None and self.spot_allocation_strategy != "lowest-price":
            raise ValueError("SpotInstancePools goes with the SpotAllocationStrategy lowest-price")

    @property
    def max_price(self) -> float | None:
        """The maximum price of a unit, in dollars an hour."""
        return float(self.spot_max_price) if self.spot_max_price else None


@frozen(kw_only=True)
class LaunchTemplateOverrides:
    """An instance type (or what types must have), and what is special about it."""

    image_id: str | None = field(default=None, validator=image)
    instance_requirements: InstanceRequirements | None = None
    instance_type: str | None = field(default=None, validator=known_type)
    launch_template_specification: LaunchTemplateSpecification | None = None
    weighted_capacity: int | None = field(default=None, validator=between(1, 999))

    def __attrs_post_init__(self) -> None:
        if (self.instance_type is None) == (self.instance_requirements is None):
            raise ValueError("give either InstanceType or InstanceRequirements")
        if self.instance_requirements is not None and self.weighted_capacity is not None:
            raise ValueError(
                "WeightedCapacity goes with an InstanceType; with InstanceRequirements the group's "
                "DesiredCapacityType says what counts"
            )

    def over(self, data: LaunchTemplateData) -> LaunchTemplateData:
        """What a launch template says, with what is special about this."""
        earns = self.instance_type is None or self.instance_type in EARNED
        return evolve(
            data,
            image_id=self.image_id or data.image_id,
            credit_specification=data.credit_specification if earns else None,
            instance_type=self.instance_type,
            instance_requirements=self.instance_requirements,
        )


@frozen(kw_only=True)
class MixedLaunchTemplate:
    """The launch template, and the types to launch from it."""

    launch_template_specification: LaunchTemplateSpecification
    overrides: tuple[LaunchTemplateOverrides, ...] = field(
        default=(), validator=length(0, MOST_TYPES)
    )

    def __attrs_post_init__(self) -> None:
        overrides = self.overrides
        weighted = sum(item.weighted_capacity is not None for item in overrides)
        if 0 < weighted < len(overrides):
            raise ValueError("give all instance types a WeightedCapacity, or none of them")
        required = sum(item.instance_requirements is not None for item in overrides)
        if 0 < required < len(overrides):
            raise ValueError("give all overrides an InstanceType, or all InstanceRequirements")
        if required > MOST_REQUIREMENTS:
            raise ValueError(
                f"there can be {MOST_REQUIREMENTS} sets of InstanceRequirements, not {required}"
            )
        names = [item.instance_type for item in overrides if item.instance_type is not None]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"the instance type {name} is given twice")


@frozen(kw_only=True)
class MixedInstancesPolicy:
    """Several instance types in one group, bought in two ways."""

    instances_distribution: InstancesDistribution = InstancesDistribution()
    launch_template: MixedLaunchTemplate

    @property
    def selects_by_attributes(self) -> bool:
        """Whether types are selected by what they have."""
        return any(item.instance_requirements for item in self.launch_template.overrides)

    @property
    def weighted(self) -> bool:
        """Whether its types count for more or less."""
        return any(item.weighted_capacity for item in self.launch_template.overrides)

    @property
    def buys_spot(self) -> bool:
        """Whether some of the capacity is to be Spot."""
        return self.instances_distribution.on_demand_percentage_above_base_capacity < 100

    @property
    def on_demand_strategy(self) -> str:
        """Which type comes first On-Demand."""
        usual = "lowest-price" if self.selects_by_attributes else "prioritized"
        return self.instances_distribution.on_demand_allocation_strategy or usual

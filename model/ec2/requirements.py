"""Attribute-based instance type selection: the types that have what is asked for.

Source: API InstanceRequirements (Amazon EC2 and Amazon EC2 Auto Scaling). Only types that Spillover
knows can be found, so price protection, which leaves out what is far dearer than the cheapest
current C, M or R type that fits, has few to leave out.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, ClassVar

from attrs import Attribute, field, frozen

from model.ec2.credits import EARNED
from model.ec2.instance_types import INSTANCE_TYPES, InstanceType
from model.fields import each, length, one_of

PREVIOUS = frozenset({"t2"})
"""Families that are not of the current generation ("Amazon EC2 instance types")."""
ARM = frozenset({"t4g", "m6g", "c6g", "m7g"})
"""Families whose processors AWS made."""
ON_DEMAND_PROTECTION = 20
"""Per cent above the cheapest fitting current C, M or R type, On-Demand."""
SPOT_PROTECTION = 100
"""The same of Spot prices."""


@frozen(kw_only=True)
class Range:
    """From `Min` to `Max`; one that is not given sets no limit."""

    min: float | None = None
    max: float | None = None

    def __attrs_post_init__(self) -> None:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"Min ({self.min:g}) must not be above Max ({self.max:g})")

    def __contains__(self, value: float) -> bool:
        low = self.min is None or value >= self.min
        return low and (self.max is None or value <= self.max)


def _with_least(_: Any, attribute: Attribute[Any], value: Range) -> None:
    if value.min is None:
        raise ValueError(f"{attribute.metadata['name']} needs a Min (0: no minimum)")


@frozen(kw_only=True)
class InstanceRequirements:
    """What an instance type must have."""

    REFUSED: ClassVar[dict[str, str]] = dict.fromkeys(
        (
            "AcceleratorCount",
            "AcceleratorManufacturers",
            "AcceleratorNames",
            "AcceleratorTotalMemoryMiB",
            "AcceleratorTypes",
            "BaselineEbsBandwidthMbps",
            "BaselinePerformanceFactors",
            "LocalStorageTypes",
            "MaxSpotPriceAsPercentageOfOptimalOnDemandPrice",
            "NetworkBandwidthGbps",
            "NetworkInterfaceCount",
            "RequireHibernateSupport",
            "TotalLocalStorageGB",
        ),
        "only vCPUs, memory, processors, generations and names are looked at",
    )

    vcpu_count: Range = field(metadata={"name": "VCpuCount"}, validator=_with_least)
    memory_mib: Range = field(metadata={"name": "MemoryMiB"}, validator=_with_least)
    memory_gib_per_vcpu: Range = field(default=Range(), metadata={"name": "MemoryGiBPerVCpu"})
    cpu_manufacturers: tuple[str, ...] = field(
        default=(), validator=each(one_of("intel", "amd", "amazon-web-services", "apple"))
    )
    instance_generations: tuple[str, ...] = field(
        default=(), validator=each(one_of("current", "previous"))
    )
    bare_metal: str = field(
        default="excluded", validator=one_of("included", "excluded", "required")
    )
    burstable_performance: str = field(
        default="excluded", validator=one_of("included", "excluded", "required")
    )
    local_storage: str = field(
        default="included", validator=one_of("included", "excluded", "required")
    )
    allowed_instance_types: tuple[str, ...] = field(default=(), validator=length(0, 400))
    excluded_instance_types: tuple[str, ...] = field(default=(), validator=length(0, 400))
    on_demand_max_price_percentage_over_lowest_price: int = ON_DEMAND_PROTECTION
    spot_max_price_percentage_over_lowest_price: int = SPOT_PROTECTION

    def __attrs_post_init__(self) -> None:
        if self.allowed_instance_types and self.excluded_instance_types:
            raise ValueError("give either AllowedInstanceTypes or ExcludedInstanceTypes")
        if not self.fitting(spot=False):
            raise ValueError("no instance type that Spillover knows fits the InstanceRequirements")

    def fitting(self, *, spot: bool) -> list[InstanceType]:
        """The types that fit, in the order of their names, those too dear left out."""
        found = [kind for _, kind in sorted(INSTANCE_TYPES.items()) if self._fits(kind)]
        usual = [kind.price for kind in found if kind.name[0] in "cmr"]
        margin = (
            self.spot_max_price_percentage_over_lowest_price
            if spot
            else self.on_demand_max_price_percentage_over_lowest_price
        )
        most = min(usual or [kind.price for kind in found], default=0.0) * (1 + margin / 100)
        return [kind for kind in found if kind.price <= most + 1e-9]

    def _fits(self, kind: InstanceType) -> bool:
        maker = "amazon-web-services" if kind.family in ARM else "intel"
        generation = "previous" if kind.family in PREVIOUS else "current"
        return (
            kind.vcpus in self.vcpu_count
            and kind.memory * 1024 in self.memory_mib
            and kind.memory / kind.vcpus in self.memory_gib_per_vcpu
            and (not self.cpu_manufacturers or maker in self.cpu_manufacturers)
            and (not self.instance_generations or generation in self.instance_generations)
            and _wanted(self.burstable_performance, kind.name in EARNED)
            and _wanted(self.bare_metal, False)
            and _wanted(self.local_storage, False)
            and (not self.allowed_instance_types or named(kind, self.allowed_instance_types))
            and not named(kind, self.excluded_instance_types)
        )


def _wanted(wish: str, has: bool) -> bool:
    return wish == "included" or has == (wish == "required")


def named(kind: InstanceType, patterns: tuple[str, ...]) -> bool:
    """Whether one of these names means a type; an asterisk stands for anything."""
    return any(fnmatchcase(kind.name, pattern) for pattern in patterns)

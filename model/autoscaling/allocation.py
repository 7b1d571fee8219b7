"""How a mixed group shares its capacity between On-Demand and Spot, types and pools.

Source: "Auto Scaling groups with multiple instance types and purchase options" (allocation
strategies, control the proportion of On-Demand instances). EC2 does not say how it weighs prices
against capacity: what we take is in docs/assumptions.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from attrs import field, frozen

from model.autoscaling.mixed_instances import SPOT_POOLS
from model.ec2.instance_types import INSTANCE_TYPES, InstanceType
from model.ec2.launch_templates import LaunchTemplateData
from model.ec2.spot import Terms
from model.ec2.templates import TemplateVersion

DEEP = 20
"""Instances of room in a pool from which on more makes no difference to EC2's choice."""


@frozen
class Offer:
    """One way to launch an instance: from what, of which type, bought how."""

    data: LaunchTemplateData
    type: str
    weight: int = 1
    """Units of capacity that it counts for."""
    template: TemplateVersion | None = None
    configuration: str | None = None
    spot: bool = False
    max_price: float | None = field(default=None)
    """Dollars an hour that a Spot instance may cost; None: its On-Demand price."""

    @property
    def kind(self) -> InstanceType:
        return INSTANCE_TYPES[self.type]


def on_demand_units(capacity: int, base: int, percentage: float) -> int:
    """How much of a capacity is On-Demand: the base first, then a share of what is above it, with
    fractions in favour of On-Demand."""
    above = max(0, capacity - base)
    return min(capacity, base) + math.ceil(above * percentage / 100 - 1e-9)


def on_demand_order(offers: Sequence[Offer], strategy: str) -> list[Offer]:
    """Offers by what is tried first: as they are listed, or the cheapest for a unit."""
    if strategy == "prioritized":
        return list(offers)
    return sorted(offers, key=lambda offer: offer.kind.price / offer.weight)


def spot_order(
    offers: Sequence[Offer],
    strategy: str,
    terms: Callable[[str], Terms],
    room: Callable[[str], float],
    held: Mapping[str, int],
    pools: int | None = None,
) -> list[Offer]:
    """Offers by what is tried first in a zone.

    `terms` and `room` are those of the pool of a type in the zone, `held` is how much of each the
    group has there already.
    """

    def unit_price(offer: Offer) -> float:
        return offer.kind.price * terms(offer.type).price / offer.weight

    def risk(offer: Offer) -> tuple[float, float]:
        """How likely EC2 is to take it back: the pool's own rate, then how little room it has."""
        spare = min(room(offer.type), DEEP)
        return terms(offer.type).interruptions_per_hour, -spare

    match strategy:
        case "capacity-optimized":
            return sorted(offers, key=lambda offer: (risk(offer), unit_price(offer)))
        case "capacity-optimized-prioritized":
            return sorted(offers, key=risk)
        case "price-capacity-optimized":
            open_pools = [offer for offer in offers if room(offer.type) >= 1]
            safest = sorted({risk(offer) for offer in open_pools})
            good = set(safest[: max(math.ceil(len(safest) / 2), 1)])
            return sorted(offers, key=lambda o: (risk(o) not in good, unit_price(o), risk(o)))
    cheapest = sorted(offers, key=unit_price)
    with_room = [offer for offer in cheapest if room(offer.type) >= 1]
    drawn = with_room[: pools or SPOT_POOLS]
    others = [offer for offer in cheapest if offer not in drawn]
    return [*sorted(drawn, key=lambda offer: held.get(offer.type, 0)), *others]

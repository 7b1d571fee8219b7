"""Groups of several types and two ways to buy them.

Sources: "Auto Scaling groups with multiple instance types and purchase options" (its table of
On-Demand base and percentage), "Configure instance weighting" (its prices and its overage),
"Create an Auto Scaling group using attribute-based instance type selection".
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.autoscaling.allocation import on_demand_units
from model.autoscaling.group import Group
from model.autoscaling.members import units_of
from model.autoscaling.mixed_instances import (
    InstancesDistribution,
    LaunchTemplateOverrides,
    MixedInstancesPolicy,
    MixedLaunchTemplate,
)
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.ec2.requirements import InstanceRequirements, Range
from model.ec2.spot import PoolTerms, SpotTerms
from model.resources import ZONES
from model.world import World
from tests.model.autoscaling.samples import (
    group_of,
    harm,
    make_world,
    no_capacity,
    set_desired,
    zones_of,
)

A, B = ZONES[:2]


def mixed(*types: str, weights: tuple[int, ...] = (), **distribution: Any) -> dict[str, Any]:
    """The fields of a group with a mixed instances policy."""
    overrides = tuple(
        LaunchTemplateOverrides(
            instance_type=name, weighted_capacity=weights[number] if weights else None
        )
        for number, name in enumerate(types)
    )
    return _policy(overrides, **distribution)


def _policy(overrides: tuple[LaunchTemplateOverrides, ...], **distribution: Any) -> dict[str, Any]:
    specification = LaunchTemplateSpecification(launch_template_id="Launch", version="1")
    return {
        "launch_template": None,
        "mixed_instances_policy": MixedInstancesPolicy(
            instances_distribution=InstancesDistribution(**distribution),
            launch_template=MixedLaunchTemplate(
                launch_template_specification=specification, overrides=overrides
            ),
        ),
    }


def bought(world: World) -> tuple[int, int]:
    """On-Demand and Spot instances that are active."""
    spot = [member.instance.spot for member in group_of(world).active()]
    return spot.count(False), spot.count(True)


def types(world: World) -> Counter[str]:
    return Counter(member.instance.type.name for member in group_of(world).active())


@pytest.mark.parametrize(
    ("base", "percentage", "on_demand"),
    [
        (10, 50, (10, 15, 20, 25)),
        (0, 0, (0, 0, 0, 0)),
        (0, 60, (6, 12, 18, 24)),
        (0, 100, (10, 20, 30, 40)),
        (12, 0, (10, 12, 12, 12)),
    ],
)
def test_the_guides_table_of_base_and_percentage(
    base: int, percentage: int, on_demand: tuple[int, ...]
) -> None:
    spread: dict[str, Any] = {
        "on_demand_base_capacity": base,
        "on_demand_percentage_above_base_capacity": percentage,
    }
    world = make_world(min_size=0, max_size=40, **mixed("m5.large", **spread))
    for total, wanted in zip((10, 20, 30, 40), on_demand, strict=True):
        assert on_demand_units(total, base, percentage) == wanted
        set_desired(world, total)
        assert bought(world) == (wanted, total - wanted)


def test_fractions_are_rounded_up_in_favour_of_on_demand() -> None:
    assert on_demand_units(5, 0, 50) == 3
    assert on_demand_units(3, 1, 25) == 2


def test_on_demand_goes_by_priority_or_by_price() -> None:
    listed = mixed("c5.large", "m5.large", "t3.large")
    assert types(make_world(min_size=3, **listed)) == {"c5.large": 3}
    cheapest = mixed(
        "c5.large", "m5.large", "t3.large", on_demand_allocation_strategy="lowest-price"
    )
    assert types(make_world(min_size=3, **cheapest)) == {"t3.large": 3}


ALL_SPOT: dict[str, Any] = {"on_demand_percentage_above_base_capacity": 0}
MARKET = SpotTerms(
    price=0.4,
    pools=(
        PoolTerms(types=("m5.*",), price=0.3, interruptions_per_hour=0.2),
        PoolTerms(types=("c5.*",), price=0.5, capacity=30),
        PoolTerms(types=("t3.*",), price=0.2, interruptions_per_hour=2.0),
    ),
)


@pytest.mark.parametrize(
    ("strategy", "wanted"),
    [
        ("lowest-price", {"t3.large": 2, "m5.large": 2}),
        ("capacity-optimized", {"c5.large": 4}),
        ("capacity-optimized-prioritized", {"c5.large": 4}),
        ("price-capacity-optimized", {"m5.large": 4}),
    ],
)
def test_spot_goes_by_its_allocation_strategy(strategy: str, wanted: dict[str, int]) -> None:
    group = mixed("t3.large", "m5.large", "c5.large", spot_allocation_strategy=strategy, **ALL_SPOT)
    world = make_world(min_size=4, zones=1, spot=MARKET, **group)
    assert types(world) == wanted


def test_lowest_price_draws_on_as_many_pools_as_asked() -> None:
    group = mixed("t3.large", "m5.large", "c5.large", spot_instance_pools=3, **ALL_SPOT)
    world = make_world(min_size=6, zones=1, spot=MARKET, **group)
    assert set(types(world).values()) == {2}


def test_a_type_without_capacity_gives_way_to_the_next_one_without_a_failure() -> None:
    market = SpotTerms(pools=(PoolTerms(types=("t3.large",), capacity=1),))
    group = mixed("t3.large", "m5.large", spot_instance_pools=1, **ALL_SPOT)
    world = make_world(min_size=3, zones=1, spot=market, **group)
    assert types(world) == {"t3.large": 1, "m5.large": 2}
    assert all(activity.status != "Failed" for activity in group_of(world).activities)


def test_a_maximum_price_below_the_spot_price_fails_in_awss_words() -> None:
    group = mixed("m5.large", spot_max_price="0.001", **ALL_SPOT)
    world = make_world(zones=1, spot=SpotTerms(price=0.5), **group)
    assert group_of(world).activities[0].message == (
        "Your Spot request price of 0.001 is lower than the minimum required Spot request "
        "fulfillment price of 0.048. Launching EC2 instance failed."
    )


def test_weights_count_and_an_overage_can_happen() -> None:
    """The guide: five units are missing, and a c5.12xlarge of weight 12 is launched: seven over."""
    group = mixed("c5.12xlarge", "c5.2xlarge", weights=(12, 2))
    world = make_world(min_size=5, max_size=40, zones=1, **group)
    assert types(world) == {"c5.12xlarge": 1}
    assert units_of(group_of(world).active()) - group_of(world).desired == 7
    assert group_of(world).members.capacity.part("PendingCapacity") == 12


def test_the_price_of_a_unit_decides_with_weights() -> None:
    """The guide's prices for us-east-1a: c5.12xlarge costs 0.065 a unit, c5.2xlarge 0.090."""
    prices = {"c5.2xlarge": 0.180 / 0.34, "c5.4xlarge": 0.341 / 0.68, "c5.12xlarge": 0.779 / 2.04}
    market = SpotTerms(pools=tuple(PoolTerms(types=(n,), price=p) for n, p in prices.items()))
    group = mixed(*prices, weights=(2, 4, 12), spot_instance_pools=1, **ALL_SPOT)
    world = make_world(min_size=24, max_size=40, zones=1, spot=market, **group)
    assert types(world) == {"c5.12xlarge": 2}


def test_nothing_ends_that_the_desired_capacity_needs() -> None:
    """Desired 30, actual 32: one unit less changes nothing, but a whole weight does."""
    world = make_world(min_size=1, max_size=40, zones=1, **mixed("c5.2xlarge", weights=(4,)))
    set_desired(world, 30)
    world.run(60.0)
    assert units_of(group_of(world).active()) == 32
    set_desired(world, 29)
    assert units_of(group_of(world).active()) == 32
    set_desired(world, 28)
    assert units_of(group_of(world).active()) == 28


def selecting(*, kind: str = "units", **given: Any) -> dict[str, Any]:
    requirements = InstanceRequirements(
        **({"vcpu_count": Range(min=2, max=4), "memory_mib": Range(min=4096)} | given)
    )
    group = _policy((LaunchTemplateOverrides(instance_requirements=requirements),))
    return group | {"desired_capacity_type": kind}


def test_attributes_select_types_and_the_cheapest_comes_first() -> None:
    world = make_world(min_size=2, **selecting())
    assert types(world) == {"c6g.large": 2}
    world = make_world(min_size=2, **selecting(cpu_manufacturers=("intel",)))
    assert types(world) == {"c5.large": 2}
    world = make_world(min_size=2, **selecting(burstable_performance="required"))
    assert types(world) == {"t4g.medium": 2}
    world = make_world(min_size=2, **selecting(excluded_instance_types=("c*", "m6g*", "m7g*")))
    assert types(world) == {"m5.large": 2}


def test_capacity_can_be_counted_in_vcpus_or_memory() -> None:
    world = make_world(min_size=7, max_size=40, **selecting(kind="vcpu"))
    assert types(world) == {"c6g.large": 4}
    world = make_world(min_size=8192, max_size=99_999, **selecting(kind="memory-mib"))
    assert types(world) == {"m6g.large": 1}  # the cheaper one for a unit


def test_price_protection_leaves_out_what_is_far_dearer() -> None:
    asked = InstanceRequirements(vcpu_count=Range(min=2), memory_mib=Range(min=1))
    names = {kind.name for kind in asked.fitting(spot=False)}
    assert "c6g.large" in names
    assert "m5.24xlarge" not in names
    assert names < {kind.name for kind in asked.fitting(spot=True)}


def _units(group: Group) -> tuple[int, int]:
    active = group.active()
    return units_of(m for m in active if not m.instance.spot), units_of(active)


@settings(max_examples=15)
@given(
    st.integers(0, 6),
    st.integers(0, 100),
    st.lists(st.integers(1, 12), min_size=1, max_size=3),
    st.sampled_from([(), (1, 1), (2, 3), (4, 1)]),
)
def test_capacity_is_there_and_on_demand_has_its_part(
    base: int, percentage: int, sizes: list[int], weights: tuple[int, ...]
) -> None:
    """Actual capacity is at the desired one or above it by less than the largest weight; On-Demand
    has at least its share."""
    spread: dict[str, Any] = {
        "on_demand_base_capacity": base,
        "on_demand_percentage_above_base_capacity": percentage,
    }
    group = mixed("m5.large", "c5.large", weights=weights, **spread)
    world = make_world(min_size=0, max_size=40, zones=3, **group)
    for size in sizes:
        set_desired(world, size)
        world.run(world.now + 400.0)  # until zones are even again
        on_demand, total = _units(group_of(world))
        assert size <= total < size + max(weights or (1,))
        if not weights:  # with weights an overage of Spot can take its place
            assert on_demand == on_demand_units(size, base, percentage)
        counts = zones_of(world).values()
        assert max(counts) - min(counts) <= 1


def test_on_demand_without_capacity_is_not_replaced_by_spot() -> None:
    world = make_world(zones=2, **mixed("m5.large", on_demand_base_capacity=2, **ALL_SPOT))
    no_capacity(world, A, B, duration=60.0)
    set_desired(world, 2)
    assert bought(world) == (1, 0)
    harm(world, "spillover:launch-error", 1.0, zones=(A,))
    world.run(400.0)
    assert bought(world) == (2, 0)

"""Groups that are given something else to launch from, and who ends first then.

Sources: "Configure termination policies for Amazon EC2 Auto Scaling" (default policy of groups with
a launch template, a launch configuration, a mixed instances policy), API UpdateAutoScalingGroup,
"Configure an Auto Scaling group to use instance weights" (changed weights).
"""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.launch_configurations import LaunchConfiguration
from model.ec2.launch_templates import (
    CreditSpecification,
    LaunchTemplate,
    LaunchTemplateData,
    LaunchTemplateSpecification,
)
from model.ec2.requirements import InstanceRequirements, Range
from model.ec2.spot import PoolTerms, SpotTerms
from model.resources import ZONES
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    group_of,
    identity,
    in_service,
    make_world,
    set_desired,
)
from tests.model.autoscaling.test_hooks import hook
from tests.model.autoscaling.test_mixed_instances import ALL_SPOT, bought, mixed, types


def update(world: World, **changes: Any) -> None:
    api(world, "autoscaling:UpdateAutoScalingGroup", auto_scaling_group_name="Group", **changes)


def configuration(name: str) -> LaunchConfiguration:
    return LaunchConfiguration(
        identity=identity(name, LaunchConfiguration),
        image_id="ami-0123456789abcdef0",
        instance_type="m5.large",
    )


def template(version: str = "1", name: str = "Launch") -> LaunchTemplateSpecification:
    return LaunchTemplateSpecification(launch_template_id=name, version=version)


def origins(world: World) -> list[str]:
    """What the instances were launched from, by age."""
    return [
        member.instance.launch_configuration
        or f"{member.instance.template} {member.instance.template_version}"
        for member in group_of(world).active()
    ]


def changing(*sources: dict[str, Any], policy: str = "Default", **group: Any) -> World:
    """A group that has launched one instance from each source, a minute apart."""
    extra = [configuration("First"), configuration("Second")]
    other = LaunchTemplate(
        identity=identity("Other", LaunchTemplate),
        launch_template_data=LaunchTemplateData(instance_type="m5.large"),
    )
    given = {"launch_template": None, **sources[0], **group}
    world = make_world(*extra, other, zones=1, termination_policies=(policy,), **given)
    for _ in range(2):
        world.ec2.templates.create_version("Launch", LaunchTemplateData(), source="1")
    for number, source in enumerate(sources[1:], start=2):
        world.run(world.now + 60.0)
        update(world, desired_capacity=number, **source)
    world.run(world.now + 60.0)
    return world


def ended(world: World) -> list[str]:
    """Origins in the order in which a scale-in takes them."""
    gone = []
    while len(origins(world)) > 1:
        before = origins(world)
        set_desired(world, len(before) - 1)
        world.run(world.now + 120.0)
        after = origins(world)
        gone.append(next(name for name in before if before.count(name) > after.count(name)))
    return gone


BY_TEMPLATE: tuple[dict[str, Any], ...] = (
    {"launch_template": template("1")},
    {"launch_template": template("1", "Other")},
    {"launch_configuration_name": "First"},
    {"launch_template": template("3")},
    {"launch_template": template("2")},
)


def test_default_ends_what_is_outdated_in_the_guide_s_order() -> None:
    """A launch configuration first, then another template, then the oldest version."""
    world = changing(*BY_TEMPLATE)
    assert origins(world) == ["Launch 1", "Other 1", "First", "Launch 3", "Launch 2"]
    assert ended(world) == ["First", "Other 1", "Launch 1", "Launch 2"]


def test_default_of_a_launch_configuration_group_takes_the_oldest_one() -> None:
    first, second = {"launch_configuration_name": "First"}, {"launch_configuration_name": "Second"}
    world = changing(second, first, first)
    assert ended(world)[:1] == ["Second"]
    assert origins(world) == ["First"]


@pytest.mark.parametrize("policy", ["OldestLaunchConfiguration", "Default"])
def test_the_current_launch_configuration_comes_last(policy: str) -> None:
    first, second = {"launch_configuration_name": "First"}, {"launch_configuration_name": "Second"}
    world = changing(first, second, first, policy=policy)
    assert ended(world)[0] == "Second", "First is older, but it is what the group uses now"


def test_oldest_launch_template_takes_another_template_first() -> None:
    world = changing(BY_TEMPLATE[1], *BY_TEMPLATE[3:], policy="OldestLaunchTemplate")
    assert ended(world) == ["Other 1", "Launch 2"]


def test_latest_means_the_newest_version_at_each_launch() -> None:
    world = make_world(launch_template=template("$Latest"))
    world.ec2.templates.create_version("Launch", LaunchTemplateData(), source="1")
    set_desired(world, 2)
    assert origins(world) == ["Launch 1", "Launch 2"]


@pytest.mark.parametrize("policy", ["AllocationStrategy", "Default"])
def test_on_demand_shifts_away_from_types_of_lower_priority(policy: str) -> None:
    given = mixed("c5.large", "m5.large")
    world = make_world(zones=1, desired_capacity=2, termination_policies=(policy,), **given)
    update(world, desired_capacity=4, **of(mixed("m5.large", "c5.large")))
    world.run(60.0)
    assert types(world) == {"c5.large": 2, "m5.large": 2}
    set_desired(world, 2)
    assert types(world) == {"m5.large": 2}


def of(group: dict[str, Any]) -> dict[str, Any]:
    return {"mixed_instances_policy": group["mixed_instances_policy"]}


def test_lowest_price_evens_out_its_pools_and_leaves_dear_ones() -> None:
    spread: dict[str, Any] = {"spot_allocation_strategy": "lowest-price", **ALL_SPOT}
    spread["spot_instance_pools"] = 2
    pools = tuple(
        PoolTerms(types=(name,), price=price)
        for name, price in (("c5.large", 0.2), ("m5.large", 0.3), ("t3.large", 0.9))
    )
    group = mixed("c5.large", "m5.large", "t3.large", **spread)
    world = make_world(
        zones=1, desired_capacity=4, termination_policies=("AllocationStrategy",),
        spot=SpotTerms(pools=pools), **group,
    )  # fmt: skip
    assert types(world) == {"c5.large": 2, "m5.large": 2}
    world.ec2.spot.change("dear", PoolTerms(types=("c5.large",), price=0.95))
    set_desired(world, 5)
    assert types(world) == {"c5.large": 2, "m5.large": 2, "t3.large": 1}
    world.run(60.0)
    set_desired(world, 3)
    assert types(world) == {"m5.large": 2, "t3.large": 1}


def test_worst_ranks_each_zone_by_its_own_pools() -> None:
    pools = (
        PoolTerms(types=("c5.large",), zones=(ZONES[0],), price=0.2),
        PoolTerms(types=("m5.large",), zones=(ZONES[1],), price=0.2),
    )
    group = mixed("c5.large", "m5.large", spot_allocation_strategy="capacity-optimized", **ALL_SPOT)
    world = make_world(zones=2, desired_capacity=2, spot=SpotTerms(pools=pools), **group)
    members = group_of(world).active()
    source = group_of(world).launcher.source
    assert types(world) == {"c5.large": 1, "m5.large": 1}
    assert source.worst(members) == members, "each is the best there is in its zone"
    world.ec2.spot.change("turn", PoolTerms(zones=(ZONES[1],), types=("m5.large",), price=0.9))
    assert source.worst(members) == [m for m in members if m.instance.zone == ZONES[1]]
    assert source.worst([]) == []


def test_another_mix_of_purchase_options_is_reached_by_and_by() -> None:
    world = make_world(desired_capacity=4, zones=2, **mixed("m5.large"))
    world.run(60.0)
    assert bought(world) == (4, 0)
    update(world, **of(mixed("m5.large", on_demand_percentage_above_base_capacity=50)))
    least = most = 4
    while world.now < 1500.0:
        world.run(world.now + 5.0)
        least = min(least, len(in_service(world)))
        most = max(most, len(group_of(world).active()))
    assert bought(world) == (2, 2)
    assert (least, most) == (4, 5)
    assert "purchase options" in activities(world, "Terminating")[0].cause
    assert "purchase options" in activities(world, "Launching")[-1].cause


def test_changed_weights_count_at_once_and_a_type_that_is_left_out_keeps_its_own() -> None:
    group = mixed("m5.large", "c5.large", weights=(2, 1))
    world = make_world(zones=1, desired_capacity=4, **group)
    world.run(60.0)
    assert types(world) == {"m5.large": 2}
    update(world, **of(mixed("m5.large", "c5.large", weights=(1, 1))))
    assert types(world) == {"m5.large": 4}
    update(world, **of(mixed("c5.large", weights=(3,))))
    assert {member.units for member in group_of(world).active()} == {1}


def test_updates_that_could_not_launch_are_refused() -> None:
    world = make_world(configuration("First"))
    with pytest.raises(ActionError, match="Could not find launch template version 7"):
        update(world, launch_template=template("7"))
    with pytest.raises(ActionError, match="exactly one of"):
        update(world, launch_template=template(), launch_configuration_name="First")
    update(world, launch_configuration_name="First")
    assert group_of(world).resource.launch_template is None


def test_hooks_hold_what_a_mixed_group_launches() -> None:
    spread = {"on_demand_base_capacity": 1, **ALL_SPOT}
    held = hook("In", heartbeat_timeout=60, default_result="CONTINUE")
    world = make_world(held, desired_capacity=3, **mixed("m5.large", "c5.large", **spread))
    world.run(60.0)
    assert bought(world) == (1, 2)
    assert {member.lifecycle.value for member in group_of(world).active()} == {"Pending:Wait"}
    world.run(200.0)
    assert len(in_service(world)) == 3


def test_a_mixed_policy_without_overrides_takes_the_template_s_type_or_requirements() -> None:
    bare = mixed(on_demand_percentage_above_base_capacity=50)
    assert types(make_world(desired_capacity=2, **bare)) == {"m5.large": 2}
    required = InstanceRequirements(vcpu_count=Range(min=4), memory_mib=Range(min=1))
    data = {"instance_type": None, "instance_requirements": required}
    world = make_world(desired_capacity=2, launch=data, **bare)
    assert types(world) == {"c6g.xlarge": 2}


def test_credits_of_a_template_go_to_burstable_types_only() -> None:
    credits = CreditSpecification(cpu_credits="standard")
    data = {"instance_type": "t3.micro", "credit_specification": credits}
    world = make_world(zones=1, launch=data, **mixed("t3.micro", "m5.large"))
    (burstable,) = group_of(world).active()
    assert burstable.instance.credits is not None
    assert not burstable.instance.credits.unlimited
    world = make_world(zones=1, launch=data, **mixed("m5.large"))
    assert group_of(world).active()[0].instance.credits is None

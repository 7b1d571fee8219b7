"""Laws of groups of several types, weights and purchase options, whatever becomes of them.

Sources: "Control the proportion of On-Demand instances", "Configure an Auto Scaling group to use
instance weights" (the capacity never is above what is desired by the largest weight), "Capacity
Rebalancing in Auto Scaling to replace at-risk Spot Instances" (a tenth more meanwhile).
"""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import ActionError
from model.autoscaling.allocation import on_demand_units
from model.autoscaling.members import Lifecycle
from model.autoscaling.mixed_instances import SPOT_STRATEGIES
from model.ec2.spot import PoolTerms, SpotTerms
from model.resources import ZONES, Resource
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    api,
    desired,
    group_of,
    harm,
    in_service,
    kill,
    make_world,
    no_capacity,
    set_desired,
)
from tests.model.autoscaling.test_hooks import hook
from tests.model.autoscaling.test_mixed_instances import mixed

HORIZON = 1200
QUIET = 2000.0
TYPES = ("m5.large", "c5.large", "t3.large")
MOVES = ("desired", "interrupt", "market", "full", "kill", "end", "standby", "back", "mix")

groups = st.fixed_dictionaries(
    {
        "base": st.integers(0, 4),
        "percentage": st.sampled_from([0, 1, 25, 50, 99, 100]),
        "strategy": st.sampled_from(SPOT_STRATEGIES),
        "weights": st.sampled_from([(), (1, 1, 1), (2, 3, 1), (4, 1, 2)]),
        "rebalancing": st.booleans(),
        "hook": st.booleans(),
        "seed": st.integers(0, 3),
    }
)
plans = st.lists(
    st.tuples(st.integers(0, HORIZON), st.sampled_from(MOVES), st.integers(0, 9)), max_size=7
).map(sorted)


def make(given: dict[str, Any]) -> World:
    spread = {
        "on_demand_base_capacity": given["base"],
        "on_demand_percentage_above_base_capacity": given["percentage"],
        "spot_allocation_strategy": given["strategy"],
    }
    extra: list[Resource] = [hook("In", heartbeat_timeout=30, default_result="CONTINUE")]
    pools = (PoolTerms(types=("t3.*",), interruptions_per_hour=2.0),)
    return make_world(
        *(extra if given["hook"] else ()),
        min_size=0,
        max_size=10,
        desired_capacity=4,
        zones=3,
        seed=given["seed"],
        spot=SpotTerms(pools=pools, recommendation=60.0),
        capacity_rebalance=given["rebalancing"],
        **mixed(*TYPES, weights=given["weights"], **spread),
    )


def carry_out(world: World, kind: str, number: int) -> None:
    """A move that may be refused."""
    members = group_of(world).active()
    given: dict[str, Any] = {"auto_scaling_group_name": "Group"}
    zone = ZONES[number % 3]
    with contextlib.suppress(ActionError):
        match kind:
            case "desired":
                set_desired(world, number)
            case "interrupt":
                name = "aws:ec2:send-spot-instance-interruptions"
                harm(world, name, auto_scaling_groups=("Group",), count=number or None)
            case "market":
                harm(world, "spillover:spot-market", 300.0, zones=(zone,), capacity=number % 2)
            case "full":
                no_capacity(world, zone, duration=200.0)
            case "kill" if members:
                kill(world, *members[: number + 1])
            case "end" if members:
                api(
                    world,
                    "autoscaling:TerminateInstanceInAutoScalingGroup",
                    instance_id=members[number % len(members)].instance.id,
                    should_decrement_desired_capacity=number % 2 == 0,
                )
            case "standby" if members:
                one = members[number % len(members)].instance.id
                more = {"should_decrement_desired_capacity": number % 2 == 0}
                api(world, "autoscaling:EnterStandby", instance_ids=(one,), **given, **more)
            case "back":
                held = group_of(world).members.in_state(Lifecycle.STANDBY)
                if held:
                    ids = tuple(member.instance.id for member in held)
                    api(world, "autoscaling:ExitStandby", instance_ids=ids, **given)
            case "mix":
                spread = {"on_demand_percentage_above_base_capacity": 10 * number}
                policy = mixed(*TYPES, weights=weights_of(world), **spread)
                change = {"mixed_instances_policy": policy["mixed_instances_policy"]}
                api(world, "autoscaling:UpdateAutoScalingGroup", **given, **change)


def weights_of(world: World) -> tuple[int, ...]:
    policy = group_of(world).resource.mixed_instances_policy
    assert policy is not None
    found = [item.weighted_capacity for item in policy.launch_template.overrides]
    return tuple(weight for weight in found if weight is not None)


def check(world: World) -> None:
    """What holds at any moment."""
    group = group_of(world)
    assert group.min <= group.desired <= group.max
    heaviest = max(weights_of(world), default=1)
    regular = sum(member.units for member in group.active() if not member.extra)
    assert regular < group.desired + heaviest
    extra = sum(member.units for member in group.active() if member.extra)
    assert extra <= max(group.max // 10, 1) - 1 + heaviest
    came = [i for i in world.ec2.instances.values() if i.launched_by == "Group"]
    gone = [i for i in came if world.journal.last(i.id, "lifecycle") == "Terminated"]
    assert len(came) - len(gone) == len(group.members)
    begun = [a for a in activities(world, "Launching") if a.status != "Failed"]
    assert len(begun) == len(came)


@settings(max_examples=25, deadline=None)
@given(groups, plans)
def test_shares_capacity_and_accounts_hold(
    given: dict[str, Any], plan: list[tuple[int, str, int]]
) -> None:
    world = make(given)
    for time, kind, number in plan:
        world.run(max(time, world.now))
        check(world)
        carry_out(world, kind, number)
        check(world)
    world.ec2.spot.change("calm", PoolTerms(interruptions_per_hour=0.0))
    for _ in range(5):
        world.run(world.now + QUIET / 5)
        check(world)
    group = group_of(world)
    members = group.active()
    assert len(in_service(world)) == len(members)
    assert not any(member.extra or member.leaving for member in members)
    assert sum(member.units for member in members) >= desired(world)
    if not given["weights"]:  # an overage of weights is not spread anew
        policy = group.resource.mixed_instances_policy
        assert policy is not None
        spread = policy.instances_distribution
        wanted = on_demand_units(
            desired(world),
            spread.on_demand_base_capacity,
            spread.on_demand_percentage_above_base_capacity,
        )
        assert sum(not member.instance.spot for member in members) == wanted
        assert len(members) == desired(world)


@settings(max_examples=5, deadline=None)
@given(groups, plans, st.integers(40, 400))
def test_one_seed_one_outcome_however_it_is_played(
    given: dict[str, Any], plan: list[tuple[int, str, int]], stride: int
) -> None:
    def play(stride: int) -> list[object]:
        world = make(given)
        for time, kind, number in plan:
            while world.now < time:
                world.run(min(world.now + stride, time))
            carry_out(world, kind, number)
        world.run(HORIZON + 600.0)
        told = [(event.time, event.detail_type, str(event.detail)) for event in world.bus.events]
        costs = [world.ec2.spot.cost(name) for name in world.ec2.spot.requests]
        return [told, [a.view for a in group_of(world).activities], costs]

    assert play(stride) == play(HORIZON)

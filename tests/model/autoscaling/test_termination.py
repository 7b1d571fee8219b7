"""Which instance ends first, and what its end waits for.

Sources: "Configure termination policies for Amazon EC2 Auto Scaling", "Control which Auto Scaling
instances terminate during scale in" (its walk through the default policy), "Create a custom
termination policy with Lambda" and "Edit target group attributes: deregistration delay".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from model.autoscaling.activity import Activity
from model.autoscaling.members import Lifecycle, Member
from model.autoscaling.termination import Circumstances, first_zones, narrowed
from model.ec2.instance_types import INSTANCE_TYPES
from model.ec2.instances import Instance
from model.elb.attributes import KeyValue
from model.functions.resources import Function
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    group_of,
    identity,
    in_service,
    make_world,
    set_desired,
    sicken,
)

A, B = "us-east-1a", "us-east-1b"
NOW = Circumstances(now=7200.0, template="Launch")


def member(
    name: str,
    launched: float = 0.0,
    zone: str = A,
    *,
    template: str | None = "Launch",
    version: int = 1,
    configuration: str | None = None,
    protected: bool = False,
) -> Member:
    instance = Instance(
        id=name,
        type=INSTANCE_TYPES["m5.large"],
        zone=zone,
        private_ip="10.0.0.4",
        services=(),
        launched=launched,
        template=None if configuration else template,
        template_version=version,
        launch_configuration=configuration,
    )
    activity = Activity("a", "Group", "", "", 0.0, zone, "Subnet")
    return Member(instance, activity, Lifecycle.IN_SERVICE, protected=protected)


def names(members: Sequence[Member]) -> list[str]:
    return [member.instance.id for member in members]


def first(policy: str, *members: Member) -> list[str]:
    return names(narrowed(members, [policy], NOW))


def test_the_default_policy_takes_what_is_outdated_first() -> None:
    """From a launch configuration, then from another template, then of the oldest version."""
    configured = member("lc", configuration="Old")
    other = member("other", template="Former", version=9)
    oldest, newest = member("v1", 10), member("v2", 20, version=2)
    assert first("Default", newest, oldest, other, configured) == ["lc"]
    assert first("Default", newest, oldest, other) == ["other"]
    assert first("Default", newest, oldest) == ["v1"]
    assert first("Default", newest) == ["v2"]


def test_of_several_launch_configurations_the_oldest_goes_first() -> None:
    old, former, new = (
        member("old", 0.0, configuration="Current"),
        member("former", 100.0, configuration="Former"),
        member("new", 200.0, configuration="Current"),
    )
    around = Circumstances(now=7200.0, configuration="Current")
    assert names(narrowed([old, former, new], ["OldestLaunchConfiguration"], around)) == ["former"]
    assert names(narrowed([old, new], ["OldestLaunchConfiguration"], around)) == ["old", "new"]
    first_of_all = member("first", 50.0, configuration="First")
    many = [old, former, first_of_all]
    assert names(narrowed(many, ["OldestLaunchConfiguration"], around)) == ["first"]


def test_among_equals_the_default_policy_looks_at_the_billing_hour() -> None:
    early, late = member("early", 60), member("late", 3500)
    assert first("Default", early, late) == ["early"]  # 1 min to its hour; the other 58
    assert first("ClosestToNextInstanceHour", late, early) == ["early"]


def test_oldest_launch_template_takes_noncurrent_ones_then_the_oldest_version() -> None:
    other = member("other", 50, template="Former", version=9)
    one, two = member("v1", 10), member("v2", 20, version=2)
    assert first("OldestLaunchTemplate", one, two, other) == ["other"]
    assert first("OldestLaunchTemplate", one, two) == ["v1"]
    assert first("OldestLaunchTemplate", two, member("again", 5, version=2)) == ["v2", "again"]


def test_policies_apply_from_left_to_right() -> None:
    one, two, three = member("a", 5, version=1), member("b", 9, version=1), member("c", 1)
    three.instance.template_version = 2
    order = ["OldestLaunchTemplate", "NewestInstance"]
    assert names(narrowed([one, two, three], order, NOW)) == ["b"]
    assert names(narrowed([one, two, three], ["OldestInstance", *order], NOW)) == ["c"]


def test_allocation_strategy_and_default_align_first() -> None:
    one, two = member("one", 10), member("two", 20)
    around = Circumstances(now=7200.0, template="Launch", aligning=lambda members: members[1:])
    assert names(narrowed([one, two], ["AllocationStrategy", "OldestInstance"], around)) == ["two"]
    assert names(narrowed([one, two], ["Default"], around)) == ["two"]


def test_a_zone_with_nobody_who_may_end_is_passed_over() -> None:
    fuller = [member("a1", protected=True), member("a2", protected=True)]
    other = member("b1", zone=B)
    assert names(first_zones([*fuller, other])) == ["b1"]
    mixed = [member("a1", protected=True), member("a2")]
    assert names(first_zones([*mixed, other])) == ["a2"]
    assert first_zones(fuller) == []


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B]), st.booleans(), st.integers(0, 9), st.integers(1, 3)),
        max_size=8,
    ),
    st.sampled_from(
        [
            "Default",
            "OldestInstance",
            "NewestInstance",
            "OldestLaunchTemplate",
            "AllocationStrategy",
        ]
    ),
)
def test_nobody_protected_is_chosen_and_somebody_free_always(
    found: list[tuple[str, bool, int, int]], policy: str
) -> None:
    members = [
        member(str(number), launched, zone, version=version, protected=protected)
        for number, (zone, protected, launched, version) in enumerate(found)
    ]
    chosen = narrowed(zones, [policy], NOW) if (zones := first_zones(members)) else []
    assert bool(chosen) == any(not item.protected for item in members)
    assert not any(item.protected for item in chosen)


def test_the_walk_through_the_default_policy() -> None:
    """Two instances in two zones; one more is launched; on scaling in the zone with two gives up
    the one from the oldest version, or else the one closest to its next billing hour."""
    world = make_world(desired_capacity=2)
    world.run(60)
    set_desired(world, 3)
    world.run(120)
    (zone,) = {m.instance.zone for m in in_service(world) if m.instance.launched == 60}
    two = [m for m in in_service(world) if m.instance.zone == zone]
    old, new = sorted(two, key=lambda m: m.instance.launched)
    set_desired(world, 2)
    (end,) = activities(world, "Terminating")
    assert end.instance == old.instance.id  # 58 minutes to its hour, 59 for the other
    world = make_world(desired_capacity=2)
    world.run(60)
    set_desired(world, 3)
    world.run(120)
    new = next(m for m in in_service(world) if m.instance.launched == 60)
    for other in in_service(world):
        other.instance.template_version = 1 if other is new else 2
    set_desired(world, 2)
    (end,) = activities(world, "Terminating")
    assert end.instance == new.instance.id


def test_protected_instances_stay_though_the_desired_capacity_falls() -> None:
    world = make_world(desired_capacity=2)
    world.run(60)
    for item in in_service(world):
        item.protected = True
    set_desired(world, 1)
    world.run(120)
    assert group_of(world).desired == 1
    assert len(in_service(world)) == 2
    in_service(world)[0].protected = False
    world.run(300)
    assert len(in_service(world)) == 1


# -- a function of the customer's own ---------------------------------------------------------


@define
class Chooser:
    """Answers with the ids that it is told, and notes what it was asked."""

    ids: list[str] | None = None
    fails: bool = False
    asked: list[Any] = field(factory=list)

    def ask(self, function: str, payload: Any, within: float) -> Any:
        assert function == "Chooser"
        assert within == 2.0
        self.asked.append(payload)
        if self.fails:
            raise ValueError("no answer")
        return None if self.ids is None else {"InstanceIDs": self.ids}


CHOOSER = Function(
    identity=identity("Chooser", Function, Arn="arn:aws:lambda:us-east-1:1:function:Chooser"),
    code={},
    role="role",
)


def asking(chooser: Chooser, *policies: str, size: int = 4) -> World:
    world = make_world(CHOOSER, desired_capacity=size, termination_policies=("Chooser", *policies))
    world.autoscaling.ask_functions(chooser.ask)
    world.run(60)
    return world


def test_only_what_the_function_lets_go_ends() -> None:
    chooser = Chooser()
    world = asking(chooser)
    wanted = in_service(world)[2].instance
    chooser.ids = [wanted.id]
    set_desired(world, 2)
    world.run(120)
    assert {a.instance for a in activities(world, "Terminating")} == {wanted.id}
    asked = chooser.asked[0]
    assert asked["Cause"] == "SCALE_IN"
    assert asked["AutoScalingGroupName"] == "Group"
    places = sorted(asked["CapacityToTerminate"], key=lambda place: str(place["AvailabilityZone"]))
    assert places == [
        {"AvailabilityZone": zone, "Capacity": 1, "InstanceMarketOption": "on-demand"}
        for zone in (A, B)
    ]
    assert len(asked["Instances"]) == 4
    assert asked["Instances"][0].keys() == {
        *("AvailabilityZone", "InstanceId", "InstanceType", "InstanceMarketOption")
    }


@pytest.mark.parametrize("chooser", [Chooser(ids=[]), Chooser(fails=True)])
def test_nothing_ends_while_the_function_lets_nothing_go_and_it_is_asked_again(
    chooser: Chooser,
) -> None:
    world = asking(chooser)
    set_desired(world, 3)
    world.run(250)
    assert not activities(world, "Terminating")
    assert 2 <= len(chooser.asked) <= 5
    chooser.fails, chooser.ids = False, [in_service(world)[0].instance.id]
    world.run(360)
    assert len(activities(world, "Terminating")) == 1
    assert "shrinking the capacity from 4 to 3" in activities(world, "Terminating")[0].cause


def test_more_than_needed_are_sorted_by_the_other_policies() -> None:
    chooser = Chooser()
    world = make_world(CHOOSER, zones=1, termination_policies=("Chooser", "NewestInstance"))
    world.autoscaling.ask_functions(chooser.ask)
    for minute in (1, 2):
        world.run(60 * minute)
        set_desired(world, minute + 1)
    world.run(180)
    chooser.ids = [m.instance.id for m in in_service(world)]
    newest = max(in_service(world), key=lambda m: m.instance.launched)
    set_desired(world, 2)
    assert [a.instance for a in activities(world, "Terminating")] == [newest.instance.id]


def test_a_function_of_which_nothing_is_known_accepts_what_is_suggested() -> None:
    world = asking(Chooser())
    set_desired(world, 2)
    assert len(activities(world, "Terminating")) == 2


def test_unhealthy_instances_end_without_asking() -> None:
    chooser = Chooser(ids=[])
    world = make_world(
        CHOOSER,
        targets={},
        health_check_type="ELB",
        desired_capacity=2,
        termination_policies=("Chooser",),
    )
    world.autoscaling.ask_functions(chooser.ask)
    world.run(120)
    sicken(world, in_service(world)[0])
    world.run(240)
    assert len(activities(world, "Terminating")) == 1
    assert not chooser.asked


# -- what an end waits for --------------------------------------------------------------------


def slow_world(wait: float, delay: int) -> World:
    """Requests take `wait` seconds; targets drain for `delay`."""
    key = "deregistration_delay.timeout_seconds"
    world = make_world(
        targets={
            "target_group_attributes": (KeyValue(key=key, value=str(delay)),),
            "health_check_interval_seconds": 300,
            "health_check_timeout_seconds": 120,
        },
        rate=10,
        service={"cpu_time": 0.0, "wait_time": wait, "variation": 0.0, "workers": 1000},
        desired_capacity=2,
    )
    world.run(120)
    set_desired(world, 1)
    return world


def test_scale_in_waits_for_deregistration_and_requests_in_flight_finish() -> None:
    world = slow_world(5.0, 60)
    before = dict(world.elb.books["Balancer"].by_status)
    (end,) = activities(world, "Terminating")
    assert end.status == "WaitingForELBConnectionDraining"
    ended = world.ec2.instances[end.instance or ""]
    world.run(179)
    assert ended.state == "running"
    assert group_of(world).desired == 1
    world.run(181)
    assert ended.state == "shutting-down"
    world.run(300)
    assert end.status == "Successful"
    after = world.elb.books["Balancer"].by_status
    assert {status for status in after if after[status] != before.get(status)} == {"200"}


def test_requests_that_outlast_the_delay_are_cut() -> None:
    world = slow_world(30.0, 10)
    before = world.elb.books["Balancer"].by_status.get("502", 0)
    world.run(300)
    assert world.elb.books["Balancer"].by_status["502"] > before

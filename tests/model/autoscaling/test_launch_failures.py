"""Launches that fail: on the record in AWS's words, elsewhere at once, and again after a while.

Sources: "Troubleshoot Amazon EC2 Auto Scaling: EC2 instance launch failures", "Availability Zone
distribution", "Suspend and resume processes" (administrative suspension).
"""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.autoscaling.back_off import GIVES_UP
from model.autoscaling.group import PROCESSES
from model.autoscaling.pace import FIRST_PAUSE, LONGEST_PAUSE
from model.autoscaling.resources import AvailabilityZoneDistribution
from model.ec2.launch_templates import LaunchTemplateData, LaunchTemplateSpecification
from model.ec2.resources import Subnet
from model.ec2.service import PENDING_SECONDS
from model.resources import ZONES
from tests.model.autoscaling.samples import (
    activities,
    api,
    desired,
    group_of,
    harm,
    identity,
    in_service,
    make_world,
    no_capacity,
    resume,
    set_desired,
    zones_of,
)

A, B = ZONES[:2]
FAILED = "Launching a new EC2 instance.  Status Reason: "
LATEST = PENDING_SECONDS[1]
ONLY = AvailabilityZoneDistribution(capacity_distribution_strategy="balanced-only")


def test_a_zone_without_capacity_fails_in_awss_words_and_another_is_taken() -> None:
    world = make_world()
    no_capacity(world, B)
    set_desired(world, 2)
    assert zones_of(world) == {A: 2, B: 0}
    (failed,) = activities(world, FAILED)
    assert failed.status == "Failed"
    assert failed.message == (
        f"We currently do not have sufficient m5.large capacity in the Availability Zone you "
        f"requested ({B}). Our system will be working on provisioning additional capacity. You can "
        f"currently get m5.large capacity by not specifying an Availability Zone in your request "
        f"or choosing {A}. Launching EC2 instance failed."
    )
    assert failed.description == FAILED + failed.message
    event = next(e for e in world.bus.events if e.detail_type.endswith("Launch Unsuccessful"))
    assert event.detail["StatusCode"] == "Failed"
    assert event.detail["StatusMessage"] == failed.message
    assert event.detail["Details"] == {"Availability Zone": B, "Subnet ID": "Subnet1"}
    assert len(event.resources) == 1


def test_balanced_only_waits_for_the_zone_instead() -> None:
    world = make_world(availability_zone_distribution=ONLY)
    no_capacity(world, B, duration=100.0)
    set_desired(world, 2)
    assert zones_of(world) == {A: 1, B: 0}
    world.run(300.0)
    assert zones_of(world) == {A: 1, B: 1}


def test_pauses_double_and_end_at_the_longest() -> None:
    world = make_world(zones=1)
    no_capacity(world, A)
    set_desired(world, 2)
    world.run(5000.0)
    starts = [activity.start for activity in activities(world, FAILED)]
    gaps = [after - before for before, after in pairwise(starts)]
    wanted = [min(FIRST_PAUSE * 2**n, LONGEST_PAUSE) for n in range(len(gaps))]
    assert gaps == wanted
    assert LONGEST_PAUSE in gaps
    for activity in activities(world, FAILED):
        assert "explicitly set group desired capacity" in activity.cause


def test_capacity_that_comes_back_is_taken_and_zones_are_evened_out() -> None:
    world = make_world(min_size=4)
    world.run(LATEST)
    no_capacity(world, B, duration=400.0)
    set_desired(world, 8)
    assert zones_of(world) == {A: 6, B: 2}
    world.run(3000.0)
    assert zones_of(world) == {A: 4, B: 4}
    assert len(in_service(world)) == desired(world)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("image", "The image id 'ami-1' does not exist."),
        ("key-pair", "The key pair 'ops' does not exist."),
        ("security-group", "The security group 'sg-0abcdef1234567890' does not exist."),
        ("instance-profile", "Invalid IAM Instance Profile name"),
        ("configuration", "The requested configuration is currently not supported."),
        ("instance-type", f"(m5.large) is not supported in your requested Availability Zone ({A})"),
        ("limit", "your current vCPU limit"),
        ("encryption-key", "Client.InternalError: Client error on launch."),
    ],
)
def test_what_is_wrong_with_a_launch_is_told(reason: str, words: str) -> None:
    world = make_world(launch={"image_id": "ami-1", "key_name": "ops"})
    world.run(LATEST)
    harm(world, "spillover:launch-error", 60.0, auto_scaling_groups=("Group",), reason=reason)
    set_desired(world, 3)
    assert words in "".join(a.message for a in activities(world, FAILED))
    assert len(activities(world, FAILED)) == (2 if reason == "instance-type" else 1)
    world.run(600.0)
    assert len(in_service(world)) == 3


def test_only_what_launches_a_wrong_image_fails_until_it_is_taken_back() -> None:
    world = make_world(launch={"image_id": "ami-1"})
    world.run(LATEST)
    harm(world, "spillover:launch-error", reason="image", image_id="ami-2")
    set_desired(world, 2)
    assert not activities(world, FAILED)
    new = LaunchTemplateData(image_id="ami-2")
    world.ec2.templates.create_version("Launch", new, source="1")
    api(
        world, "autoscaling:UpdateAutoScalingGroup", auto_scaling_group_name="Group",
        launch_template=LaunchTemplateSpecification(launch_template_id="Launch", version="2"),
        desired_capacity=3,
    )  # fmt: skip
    assert "'ami-2' does not exist" in activities(world, FAILED)[0].message
    world.run(200.0)
    assert len(in_service(world)) == 2
    api(
        world, "autoscaling:UpdateAutoScalingGroup", auto_scaling_group_name="Group",
        launch_template=LaunchTemplateSpecification(launch_template_id="Launch", version="1"),
    )  # fmt: skip
    world.run(500.0)
    assert len(in_service(world)) == 3


def test_after_a_day_without_a_launch_aws_suspends_the_group() -> None:
    world = make_world(min_size=0, zones=1)
    harm(world, "spillover:launch-error", None, zones=(A,))
    set_desired(world, 1)
    world.run(GIVES_UP - LONGEST_PAUSE)
    assert not group_of(world).suspended
    world.run(GIVES_UP + LONGEST_PAUSE)
    assert group_of(world).suspended == set(PROCESSES)
    count = len(activities(world, FAILED))
    world.run(GIVES_UP + 8000.0)
    assert len(activities(world, FAILED)) == count
    resume(world)
    world.run(world.now + 1000.0)
    assert len(activities(world, FAILED)) > count


def test_of_several_subnets_in_a_zone_the_emptiest_is_taken() -> None:
    small = Subnet(
        identity=identity("Small", Subnet), cidr_block="10.0.9.0/28", availability_zone=A
    )
    world = make_world(small, zones=1, vpc_zone_identifier=("Small", "Subnet0"), min_size=3)
    assert {m.instance.subnet for m in group_of(world).active()} == {"Subnet0"}


def test_a_full_subnet_is_told_and_a_freed_address_is_taken() -> None:
    small = Subnet(
        identity=identity("Small", Subnet), cidr_block="10.0.9.0/28", availability_zone=A
    )
    world = make_world(small, vpc_zone_identifier=("Small",), max_size=20)
    set_desired(world, 12)
    assert len(group_of(world).active()) == 11
    assert "not enough free addresses in subnet" in activities(world, FAILED)[0].message
    world.run(60.0)
    assert len({m.instance.private_ip for m in in_service(world)}) == 11


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.sampled_from(ZONES[:3]), st.integers(10, 300)), max_size=4
    ),
    st.integers(1, 9),
    st.integers(0, 5),
)
def test_whatever_fails_for_a_while_the_group_is_whole_and_balanced_in_the_end(
    failures: list[tuple[int, str, int]], size: int, seed: int
) -> None:
    world = make_world(zones=3, seed=seed)
    for start, zone, duration in sorted(failures):
        world.run(float(start))
        no_capacity(world, zone, duration=float(duration))
    set_desired(world, size)
    world.run(4000.0)
    assert len(in_service(world)) == len(group_of(world).active()) == size
    counts = zones_of(world).values()
    assert max(counts) - min(counts) <= 1
    assert all(a.end is not None for a in activities(world, FAILED))

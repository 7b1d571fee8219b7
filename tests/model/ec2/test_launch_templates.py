"""Versions of launch templates, and what may stand in them.

Sources: API CreateLaunchTemplateVersion, ModifyLaunchTemplate, RequestLaunchTemplateData,
EbsBlockDevice; API CreateLaunchConfiguration.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest

from model.actions import ActionError
from model.autoscaling.launch_configurations import LaunchConfiguration
from model.ec2.launch_templates import (
    InstanceMarketOptions,
    LaunchTemplateData,
    LaunchTemplateSpecification,
    SpotOptions,
)
from model.ec2.volumes import BlockDeviceMapping, Ebs, OlderEbs
from model.world import World
from tests.model.autoscaling.samples import api, group_of, identity, make_world, set_desired


def launched(world: World) -> list[tuple[str, int]]:
    """Type and version of each instance, in order of launch."""
    return [(item.type.name, item.template_version) for item in world.ec2.instances.values()]


def new_version(world: World, source: str | None = None, **data: Any) -> None:
    api(
        world,
        "ec2:CreateLaunchTemplateVersion",
        launch_template_id="Launch",
        source_version=source,
        launch_template_data=LaunchTemplateData(**data),
    )


@pytest.mark.parametrize(
    ("version", "then"),
    [("1", ("m5.large", 1)), ("$Latest", ("c5.large", 2)), ("$Default", ("m5.large", 1))],
)
def test_a_new_version_is_launched_by_groups_on_latest_and_running_instances_stay(
    version: str, then: tuple[str, int]
) -> None:
    wanted = LaunchTemplateSpecification(launch_template_id="Launch", version=version)
    world = make_world(launch_template=wanted)
    new_version(world, instance_type="c5.large")
    set_desired(world, 2)
    assert launched(world) == [("m5.large", 1), then]
    api(world, "ec2:ModifyLaunchTemplate", launch_template_id="Launch", default_version="2")
    set_desired(world, 3)
    assert launched(world)[-1] == (("m5.large", 1) if version == "1" else ("c5.large", 2))
    assert {item.template for item in world.ec2.instances.values()} == {"Launch"}
    current = group_of(world).launcher.source.current
    assert current is not None
    assert current.number == (1 if version == "1" else 2)


def test_a_version_takes_from_its_source_what_it_does_not_say() -> None:
    world = make_world(launch={"image_id": "ami-1"})
    new_version(world, source="1", instance_type="c5.large")
    new_version(world, instance_type="c5.large")
    second, third = (world.ec2.templates.version("Launch", number) for number in "23")
    assert (second.data.image_id, second.data.detailed) == ("ami-1", True)
    assert (third.data.image_id, third.data.detailed) == (None, False)


def test_versions_and_templates_that_are_not_there_are_refused() -> None:
    world = make_world()
    with pytest.raises(ActionError, match="Could not find launch template version 2") as error:
        api(world, "ec2:ModifyLaunchTemplate", launch_template_id="Launch", default_version="2")
    assert error.value.code == "InvalidLaunchTemplateId.VersionNotFound"
    with pytest.raises(ActionError, match="does not exist"):
        api(world, "ec2:ModifyLaunchTemplate", launch_template_id="lt-1", default_version="1")


def test_a_launch_configuration_asks_for_detailed_monitoring_unless_told_otherwise() -> None:
    cases: list[tuple[dict[str, Any], bool]] = [({}, True), ({"instance_monitoring": False}, False)]
    for given, detailed in cases:
        configuration = LaunchConfiguration(
            identity=identity("Old", LaunchConfiguration),
            image_id="ami-1",
            instance_type="t3.micro",
            spot_price=0.01,
            **given,
        )
        world = make_world(configuration, launch_template=None, launch_configuration_name="Old")
        (instance,) = world.ec2.instances.values()
        assert instance.monitoring is detailed
        assert (instance.launch_configuration, instance.template) == ("Old", None)
        assert instance.spot


def test_user_data_of_sixteen_kilobytes_are_the_most() -> None:
    LaunchTemplateData(user_data=base64.b64encode(b"x" * 16_384).decode())
    with pytest.raises(ValueError, match="16384 bytes at most before it is encoded, not 16385"):
        LaunchTemplateData(user_data=base64.b64encode(b"x" * 16_385).decode())
    with pytest.raises(ValueError, match="must be in base64"):
        LaunchTemplateData(user_data="#!/bin/sh")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"volume_type": "gp3", "volume_size": 65_537}, "from 1 to 65536 GiB"),
        ({"volume_type": "gp2", "volume_size": 16_385}, "from 1 to 16384 GiB"),
        ({"volume_type": "io1", "volume_size": 3, "iops": 100}, "from 4 to 16384 GiB"),
        ({"volume_type": "io1", "volume_size": 10}, "an io1 volume needs Iops"),
        ({"volume_type": "io1", "volume_size": 10, "iops": 501}, "has 500 IOPS at most"),
        ({"volume_type": "st1", "volume_size": 124}, "from 125 to 16384 GiB"),
        ({"volume_type": "st1", "volume_size": 125, "iops": 100}, "not with st1"),
        ({"volume_type": "gp3", "volume_size": 10, "iops": 2_999}, "from 3000 to 80000"),
        ({"volume_type": "gp3", "volume_size": 10, "throughput": 2_001}, "from 125 to 2000 MiB/s"),
        ({"volume_type": "gp2", "volume_size": 10, "throughput": 200}, "not with gp2"),
        ({"volume_type": "gp4", "volume_size": 10}, "VolumeType must be one of gp2, gp3"),
    ],
)
def test_volumes_are_held_to_their_ranges(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Ebs(**given)


def test_the_volumes_of_launch_configurations_have_narrower_ranges() -> None:
    Ebs(volume_type="gp3", volume_size=100, iops=20_000)
    with pytest.raises(ValueError, match="from 3000 to 16000"):
        OlderEbs(volume_type="gp3", volume_size=100, iops=20_000)
    with pytest.raises(ValueError, match="VolumeSize or a SnapshotId"):
        OlderEbs(volume_type="gp3")


def test_a_mapping_says_one_thing_of_one_device() -> None:
    with pytest.raises(ValueError, match="exactly one of Ebs, NoDevice and VirtualName"):
        BlockDeviceMapping(device_name="/dev/sdb")
    with pytest.raises(ValueError, match="Expected format: 'ephemeralNUMBER'"):
        BlockDeviceMapping(device_name="/dev/sdb", virtual_name="disk0")
    one = BlockDeviceMapping(device_name="/dev/sdb", ebs=Ebs(volume_size=8))
    with pytest.raises(ValueError, match="maps /dev/sdb twice"):
        LaunchTemplateData(block_device_mappings=(one, one))


def test_groups_take_spot_requests_that_are_made_once() -> None:
    cases: list[dict[str, Any]] = [
        {"spot_instance_type": "persistent"},
        {"instance_interruption_behavior": "hibernate"},
    ]
    for given in cases:
        with pytest.raises(ValueError, match="not simulated yet"):
            SpotOptions(**given)
    with pytest.raises(ValueError, match=r"at least 0.001"):
        SpotOptions(max_price=0.0001)
    with pytest.raises(ValueError, match="not simulated yet"):
        InstanceMarketOptions(market_type="capacity-block")

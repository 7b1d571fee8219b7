"""What CloudWatch hears of EBS volumes.

Source: "Amazon CloudWatch metrics for Amazon EBS"; "Status checks for Amazon EC2 instances".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.autoscaling.launch_configurations import LaunchConfiguration
from model.cloudwatch.metrics import MetricKey
from model.ec2.volumes import BlockDeviceMapping, Ebs, OlderBlockDeviceMapping, OlderEbs
from model.world import World
from tests.model.autoscaling.samples import group_of, harm, identity, make_world

DISKS = (
    BlockDeviceMapping(device_name="/dev/xvda", ebs=Ebs(volume_size=20, volume_type="gp3")),
    BlockDeviceMapping(device_name="/dev/sdf", ebs=Ebs(volume_size=100)),
    BlockDeviceMapping(device_name="/dev/sdg", virtual_name="ephemeral0"),
)


def with_disks(**launch: Any) -> World:
    world = make_world(zones=1, launch={"block_device_mappings": DISKS} | launch)
    world.run(600.0)
    return world


def values(
    world: World, namespace: str, name: str, dimension: tuple[str, str], since: int = 0
) -> list[float]:
    """The datapoints of minutes."""
    found = world.cloudwatch.metrics.get(MetricKey(namespace, name, (dimension,)))
    minutes = range(since, int(world.now // 60))
    points = [found.read(60.0 * n, 60.0) for n in minutes] if found is not None else []
    return [point.maximum for point in points if point is not None]


def test_volumes_are_idle_and_each_reports_by_its_id() -> None:
    world = with_disks()
    (member,) = group_of(world).active()
    root, data = member.instance.volumes
    assert (root.type, data.type) == ("gp3", "gp2")
    assert root.id.startswith("vol-")
    assert len(root.id) == 21
    for volume in (root, data):
        owner = ("VolumeId", volume.id)
        assert set(values(world, "AWS/EBS", "VolumeReadOps", owner)) == {0.0}
        assert set(values(world, "AWS/EBS", "VolumeIdleTime", owner)) == {60.0}
        assert set(values(world, "AWS/EBS", "VolumeStalledIOCheck", owner)) == {0.0}
    assert not values(world, "AWS/EBS", "BurstBalance", ("VolumeId", root.id))
    assert set(values(world, "AWS/EBS", "BurstBalance", ("VolumeId", data.id))) == {100.0}
    owner = ("InstanceId", member.instance.id)
    assert set(values(world, "AWS/EC2", "EBSWriteBytes", owner)) == {0.0}


def test_an_instance_without_known_volumes_tells_of_none() -> None:
    world = make_world(zones=1)
    world.run(600.0)
    (member,) = group_of(world).active()
    assert member.instance.volumes == ()
    owner = ("InstanceId", member.instance.id)
    assert not values(world, "AWS/EC2", "EBSReadOps", owner)
    assert not [m for m in world.cloudwatch.metrics if m.key.namespace == "AWS/EBS"]


@pytest.mark.parametrize("kind", ["m5.large", "t2.micro"])
def test_paused_io_fails_the_checks_of_nitro_instances(kind: str) -> None:
    world = with_disks(instance_type=kind)
    (member,) = group_of(world).active()
    harm(world, "aws:ebs:pause-volume-io", 120.0, instances=(member.instance.id,))
    world.run(900.0)
    nitro = kind == "m5.large"

    owner, volume = member.instance.id, member.instance.volumes[0].id
    failed = "StatusCheckFailed_AttachedEBS"
    checks = values(world, "AWS/EC2", failed, ("InstanceId", owner), since=9)
    stalls = values(world, "AWS/EBS", "VolumeStalledIOCheck", ("VolumeId", volume), since=9)
    assert (1.0 in checks) is (1.0 in stalls) is nitro
    assert checks[-1:] == stalls[-1:] == ([0.0] if nitro else [])


def test_a_launch_configuration_makes_volumes_too() -> None:
    disk = OlderBlockDeviceMapping(device_name="/dev/sdf", ebs=OlderEbs(volume_size=8))
    configuration = LaunchConfiguration(
        identity=identity("Old", LaunchConfiguration),
        image_id="ami-1",
        instance_type="m5.large",
        block_device_mappings=(disk,),
    )
    world = make_world(configuration, launch_template=None, launch_configuration_name="Old")
    (member,) = group_of(world).active()
    assert [volume.type for volume in member.instance.volumes] == ["gp2"]

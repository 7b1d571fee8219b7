"""Status checks, and which fault fails which.

Sources: "Status checks for Amazon EC2 instances" and "List the available CloudWatch metrics for
your instances: status check metrics".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.cloudwatch.metrics import MetricKey
from model.ec2.effects import Effect
from model.ec2.status_checks import CHECKS, EBS, EITHER, INITIALIZING, INSTANCE, SYSTEM
from model.world import World
from tests.model.autoscaling.samples import make_world
from tests.model.ec2.samples import Item, Region
from tests.model.samples import A, action


def failed(items: list[Item], name: str) -> list[float]:
    return [item.point.total for item in items if item.key.name == name]


@pytest.mark.parametrize("detailed", [True, False])
def test_a_datapoint_a_minute_whatever_the_monitoring(detailed: bool) -> None:
    region = Region()
    instance = region.running(detailed=detailed)
    region.minutes(4)
    items = region.minutes(3)
    for name in CHECKS:
        own = [item for item in items if item.key.name == name]
        own = [item for item in own if item.key.dimensions[0][0] == "InstanceId"]
        assert [item.point.total for item in own] == [0.0] * 3
        assert {(item.key.namespace, item.unit, item.length) for item in own} == {
            ("AWS/EC2", "Count", 60.0)
        }
        assert {item.key.dimensions for item in own} == {(("InstanceId", instance.id),)}


def test_nothing_is_reported_while_the_checks_are_initializing() -> None:
    region = Region()
    instance = region.running()
    since = instance.running_since
    assert since is not None
    region.minutes(4)
    first = min(item.start for item in region.items() if item.key.name == SYSTEM)
    assert first + 60 >= since + INITIALIZING > first


def test_only_nitro_instances_have_an_attached_ebs_check() -> None:
    region = Region()
    region.running(instance_type="t2.micro")
    names = {item.key.name for item in region.minutes(5)}
    assert {EITHER, INSTANCE, SYSTEM} < names
    assert EBS not in names


def test_a_reboot_fails_the_instance_check() -> None:
    region = Region()
    instance = region.running()
    region.minutes(5)
    region.run(20)
    region.ec2.reboot_instances(instance.id)
    items = region.minutes(3)
    assert failed(items, INSTANCE) == failed(items, EITHER) == [1, 0, 0]
    assert failed(items, SYSTEM) == failed(items, EBS) == [0, 0, 0]


def test_a_host_without_power_fails_both() -> None:
    region = Region()
    instance = region.running()
    region.minutes(5)
    instance.set_effect(region.schedule.now, "dark", Effect(host_impaired=True))
    items = region.minutes(2)
    instance.set_effect(region.schedule.now, "dark", None)
    items += region.minutes(1)
    for name, wanted in {EITHER: 1, INSTANCE: 1, SYSTEM: 1, EBS: 0}.items():
        assert failed(items, name) == [wanted, wanted, 0]


def test_a_stopped_instance_reports_nothing() -> None:
    region = Region()
    instance = region.running()
    region.minutes(5)
    region.ec2.stop_instances(instance.id)
    assert region.minutes(5) == []


def test_a_group_has_a_sample_for_each_of_its_instances() -> None:
    region = Region(group="Group")
    first, *_ = [region.launch() for _ in range(3)]
    region.minutes(5)
    first.set_effect(region.schedule.now, "dark", Effect(host_impaired=True))
    own = (("AutoScalingGroupName", "Group"),)
    items = [item for item in region.minutes(1) if item.key.dimensions == own]
    (item,) = [item for item in items if item.key.name == SYSTEM]
    point = item.point
    assert (point.count, point.total, point.minimum, point.maximum) == (3, 1, 0, 1)


def system_failures(world: World, end: float) -> float:
    world.run(end)
    metric = world.cloudwatch.metrics.get(
        MetricKey.of("AWS/EC2", SYSTEM, {"AutoScalingGroupName": "Group"})
    )
    assert metric is not None
    return metric.points[end - 60].total


@pytest.mark.parametrize(
    ("targets", "wanted"), [({"zones": (A,)}, 1), ({"subnets": ("SubnetA",)}, 0)]
)
def test_a_dark_zone_fails_them_and_a_network_acl_does_not(
    targets: dict[str, Any], wanted: float
) -> None:
    world = make_world(desired_capacity=2, max_size=2)
    assert system_failures(world, 600.0) == 0
    world.apply(action("aws:network:disrupt-connectivity", duration=90.0, **targets))
    assert system_failures(world, 660.0) == wanted
    assert system_failures(world, 780.0) == 0

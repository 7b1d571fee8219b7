"""CPUUtilization and network metrics with basic and with detailed monitoring.

Source: "List the available CloudWatch metrics for your instances" and "Manage detailed monitoring
for your EC2 instances".
"""

from __future__ import annotations

import pytest

from model.clock import Schedule
from model.cloudwatch.metrics import MetricKey
from model.ec2.effects import Effect
from model.ec2.metrics import EACH_PERIOD, PACKETS
from tests.model.autoscaling.samples import make_world
from tests.model.ec2.samples import START, Item, Region, load, transfer


def of(items: list[Item], name: str = "CPUUtilization", **dimensions: str) -> list[Item]:
    wanted = tuple(sorted(dimensions.items()))
    return [item for item in items if item.key.name == name and item.key.dimensions == wanted]


def test_detailed_monitoring_gives_a_datapoint_a_minute() -> None:
    region = Region()
    instance = region.running(detailed=True)
    items = of(region.minutes(10), InstanceId=instance.id)
    assert [(item.start, item.length) for item in items] == [(60.0 * n, 60.0) for n in range(10)]
    assert {(i.key.namespace, i.key.name, i.unit) for i in items} == {
        ("AWS/EC2", "CPUUtilization", "Percent")
    }


def test_basic_monitoring_gives_one_in_five_minutes() -> None:
    region = Region()
    instance = region.running()
    items = of(region.minutes(10), InstanceId=instance.id)
    assert [(item.start, item.length) for item in items] == [(0.0, 300.0), (300.0, 300.0)]


def test_five_minutes_are_those_of_the_calendar() -> None:
    region = Region(schedule=Schedule(0.0, START.replace(minute=2)))
    instance = region.running()
    items = of(region.minutes(10), InstanceId=instance.id)
    assert [item.start for item in items] == [-120.0, 180.0]


def test_a_percentage_of_all_vcpus_over_the_time_it_ran() -> None:
    region = Region()
    instance = region.running(detailed=True, instance_type="m5.xlarge")
    region.minutes(1)
    load(instance, 60.0)
    (item,) = of(region.minutes(1), InstanceId=instance.id)
    assert item.point.statistic("Average") == pytest.approx(25.0)  # one of four vCPUs


def test_basic_monitoring_averages_five_minutes() -> None:
    region = Region()
    instance = region.running()
    region.minutes(6)
    load(instance, 120.0)  # both vCPUs for one of five minutes
    (item,) = of(region.minutes(4), InstanceId=instance.id)
    assert item.point.statistic("Average") == pytest.approx(20.0)


def test_the_first_datapoint_is_over_the_time_since_it_runs() -> None:
    region = Region()
    instance = region.running(detailed=True)
    assert instance.running_since is not None
    load(instance, 2 * (60.0 - instance.running_since))
    (item,) = of(region.minutes(1), InstanceId=instance.id)
    assert item.point.statistic("Average") == pytest.approx(100.0)


def test_a_fault_that_burns_cpu_shows() -> None:
    region = Region()
    instance = region.running(detailed=True)
    region.minutes(1)
    instance.set_effect(region.schedule.now, "stress", Effect(cpu_burnt=0.8))
    region.run(30)
    instance.set_effect(region.schedule.now, "stress", None)
    (item,) = of(region.minutes(1), InstanceId=instance.id)
    assert item.point.statistic("Average") == pytest.approx(40.0)


def test_never_above_a_hundred_percent() -> None:
    region = Region()
    instance = region.running(detailed=True)
    load(instance, 1000.0)
    (item,) = of(region.minutes(1), InstanceId=instance.id)
    assert item.point.statistic("Maximum") == 100.0


def test_what_does_not_run_reports_nothing() -> None:
    region = Region()
    region.launch(detailed=True)
    region.metrics.publish(0.0)
    assert region.items() == []
    instance = region.running(detailed=True)
    region.ec2.stop_instances(instance.id)
    assert of(region.minutes(5), InstanceId=instance.id) == []
    region.ec2.start_instances(instance.id)
    assert len(of(region.minutes(5), InstanceId=instance.id)) == 5
    region.ec2.terminate_instances(instance.id)
    assert of(region.minutes(5), InstanceId=instance.id) == []


def test_a_stop_is_not_counted_as_idle_time() -> None:
    region = Region()
    instance = region.running(detailed=True)
    region.minutes(1)
    region.ec2.stop_instances(instance.id)
    region.minutes(3)
    region.ec2.start_instances(instance.id)
    region.run(25)
    assert instance.running_since is not None
    load(instance, region.schedule.boundary(60.0) - instance.running_since)  # one of two vCPUs
    (item,) = of(region.minutes(1), InstanceId=instance.id)
    assert item.point.statistic("Average") == pytest.approx(50.0)


def test_only_detailed_monitoring_reports_by_type() -> None:
    region = Region()
    region.running(detailed=True)
    region.running(detailed=True, instance_type="c5.large")
    region.running(detailed=False, instance_type="t3.large")
    items = region.minutes(5)
    assert len(of(items, InstanceType="m5.large")) == 5
    assert len(of(items, InstanceType="c5.large")) == 5
    assert of(items, InstanceType="t3.large") == []


def test_a_group_has_a_sample_for_each_of_its_instances() -> None:
    region = Region(group="Group")
    first, second = region.launch(detailed=True), region.launch(detailed=True)
    region.minutes(1)
    load(first, 12.0)
    load(second, 36.0)
    (item,) = of(region.minutes(1), AutoScalingGroupName="Group")
    point = item.point
    assert point.statistic("SampleCount") == 2
    assert point.statistic("Minimum") == pytest.approx(10.0)
    assert point.statistic("Average") == pytest.approx(20.0)
    assert point.statistic("Maximum") == pytest.approx(30.0)


def test_instances_of_no_group_count_for_none() -> None:
    region = Region(group=None)
    region.running(detailed=True)
    assert of(region.minutes(5), AutoScalingGroupName="Group") == []


def test_an_instance_that_comes_back_is_still_one_sample() -> None:
    region = Region(group="Group")
    instance = region.running(detailed=True)
    region.minutes(2)
    region.ec2.stop_instances(instance.id)
    region.minutes(3)
    region.ec2.start_instances(instance.id)
    region.minutes(3)
    own = {
        "InstanceId": instance.id,
        "AutoScalingGroupName": "Group",
        "InstanceType": instance.type.name,
    }
    for dimension, value in own.items():
        items = of(region.items(), **{dimension: value})
        points = [item.point for item in items]
        assert points
        assert {point.count for point in points} == {1.0}


def test_an_instance_that_begins_this_very_minute_reports_from_the_next() -> None:
    region = Region()
    region.running(detailed=True)
    second = region.running(detailed=True)
    end = region.schedule.boundary(60.0)
    region.run(end - region.schedule.now)
    second.running_since, second.cpu_before = end, second.cpu_seconds(end)
    second.roster.changes += 1
    region.metrics.publish(end)
    assert of(region.items(), InstanceId=second.id) == []
    (item,) = of(region.minutes(1), InstanceId=second.id)
    assert item.point.statistic("Average") == 0.0


def test_a_datapoint_of_basic_monitoring_has_five_samples() -> None:
    region = Region(group="Group")
    region.launch(), region.launch()
    items = region.minutes(5)
    counts = {item.key.name: item.point.count for item in items if item.length == 300}
    assert counts == dict.fromkeys((*EACH_PERIOD, *PACKETS), 10.0)


def test_an_image_has_metrics_of_detailed_monitoring() -> None:
    region = Region()
    region.running(detailed=True, image_id="ami-1")
    region.running(detailed=False, image_id="ami-2")
    items = region.minutes(5)
    assert len(of(items, ImageId="ami-1")) == 5
    assert of(items, ImageId="ami-2") == []


def test_bytes_come_in_and_go_out() -> None:
    region = Region()
    instance = region.running(detailed=True)
    region.minutes(1)
    transfer(instance, 6e6, 3e7)
    items = region.minutes(2)
    came = of(items, "NetworkIn", InstanceId=instance.id)
    went = of(items, "NetworkOut", InstanceId=instance.id)
    assert [item.point.total for item in came] == [6e6, 0.0]
    assert [item.point.total for item in went] == [3e7, 0.0]
    assert {item.unit for item in (*came, *went)} == {"Bytes"}


def test_five_minutes_of_bytes_are_five_samples_of_a_minute_each() -> None:
    region = Region()
    instance = region.running()
    transfer(instance, 6e6, 3e7)
    (item,) = of(region.minutes(5), "NetworkOut", InstanceId=instance.id)
    assert item.point.statistic("Sum") == 3e7
    assert item.point.statistic("Average") == 6e6


@pytest.mark.parametrize("detailed", [True, False])
def test_packets_are_counted_in_five_minutes_whatever_the_monitoring(detailed: bool) -> None:
    region = Region(group="Group")
    instance = region.running(detailed=detailed)
    for _ in range(2):
        region.minutes(1)
        transfer(instance, 6e6, 3e7)
    items = region.minutes(3)
    for dimension in ({"InstanceId": instance.id}, {"AutoScalingGroupName": "Group"}):
        (came,) = of(items, "NetworkPacketsIn", **dimension)
        (went,) = of(items, "NetworkPacketsOut", **dimension)
        assert (came.length, came.point.total, came.point.count) == (300, 12_000, 5)
        assert went.point.total == 60_000


def test_what_went_before_a_station_was_exchanged_still_counts() -> None:
    region = Region()
    instance = region.running(detailed=True)
    region.minutes(1)
    transfer(instance, 1000.0, 2000.0)
    other = instance.stations[0].copy()
    instance.exchange_station(instance.stations[0], other)
    transfer(instance, 1000.0, 2000.0)
    instance.detach_station(other)
    (item,) = of(region.minutes(1), "NetworkOut", InstanceId=instance.id)
    assert item.point.total == 4000


def test_targets_send_what_requests_ask_of_them() -> None:
    world = make_world(detailed=True, targets={}, rate=50)
    world.run(1200)
    for name, size in (("NetworkIn", 1000), ("NetworkOut", 10_000)):
        key = MetricKey.of("AWS/EC2", name, {"AutoScalingGroupName": "Group"})
        metric = world.cloudwatch.metrics.get(key)
        assert metric is not None
        assert metric.points[1080.0].total == pytest.approx(50 * 60 * size, rel=1e-3)

"""Group metrics, and which instances count in a group's EC2 metrics.

Sources: "Monitor CloudWatch metrics for your Auto Scaling groups and instances" and "Set the
default instance warmup for an Auto Scaling group".
"""

from __future__ import annotations

import pytest

from model.autoscaling.resources import GROUP_METRICS, MetricsCollection
from model.cloudwatch.metrics import Metric, MetricKey
from model.world import World
from tests.model.autoscaling.samples import in_service, make_world, set_desired, suspend

DIMENSIONS = {"AutoScalingGroupName": "Group"}
ALL = (MetricsCollection(granularity="1Minute"),)
CPU = MetricKey.of("AWS/EC2", "CPUUtilization", DIMENSIONS)


def group_metric(world: World, name: str) -> list[float]:
    metric = world.cloudwatch.metrics.get(MetricKey.of("AWS/AutoScaling", name, DIMENSIONS))
    return [] if metric is None else [p.statistic("Average") for p in metric.points.values()]


def group_cpu(world: World) -> Metric:
    metric = world.cloudwatch.metrics.get(CPU)
    assert metric is not None
    return metric


def test_group_metrics_must_be_enabled() -> None:
    world = make_world()
    world.run(300)
    assert not any(metric.key.namespace == "AWS/AutoScaling" for metric in world.cloudwatch.metrics)


def test_a_collection_without_names_enables_all() -> None:
    world = make_world(metrics_collection=ALL)
    world.run(300)
    for name in GROUP_METRICS:
        # there is no warm pool to tell of
        assert len(group_metric(world, name)) == (0 if "WarmPool" in name else 5)


def test_only_the_named_ones_are_published() -> None:
    chosen = MetricsCollection(granularity="1Minute", metrics=("GroupDesiredCapacity",))
    world = make_world(metrics_collection=(chosen,))
    world.run(300)
    assert group_metric(world, "GroupDesiredCapacity") == [1] * 5
    assert group_metric(world, "GroupMinSize") == []


def test_group_metrics_tell_the_capacity_minute_by_minute() -> None:
    world = make_world(metrics_collection=ALL, desired_capacity=2, max_size=4)
    world.run(130)
    set_desired(world, 3)
    world.run(195)
    set_desired(world, 1)
    world.run(240)
    assert group_metric(world, "GroupMinSize") == [1, 1, 1, 1]
    assert group_metric(world, "GroupMaxSize") == [4, 4, 4, 4]
    # at 20, 80, 140 and 200 seconds
    assert group_metric(world, "GroupDesiredCapacity") == [2, 2, 3, 1]
    assert group_metric(world, "GroupInServiceInstances")[1:] == [2, 2, 1]
    assert group_metric(world, "GroupPendingInstances")[1:] == [0, 1, 0]
    assert group_metric(world, "GroupTerminatingInstances") == [0, 0, 0, 2]
    assert group_metric(world, "GroupTotalInstances") == [2, 2, 3, 3]
    assert group_metric(world, "GroupStandbyInstances") == [0, 0, 0, 0]
    # without weights an instance is one unit of capacity
    for part in ("InService", "Pending", "Terminating", "Total", "Standby"):
        numbers = group_metric(world, f"Group{part}Instances")
        assert group_metric(world, f"Group{part}Capacity") == numbers


@pytest.mark.parametrize(("warmup", "first"), [(None, 0), (0, 0), (180, 180), (600, 600)])
def test_warming_instances_do_not_count_in_the_groups_cpu(warmup: int | None, first: float) -> None:
    world = make_world(default_instance_warmup=warmup)
    world.run(1200)
    assert min(group_cpu(world).points) == first


def test_a_new_instance_joins_the_average_once_it_is_warm() -> None:
    world = make_world(targets={}, rate=50, default_instance_warmup=180)
    world.run(600)
    set_desired(world, 2)
    world.run(1200)
    samples = {start: point.count for start, point in group_cpu(world).points.items()}
    assert [samples[600.0], samples[720.0]] == [1, 1]  # in service after 612 to 624
    assert [samples[780.0], samples[1140.0]] == [2, 2]


def test_terminating_instances_leave_the_average() -> None:
    world = make_world(targets={"target_group_attributes": ()}, desired_capacity=2)
    world.run(290)
    set_desired(world, 1)
    world.run(480)
    samples = {start: point.count for start, point in group_cpu(world).points.items()}
    assert [samples[180.0], samples[240.0], samples[300.0]] == [2, 1, 1]


@pytest.mark.parametrize(("detailed", "period"), [(True, 60), (False, 300)])
def test_the_groups_cpu_comes_at_the_pace_of_its_instances(detailed: bool, period: float) -> None:
    world = make_world(detailed=detailed)
    world.run(1800)
    metric = group_cpu(world)
    assert list(metric.points) == [period * n for n in range(round(1800 / period))]
    assert metric.unit == "Percent"


def test_unregistered_instances_idle_and_halve_the_average() -> None:
    world = make_world(targets={}, rate=100, default_instance_warmup=0)
    world.run(120)
    suspend(world, "AddToLoadBalancer")
    set_desired(world, 2)
    world.run(600)
    assert len(in_service(world)) == 2
    point = group_cpu(world).points[480.0]
    assert point.statistic("Maximum") == pytest.approx(50, rel=0.02)  # 1 of 2 vCPUs
    assert point.statistic("Minimum") == 0
    assert point.statistic("Average") == pytest.approx(25, rel=0.02)

"""AWS/ECS and ECS/ContainerInsights ("Amazon ECS CloudWatch metrics", "Amazon ECS service
utilization metrics", "Amazon ECS Container Insights metrics"), and what tasks cost."""

from __future__ import annotations

import math

import pytest

from model.cloudwatch.metrics import MetricKey
from model.ecs.cost import LINUX, cost_of, price
from model.world import World
from tests.model.ecs.samples import A, running, update, web, world_at
from tests.model.samples import action

SERVICE = {"ClusterName": "shop", "ServiceName": "web"}


def value(world: World, name: str, statistic: str = "Average", **dimensions: str) -> float:
    """A metric's newest value."""
    namespace = (
        "AWS/ECS" if name in ("CPUUtilization", "LiveTaskCount") else "ECS/ContainerInsights"
    )
    found = world.cloudwatch.metrics.get(MetricKey.of(namespace, name, dimensions or SERVICE))
    points = {} if found is None else found.points
    return points[max(points)].statistic(statistic) if points else math.nan


def test_utilisation_is_what_is_used_of_what_is_reserved() -> None:
    """40 requests a second of 10 ms each are 0.4 vCPUs, of four tasks with half a vCPU each."""
    world = world_at(300.0)
    assert value(world, "CPUUtilization") == pytest.approx(20.0)
    assert value(world, "CPUUtilization", "SampleCount") == 4.0
    assert value(world, "LiveTaskCount") == 4.0


def test_the_most_and_the_least_loaded_task() -> None:
    world = world_at(120.0)
    stress = action("aws:ecs:task-cpu-stress", tasks=(running(world)[0].arn,), percent=60.0)
    world.apply(stress)
    world.run(240.0)
    assert value(world, "CPUUtilization", "Minimum") == pytest.approx(20.0)
    assert value(world, "CPUUtilization", "Maximum") == pytest.approx(80.0)
    assert value(world, "CPUUtilization") == pytest.approx((3 * 20 + 80) / 4)


def test_utilisation_ends_at_what_is_reserved() -> None:
    world = world_at(120.0)
    world.apply(action("aws:ecs:task-cpu-stress", services=("web",), percent=100.0))
    world.run(240.0)
    assert value(world, "CPUUtilization", "Maximum") == 100.0


def test_of_a_cluster_on_fargate_and_of_memory_nothing_is_told() -> None:
    world = world_at(300.0)
    told = {
        (m.key.name, m.key.dimensions) for m in world.cloudwatch.metrics if "ECS" in m.key.namespace
    }
    own = tuple(sorted(SERVICE.items()))
    assert told == {("CPUUtilization", own), ("LiveTaskCount", own)}


def test_without_a_running_task_nothing_is_told() -> None:
    world = world_at(120.0)
    world.apply(update(desired_count=0))
    world.run(240.0)
    found = world.cloudwatch.metrics.get(MetricKey.of("AWS/ECS", "CPUUtilization", SERVICE))
    assert found is not None
    assert max(found.points) < 120.0


def test_container_insights_where_it_is_on() -> None:
    world = world_at(120.0, Insights="enabled")
    world.apply(update(task_definition="Next"))
    world.run(180.0)
    assert value(world, "RunningTaskCount") == web(world).counts.running
    assert value(world, "DesiredTaskCount") == 4.0
    assert value(world, "DeploymentCount") == 2.0
    world.run(420.0)
    assert value(world, "DeploymentCount") == 1.0
    assert value(world, "CpuReserved") == 4 * 512
    assert value(world, "CpuUtilized") == pytest.approx(0.2 * 4 * 512)
    assert value(world, "MemoryReserved") == 4 * 1024
    assert value(world, "NetworkRxBytes") == pytest.approx(40 * 1000, rel=0.01)
    assert value(world, "TaskCount", ClusterName="shop") == 4.0
    assert value(world, "ServiceCount", ClusterName="shop") == 1.0
    family = {"ClusterName": "shop", "TaskDefinitionFamily": "web"}
    assert value(world, "CpuReserved", **family) == 4 * 512


def test_a_task_costs_its_vcpus_and_memory_from_its_pull_to_its_end() -> None:
    world = world_at(3600.0)
    (task, *_) = running(world)
    assert price(task) == pytest.approx(0.5 * LINUX.vcpu + 1.0 * LINUX.gigabyte)
    assert task.pull_started is not None
    assert cost_of(task, world.now) == pytest.approx(
        price(task) * (3600.0 - task.pull_started) / 3600
    )
    assert world.ecs.bill.costs() == {
        "Web": pytest.approx(sum(cost_of(t, world.now) for t in running(world)))
    }


def test_a_task_is_billed_for_a_minute_at_least() -> None:
    world = world_at(30.0)
    world.apply(update(desired_count=0))
    world.run(300.0)
    (bill,) = world.ecs.bill.costs().values()
    pulled = [t for t in world.ecs.tasks.values() if t.pull_started is not None]
    assert bill == pytest.approx(sum(price(task) / 60 for task in pulled))


def test_faults_of_a_zone_touch_tasks_that_come_to_it() -> None:
    world = world_at(120.0)
    world.apply(action("spillover:slow-responses", zones=(A,), factor=4.0))
    world.apply(update(desired_count=6))
    world.run(300.0)
    slow = {task.zone for task in running(world) if task.ailing.slowdown > 1}
    assert slow == {A}

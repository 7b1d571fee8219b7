"""Usage of service quotas, and the quotas themselves.

Source: "Visualizing your service quotas and setting alarms".
"""

from __future__ import annotations

from pathlib import Path

from model.cloudwatch.queries import MetricQuery, MetricStat
from model.cloudwatch.requests import Request
from model.quotas import BALANCERS, GROUPS, TARGET_GROUPS, VCPUS, quota_of
from model.world import World
from tests.model.autoscaling.samples import make_world, set_desired
from tests.model.events.samples import world_of


def used(world: World) -> dict[str, list[float]]:
    """The usage in each minute, by resource."""
    return {
        dict(metric.key.dimensions)["Resource"]: [p.maximum for p in metric.points.values()]
        for metric in world.cloudwatch.metrics
        if metric.key.namespace == "AWS/Usage"
    }


def test_what_there_is_of_each_kind(tmp_path: Path) -> None:
    world = world_of(tmp_path, until=60.0)
    assert {name: values[-1] for name, values in used(world).items()} == {
        "vCPU": 4,  # two m5.large
        "ApplicationLoadBalancersPerRegion": 1,
        "TargetGroupsPerRegion": 1,
        "NumberOfAutoScalingGroup": 1,
    }


def test_vcpus_follow_the_instances() -> None:
    world = make_world(desired_capacity=1, max_size=4)
    world.run(120)
    set_desired(world, 3)
    world.run(240)
    assert used(world)["vCPU"] == [2, 2, 6, 6]


def test_the_dimensions_are_those_of_the_documentation() -> None:
    assert dict(VCPUS.key.dimensions) == {
        "Service": "EC2",
        "Type": "Resource",
        "Resource": "vCPU",
        "Class": "Standard/OnDemand",
    }
    for quota in (VCPUS, TARGET_GROUPS, GROUPS, *BALANCERS.values()):
        assert quota_of(quota.key) == quota.limit


def test_usage_as_a_percentage_of_the_quota(tmp_path: Path) -> None:
    world = world_of(tmp_path, until=300.0)
    usage = MetricStat(TARGET_GROUPS.key, 60.0, "Maximum")
    other = MetricStat(world.cloudwatch.alarms["Slow"].alarm.metric or usage.metric, 60.0, "Sum")
    queries = (
        MetricQuery(id="m1", metric_stat=usage),
        MetricQuery(id="m2", metric_stat=other),
        MetricQuery(id="percent", expression="m1/SERVICE_QUOTA(m1)*100"),
        MetricQuery(id="none", expression="SERVICE_QUOTA(m2)"),
    )
    found = Request(world.cloudwatch.metrics, queries, world.schedule.utc).over(0.0, 180.0)
    percent, none = found["percent"], found["none"]
    assert not isinstance(percent, tuple)
    assert not isinstance(none, tuple)
    assert percent.points == dict.fromkeys((0.0, 60.0, 120.0), 1 / 3000 * 100)
    assert none.points == {}

"""Target tracking: the two alarms it makes, and how much it scales.

Source: "Target tracking scaling policies for Amazon EC2 Auto Scaling". The alarms' numbers are what
operators see: three datapoints above the target, fifteen below nine tenths of it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import evolve

from model.autoscaling.custom_metrics import (
    CustomizedMetricSpecification,
    TargetTrackingMetricDataQuery,
    TargetTrackingMetricStat,
)
from model.autoscaling.resources import ScalingPolicy, TargetTrackingConfiguration
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.resources import MetricOfQuery
from model.world import World
from tests.model.autoscaling.samples import (
    activities,
    alarm,
    api,
    desired,
    feed,
    group_of,
    in_service,
    make_world,
    step,
    stepping,
    tracking,
)

TEN = [10.0] * 16
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def tracked(world: World, kind: str) -> str:
    """The state of the one alarm of a kind."""
    (found,) = [a for a in world.cloudwatch.describe_alarms() if f"-{kind}-" in a.alarm.name]
    return found.state.value


def after_minute(world: World, minute: int) -> int:
    world.run(60 * (minute + 1))
    return desired(world)


def test_it_makes_two_alarms() -> None:
    world = make_world(tracking("Policy", 50, "ASGAverageCPUUtilization"))
    high, low = (view.alarm for view in world.cloudwatch.describe_alarms())
    assert re.fullmatch(f"TargetTracking-Group-AlarmHigh-{UUID}", high.name)
    assert re.fullmatch(f"TargetTracking-Group-AlarmLow-{UUID}", low.name)
    cpu = MetricKey.of("AWS/EC2", "CPUUtilization", {"AutoScalingGroupName": "Group"})
    for made in (high, low):
        assert (made.metric, made.statistic, made.period) == (cpu, "Average", 60)
        assert made.alarm_actions == ("Policy",)
    assert (high.comparison_operator, high.threshold) == ("GreaterThanThreshold", 50)
    assert (high.evaluation_periods, high.needed) == (3, 3)
    assert (low.comparison_operator, low.threshold) == ("LessThanThreshold", 45)
    assert (low.evaluation_periods, low.needed) == (15, 15)


@pytest.mark.parametrize("direction", ["In", "Out"])
def test_it_tracks_the_networks_average_bytes(direction: str) -> None:
    size = {"In": 1000, "Out": 10_000}[direction]
    goal = 60 * 40 * size  # the bytes of 40 requests a second, in a minute
    policy = tracking("Policy", goal, f"ASGAverageNetwork{direction}")
    world = make_world(policy, targets={}, rate=100, detailed=True, max_size=5)
    world.run(1200)
    high = world.cloudwatch.describe_alarms()[0].alarm
    group = {"AutoScalingGroupName": "Group"}
    assert high.metric == MetricKey.of("AWS/EC2", f"Network{direction}", group)
    assert desired(world) == 3


def test_with_scale_in_disabled_it_makes_only_the_high_one() -> None:
    world = make_world(tracking("Policy", 50, disable_scale_in=True))
    names = [view.alarm.name for view in world.cloudwatch.describe_alarms()]
    assert len(names) == 1
    assert "-AlarmHigh-" in names[0]


def test_request_count_per_target_is_summed_over_a_minute() -> None:
    world = make_world(tracking("Policy", 1000, "ALBRequestCountPerTarget"), targets={})
    high = world.cloudwatch.describe_alarms()[0].alarm
    dimensions = {"LoadBalancer": "app/Balancer/1", "TargetGroup": "targetgroup/Targets/1"}
    assert high.metric == MetricKey.of("AWS/ApplicationELB", "RequestCountPerTarget", dimensions)
    assert high.statistic == "Sum"


def test_three_datapoints_above_the_target_scale_out_in_proportion() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(50, 87.5, 87.5, 87.5)],
        desired_capacity=2,
        default_instance_warmup=0,
    )
    assert after_minute(world, 2) == 2
    assert after_minute(world, 3) == 4  # 3.5, rounded up
    assert activities(world, "Launching")[-1].cause.startswith("At 2026-11-25T09:04:00Z a monitor")


def test_two_datapoints_above_the_target_do_nothing() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(50, 87.5, 87.5, 50, 87.5, 87.5, 50)],
        default_instance_warmup=0,
    )
    assert after_minute(world, 8) == 1


def test_between_the_two_thresholds_nothing_happens() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[45.0, 50.0] * 30)],
        desired_capacity=4,
        default_instance_warmup=0,
    )
    assert after_minute(world, 60) == 4


def test_fifteen_datapoints_below_scale_in_and_one_above_begins_anew() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[10.0] * 14, 46, *TEN)],
        desired_capacity=5,
        default_instance_warmup=0,
    )
    assert after_minute(world, 28) == 5
    assert after_minute(world, 29) < 5


def test_scale_in_keeps_what_the_target_needs() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[31.25] * 15)],
        desired_capacity=4,
        default_instance_warmup=0,
    )
    assert after_minute(world, 14) == 3  # removing 1.5 would bring it above 50: just one


def test_warming_instances_count_through_the_desired_capacity() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[50.0] * 6, *[100.0] * 4, 160)],
        desired_capacity=2,
        default_instance_warmup=240,
    )
    assert after_minute(world, 8) == 4
    assert after_minute(world, 9) == 4  # two warm ones at twice the target: four are there
    assert len(in_service(world)) == 4
    assert after_minute(world, 10) == 7  # 2 x 160 / 50 = 6.4


def test_a_lesser_breach_takes_nothing_back_while_instances_warm_up() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[50.0] * 6, *[100.0] * 3, 60)],
        desired_capacity=2,
        default_instance_warmup=240,
    )
    assert after_minute(world, 8) == 4
    assert after_minute(world, 9) == 4  # two warm ones would ask for three


def test_instances_that_are_terminating_still_count_for_scale_in() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[31.25] * 18)],
        targets={"target_group_attributes": ()},  # drains for 300 s, the default
        desired_capacity=4,
        default_instance_warmup=0,
    )
    assert after_minute(world, 14) == 3
    assert after_minute(world, 17) == 3


def test_nothing_scales_in_until_all_have_warmed_up() -> None:
    world = make_world(
        tracking("Policy", 50, estimated_instance_warmup=1800),
        feeds=[feed(*[10.0] * 60)],
        desired_capacity=4,
    )
    world.run(1800)
    assert tracked(world, "AlarmLow") == "ALARM"
    assert desired(world) == 4
    world.run(1800 + 240)
    assert desired(world) == 1


def test_a_missing_metric_scales_in_neither_direction() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[47.0] * 20)],
        desired_capacity=4,
        default_instance_warmup=0,
    )
    world.run(1200)
    assert (tracked(world, "AlarmHigh"), tracked(world, "AlarmLow")) == ("OK", "OK")
    world.run(3600)
    assert tracked(world, "AlarmHigh") == "INSUFFICIENT_DATA"
    assert tracked(world, "AlarmLow") == "INSUFFICIENT_DATA"
    assert desired(world) == 4


def pair(load: list[float], queue: list[float], **second: bool) -> World:
    """Six instances that track two metrics at 50."""
    return make_world(
        tracking("Load", 50, "Load"),
        tracking("Queue", 50, "Queue", **second),
        feeds=[feed(*load, metric="Load"), feed(*queue, metric="Queue")],
        desired_capacity=6,
        max_size=30,
        default_instance_warmup=0,
    )


@pytest.mark.parametrize("values", [(100.0, 60.0), (60.0, 100.0)])
def test_any_policy_scales_out_and_the_largest_capacity_wins(values: tuple[float, float]) -> None:
    world = pair([values[0]] * 3, [values[1]] * 3)
    assert after_minute(world, 2) == 12
    world = pair([values[0]] * 3, [20.0] * 3)
    assert after_minute(world, 2) > 6


@pytest.mark.parametrize("values", [(10.0, 30.0), (30.0, 10.0)])
def test_when_all_agree_to_scale_in_the_largest_capacity_wins(values: tuple[float, float]) -> None:
    world = pair([values[0]] * 30, [values[1]] * 30)
    assert after_minute(world, 13) == 6
    assert after_minute(world, 14) == 5, "one at a time"
    assert after_minute(world, 15) == 4  # 6 x 30 / 50 = 3.6


def test_scale_in_waits_until_all_agree() -> None:
    world = pair([10.0] * 40, [47.0] * 40)
    assert after_minute(world, 39) == 6


def test_a_policy_whose_metric_is_missing_does_not_agree() -> None:
    world = pair([10.0] * 40, [])
    assert after_minute(world, 39) == 6


def test_a_policy_that_never_scales_in_is_not_asked() -> None:
    world = pair([30.0] * 15, [47.0] * 15, disable_scale_in=True)
    assert after_minute(world, 14) == 5


def test_scale_in_is_gradual() -> None:
    """ "... but scales in more gradually": a tenth of the capacity a minute."""
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[5.0] * 60)],
        desired_capacity=20,
        max_size=20,
        default_instance_warmup=0,
    )
    assert [after_minute(world, minute) for minute in (13, 14, 15)] == [20, 18, 17]


def test_a_step_policy_may_scale_in_where_tracking_does_not() -> None:
    world = make_world(
        tracking("Policy", 50, disable_scale_in=True),
        stepping("In", step(-1, None, 0)),
        alarm("Low", "In", "LessThanThreshold", 20),
        feeds=[feed(30, 10)],
        desired_capacity=3,
        default_instance_warmup=0,
    )
    assert after_minute(world, 1) == 2


def test_zero_requests_scale_in_to_a_min_size_of_zero() -> None:
    policy = tracking("Policy", 1000, "ALBRequestCountPerTarget")
    world = make_world(
        policy, targets={}, rate=0, min_size=0, desired_capacity=2, default_instance_warmup=0
    )
    world.run(3600)
    assert desired(world) == 0
    assert not group_of(world).members


def test_request_count_from_traffic_to_capacity() -> None:
    policy = tracking("Policy", 1000, "ALBRequestCountPerTarget")
    world = make_world(policy, targets={}, rate=40, max_size=6, zones=2, default_instance_warmup=60)
    world.run(1200)
    assert desired(world) == 3  # 2400 a minute


def test_cpu_from_traffic_to_capacity() -> None:
    policy = tracking("Policy", 50, "ASGAverageCPUUtilization")
    world = make_world(
        policy, targets={}, rate=150, max_size=6, min_size=2, default_instance_warmup=60
    )
    world.run(300)
    assert desired(world) == 2  # 1.5 of 4 vCPUs: 37.5 percent
    world = make_world(
        policy, targets={}, rate=240, max_size=6, min_size=2, default_instance_warmup=60
    )
    world.run(1200)
    assert desired(world) == 3  # 2.4 of 4 vCPUs: 60 percent, 40 with one more


# -- metric math and high resolution --------------------------------------------------------------


def customized(**specification: Any) -> ScalingPolicy:
    """Target tracking of 50 of a customized metric."""
    custom = CustomizedMetricSpecification(**specification)
    return evolve(
        tracking("Policy", 50),
        target_tracking_configuration=TargetTrackingConfiguration(
            target_value=50, customized_metric_specification=custom
        ),
    )


def metric_query(name: str, metric: str, **given: Any) -> TargetTrackingMetricDataQuery:
    stat = TargetTrackingMetricStat(
        metric=MetricOfQuery(namespace="Shop", metric_name=metric), stat="Average", **given
    )
    return TargetTrackingMetricDataQuery(id=name, metric_stat=stat, return_data=False)


def math(expression: str, **given: Any) -> TargetTrackingMetricDataQuery:
    return TargetTrackingMetricDataQuery(id="e1", expression=expression, **given)


BACKLOG = (metric_query("m1", "Queue"), metric_query("m2", "Size"), math("m1 / m2"))
"""The queue's backlog per instance, as in "Scaling based on Amazon SQS"."""


def test_metric_math_is_tracked() -> None:
    """150 messages over ten instances where each may have a backlog of ten: fifteen are needed."""
    backlog = customized(metrics=BACKLOG)
    configuration = backlog.target_tracking_configuration
    assert configuration is not None
    world = make_world(
        evolve(backlog, target_tracking_configuration=evolve(configuration, target_value=100)),
        feeds=[feed(*[1500.0] * 5, metric="Queue"), feed(*[10.0] * 5, metric="Size")],
        desired_capacity=10,
        max_size=30,
        default_instance_warmup=0,
    )
    high, low = (view.alarm for view in world.cloudwatch.describe_alarms())
    assert high.metric is None
    assert [query.id for query in high.queries] == ["m1", "m2", "e1"]
    assert (high.period, high.evaluation_periods, low.evaluation_periods) == (60, 3, 15)
    assert after_minute(world, 1) == 10
    assert after_minute(world, 2) == 15


def test_metric_math_scales_in_too_and_not_over_gaps() -> None:
    def play(size: list[float | None]) -> int:
        world = make_world(
            customized(metrics=BACKLOG),
            feeds=[feed(*[100.0] * 15, metric="Queue"), feed(*size, metric="Size")],
            desired_capacity=4,
            default_instance_warmup=0,
        )
        return after_minute(world, 14)

    assert play([4.0] * 15) == 3
    assert play([]) == 4


@pytest.mark.parametrize("period", [10, 30])
def test_high_resolution_metrics_have_alarms_of_their_period(period: int) -> None:
    policy = customized(namespace="Shop", metric_name="Load", statistic="Average", period=period)
    world = make_world(policy)
    high, low = (view.alarm for view in world.cloudwatch.describe_alarms())
    assert (high.period, high.evaluation_periods) == (period, 3)
    assert (low.period, low.evaluation_periods) == (period, 900 / period)


def test_with_a_period_of_ten_seconds_it_scales_out_within_half_a_minute() -> None:
    policy = customized(namespace="Shop", metric_name="Load", statistic="Average", period=10)
    values = [50.0] * 30 + [100.0] * 30
    world = make_world(
        policy,
        feeds=[Feed(namespace="Shop", name="Load", values=tuple(values), period=10.0)],
        desired_capacity=2,
        default_instance_warmup=0,
    )
    world.run(320)
    assert desired(world) == 2
    world.run(330)
    assert desired(world) == 4


@pytest.mark.parametrize(
    ("specification", "message"),
    [
        ({}, "MetricName is missing"),
        ({"metric_name": "Load", "namespace": "Shop"}, "Statistic is missing"),
        (
            {"metric_name": "L", "namespace": "S", "statistic": "Sum", "period": 300},
            "must be one of 10, 30, 60, not 300",
        ),
        ({"metrics": BACKLOG, "metric_name": "Load"}, "left out where Metrics are given"),
        ({"metrics": BACKLOG, "period": 60}, "left out where Metrics are given"),
        ({"metrics": BACKLOG[:2]}, "exactly one query must have ReturnData true, not 0"),
        ({"metrics": (*BACKLOG[:2], math("m1 / m3"))}, "m3"),
        ({"metrics": (*BACKLOG[:2], math("m1 /"))}, "column"),
        (
            {"metrics": (metric_query("m1", "Queue", period=10), *BACKLOG[1:])},
            "all metrics of an alarm have one Period",
        ),
    ],
)
def test_specifications_that_are_refused(specification: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        customized(**specification)


# -- what happens to its alarms, and to small groups ----------------------------------------------


def test_a_group_without_instances_begins_with_one() -> None:
    """There is nothing to be in proportion to."""
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[200.0] * 4)],
        min_size=0,
        desired_capacity=0,
        default_instance_warmup=0,
    )
    assert after_minute(world, 1) == 0
    assert after_minute(world, 2) == 1
    assert after_minute(world, 3) == 4


def test_who_deletes_its_low_alarm_keeps_it_from_scaling_in() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[10.0] * 40)],
        desired_capacity=4,
        default_instance_warmup=0,
    )
    low = next(v.id for v in world.cloudwatch.describe_alarms() if "-AlarmLow-" in v.id)
    api(world, "cloudwatch:DeleteAlarms", alarm_names=(low,))
    world.run(2400)
    assert desired(world) == 4
    api(world, "autoscaling:DeletePolicy", policy_name="Policy")
    assert world.cloudwatch.describe_alarms() == ()


def test_an_alarm_set_by_hand_scales_out_by_the_datapoint_that_it_is_told() -> None:
    world = make_world(
        tracking("Policy", 50),
        feeds=[feed(*[50.0] * 10)],
        desired_capacity=2,
        default_instance_warmup=0,
    )
    world.run(300)
    high = next(v.id for v in world.cloudwatch.describe_alarms() if "-AlarmHigh-" in v.id)
    api(
        world,
        "cloudwatch:SetAlarmState",
        alarm_name=high,
        state_value=AlarmState.ALARM,
        state_reason_data='{"recentDatapoints": [75.0]}',
    )
    assert desired(world) == 3

"""Predictive scaling policies at work, on metrics that are fed.

Sources: "Predictive scaling for Amazon EC2 Auto Scaling"; "Available metrics and dimensions".
"""

from __future__ import annotations

from typing import Any

import pytest

from model.autoscaling.predictive.resources import (
    CustomizedMetric,
    HourlyQuery,
    HourlyStat,
    MetricSpecification,
    PredefinedLoadMetric,
    PredefinedMetricPair,
    PredefinedScalingMetric,
    PredictiveScalingConfiguration,
)
from model.autoscaling.resources import ScalingPolicy
from model.clock import HOUR
from model.cloudwatch.feeds import Feed
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.resources import MetricOfQuery
from model.fields import FieldError
from model.world import World
from tests.model.autoscaling.samples import (
    LABEL,
    activities,
    alarm,
    desired,
    group_of,
    identity,
    make_world,
    set_desired,
    step,
    stepping,
)

DAY = [100.0] * 12 + [400.0] * 12
"""The load of each hour, from 09:00 on: it rises at 21:00."""
CPU = PredefinedMetricPair(predefined_metric_type="ASGCPUUtilization")


def queried(name: str, stat: str = "Sum") -> CustomizedMetric:
    metric = MetricOfQuery(namespace="Shop", metric_name=name)
    return CustomizedMetric(
        metric_data_queries=(HourlyQuery(id="m", metric_stat=HourlyStat(metric=metric, stat=stat)),)
    )


def hourly(name: str, *values: float) -> Feed:
    return Feed(namespace="Shop", name=name, period=HOUR, values=values)


def policy(**properties: Any) -> ScalingPolicy:
    """At a load of 100 it wants two instances, at 400 eight."""
    specification = MetricSpecification(
        target_value=50,
        customized_load_metric_specification=queried("Load"),
        customized_scaling_metric_specification=queried("Scaling", "Average"),
        customized_capacity_metric_specification=queried("Capacity", "Average"),
    )
    return ScalingPolicy(
        identity=identity("Predictive", ScalingPolicy),
        auto_scaling_group_name="Group",
        policy_type="PredictiveScaling",
        predictive_scaling_configuration=PredictiveScalingConfiguration(
            **({"metric_specifications": (specification,), "mode": "ForecastAndScale"} | properties)
        ),
    )


def world_of(*extra: Any, **properties: Any) -> World:
    days = 3 * DAY
    feeds = (
        hourly("Load", *days),
        hourly("Scaling", *(load / 4 for load in days)),
        hourly("Capacity", *([4.0] * len(days))),
        *properties.pop("feeds", ()),
    )
    return make_world(*extra, feeds=feeds, **properties)


def read(world: World, metric: str, start: float, **more: str) -> float | None:
    dimensions = {"AutoScalingGroupName": "Group", "PolicyName": "Predictive"} | more
    key = MetricKey.of("AWS/AutoScaling", metric, dimensions)
    point = world.cloudwatch.metrics.read(key, start, start + HOUR)
    return None if point is None else point.statistic("Average")


def test_a_day_passes_before_anything_happens() -> None:
    world = world_of(policy())
    predictive = world.autoscaling.predictive
    world.run(24 * HOUR - 1)
    assert predictive.get_predictive_scaling_forecast("Predictive", 0, 1e9).updated is None
    assert desired(world) == 1
    world.run(24 * HOUR)
    view = predictive.get_predictive_scaling_forecast("Predictive", 0, 1e9)
    assert view.updated == 24 * HOUR
    assert [hour.start for hour in view.hours] == [HOUR * hour for hour in range(24, 72)]
    assert desired(world) == 2


def test_it_launches_before_the_hour_and_never_scales_in() -> None:
    world = world_of(policy(scheduling_buffer_time=600))
    world.run(36 * HOUR - 601)
    assert desired(world) == 2
    world.run(36 * HOUR - 600)
    assert desired(world) == 8
    (cause, *_) = {activity.cause for activity in activities(world, "Launching")[-6:]}
    assert "forecast of predictive scaling policy Predictive changing the desired" in cause
    world.run(49 * HOUR)
    assert desired(world) == 8


def test_forecasts_are_renewed_every_six_hours_and_published_by_the_hour() -> None:
    world = world_of(policy())
    world.run(30 * HOUR - 1)
    view = world.autoscaling.predictive.policies["Predictive"].view
    assert view(0, 1e9).updated == 24 * HOUR
    world.run(30 * HOUR)
    assert view(0, 1e9).updated == 30 * HOUR
    start = 25 * HOUR
    assert read(world, "PredictiveScalingLoadForecast", start, PairIndex="0") == pytest.approx(100)
    assert read(world, "PredictiveScalingCapacityForecast", start) == 2
    pair = read(world, "PredictiveScalingMetricPairCorrelation", start, PairIndex="0")
    assert pair == pytest.approx(1)
    finished = [hour for hour in view(0, 1e9).hours if hour.came is not None]
    assert [hour.came for hour in finished] == [100.0] * 6
    assert view(0, 1e9).wape == pytest.approx(0, abs=0.02)


def test_forecast_only_does_nothing_else() -> None:
    world = world_of(policy(mode="ForecastOnly"))
    world.run(37 * HOUR)
    assert desired(world) == 1
    assert read(world, "PredictiveScalingCapacityForecast", 36 * HOUR) == 8


def test_the_maximum_is_honoured_or_raised_for_good() -> None:
    world = world_of(policy(), max_size=5)
    world.run(37 * HOUR)
    assert (desired(world), group_of(world).max) == (5, 5)
    properties: dict[str, Any] = {
        "max_capacity_breach_behavior": "IncreaseMaxCapacity",
        "max_capacity_buffer": 10,
    }
    world = world_of(policy(**properties), max_size=5)
    world.run(49 * HOUR)
    assert (desired(world), group_of(world).max) == (8, 9)


def test_a_dynamic_policy_does_not_go_below_the_forecast_of_the_hour() -> None:
    quiet = Feed(namespace="Shop", name="Quiet", values=(None,) * (37 * 60) + (0.0,) * 720)
    world = world_of(
        policy(),
        stepping("In", step(-10, None, 0), estimated_instance_warmup=0),
        alarm("Low", "In", "LessThanThreshold", 1, metric="Quiet"),
        feeds=(quiet,),
    )
    world.run(37 * HOUR + 600)
    assert desired(world) == 8
    world.run(48 * HOUR + 600)
    assert desired(world) == 2


def test_an_operator_may_go_below_until_the_next_hour() -> None:
    world = world_of(policy(), targets=None)
    world.run(36.5 * HOUR)
    set_desired(world, 3)
    world.run(36.6 * HOUR)
    assert desired(world) == 3
    world.run(37 * HOUR)
    assert desired(world) == 8


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"mode": "Scale"}, "must be one of"),
        ({"scheduling_buffer_time": 3600}, "from 0 to 3599"),
        ({"max_capacity_buffer": 10}, "IncreaseMaxCapacity only"),
        ({"max_capacity_breach_behavior": "IncreaseMaxCapacity"}, "needs a MaxCapacityBuffer"),
        (
            {
                "max_capacity_breach_behavior": "IncreaseMaxCapacity",
                "max_capacity_buffer": 101,
            },
            "from 0 to 100",
        ),
        ({"metric_specifications": ()}, "must have"),
    ],
)
def test_a_configuration_is_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, FieldError), match=message):
        policy(**properties)


def test_a_specification_is_a_pair_or_a_load_and_a_scaling_metric() -> None:
    load = PredefinedLoadMetric(predefined_metric_type="ASGTotalCPUUtilization")
    scaling = PredefinedScalingMetric(predefined_metric_type="ASGAverageCPUUtilization")
    MetricSpecification(target_value=50, predefined_metric_pair_specification=CPU)
    MetricSpecification(
        target_value=50,
        predefined_load_metric_specification=load,
        customized_scaling_metric_specification=queried("Scaling"),
    )
    with pytest.raises(ValueError, match="either a PredefinedMetricPairSpecification"):
        MetricSpecification(target_value=50, predefined_load_metric_specification=load)
    with pytest.raises(ValueError, match="either a PredefinedMetricPairSpecification"):
        MetricSpecification(
            target_value=50,
            predefined_metric_pair_specification=CPU,
            predefined_scaling_metric_specification=scaling,
        )
    with pytest.raises(ValueError, match="CustomizedCapacityMetricSpecification goes with"):
        MetricSpecification(
            target_value=50,
            predefined_metric_pair_specification=CPU,
            customized_capacity_metric_specification=queried("Capacity"),
        )
    with pytest.raises(ValueError, match="above 0"):
        MetricSpecification(target_value=0, predefined_metric_pair_specification=CPU)


def test_predefined_metrics() -> None:
    PredefinedMetricPair(predefined_metric_type="ALBRequestCount", resource_label=LABEL)
    with pytest.raises(ValueError, match="needs a ResourceLabel"):
        PredefinedMetricPair(predefined_metric_type="ALBRequestCount")
    with pytest.raises(ValueError, match="not simulated"):
        PredefinedMetricPair(predefined_metric_type="ASGNetworkIn")
    with pytest.raises(ValueError, match="must be one of"):
        PredefinedMetricPair(predefined_metric_type="CPU")


def test_requests_of_a_target_group() -> None:
    pair = PredefinedMetricPair(predefined_metric_type="ALBRequestCount", resource_label=LABEL)
    wanted = ScalingPolicy(
        identity=identity("Predictive", ScalingPolicy),
        auto_scaling_group_name="Group",
        policy_type="PredictiveScaling",
        predictive_scaling_configuration=PredictiveScalingConfiguration(
            metric_specifications=(
                MetricSpecification(target_value=300, predefined_metric_pair_specification=pair),
            ),
            mode="ForecastAndScale",
        ),
    )
    world = make_world(wanted, targets={}, rate=20, zones=2, min_size=2)
    world.run(25 * HOUR)
    hours = world.autoscaling.predictive.policies["Predictive"].view(0, 25 * HOUR).hours
    assert hours[0].load == pytest.approx(72_000, rel=0.02)
    assert hours[0].capacity == 4
    assert desired(world) == 4
    assert World.restore(world.snapshot()).autoscaling.predictive.of("Group")

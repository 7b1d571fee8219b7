"""What AWS accepts as a group and as a scaling policy.

Sources: the CloudFormation reference of AWS::AutoScaling::AutoScalingGroup and ScalingPolicy, and
the API reference of CreateAutoScalingGroup, PutScalingPolicy and StepAdjustment.
"""

from __future__ import annotations

from typing import Any

import pytest

from model.autoscaling.custom_metrics import CustomizedMetricSpecification
from model.autoscaling.resources import (
    MetricsCollection,
    PredefinedMetricSpecification,
    ScalingPolicy,
    TargetTrackingConfiguration,
)
from model.autoscaling.steps import StepAdjustment
from tests.model.autoscaling.samples import (
    LABEL,
    identity,
    make_group,
    make_world,
    step,
    stepping,
    tracking,
)

CPU = PredefinedMetricSpecification(predefined_metric_type="ASGAverageCPUUtilization")


def test_defaults_of_a_group() -> None:
    group = make_group()
    assert group.desired_capacity is None
    assert group.cooldown == 300
    assert group.default_instance_warmup is None
    assert group.health_check_types == ("EC2",)
    assert group.health_check_grace_period == 0
    assert group.termination_policies == ("Default",)
    assert group.enabled_metrics is None


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"min_size": -1}, "at least 0"),
        ({"min_size": 3, "max_size": 2}, "MinSize .* must not be above MaxSize"),
        ({"desired_capacity": 11}, "between MinSize .* and MaxSize"),
        ({"desired_capacity": 0}, "between MinSize .* and MaxSize"),
        ({"health_check_grace_period": -1}, "at least 0"),
        ({"cooldown": -1}, "at least 0"),
        ({"default_instance_warmup": 3601}, "from -1 to 3600"),
        ({"default_instance_warmup": -2}, "from -1 to 3600"),
        ({"health_check_type": "EC2,VPC_LATTICE"}, "not simulated yet"),
        ({"health_check_type": "TCP"}, "must be one of EC2, ELB"),
        ({"termination_policies": ("Default", "OldestInstance")}, "Default must be the last"),
        ({"termination_policies": ("OldestInstance", "Chooser")}, "a function must be the first"),
        ({"vpc_zone_identifier": ()}, "at least 1"),
        ({"auto_scaling_group_name": "n" * 256}, "from 1 to 255"),
    ],
)
def test_a_group_is_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_group(**properties)


def test_ec2_checks_are_always_on() -> None:
    assert make_group(health_check_type="ELB").health_check_types == ("EC2", "ELB")
    assert make_group(health_check_type="EC2, ELB").health_check_types == ("EC2", "ELB")


@pytest.mark.parametrize(("given", "warmup"), [(None, None), (-1, None), (0, 0), (60, 60)])
def test_a_default_warmup_of_minus_one_is_none_and_zero_is_not(
    given: int | None, warmup: int | None
) -> None:
    assert make_group(default_instance_warmup=given).instance_warmup == warmup


@pytest.mark.parametrize(
    ("estimated", "default", "warmup"),
    [(20, 40, 20), (None, 40, 40), (None, 0, 0), (None, None, 70), (None, -1, 70), (0, 40, 0)],
)
def test_a_policy_warms_up_by_its_own_time_else_the_groups_else_the_cooldown(
    estimated: int | None, default: int | None, warmup: float
) -> None:
    policy = tracking("Policy", 50, estimated_instance_warmup=estimated)
    world = make_world(policy, default_instance_warmup=default, cooldown=70)
    assert world.autoscaling.dynamic.policies["Policy"].warmup == warmup


def test_group_metrics_are_known_by_name() -> None:
    MetricsCollection(granularity="1Minute", metrics=("GroupTotalInstances",))
    with pytest.raises(ValueError, match="not simulated yet"):
        MetricsCollection(granularity="1Minute", metrics=("GroupTerminatingRetainedInstances",))
    with pytest.raises(ValueError, match="must be one of"):
        MetricsCollection(granularity="1Minute", metrics=("GroupSize",))
    with pytest.raises(ValueError, match="must be one of 1Minute"):
        MetricsCollection(granularity="5Minute")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((step(1),), "bounds of a step adjustment cannot be left unspecified"),
        ((step(1, 0, 20), step(2, 10)), "overlap"),
        ((step(1, 0), step(2, 10)), "overlap"),
        ((step(1, None, 0), step(2, None, -5)), "overlap"),
        ((step(1, 0, 10), step(2, 20)), "gap"),
        ((step(1, 10, 5), step(2, 10)), "must be below its upper"),
        ((step(1, 0, 10),), "an unspecified upper bound when"),
        ((step(-1, -10, 0),), "an unspecified lower bound when"),
        ((step(1, -10, 0), step(2, 0)), "an unspecified lower bound when"),
        ((), "needs an AdjustmentType and StepAdjustments"),
        (
            tuple(step(1, n, n + 1) for n in range(21)),
            "at most 20 step adjustments per scaling policy, not 21",
        ),
    ],
)
def test_step_adjustments_are_refused(steps: tuple[StepAdjustment, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stepping("Policy", *steps)


def test_step_adjustments_may_come_in_any_order() -> None:
    stepping("Policy", step(30, 20), step(0, 0, 10), step(10, 10, 20))
    stepping("Policy", step(1, 0), step(-1, None, 0))


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"kind": "ExactCapacity"}, "must not be negative"),
        ({"min_adjustment_magnitude": 2}, "goes with PercentChangeInCapacity"),
        ({"metric_aggregation_type": "Sum"}, "must be one of Average, Minimum, Maximum"),
        ({"kind": "Percent"}, "must be one of"),
        ({"estimated_instance_warmup": -1}, "at least 0"),
        (
            {
                "target_tracking_configuration": TargetTrackingConfiguration(
                    target_value=50, predefined_metric_specification=CPU
                )
            },
            "goes with TargetTrackingScaling only",
        ),
    ],
)
def test_a_step_policy_is_refused(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stepping("Policy", step(-1, None, 0), **properties)


@pytest.mark.parametrize(
    ("policy_type", "message"),
    [("SimpleScaling", "needs an Adj"), ("PredictiveScaling", "needs a Predictive")],
)
def test_other_policy_types_are_refused_with_a_reason(policy_type: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ScalingPolicy(
            identity=identity("Policy", ScalingPolicy),
            auto_scaling_group_name="Group",
            policy_type=policy_type,
        )


def test_tracking_takes_one_metric_above_nothing_and_no_steps() -> None:
    custom = CustomizedMetricSpecification(namespace="Shop", metric_name="L", statistic="Sum")
    with pytest.raises(ValueError, match="exactly one"):
        TargetTrackingConfiguration(target_value=1)
    with pytest.raises(ValueError, match="exactly one"):
        TargetTrackingConfiguration(
            target_value=1,
            predefined_metric_specification=CPU,
            customized_metric_specification=custom,
        )
    with pytest.raises(ValueError, match="above 0"):
        tracking("Policy", 0)
    with pytest.raises(ValueError, match="StepAdjustments goes with StepScaling only"):
        tracking("Policy", 50, step_adjustments=(step(1, 0),))


@pytest.mark.parametrize(
    "label",
    [None, "", "targetgroup/Targets/1", "app/Balancer/1", "net/B/1/targetgroup/T/1", LABEL + "/"],
)
def test_a_request_count_needs_a_whole_resource_label(label: str | None) -> None:
    kind = "ALBRequestCountPerTarget"
    with pytest.raises(ValueError, match="app/NAME/ID/targetgroup/NAME/ID"):
        PredefinedMetricSpecification(predefined_metric_type=kind, resource_label=label)
    PredefinedMetricSpecification(predefined_metric_type=kind, resource_label=LABEL)

"""The resources of the namespace AWS::AutoScaling, as CloudFormation describes them.

Source: the CloudFormation reference of AutoScalingGroup and ScalingPolicy; limits from the API
reference of CreateAutoScalingGroup and PutScalingPolicy.
"""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, frozen

from model.autoscaling.launch_configurations import ConfigurationRef
from model.autoscaling.mixed_instances import MixedInstancesPolicy
from model.cloudwatch.resources import Dimension
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.ec2.resources import SubnetId
from model.elb.resources.references import ClassicRef, GroupRef
from model.fields import FieldError, at_least, between, length, not_simulated, one_of, refers_to
from model.resources import Resource

AutoScalingGroupRef = Annotated[str, refers_to("AWS::AutoScaling::AutoScalingGroup")]

GROUP_METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
    "GroupInServiceCapacity",
    "GroupPendingCapacity",
    "GroupStandbyCapacity",
    "GroupTerminatingCapacity",
    "GroupTotalCapacity",
)
OTHER_METRICS = (
    "GroupTerminatingRetainedInstances",
    "WarmPoolMinSize",
    "WarmPoolDesiredCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)
"""Metrics of warm pools and retained instances, which are not simulated yet."""
RESOURCE_LABEL = re.compile(r"app/[^/]+/[^/]+/targetgroup/[^/]+/[^/]+")
TERMINATION_POLICIES = (
    "Default",
    "OldestInstance",
    "NewestInstance",
    "OldestLaunchConfiguration",
    "OldestLaunchTemplate",
    "ClosestToNextInstanceHour",
)
ADJUSTMENT_TYPES = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")


@frozen(kw_only=True)
class AvailabilityZoneDistribution:
    """What a group does when a zone has no capacity: try the others, or wait for it."""

    capacity_distribution_strategy: str = field(
        default="balanced-best-effort", validator=one_of("balanced-best-effort", "balanced-only")
    )


@frozen(kw_only=True)
class MetricsCollection:
    """Which group metrics are published."""

    granularity: str = field(validator=one_of("1Minute"))
    metrics: tuple[str, ...] = field(default=())

    @metrics.validator
    def _known(self, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
        unknown = dict.fromkeys(OTHER_METRICS, "warm pools are not")
        for name in value:
            not_simulated(**unknown)(self, attribute, name)
            one_of(*GROUP_METRICS)(self, attribute, name)


@frozen(kw_only=True)
class AutoScalingGroup(Resource):
    """A group of like instances whose number is kept, and scaled."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::AutoScalingGroup"
    INERT: ClassVar[frozenset[str]] = frozenset(
        {
            "AvailabilityZones",
            "Context",
            "DeletionProtection",
            "NotificationConfiguration",
            "NotificationConfigurations",
            "ServiceLinkedRoleARN",
            "Tags",
        }
    )
    REFUSED: ClassVar[dict[str, str]] = {
        "AvailabilityZoneImpairmentPolicy": "zonal shift is not simulated yet",
        "AvailabilityZoneIds": "name subnets by VPCZoneIdentifier",
        "CapacityReservationSpecification": "capacity reservations are not simulated yet",
        "InstanceId": "name a LaunchTemplate",
        "InstanceLifecyclePolicy": "lifecycle policies are not simulated yet",
        "InstanceMaintenancePolicy": "maintenance policies are not simulated yet",
        "LifecycleHookSpecificationList": "lifecycle hooks are not simulated yet",
        "MaxInstanceLifetime": "maximum instance lifetime is not simulated yet",
        "NewInstancesProtectedFromScaleIn": "scale-in protection is not simulated yet",
        "PlacementGroup": "placement groups are not simulated",
        "SkipZonalShiftValidation": "zonal shift is not simulated yet",
        "TrafficSources": "attach target groups by TargetGroupARNs",
    }

    auto_scaling_group_name: str | None = field(default=None, validator=length(1, 255))
    min_size: int = field(validator=at_least(0))
    max_size: int = field(validator=at_least(0))
    desired_capacity: int | None = field(default=None, validator=at_least(0))
    desired_capacity_type: str = field(
        default="units", validator=one_of("units", "vcpu", "memory-mib")
    )
    availability_zone_distribution: AvailabilityZoneDistribution = AvailabilityZoneDistribution()
    capacity_rebalance: bool = False
    vpc_zone_identifier: tuple[SubnetId, ...] = field(
        validator=length(1), metadata={"name": "VPCZoneIdentifier"}
    )
    launch_configuration_name: ConfigurationRef | None = None
    launch_template: LaunchTemplateSpecification | None = None
    mixed_instances_policy: MixedInstancesPolicy | None = None
    target_group_arns: tuple[GroupRef, ...] = field(
        default=(), metadata={"name": "TargetGroupARNs"}
    )
    load_balancer_names: tuple[ClassicRef, ...] = ()
    health_check_type: str = field(default="EC2")
    health_check_grace_period: int = field(default=0, validator=at_least(0))
    cooldown: int = field(default=300, validator=at_least(0))
    default_instance_warmup: int | None = field(default=None, validator=between(-1, 3600))
    termination_policies: tuple[str, ...] = field(default=("Default",))
    metrics_collection: tuple[MetricsCollection, ...] = ()

    @health_check_type.validator
    def _types(self, attribute: Attribute[str], value: str) -> None:
        for name in value.split(","):
            not_simulated(
                EBS="only EC2 and ELB checks are", VPC_LATTICE="only EC2 and ELB checks are"
            )(self, attribute, name.strip())
            one_of("EC2", "ELB")(self, attribute, name.strip())

    @termination_policies.validator
    def _policies(self, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
        for name in value:
            not_simulated(
                AllocationStrategy="only the zones and the other policies are looked at",
            )(self, attribute, name)
            one_of(*TERMINATION_POLICIES)(self, attribute, name)

    def __attrs_post_init__(self) -> None:
        if self.min_size > self.max_size:
            raise ValueError(
                f"MinSize ({self.min_size}) must not be above MaxSize ({self.max_size})"
            )
        desired = self.desired_capacity
        if desired is not None and not self.min_size <= desired <= self.max_size:
            raise ValueError(
                f"DesiredCapacity ({desired}) must be between MinSize ({self.min_size}) and "
                f"MaxSize ({self.max_size})"
            )
        self._check_source()

    def _check_source(self) -> None:
        policy = self.mixed_instances_policy
        sources = (self.launch_configuration_name, self.launch_template, policy)
        if sum(source is not None for source in sources) != 1:
            raise ValueError(
                "give exactly one of LaunchTemplate, MixedInstancesPolicy and "
                "LaunchConfigurationName"
            )
        by_attributes = policy is not None and policy.selects_by_attributes
        if self.desired_capacity_type != "units" and not by_attributes:
            raise ValueError(
                f"the DesiredCapacityType {self.desired_capacity_type} goes with "
                "InstanceRequirements only"
            )

    @property
    def arn(self) -> str:
        return self.identity.attributes["AutoScalingGroupARN"]

    @property
    def name(self) -> str:
        return self.auto_scaling_group_name or self.logical_id

    @property
    def attachments(self) -> tuple[str, ...]:
        """The target groups and Classic Load Balancers that its instances are registered with."""
        return (*self.target_group_arns, *self.load_balancer_names)

    @property
    def instance_warmup(self) -> int | None:
        """DefaultInstanceWarmup in seconds; None if there is none, for which -1 stands too."""
        return None if self.default_instance_warmup == -1 else self.default_instance_warmup

    @property
    def health_check_types(self) -> tuple[str, ...]:
        """What is asked for an instance's health; EC2 always is."""
        return tuple({"EC2": None} | {n.strip(): None for n in self.health_check_type.split(",")})

    @property
    def enabled_metrics(self) -> tuple[str, ...] | None:
        """Group metrics that are published: these, all (empty), or none at all (None)."""
        if not self.metrics_collection:
            return None
        if any(not item.metrics for item in self.metrics_collection):
            return ()
        return tuple(name for item in self.metrics_collection for name in item.metrics)


@frozen(kw_only=True)
class StepAdjustment:
    """A change of capacity for a range of the metric above (or below) the alarm's threshold."""

    scaling_adjustment: int
    metric_interval_lower_bound: float | None = None
    metric_interval_upper_bound: float | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound; one that is not given lies at infinity."""
        low, high = self.metric_interval_lower_bound, self.metric_interval_upper_bound
        return (-math.inf if low is None else low, math.inf if high is None else high)


@frozen(kw_only=True)
class PredefinedMetricSpecification:
    """A metric that target tracking knows by name."""

    predefined_metric_type: str = field(
        validator=[
            not_simulated(
                ASGAverageNetworkIn="network traffic of instances is not",
                ASGAverageNetworkOut="network traffic of instances is not",
            ),
            one_of("ASGAverageCPUUtilization", "ALBRequestCountPerTarget"),
        ]
    )
    resource_label: str | None = None

    def __attrs_post_init__(self) -> None:
        counts = self.predefined_metric_type == "ALBRequestCountPerTarget"
        if counts and not RESOURCE_LABEL.fullmatch(self.resource_label or ""):
            raise ValueError(
                "ALBRequestCountPerTarget needs a ResourceLabel: the load balancer's full name, a "
                "slash, and the target group's full name (app/NAME/ID/targetgroup/NAME/ID)"
            )


@frozen(kw_only=True)
class CustomizedMetricSpecification:
    """Any metric that falls in proportion as capacity grows."""

    REFUSED: ClassVar[dict[str, str]] = {
        "Metrics": "metric math is not simulated yet; name one metric",
        "Period": "high-resolution target tracking is not simulated yet",
    }

    metric_name: str
    namespace: str
    dimensions: tuple[Dimension, ...] = ()
    statistic: str = field(validator=one_of("Average", "Minimum", "Maximum", "SampleCount", "Sum"))
    unit: str | None = None


@frozen(kw_only=True)
class TargetTrackingConfiguration:
    """The metric that a policy keeps at its target."""

    predefined_metric_specification: PredefinedMetricSpecification | None = None
    customized_metric_specification: CustomizedMetricSpecification | None = None
    target_value: float = field()
    disable_scale_in: bool = False

    @target_value.validator
    def _positive(self, attribute: Attribute[float], value: float) -> None:
        if value <= 0:
            raise FieldError(attribute, f"must be above 0, not {value:g}")

    def __attrs_post_init__(self) -> None:
        predefined = self.predefined_metric_specification
        if (predefined is None) == (self.customized_metric_specification is None):
            raise ValueError(
                "give exactly one of PredefinedMetricSpecification and "
                "CustomizedMetricSpecification"
            )


@frozen(kw_only=True)
class ScalingPolicy(Resource):
    """How a group's capacity follows an alarm or a metric."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::ScalingPolicy"
    REFUSED: ClassVar[dict[str, str]] = {
        "Cooldown": "it belongs to simple scaling, which is not simulated yet",
        "PredictiveScalingConfiguration": "predictive scaling is not simulated yet",
        "ScalingAdjustment": "it belongs to simple scaling, which is not simulated yet; "
        "give StepAdjustments",
    }

    auto_scaling_group_name: AutoScalingGroupRef
    policy_type: str = field(
        default="SimpleScaling",
        validator=[
            not_simulated(
                SimpleScaling="use StepScaling or TargetTrackingScaling",
                PredictiveScaling="use StepScaling or TargetTrackingScaling",
            ),
            one_of("StepScaling", "TargetTrackingScaling"),
        ],
    )
    adjustment_type: str | None = field(default=None, validator=one_of(*ADJUSTMENT_TYPES))
    step_adjustments: tuple[StepAdjustment, ...] = field(default=(), validator=length(0, 20))
    metric_aggregation_type: str = field(
        default="Average", validator=one_of("Average", "Minimum", "Maximum")
    )
    min_adjustment_magnitude: int | None = field(default=None, validator=at_least(1))
    estimated_instance_warmup: int | None = field(default=None, validator=at_least(0))
    target_tracking_configuration: TargetTrackingConfiguration | None = None

    def __attrs_post_init__(self) -> None:
        if self.policy_type == "TargetTrackingScaling":
            if self.target_tracking_configuration is None:
                raise ValueError("TargetTrackingScaling needs a TargetTrackingConfiguration")
            if self.adjustment_type is not None or self.step_adjustments:
                raise ValueError("AdjustmentType and StepAdjustments go with StepScaling only")
            return
        if self.target_tracking_configuration is not None:
            raise ValueError("TargetTrackingConfiguration goes with TargetTrackingScaling only")
        if self.adjustment_type is None or not self.step_adjustments:
            raise ValueError("StepScaling needs an AdjustmentType and StepAdjustments")
        if self.min_adjustment_magnitude and self.adjustment_type != "PercentChangeInCapacity":
            raise ValueError("MinAdjustmentMagnitude goes with PercentChangeInCapacity only")
        least = min(step.scaling_adjustment for step in self.step_adjustments)
        if self.adjustment_type == "ExactCapacity" and least < 0:
            raise ValueError(f"an ExactCapacity must not be negative, as {least} is")
        _check_steps(self.step_adjustments)


def _check_steps(steps: tuple[StepAdjustment, ...]) -> None:
    """AWS's rules: no overlap, no gap, open ends where the steps lie on that side."""
    bounds = sorted(step.bounds for step in steps)
    for low, high in bounds:
        if low == -math.inf and high == math.inf:
            raise ValueError("a step needs at least one bound")
        if low >= high:
            raise ValueError(f"a step's lower bound ({low:g}) must be below its upper ({high:g})")
    for (_, high), (low, top) in pairwise(bounds):
        if low < high:
            raise ValueError(f"steps overlap between {low:g} and {min(high, top):g}")
        if low > high:
            raise ValueError(f"there is a gap between the steps, from {high:g} to {low:g}")
    lowest, highest = bounds[0][0], bounds[-1][1]
    if lowest < 0 and lowest != -math.inf:
        raise ValueError("with a negative lower bound, one step must have no lower bound")
    if highest > 0 and highest != math.inf:
        raise ValueError("with a positive upper bound, one step must have no upper bound")

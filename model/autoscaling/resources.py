"""The resources of the namespace AWS::AutoScaling, as CloudFormation describes them.

Source: the CloudFormation reference of AutoScalingGroup and ScalingPolicy; limits from the API
reference of CreateAutoScalingGroup and PutScalingPolicy.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from attrs import Attribute, field, fields_dict, frozen

from model.actions import spelling
from model.autoscaling.custom_metrics import CustomizedMetricSpecification
from model.autoscaling.lifecycle_resources import (
    MOST_HOOKS,
    LifecycleHookSpecification,
    NotificationConfiguration,
    TrafficSourceIdentifier,
)
from model.autoscaling.mixed_instances import MixedInstancesPolicy
from model.autoscaling.predictive.resources import (
    RESOURCE_LABEL,
    PredictiveScalingConfiguration,
)
from model.autoscaling.references import AutoScalingGroupRef, ConfigurationRef
from model.autoscaling.steps import StepAdjustment, at_most_steps, check_steps
from model.ec2.launch_templates import LaunchTemplateSpecification
from model.ec2.resources import SubnetId
from model.elb.resources.references import ClassicRef, GroupRef
from model.fields import FieldError, at_least, between, length, not_simulated, one_of, refers_to
from model.functions.resources import unqualified
from model.resources import Resource

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
    "WarmPoolMinSize",
    "WarmPoolDesiredCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)
"""Sizes and numbers of instances, and capacity units: without weights an instance is one."""
OTHER_METRICS = ("GroupTerminatingRetainedInstances",)
"""Metrics of retained instances, which are not simulated yet."""
GROUP_AVERAGES = {
    "ASGAverageCPUUtilization": "CPUUtilization",
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}
"""Predefined metrics of target tracking that are averages of EC2's over the group."""
DAY = 86_400
TERMINATION_POLICIES = (
    "Default",
    "AllocationStrategy",
    "OldestLaunchTemplate",
    "OldestLaunchConfiguration",
    "ClosestToNextInstanceHour",
    "OldestInstance",
    "NewestInstance",
)


LAUNCH_SOURCES = ("launch_configuration_name", "launch_template", "mixed_instances_policy")
"""What a group may launch from: exactly one of them."""
TerminationPolicyRef = Annotated[
    str, refers_to("AWS::Lambda::Function", read=unqualified, beside=TERMINATION_POLICIES)
]
"""One of these, or a function of the customer's own."""
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
        unknown = dict.fromkeys(OTHER_METRICS, "retained instances are not")
        for name in value:
            not_simulated(**unknown)(self, attribute, name)
            one_of(*GROUP_METRICS)(self, attribute, name)


@frozen(kw_only=True)
class InstanceMaintenancePolicy:
    """Between which shares of the desired capacity a group stays while it replaces instances."""

    min_healthy_percentage: int = field(validator=between(-1, 100))
    max_healthy_percentage: int = field(validator=between(-1, 200))

    @max_healthy_percentage.validator
    def _reaches(self, attribute: Attribute[int], value: int) -> None:
        if 0 <= value < 100:
            raise FieldError(attribute, f"must be from 100 to 200, or -1 for none, not {value}")

    def __attrs_post_init__(self) -> None:
        least, most = self.min_healthy_percentage, self.max_healthy_percentage
        if (least == -1) != (most == -1):
            raise ValueError("MinHealthyPercentage and MaxHealthyPercentage are cleared together")
        if most - least > 100:
            raise ValueError(
                f"MaxHealthyPercentage ({most}) must not be more than 100 above "
                f"MinHealthyPercentage ({least})"
            )


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
        "PlacementGroup": "placement groups are not simulated",
        "SkipZonalShiftValidation": "zonal shift is not simulated yet",
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
    instance_maintenance_policy: InstanceMaintenancePolicy | None = None
    max_instance_lifetime: int | None = field(default=None)
    cooldown: int = field(default=300, validator=at_least(0))
    default_instance_warmup: int | None = field(default=None, validator=between(-1, 3600))
    termination_policies: tuple[TerminationPolicyRef, ...] = field(default=("Default",))
    metrics_collection: tuple[MetricsCollection, ...] = ()
    lifecycle_hook_specification_list: tuple[LifecycleHookSpecification, ...] = field(
        default=(), validator=length(0, MOST_HOOKS)
    )

    notification_configurations: tuple[NotificationConfiguration, ...] = field(
        default=(), validator=length(0, 10)
    )
    new_instances_protected_from_scale_in: bool = False
    traffic_sources: tuple[TrafficSourceIdentifier, ...] = ()

    @health_check_type.validator
    def _types(self, attribute: Attribute[str], value: str) -> None:
        for name in value.split(","):
            not_simulated(VPC_LATTICE="there are no VPC Lattice target groups")(
                self, attribute, name.strip()
            )
            one_of("EC2", "ELB", "EBS")(self, attribute, name.strip())

    @max_instance_lifetime.validator
    def _lifetime(self, attribute: Attribute[Any], value: int | None) -> None:
        if value is not None and value != 0 and value < DAY:
            raise FieldError(attribute, f"must be at least {DAY}, a day, or 0 for none")

    @termination_policies.validator
    def _policies(self, attribute: Attribute[Any], value: tuple[str, ...]) -> None:
        for index, name in enumerate(value):
            if name == "Default" and index < len(value) - 1:
                raise FieldError(attribute, "Default must be the last of the policies", index)
            if name not in TERMINATION_POLICIES and index > 0:
                raise FieldError(attribute, "a function must be the first of the policies", index)

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
        if sum(getattr(self, source) is not None for source in LAUNCH_SOURCES) != 1:
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
    def template(self) -> LaunchTemplateSpecification | None:
        """The launch template and its version, overrides left aside; None: a configuration."""
        policy = self.mixed_instances_policy
        if policy is not None:
            return policy.launch_template.launch_template_specification
        return self.launch_template

    @property
    def attachments(self) -> tuple[str, ...]:
        """The target groups and Classic Load Balancers that its instances are registered with."""
        sources = (source.identifier for source in self.traffic_sources)
        return (*self.target_group_arns, *self.load_balancer_names, *sources)

    @property
    def instance_warmup(self) -> int | None:
        """DefaultInstanceWarmup in seconds; None if there is none, for which -1 stands too."""
        return None if self.default_instance_warmup == -1 else self.default_instance_warmup

    @property
    def maintenance(self) -> tuple[int, int] | None:
        """The percentages of its maintenance policy, if it has one."""
        policy = self.instance_maintenance_policy
        if policy is None or policy.min_healthy_percentage == -1:
            return None
        return policy.min_healthy_percentage, policy.max_healthy_percentage

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
class PredefinedMetricSpecification:
    """A metric that target tracking knows by name."""

    predefined_metric_type: str = field(
        validator=one_of(*GROUP_AVERAGES, "ALBRequestCountPerTarget")
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

    @property
    def metric(self) -> PredefinedMetricSpecification | CustomizedMetricSpecification | None:
        """What it specifies as its metric."""
        return self.predefined_metric_specification or self.customized_metric_specification


POLICY_TYPES: dict[str, tuple[str, ...]] = {
    "adjustment_type": ("SimpleScaling", "StepScaling"),
    "cooldown": ("SimpleScaling",),
    "estimated_instance_warmup": ("StepScaling", "TargetTrackingScaling"),
    "metric_aggregation_type": ("StepScaling",),
    "min_adjustment_magnitude": ("SimpleScaling", "StepScaling"),
    "predictive_scaling_configuration": ("PredictiveScaling",),
    "scaling_adjustment": ("SimpleScaling",),
    "step_adjustments": ("StepScaling",),
    "target_tracking_configuration": ("TargetTrackingScaling",),
}
"""Which types of policy each property goes with (API PutScalingPolicy)."""


@frozen(kw_only=True)
class ScalingPolicy(Resource):
    """How a group's capacity follows an alarm or a metric."""

    TYPE: ClassVar[str] = "AWS::AutoScaling::ScalingPolicy"
    REFUSED: ClassVar[dict[str, str]] = {}

    auto_scaling_group_name: AutoScalingGroupRef
    policy_type: str = field(
        default="SimpleScaling",
        validator=[
            one_of("SimpleScaling", "StepScaling", "TargetTrackingScaling", "PredictiveScaling"),
        ],
    )
    adjustment_type: str | None = field(default=None, validator=one_of(*ADJUSTMENT_TYPES))
    scaling_adjustment: int | None = None
    cooldown: int | None = field(default=None, validator=at_least(0))
    """Seconds that simple scaling waits after what this policy began; None: as its group says."""
    step_adjustments: tuple[StepAdjustment, ...] = field(default=(), validator=at_most_steps)
    metric_aggregation_type: str | None = field(
        default=None, validator=one_of("Average", "Minimum", "Maximum")
    )
    """None: Average."""
    min_adjustment_magnitude: int | None = field(default=None, validator=at_least(1))
    estimated_instance_warmup: int | None = field(default=None, validator=at_least(0))
    target_tracking_configuration: TargetTrackingConfiguration | None = None
    predictive_scaling_configuration: PredictiveScalingConfiguration | None = None

    def __attrs_post_init__(self) -> None:
        fields = fields_dict(ScalingPolicy)
        for name, types in POLICY_TYPES.items():
            if self.policy_type not in types and getattr(self, name) not in (None, ()):
                problem = f"{spelling(name)} goes with {' or '.join(types)} only"
                raise FieldError(fields[name], problem)
        match self.policy_type:
            case "TargetTrackingScaling":
                if self.target_tracking_configuration is None:
                    raise ValueError("TargetTrackingScaling needs a TargetTrackingConfiguration")
                return
            case "PredictiveScaling":
                if self.predictive_scaling_configuration is None:
                    problem = "PredictiveScaling needs a PredictiveScalingConfiguration"
                    raise ValueError(problem)
                return
            case "StepScaling":
                if self.adjustment_type is None or not self.step_adjustments:
                    raise ValueError("StepScaling needs an AdjustmentType and StepAdjustments")
                adjustments = [step.scaling_adjustment for step in self.step_adjustments]
            case _:
                if self.adjustment_type is None or self.scaling_adjustment is None:
                    raise ValueError("SimpleScaling needs an AdjustmentType and ScalingAdjustment")
                adjustments = [self.scaling_adjustment]
        if self.min_adjustment_magnitude and self.adjustment_type != "PercentChangeInCapacity":
            raise ValueError("MinAdjustmentMagnitude goes with PercentChangeInCapacity only")
        if self.adjustment_type == "ExactCapacity" and min(adjustments) < 0:
            raise ValueError(f"an ExactCapacity must not be negative, as {min(adjustments)} is")
        check_steps(self.step_adjustments)

    def tracks_as(self, other: ScalingPolicy) -> bool:
        """Whether it tracks the metric that another policy of the group tracks."""
        mine, theirs = self.target_tracking_configuration, other.target_tracking_configuration
        return (
            mine is not None
            and theirs is not None
            and self.logical_id != other.logical_id
            and self.auto_scaling_group_name == other.auto_scaling_group_name
            and mine.metric == theirs.metric
        )

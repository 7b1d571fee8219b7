"""Small worlds with one Auto Scaling group, and ways to act on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from model.actions import REGISTER, Action, Targets
from model.autoscaling.activity import Activity
from model.autoscaling.custom_metrics import CustomizedMetricSpecification
from model.autoscaling.group import Group
from model.autoscaling.members import Member
from model.autoscaling.resources import (
    GROUP_AVERAGES,
    AutoScalingGroup,
    PredefinedMetricSpecification,
    ScalingPolicy,
    TargetTrackingConfiguration,
)
from model.autoscaling.scheduled_actions import ScheduledAction
from model.autoscaling.steps import StepAdjustment
from model.cloudwatch.feeds import Feed
from model.cloudwatch.resources import Alarm
from model.ec2.effects import Effect
from model.ec2.launch_templates import (
    LaunchTemplate,
    LaunchTemplateData,
    LaunchTemplateSpecification,
    Monitoring,
)
from model.ec2.resources import Subnet
from model.ec2.spot import SpotTerms
from model.elb.attributes import KeyValue
from model.elb.resources import Action as ListenerAction
from model.elb.resources import Listener, LoadBalancer, TargetGroup
from model.resources import ZONES, Identity, Resource
from model.services import Service
from model.stack import Stack
from model.traffic.shapes import Constant
from model.traffic.source import Source
from model.world import World

START = datetime(2026, 11, 25, 9, tzinfo=UTC)
LABEL = "app/Balancer/1/targetgroup/Targets/1"


def identity(name: str, kind: type[Resource], **attributes: str) -> Identity:
    return Identity(name, kind.TYPE, name, attributes)


def make_group(**properties: Any) -> AutoScalingGroup:
    """A group of one to ten instances in one subnet, unless told otherwise."""
    given: dict[str, Any] = {
        "min_size": 1,
        "max_size": 10,
        "vpc_zone_identifier": ("Subnet0",),
        "launch_template": LaunchTemplateSpecification(launch_template_id="Launch", version="1"),
    }
    name = identity("Group", AutoScalingGroup, AutoScalingGroupARN="arn:aws:autoscaling:::Group")
    return AutoScalingGroup(identity=name, **(given | properties))


def step(change: int, low: float | None = None, high: float | None = None) -> StepAdjustment:
    return StepAdjustment(
        scaling_adjustment=change, metric_interval_lower_bound=low, metric_interval_upper_bound=high
    )


def stepping(
    name: str, *steps: StepAdjustment, kind: str = "ChangeInCapacity", **properties: Any
) -> ScalingPolicy:
    return ScalingPolicy(
        identity=identity(name, ScalingPolicy),
        auto_scaling_group_name="Group",
        policy_type="StepScaling",
        adjustment_type=kind,
        step_adjustments=steps,
        **properties,
    )


def tracking(
    name: str,
    target: float,
    metric: str = "Load",
    disable_scale_in: bool = False,
    **properties: Any,
) -> ScalingPolicy:
    """Target tracking of a metric that is fed, or of a predefined one by its name."""
    predefined = metric in GROUP_AVERAGES or metric == "ALBRequestCountPerTarget"
    specification: dict[str, Any] = (
        {
            "predefined_metric_specification": PredefinedMetricSpecification(
                predefined_metric_type=metric,
                resource_label=LABEL if metric.startswith("ALB") else None,
            )
        }
        if predefined
        else {
            "customized_metric_specification": CustomizedMetricSpecification(
                namespace="Shop", metric_name=metric, statistic="Average"
            )
        }
    )
    return ScalingPolicy(
        identity=identity(name, ScalingPolicy),
        auto_scaling_group_name="Group",
        policy_type="TargetTrackingScaling",
        target_tracking_configuration=TargetTrackingConfiguration(
            target_value=target, disable_scale_in=disable_scale_in, **specification
        ),
        **properties,
    )


def simple(
    name: str, change: int, kind: str = "ChangeInCapacity", **properties: Any
) -> ScalingPolicy:
    return ScalingPolicy(
        identity=identity(name, ScalingPolicy),
        auto_scaling_group_name="Group",
        adjustment_type=kind,
        scaling_adjustment=change,
        **properties,
    )


def scheduled(name: str, **properties: Any) -> ScheduledAction:
    return ScheduledAction(
        identity=identity(name, ScheduledAction, ScheduledActionName=name),
        auto_scaling_group_name="Group",
        **properties,
    )


def alarm(name: str, policy: str, comparison: str, threshold: float, metric: str = "Load") -> Alarm:
    """An alarm on one datapoint of a metric that is fed."""
    return Alarm(
        identity=identity(name, Alarm),
        namespace="Shop",
        metric_name=metric,
        statistic="Average",
        period=60,
        evaluation_periods=1,
        threshold=threshold,
        comparison_operator=comparison,
        alarm_actions=(policy,),
    )


def feed(*values: float | None, metric: str = "Load") -> Feed:
    """A value a minute, from the start."""
    return Feed(namespace="Shop", name=metric, values=values)


def make_stack(
    group: dict[str, Any],
    extra: Iterable[Resource],
    zones: int,
    data: dict[str, Any],
    targets: dict[str, Any] | None,
) -> Stack:
    subnets = [f"Subnet{number}" for number in range(zones)]
    items: list[Resource] = [
        Subnet(
            identity=identity(name, Subnet),
            cidr_block=f"10.0.{number}.0/24",
            availability_zone=ZONES[number],
        )
        for number, name in enumerate(subnets)
    ]
    items.append(
        LaunchTemplate(
            identity=identity("Launch", LaunchTemplate),
            launch_template_data=LaunchTemplateData(**({"instance_type": "m5.large"} | data)),
        )
    )
    if targets is not None:
        items += _balancing(subnets, targets)
    attached = ("Targets",) if targets is not None else ()
    items.append(
        make_group(
            **({"vpc_zone_identifier": tuple(subnets), "target_group_arns": attached} | group)
        )
    )
    return Stack({item.logical_id: item for item in [*items, *extra]})


def _balancing(subnets: list[str], targets: dict[str, Any]) -> list[Resource]:
    given: dict[str, Any] = {
        "port": 80,
        "protocol": "HTTP",
        "health_check_interval_seconds": 10,
        "target_group_attributes": (
            KeyValue(key="deregistration_delay.timeout_seconds", value="30"),
        ),
    }
    names = {"LoadBalancerFullName": "app/Balancer/1"}
    return [
        LoadBalancer(identity=identity("Balancer", LoadBalancer, **names), subnets=tuple(subnets)),
        TargetGroup(
            identity=identity("Targets", TargetGroup, TargetGroupFullName="targetgroup/Targets/1"),
            **(given | targets),
        ),
        Listener(
            identity=identity("Listener", Listener),
            load_balancer_arn="Balancer",
            port=80,
            protocol="HTTP",
            default_actions=(ListenerAction(type="forward", target_group_arn="Targets"),),
        ),
    ]


def make_world(
    *extra: Resource,
    zones: int = 2,
    detailed: bool = True,
    targets: dict[str, Any] | None = None,
    rate: float = 0.0,
    service: dict[str, Any] | None = None,
    feeds: Sequence[Feed] = (),
    seed: int = 0,
    spot: SpotTerms | None = None,
    launch: dict[str, Any] | None = None,
    start: datetime = START,
    **group: Any,
) -> World:
    """A world with one group; with `targets` (fields of its target group) behind a balancer."""
    software = {"cpu_time": 0.01, "boot_time": 10.0} | (service or {})
    data = {"monitoring": Monitoring(enabled=detailed)} | (launch or {})
    source = Source(name="all", to="Balancer", shape=Constant(rate))
    return World(
        make_stack(group, extra, zones, data, targets),
        start=start,
        seed=seed,
        services=(Service(name="web", runs_on=("Group",), **software),),
        traffic=(source,) if targets is not None else (),
        feeds=feeds,
        spot=spot,
    )


def group_of(world: World) -> Group:
    return world.autoscaling.groups["Group"]


def desired(world: World) -> int:
    return group_of(world).desired


def in_service(world: World) -> list[Member]:
    return group_of(world).in_service()


def zones_of(world: World) -> dict[str, int]:
    """How many active members each zone has."""
    counts = dict.fromkeys(group_of(world).zones, 0)
    for member in group_of(world).active():
        counts[member.instance.zone] += 1
    return counts


def activities(world: World, beginning: str) -> list[Activity]:
    """Scaling activities whose description begins so, oldest first."""
    found = group_of(world).activities
    return [activity for activity in found if activity.description.startswith(beginning)]


def api(world: World, name: str, **parameters: Any) -> None:
    """An operator's move."""
    world.apply(Action(name=name, parameters=REGISTER[name].parameters(**parameters)))


def set_desired(world: World, capacity: int) -> None:
    api(
        world,
        "autoscaling:SetDesiredCapacity",
        auto_scaling_group_name="Group",
        desired_capacity=capacity,
    )


def suspend(world: World, *processes: str) -> None:
    api(
        world,
        "autoscaling:SuspendProcesses",
        auto_scaling_group_name="Group",
        scaling_processes=processes,
    )


def resume(world: World, *processes: str) -> None:
    api(
        world,
        "autoscaling:ResumeProcesses",
        auto_scaling_group_name="Group",
        scaling_processes=processes,
    )


def kill(world: World, *members: Member) -> None:
    """Somebody terminates instances behind the group's back."""
    api(world, "ec2:TerminateInstances", instance_ids=tuple(m.instance.id for m in members))


def darken(world: World, zone: str, duration: float | None) -> None:
    """A zone loses its network."""
    name = "aws:network:disrupt-connectivity"
    parameters = REGISTER[name].parameters()
    targets = Targets(zones=(zone,))
    world.apply(Action(name=name, targets=targets, parameters=parameters, duration=duration))


def sicken(world: World, *members: Member) -> None:
    """The service on some members fails its health checks from now on."""
    for member in members:
        member.instance.set_effect(world.now, "sick", Effect(failing_checks=True))


def harm(world: World, name: str, duration: float | None = None, **given: Any) -> None:
    """A fault: what its parameters have no name for aims it."""
    kind = REGISTER[name]
    aimed = {key: given.pop(key) for key in tuple(given) if key not in kind.parameter_fields}
    parameters, targets = kind.parameters(**given), Targets(**aimed)
    world.apply(Action(name=name, targets=targets, parameters=parameters, duration=duration))


def no_capacity(world: World, *zones: str, duration: float | None = None) -> None:
    """EC2 has no room for the group's instances in some zones."""
    harm(
        world,
        "aws:ec2:asg-insufficient-instance-capacity-error",
        duration,
        auto_scaling_groups=("Group",),
        availability_zone_identifiers=",".join(zones),
    )

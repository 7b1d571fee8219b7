"""A small web tier for the tests of the world: its scenario, and ways to play it."""

from __future__ import annotations

import json
import tempfile
import textwrap
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve

from model import catalogue
from model.actions import REGISTER, Action, ActionError, Targets
from model.ec2.instances import Instance
from model.elb.views import TargetView
from model.traffic.shapes import Constant
from model.traffic.source import Source
from model.world import World
from scenarios import report
from scenarios.exports import metrics_csv
from scenarios.loader import load
from scenarios.player import make_world
from scenarios.scenario import Scenario, TimelineEntry

catalogue.load()

A, B = "us-east-1a", "us-east-1b"

TEMPLATE = textwrap.dedent(
    """\
    Parameters:
      Size: {Type: Number, Default: 2}
      HealthCheckType: {Type: String, Default: EC2}
    Resources:
      Vpc:
        Type: AWS::EC2::VPC
        Properties: {CidrBlock: 10.0.0.0/16}
      SubnetA:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}
      SubnetB:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}
      Balancer:
        Type: AWS::ElasticLoadBalancingV2::LoadBalancer
        Properties:
          Subnets: [!Ref SubnetA, !Ref SubnetB]
          LoadBalancerAttributes: [{Key: zonal_shift.config.enabled, Value: "true"}]
      Listener:
        Type: AWS::ElasticLoadBalancingV2::Listener
        Properties:
          LoadBalancerArn: !Ref Balancer
          Port: 80
          Protocol: HTTP
          DefaultActions: [{Type: forward, TargetGroupArn: !Ref Targets}]
      Targets:
        Type: AWS::ElasticLoadBalancingV2::TargetGroup
        Properties:
          VpcId: !Ref Vpc
          Port: 8080
          Protocol: HTTP
          HealthCheckIntervalSeconds: 10
          UnhealthyThresholdCount: 2
          TargetGroupAttributes: [{Key: deregistration_delay.timeout_seconds, Value: "30"}]
      Launch:
        Type: AWS::EC2::LaunchTemplate
        Properties:
          LaunchTemplateData:
            {ImageId: ami-1, InstanceType: m5.large, Monitoring: {Enabled: true}}
      Group:
        Type: AWS::AutoScaling::AutoScalingGroup
        Properties:
          MinSize: "1"
          MaxSize: "4"
          DesiredCapacity: !Ref Size
          VPCZoneIdentifier: [!Ref SubnetA, !Ref SubnetB]
          LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}
          TargetGroupARNs: [!Ref Targets]
          HealthCheckType: !Ref HealthCheckType
          HealthCheckGracePeriod: 30
      Tracking:
        Type: AWS::AutoScaling::ScalingPolicy
        Properties:
          AutoScalingGroupName: !Ref Group
          PolicyType: TargetTrackingScaling
          TargetTrackingConfiguration:
            PredefinedMetricSpecification: {PredefinedMetricType: ASGAverageCPUUtilization}
            TargetValue: 60
      Slow:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Namespace: AWS/ApplicationELB
          MetricName: TargetResponseTime
          Dimensions: [{Name: LoadBalancer, Value: !GetAtt Balancer.LoadBalancerFullName}]
          ExtendedStatistic: p90
          Period: 60
          EvaluationPeriods: 2
          Threshold: 0.5
          ComparisonOperator: GreaterThanThreshold
    """
)
"""A template of one Application Load Balancer, one target group and one Auto Scaling group."""

SCENARIO = textwrap.dedent(
    """\
    name: A small web tier
    start: 2026-11-25T09:00:00Z
    history: 2m
    duration: 10m
    template: web.yaml
    services:
      web: {runs_on: [Group], cpu_time: 20ms, wait_time: 30ms, boot_time: 20s, backlog: 64}
    traffic:
      - {name: shoppers, to: Balancer, rate: 50}
    """
)
"""Its scenario. One m5.large sustains 100 requests per second."""

CAPACITY = 100.0


@cache
def _loaded(size: int, check: str) -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        return load(
            write(Path(folder)),
            overrides={"parameters.Size": str(size), "parameters.HealthCheckType": check},
        ).scenario


def write(folder: Path) -> Path:
    """The scenario and its template as files in a folder."""
    (folder / "web.yaml").write_text(TEMPLATE, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def scenario(size: int = 2, *, replaces: bool = True, **changes: Any) -> Scenario:
    """The scenario with so many instances at first, and with some fields changed.

    With `replaces` the group replaces instances that the load balancer calls unhealthy.
    """
    return evolve(_loaded(size, "ELB" if replaces else "EC2"), **changes)


def source(rate: float) -> tuple[Source, ...]:
    """Traffic at one rate."""
    return (Source(name="shoppers", to="Balancer", shape=Constant(rate)),)


def action(name: str, duration: float | None = None, id: str | None = None, **given: Any) -> Action:
    """An action: what its parameters have no name for aims it."""
    kind = REGISTER[name]
    aimed = {key: given.pop(key) for key in tuple(given) if key not in kind.parameter_fields}
    parameters = kind.parameters(**given)
    return Action(
        name=name, targets=Targets(**aimed), parameters=parameters, duration=duration, id=id
    )


def entry(at: float, name: str, **given: Any) -> TimelineEntry:
    """A line of a timeline."""
    return TimelineEntry(at, action(name, **given))


def world_at(time: float, size: int = 2, *, replaces: bool = False, **changes: Any) -> World:
    """The world of the scenario, played until `time`."""
    world = make_world(scenario(size, replaces=replaces, **changes))
    world.run(time)
    return world


def instances(world: World) -> list[Instance]:
    """All instances that ever were, in order of launch."""
    return list(world.ec2.instances.values())


def views(world: World) -> list[TargetView]:
    """DescribeTargetHealth of the one target group."""
    return list(world.elb.describe_target_health("Targets"))


def bytes_of(played: Scenario, world: World) -> str:
    """All that a run leaves: the report and every datapoint. The world is left as it is."""
    copy = World.restore(world.snapshot())
    copy.note_totals()
    return json.dumps(report.build(played, copy, ())) + metrics_csv(copy)


def play(played: Scenario, cuts: Iterable[float] = ()) -> str:
    """All that a run leaves which was cut into pieces at these times."""
    world = make_world(played)
    for time in sorted(cuts):
        world.run(min(time, played.duration))
    world.run(played.duration)
    return bytes_of(played, world)


def by_hand(played: Scenario, line: TimelineEntry) -> str:
    """All that a run leaves in which somebody does what a line says, at its moment."""
    world = make_world(played)
    world.run(line.at)
    with suppress(ActionError):
        world.apply(line.action)
    world.run(played.duration)
    return bytes_of(played, world)

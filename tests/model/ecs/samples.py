"""A small service of containers behind a load balancer, and ways to play it."""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve

from model.actions import Action
from model.ecs.scheduler import Scheduler
from model.ecs.tasks import Task
from model.world import World
from scenarios.loader import Loaded, load
from scenarios.player import make_world
from scenarios.scenario import Scenario
from tests.model.samples import action

A, B = "us-east-1a", "us-east-1b"

TEMPLATE = textwrap.dedent(
    """\
    Parameters:
      Count: {Type: Number, Default: 4}
      Least: {Type: Number, Default: 100}
      Most: {Type: Number, Default: 200}
      Breaker: {Type: String, Default: "false"}
      Rollback: {Type: String, Default: "true"}
      Rebalancing: {Type: String, Default: ENABLED}
      Grace: {Type: Number, Default: 0}
      Insights: {Type: String, Default: disabled}
      Delay: {Type: String, Default: "10"}
      Cpu: {Type: String, Default: "512"}
      Memory: {Type: String, Default: 1 GB}
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
        Properties: {Subnets: [!Ref SubnetA, !Ref SubnetB]}
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
          TargetType: ip
          HealthCheckIntervalSeconds: 10
          UnhealthyThresholdCount: 2
          TargetGroupAttributes:
            - {Key: deregistration_delay.timeout_seconds, Value: !Ref Delay}
      Cluster:
        Type: AWS::ECS::Cluster
        Properties:
          ClusterName: shop
          ClusterSettings: [{Name: containerInsights, Value: !Ref Insights}]
      Good:
        Type: AWS::ECS::TaskDefinition
        Properties: &definition
          Family: web
          Cpu: !Ref Cpu
          Memory: !Ref Memory
          NetworkMode: awsvpc
          RequiresCompatibilities: [FARGATE]
          ContainerDefinitions:
            - Name: web
              Image: shop/web:1
              PortMappings: [{ContainerPort: 8080}]
      Next:
        Type: AWS::ECS::TaskDefinition
        Properties: *definition
      Other:
        Type: AWS::ECS::TaskDefinition
        Properties:
          Cpu: 1 vCPU
          Memory: "2048"
          NetworkMode: awsvpc
          RequiresCompatibilities: [FARGATE]
          ContainerDefinitions: [{Name: api, Image: shop/api}]
      Web:
        Type: AWS::ECS::Service
        Properties:
          Cluster: !Ref Cluster
          ServiceName: web
          TaskDefinition: !Ref Good
          LaunchType: FARGATE
          DesiredCount: !Ref Count
          HealthCheckGracePeriodSeconds: !Ref Grace
          AvailabilityZoneRebalancing: !Ref Rebalancing
          DeploymentConfiguration:
            MinimumHealthyPercent: !Ref Least
            MaximumPercent: !Ref Most
            DeploymentCircuitBreaker: {Enable: !Ref Breaker, Rollback: !Ref Rollback}
          NetworkConfiguration:
            AwsvpcConfiguration: {Subnets: [!Ref SubnetA, !Ref SubnetB]}
          LoadBalancers:
            - {ContainerName: web, ContainerPort: 8080, TargetGroupArn: !Ref Targets}
    """
)
"""A cluster, two revisions of one family, and a service of the first; all that tests change is a
parameter."""

SCENARIO = textwrap.dedent(
    """\
    name: Containers
    start: 2026-11-25T09:00:00Z
    duration: 30m
    template: containers.yaml
    services:
      web: {runs_on: [Web], cpu_time: 10ms, wait_time: 20ms, boot_time: 5s, workers: 32}
      next: {runs_on: [Next], cpu_time: 10ms, wait_time: 20ms, boot_time: 5s, workers: 32}
    traffic:
      - {name: shoppers, to: Balancer, rate: 40}
    """
)


def write(folder: Path, template: str = TEMPLATE, scenario: str = SCENARIO) -> Path:
    """The scenario and its template as files in a folder."""
    (folder / "containers.yaml").write_text(template, encoding="utf-8")
    path = folder / "containers.scenario.yaml"
    path.write_text(scenario, encoding="utf-8")
    return path


def loaded(parameters: Mapping[str, Any], **texts: str) -> Loaded:
    """The scenario with some parameters of its template."""
    with tempfile.TemporaryDirectory() as folder:
        overrides = {f"parameters.{name}": str(value) for name, value in parameters.items()}
        return load(write(Path(folder), **texts), overrides=overrides)


@cache
def _scenario(parameters: tuple[tuple[str, Any], ...]) -> Scenario:
    return loaded(dict(parameters)).scenario


def scenario(*, changes: Mapping[str, Any] | None = None, **parameters: Any) -> Scenario:
    """The scenario with some parameters of its template, and some fields changed."""
    return evolve(_scenario(tuple(sorted(parameters.items()))), **(changes or {}))


def world_at(time: float, **given: Any) -> World:
    """Its world, played until `time`."""
    world = make_world(scenario(**given))
    world.run(time)
    return world


def web(world: World) -> Scheduler:
    return world.ecs.schedulers["Web"]


def running(world: World) -> list[Task]:
    """The tasks that run, and are to."""
    return [task for task in web(world).tasks if task.running]


def states(world: World, task: Task) -> list[tuple[float, str]]:
    """The states of a task, each with its time."""
    return [(change.time, change.value) for change in world.journal.history(task.name, "task")]


def update(**given: Any) -> Action:
    """UpdateService."""
    return action("ecs:UpdateService", service="Web", **given)


def health(world: World) -> list[str]:
    """The states of all targets."""
    return [view.state for view in world.elb.describe_target_health("Targets")]


def messages(world: World) -> list[str]:
    return [event.message for event in web(world).messages]

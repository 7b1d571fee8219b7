"""Small scenarios and templates for the tests, and the shared examples."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scenarios.cloudformation.template import Built, build
from scenarios.document import parse
from scenarios.loader import Loaded, load
from scenarios.mistakes import ScenarioError

EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "examples"
needs_examples = pytest.mark.skipif(not EXAMPLES.exists(), reason="the shared examples are absent")

TEMPLATE = textwrap.dedent(
    """\
    AWSTemplateFormatVersion: "2010-09-09"
    Parameters:
      Size: {Type: Number, Default: 2}
    Resources:
      Vpc:
        Type: AWS::EC2::VPC
        Properties: {CidrBlock: 10.0.0.0/16}
      SubnetA:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}
      SubnetB:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}
      Balancer:
        Type: AWS::ElasticLoadBalancingV2::LoadBalancer
        Properties:
          Subnets: [!Ref SubnetA, !Ref SubnetB]
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
      Launch:
        Type: AWS::EC2::LaunchTemplate
        Properties:
          LaunchTemplateData: {ImageId: ami-1, InstanceType: m5.large}
      Group:
        Type: AWS::AutoScaling::AutoScalingGroup
        Properties:
          MinSize: "1"
          MaxSize: "4"
          DesiredCapacity: !Ref Size
          VPCZoneIdentifier: [!Ref SubnetA, !Ref SubnetB]
          LaunchTemplate: {LaunchTemplateId: !Ref Launch, Version: "1"}
          TargetGroupARNs: [!Ref Targets]
      Policy:
        Type: AWS::AutoScaling::ScalingPolicy
        Properties:
          AutoScalingGroupName: !Ref Group
          PolicyType: StepScaling
          AdjustmentType: ChangeInCapacity
          StepAdjustments: [{ScalingAdjustment: 1, MetricIntervalLowerBound: 0}]
      Topic:
        Type: AWS::SNS::Topic
      Alarm:
        Type: AWS::CloudWatch::Alarm
        Properties:
          Namespace: AWS/ApplicationELB
          MetricName: TargetResponseTime
          Dimensions: [{Name: LoadBalancer, Value: !GetAtt Balancer.LoadBalancerFullName}]
          Statistic: Average
          Period: 60
          EvaluationPeriods: 3
          Threshold: 1
          ComparisonOperator: GreaterThanThreshold
          AlarmActions: [!Ref Topic, !Ref Policy]
    """
)

SCENARIO = textwrap.dedent(
    """\
    name: A small one
    start: 2026-11-25T09:00:00Z
    duration: 1h
    template: web.yaml
    services:
      web: {runs_on: [Group], cpu_time: 10ms}
    traffic:
      - {name: shoppers, to: Balancer, rate: 100}
    """
)
"""Eight lines; what a test adds begins in line 9."""


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """The text with each first part replaced, which must be there exactly once."""
    for old, new in pairs:
        assert text.count(old) == 1, f"{text.count(old)} times: {old}"
        text = text.replace(old, new)
    return text


def write(folder: Path, scenario: str = SCENARIO, template: str = TEMPLATE) -> Path:
    """A scenario file and its template in a folder."""
    (folder / "web.yaml").write_text(template, encoding="utf-8")
    path = folder / "s.yaml"
    path.write_text(scenario, encoding="utf-8")
    return path


def load_text(
    folder: Path, scenario: str = SCENARIO, template: str = TEMPLATE, **options: Any
) -> Loaded:
    """Load a scenario from its text."""
    return load(write(folder, scenario, template), **options)


def build_text(template: str, given: Mapping[str, Any] | None = None) -> Built:
    """The stack of a template, from its text."""
    return build(parse(template, "t.yaml"), (), given or {})


def mistakes_of(error: pytest.ExceptionInfo[ScenarioError]) -> list[str]:
    """The mistakes as a person sees them, with file names instead of whole paths."""
    return [
        str(mistake).replace(mistake.mark.file, Path(mistake.mark.file).name, 1)
        for mistake in error.value.mistakes
    ]

"""Templates whose alarms judge bands, every ten seconds, and act on instances and functions."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from model.world import World
from scenarios.player import make_world
from tests.scenarios.samples import load_text

TEMPLATE = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/20, AvailabilityZone: us-east-1a}
  Machine:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, InstanceType: m5.large, SubnetId: !Ref Subnet, Monitoring: true}
  Learned:
    Type: AWS::CloudWatch::AnomalyDetector
    Properties:
      SingleMetricAnomalyDetector: {Namespace: Shop, MetricName: Orders, Stat: Sum}
      Configuration: {MetricTimeZone: Europe/Berlin}
  Unusual:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - Id: m1
          MetricStat: {Metric: {Namespace: Shop, MetricName: Orders}, Period: 300, Stat: Sum}
        - {Id: band, Expression: "ANOMALY_DETECTION_BAND(m1, 3)"}
      ThresholdMetricId: band
      ComparisonOperator: LessThanLowerOrGreaterThanUpperThreshold
      EvaluationPeriods: 1
  Queue:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Shop
      MetricName: QueueLength
      Statistic: Maximum
      Period: 10
      EvaluationPeriods: 2
      Threshold: 100
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!GetAtt Healer.Arn]
  Idle:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/EC2
      MetricName: CPUUtilization
      Dimensions: [{Name: InstanceId, Value: !Ref Machine}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 30
      Threshold: 1
      ComparisonOperator: LessThanThreshold
      AlarmActions: [!Sub "arn:aws:automate:${AWS::Region}:ec2:stop"]
  Healer:
    Type: AWS::Lambda::Function
    Properties:
      Handler: healer.handler
      Runtime: python3.13
      Role: arn:aws:iam::123456789012:role/healer
      Code: {S3Bucket: code, S3Key: healer.zip}
  MayInvoke:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Healer
      Principal: lambda.alarms.cloudwatch.amazonaws.com
      SourceArn: !GetAtt Queue.Arn
"""
CHANCE = Random(1)
ORDERS = ", ".join([*(f"{CHANCE.gauss(50, 2):.0f}" for _ in range(73)), "120", "50"])
LENGTHS = ", ".join(["3"] * 12 + ["400"] * 3 + ["3"] * 6)
SCENARIO = f"""\
name: Watching
start: 2026-11-25T09:00:00Z
duration: 7h
template: web.yaml
metrics:
  - {{namespace: Shop, name: Orders, unit: Count, period: 5m, values: [{ORDERS}]}}
  - {{namespace: Shop, name: QueueLength, unit: Count, period: 10s, values: [{LENGTHS}]}}
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = make_world(load_text(tmp_path, SCENARIO, TEMPLATE).scenario)
    world.run(7 * 3600.0)
    return world


def states(world: World, alarm: str) -> list[tuple[float, str]]:
    return [(change.time, change.value.state) for change in world.journal.history(alarm, "alarm")]


def test_a_band_is_judged_once_it_is_known(world: World) -> None:
    found = states(world, "Unusual")
    assert [state for _, state in found] == [
        "INSUFFICIENT_DATA",
        "OK",
        "ALARM",
        "OK",
        "INSUFFICIENT_DATA",
    ]
    spike = 74 * 300.0
    assert found[2][0] == spike
    assert found[1][0] >= 3 * 3600.0


def test_ten_seconds_are_judged_at_once(world: World) -> None:
    assert states(world, "Queue")[1:3] == [(10.0, "OK"), (140.0, "ALARM")]
    assert [call.function for call in world.invocations.invocations] == ["Healer"]
    (item,) = [i for i in world.cloudwatch.alarm_history("Queue") if i.kind == "Action"]
    assert item.summary.startswith("Successfully executed action arn:aws:lambda:us-east-1:")


def test_an_idle_instance_is_stopped(world: World) -> None:
    machine = world.ec2.id_of("Machine")
    assert world.ec2.instances[machine].state.value == "stopped"
    calls = [e.detail for e in world.bus.events if "CloudTrail" in e.detail_type]
    (call,) = [call for call in calls if call["eventName"] == "StopInstances"]
    assert "AWSServiceRoleForCloudWatchEvents" in call["userIdentity"]["arn"]

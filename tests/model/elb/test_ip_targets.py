"""Targets by address, in the VPC and outside it, and instances that no group keeps ("Target groups
for your Application Load Balancers", "Register targets")."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from model.actions import ActionError
from model.billing import cost
from model.elb.resources.targets import TargetDescription
from model.world import World
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world, play
from tests.model.samples import action
from tests.scenarios.samples import mistakes_of

TEMPLATE = textwrap.dedent(
    """\
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
          DefaultActions: [{Type: forward, TargetGroupArn: !Ref Hybrid}]
      Old:
        Type: AWS::ElasticLoadBalancingV2::ListenerRule
        Properties:
          ListenerArn: !Ref Listener
          Priority: 1
          Conditions: [{Field: path-pattern, Values: [/old/*]}]
          Actions: [{Type: forward, TargetGroupArn: !Ref Servers}]
      Hybrid:
        Type: AWS::ElasticLoadBalancingV2::TargetGroup
        Properties:
          VpcId: !Ref Vpc
          Port: 8080
          Protocol: HTTP
          TargetType: ip
          Targets:
            - {Id: 10.0.0.50}
            - {Id: 10.0.1.50, Port: 9090}
            - {Id: 192.168.7.7, AvailabilityZone: all}
            - {Id: 192.168.7.8, AvailabilityZone: all}
      Servers:
        Type: AWS::ElasticLoadBalancingV2::TargetGroup
        Properties:
          VpcId: !Ref Vpc
          Port: 80
          Protocol: HTTP
          Targets: [{Id: !Ref One}, {Id: !Ref Two}]
      One:
        Type: AWS::EC2::Instance
        Properties: {ImageId: ami-1, InstanceType: m5.large, SubnetId: !Ref SubnetA}
      Two:
        Type: AWS::EC2::Instance
        Properties: {ImageId: ami-1, InstanceType: t3.small, SubnetId: !Ref SubnetB}
    """
)
SCENARIO = textwrap.dedent(
    """\
    name: In the VPC and at home
    start: 2026-11-25T09:00:00Z
    duration: 10m
    template: hybrid.yaml
    services:
      new: {runs_on: [Hybrid], cpu_time: 10ms, wait_time: 30ms, vcpus: 8}
      old: {runs_on: [One, Two], cpu_time: 10ms, boot_time: 10s}
    traffic:
      - {name: shoppers, to: Balancer, rate: 40}
      - {name: regulars, to: Balancer, rate: 20, request: {path: /old/shop}}
    """
)


def write(folder: Path, template: str = TEMPLATE) -> Path:
    (folder / "hybrid.yaml").write_text(template, encoding="utf-8")
    path = folder / "hybrid.scenario.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def hybrid(folder: Path) -> World:
    return make_world(load(write(folder)).scenario)


def test_addresses_in_the_vpc_and_outside_share_alike(tmp_path: Path) -> None:
    world = hybrid(tmp_path)
    world.run(300)
    views = world.elb.describe_target_health("Hybrid")
    assert [(view.id, view.zone) for view in views] == [
        ("10.0.0.50:8080", "us-east-1a"),
        ("10.0.1.50:9090", "us-east-1b"),
        ("192.168.7.7:8080", "all"),
        ("192.168.7.8:8080", "all"),
    ]
    assert {view.state for view in views} == {"healthy"}
    assert [view.rate for view in views] == pytest.approx([10.0] * 4)


def test_instances_of_the_template_are_registered_when_they_run(tmp_path: Path) -> None:
    world = hybrid(tmp_path)
    world.run(300)
    views = world.elb.describe_target_health("Servers")
    assert [(view.zone, view.state) for view in views] == [
        ("us-east-1a", "healthy"),
        ("us-east-1b", "healthy"),
    ]
    assert [view.rate for view in views] == pytest.approx([10.0, 10.0])
    assert {view.instance for view in views} == set(world.ec2.instances)
    spent = cost(world)
    assert spent["One"] == pytest.approx(300 / 3600 * 0.096, rel=0.1)
    assert 0 < spent["Two"] < spent["One"]


def test_a_fault_on_a_service_reaches_machines_too(tmp_path: Path) -> None:
    world = hybrid(tmp_path)
    world.run(120)
    world.apply(action("spillover:fail-health-checks", services=("new",)))
    world.run(240)
    assert {v.state for v in world.elb.describe_target_health("Hybrid")} == {"unhealthy"}
    assert {v.state for v in world.elb.describe_target_health("Servers")} == {"healthy"}
    with pytest.raises(ActionError, match="finds no running instance"):
        world.apply(action("aws:ec2:terminate-instances", services=("new",)))


def test_addresses_are_registered_and_taken_out_by_hand(tmp_path: Path) -> None:
    world = hybrid(tmp_path)
    world.run(60)

    def targets(call: str, **given: str) -> None:
        one = TargetDescription(**given)  # type: ignore[arg-type]
        name = f"elasticloadbalancing:{call}"
        world.apply(action(name, target_group_arn="Hybrid", targets=(one,)))

    targets("RegisterTargets", id="192.168.9.9", availability_zone="all")
    world.run(120)
    assert len(world.elb.describe_target_health("Hybrid")) == 5
    targets("DeregisterTargets", id="192.168.9.9")
    world.run(500)
    assert len(world.elb.describe_target_health("Hybrid")) == 4
    for address, words in (("8.8.8.8", "must have a private address"), ("home", "is an address")):
        with pytest.raises(ActionError, match=words):
            targets("RegisterTargets", id=address, availability_zone="all")


def test_it_plays_to_the_end_and_adds_up(tmp_path: Path) -> None:
    outcome = play(load(write(tmp_path)).scenario)
    requests = outcome.report["requests"]
    assert requests["by_status"]["200"] > 0.97 * requests["total"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{Id: 10.0.0.50}", "{Id: 54.1.2.3}", "a target must have a private address"),
        ("{Id: 10.0.0.50}", "{Id: i-0123456789abcdef0}", "an ip target is an address"),
        ("{Id: !Ref One}", "{Id: i-0123456789abcdef0}", "is no instance of this template"),
        (
            "      TargetType: ip\n",
            "      TargetType: ip\n      TargetGroupAttributes: "
            '[{Key: load_balancing.cross_zone.enabled, Value: "false"}]\n',
            "which needs cross-zone load balancing",
        ),
    ],
)
def test_wrong_targets(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in TEMPLATE
    with pytest.raises(ScenarioError) as error:
        load(write(tmp_path, TEMPLATE.replace(old, new)))
    assert any(words in mistake for mistake in mistakes_of(error)), str(error.value)


def test_instances_of_the_template_go_by_their_logical_ids(tmp_path: Path) -> None:
    world = hybrid(tmp_path)
    world.run(120)
    world.apply(action("spillover:fail-health-checks", instances=("One",)))
    one = (TargetDescription(id="Two"),)
    name = "elasticloadbalancing:DeregisterTargets"
    world.apply(action(name, target_group_arn="Servers", targets=one))
    world.run(240)
    states = [view.state for view in world.elb.describe_target_health("Servers")]
    assert states == ["unhealthy", "draining"]
    world.apply(action("ec2:TerminateInstances", instance_ids=("One",)))
    world.run(400)
    assert world.ec2.instances[world.ec2.id_of("One")].state == "terminated"

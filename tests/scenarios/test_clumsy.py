"""Mistakes of those in a hurry, in firewalls, addresses and targets: each is told at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world, play
from tests.scenarios.samples import SCENARIO, TEMPLATE, load_text, mistakes_of
from tests.scenarios.test_wrong_rules import FIRST
from tui.session import Session

WALLS = """\
  Wall:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: a wall
      VpcId: !Ref Vpc
      SecurityGroupIngress: [%s]
"""
ACL = """\
  Acl:
    Type: AWS::EC2::NetworkAcl
    Properties: {VpcId: !Ref Vpc}
  Entry:
    Type: AWS::EC2::NetworkAclEntry
    Properties: {NetworkAclId: !Ref Acl, RuleNumber: 7, RuleAction: allow, %s}
"""
SERVER = """\
  Server:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, InstanceType: t3.small, SubnetId: !Ref SubnetA, %s}
"""
TCP_GROUP = """\
  Flows:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Port: 80, Protocol: TCP}
"""
IP_GROUP = """\
  Home:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Port: 80, Protocol: HTTP, TargetType: ip, Targets: [%s]}
"""

CASES = [
    (WALLS % '{IpProtocol: tcp, FromPort: 1, ToPort: 2, CidrIp: "::/0"}', "must be a CIDR block"),
    (WALLS % "{IpProtocol: tcp, FromPort: 90, ToPort: 80, CidrIp: 0.0.0.0/0}", "must not be above"),
    (WALLS % "{IpProtocol: tcp, FromPort: 80, ToPort: 80}", "a rule needs to say who"),
    (ACL % "Protocol: 6, CidrBlock: 0.0.0.0/0", "an entry for 6 needs a PortRange"),
    (ACL % "Protocol: -1", "an entry needs a CidrBlock"),
    (
        ACL % "Protocol: 6, CidrBlock: 0.0.0.0/0, PortRange: {From: 9, To: 8}",
        "From (9) must not be above To (8)",
    ),
    (SERVER % "CreditSpecification: {CPUCredits: bogus}", "must be one of standard, unlimited"),
    (SERVER % "PrivateIpAddress: nonsense", "must be a private address"),
    (
        TCP_GROUP + FIRST.replace("!Ref Targets", "!Ref Flows"),
        "forwards to target groups for HTTP or HTTPS, but Flows is for TCP",
    ),
    (IP_GROUP % "{Id: 10.0.0.9}", "the targets of Home take requests, but no service runs"),
    (IP_GROUP % "{Id: 192.168.1.1, AvailabilityZone: mars}", "must be all or a zone such as"),
]


@pytest.mark.parametrize(("added", "words"), CASES, ids=[case[1] for case in CASES])
def test_templates(tmp_path: Path, added: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, SCENARIO, TEMPLATE + added)
    told = [mistake for mistake in mistakes_of(error) if words in mistake]
    assert told, str(error.value)
    assert int(told[0].split(":")[1]) > 1


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ("{source_ip: banana}", "must be an address such as 203.0.113.7"),
        ("{source_ip: 10.0.0.0/8}", "must be an address such as 203.0.113.7"),
        ("{path: /x?v=1}", "must have no query: write it under query"),
    ],
)
def test_requests(tmp_path: Path, request_: str, words: str) -> None:
    text = SCENARIO.replace("rate: 100", f"rate: 100, request: {request_}")
    with pytest.raises(ScenarioError) as error:
        load_text(tmp_path, text)
    assert any(words in mistake for mistake in mistakes_of(error)), str(error.value)


def test_groups_of_the_first_network_interface_count(tmp_path: Path) -> None:
    interface = "NetworkInterfaces: [{DeviceIndex: 0, Groups: [!Ref Wall]}]"
    template = TEMPLATE.replace("InstanceType: m5.large}", f"InstanceType: m5.large, {interface}}}")
    rule = "{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}"
    world = make_world(load_text(tmp_path, SCENARIO, template + WALLS % rule).scenario)
    world.run(120)
    assert {view.reason for view in world.elb.describe_target_health("Targets")} == {
        "Target.Timeout"
    }


def test_a_rule_that_was_made_can_be_changed_and_taken_away_and_played_again(
    tmp_path: Path,
) -> None:
    timeline = """\
timeline:
  - at: 1m
    action: elasticloadbalancing:CreateRule
    parameters:
      ListenerArn: Listener
      Priority: 10
      Conditions: [{Field: path-pattern, Values: [/x]}]
      Actions: [{Type: forward, TargetGroupArn: Targets}]
  - {at: 3m, action: elasticloadbalancing:DeleteRule, parameters: {RuleArn: Listener-10}}
"""
    loaded = load_text(tmp_path, SCENARIO + timeline)
    session = Session(loaded)
    session.world.run(120)
    session.set_weights("Listener-10", (("Targets", 5),))
    session.world.run(240)
    path = tmp_path / "again.scenario.yaml"
    session.save(path)
    again = load(path).scenario
    assert [entry.action.name.partition(":")[2] for entry in again.timeline] == [
        "CreateRule",
        "ModifyRule",
        "DeleteRule",
    ]


def test_a_fault_that_finds_nothing_is_on_the_record(tmp_path: Path) -> None:
    line = (
        "timeline:\n"
        "  - {at: 2m, action: aws:ec2:terminate-instances, "
        "targets: {Instances: [i-0123456789abcdef0]}}\n"
    )
    report = play(load_text(tmp_path, SCENARIO + line).scenario).report
    (event,) = [e for e in report["events"] if e["detail-type"] == "FIS Experiment State Change"]
    assert event["detail"]["new-state"]["status"] == "failed"
    assert "finds no running instance" in event["detail"]["new-state"]["reason"]

"""Two load balancers with two ip targets each, and records that lead to them."""

from __future__ import annotations

import tempfile
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from attrs import evolve

from model.resources import Identity
from model.route53.moves import Change, ChangeBatch, ResourceRecord, ResourceRecordSet
from model.route53.resources import AliasTarget, RecordSet
from model.route53.service import RecordView
from model.world import World
from scenarios.loader import load
from scenarios.player import make_world
from scenarios.scenario import Scenario, TimelineEntry
from tests.model.samples import action

SITE = """\
  {0}Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{Subnets: [!Ref SubnetA, !Ref SubnetB]}}
  {0}Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref {0}Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{{Type: forward, TargetGroupArn: !Ref {0}Targets}}]
  {0}Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: !Ref Vpc
      TargetType: ip
      Port: 8080
      Protocol: HTTP
      HealthCheckIntervalSeconds: 10
      UnhealthyThresholdCount: 2
      HealthyThresholdCount: 2
      Targets:
        - {{Id: 192.168.{1}.1, AvailabilityZone: all}}
        - {{Id: 192.168.{1}.2, AvailabilityZone: all}}
"""
TEMPLATE = (
    textwrap.dedent(
        """\
    Resources:
      Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
      SubnetA:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}
      SubnetB:
        Type: AWS::EC2::Subnet
        Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}
    """
    )
    + SITE.format("Blue", 1)
    + SITE.format("Green", 2)
)
RECORD = """\
  {id}Record:
    Type: AWS::Route53::RecordSet
    Properties:
      Name: {name}
      Type: {type}
      HostedZoneName: example.com.
      {more}
"""
SCENARIO = """\
name: Two sites
start: 2026-11-25T09:00:00Z
history: 2m
duration: 10m
template: sites.yaml
services:
  shop: {{runs_on: [BlueTargets, GreenTargets], cpu_time: 2ms, wait_time: 10ms}}
traffic:
  - {{name: shoppers, to: {to}, rate: 200}}
"""
NAME = "shop.example.com"


def alias(site: str, more: str, *, evaluate: bool = True, name: str = NAME) -> str:
    """An alias record of a site, in a template; `more` are its own properties."""
    target = (
        f"{more}\n      AliasTarget: {{DNSName: !GetAtt {site}Balancer.DNSName, HostedZoneId: "
        f"!GetAtt {site}Balancer.CanonicalHostedZoneID, "
        f"EvaluateTargetHealth: {str(evaluate).lower()}}}"
    )
    return RECORD.format(id=site, name=name, type="A", more=target.strip())


def weighted(blue: int, green: int, *, evaluate: bool = True) -> str:
    """Weighted records of both sites."""
    return alias("Blue", f"SetIdentifier: blue\n      Weight: {blue}", evaluate=evaluate) + alias(
        "Green", f"SetIdentifier: green\n      Weight: {green}", evaluate=evaluate
    )


FAILOVER = alias("Blue", "SetIdentifier: blue\n      Failover: PRIMARY") + alias(
    "Green", "SetIdentifier: green\n      Failover: SECONDARY"
)


def write(folder: Path, records: str, to: str = NAME, more: str = "") -> Path:
    """The scenario and its template as files in a folder."""
    (folder / "sites.yaml").write_text(TEMPLATE + records, encoding="utf-8")
    path = folder / "sites.scenario.yaml"
    path.write_text(SCENARIO.format(to=to) + more, encoding="utf-8")
    return path


@cache
def _loaded(records: str, to: str) -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        return load(write(Path(folder), records, to)).scenario


def scenario(records: str, to: str = NAME, **changes: Any) -> Scenario:
    """Two sites and these records, with some fields of the scenario changed."""
    return evolve(_loaded(records, to), **changes)


def world(records: str, time: float = 0.0, to: str = NAME, **changes: Any) -> World:
    """Their world, played until `time`."""
    made = make_world(scenario(records, to, **changes))
    made.run(time)
    return made


def down(at: float, site: str, duration: float | None = None) -> TimelineEntry:
    """The service of a site dies."""
    killed: dict[str, Any] = {
        "target_groups": (f"{site}Targets",),
        "document_arn": "AWSFIS-Run-Kill-Process",
    }
    return TimelineEntry(at, action("aws:ssm:send-command", duration=duration, **killed))


def change(verb: str = "UPSERT", site: str = "Blue", **given: Any) -> Change:
    """A change of an alias record of a site."""
    target = AliasTarget(
        dns_name=f"{site}Balancer", hosted_zone_id="Z35SXDOTRQ7X7K", evaluate_target_health=True
    )
    usual = {"name": NAME, "type": "A", "alias_target": target, "set_identifier": site.lower()}
    values = given.pop("values", ())
    records = tuple(ResourceRecord(value=value) for value in values)
    wanted = {**usual, "resource_records": records, **given}
    return Change(action=verb, resource_record_set=ResourceRecordSet(**wanted))


def changes(at: float, *changed: Change) -> TimelineEntry:
    """ChangeResourceRecordSets as a line of a timeline."""
    batch = ChangeBatch(changes=changed)
    return TimelineEntry(at, action("route53:ChangeResourceRecordSets", change_batch=batch))


def record(name: str, weight: int | None = None, failover: str | None = None) -> RecordSet:
    """A record that is known by its SetIdentifier."""
    return RecordSet(
        identity=Identity(name, RecordSet.TYPE, NAME),
        name=NAME,
        type="A",
        hosted_zone_name="example.com",
        alias_target=AliasTarget(dns_name=name, hosted_zone_id="Z", evaluate_target_health=True),
        set_identifier=None if weight is None and failover is None else name,
        weight=weight,
        failover=failover,
    )


def sent(world: World) -> tuple[float, float]:
    """Requests that came to each site since the world began."""
    balancers = world.elb.balancers
    return balancers["BlueBalancer"].sent, balancers["GreenBalancer"].sent


def view(world: World, id_: str) -> RecordView:
    """A record as an operator reads it."""
    return next(v for v in world.route53.list_resource_record_sets() if v.id == id_)

"""A record may lead to a Classic Load Balancer, healthy while one of its instances is."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.loader import load
from scenarios.player import make_world
from tests.model.route53.samples import alias, view, write
from tests.model.samples import action

OLD = """\
  Machine:
    Type: AWS::EC2::Instance
    Properties: {ImageId: ami-1, InstanceType: m5.large, SubnetId: !Ref SubnetA}
  OldBalancer:
    Type: AWS::ElasticLoadBalancing::LoadBalancer
    Properties:
      Subnets: [!Ref SubnetA, !Ref SubnetB]
      CrossZone: true
      Listeners: [{LoadBalancerPort: "80", Protocol: HTTP, InstancePort: "8080"}]
      HealthCheck:
        {Target: "HTTP:8080/", Interval: "10", Timeout: "5", HealthyThreshold: "2",
         UnhealthyThreshold: "2"}
      Instances: [!Ref Machine]
"""


def test_failing_over_from_a_classic_load_balancer(tmp_path: Path) -> None:
    records = alias("Old", "SetIdentifier: old\n      Failover: PRIMARY").replace(
        "OldBalancer.CanonicalHostedZoneID", "OldBalancer.CanonicalHostedZoneNameID"
    ) + alias("Green", "SetIdentifier: green\n      Failover: SECONDARY")
    path = write(tmp_path, OLD + records)
    text = path.read_text(encoding="utf-8").replace("[BlueTargets", "[Machine, BlueTargets")
    path.write_text(text, encoding="utf-8")
    world = make_world(load(path).scenario)
    world.run(120.0)
    old, green = world.elb.balancers["OldBalancer"], world.elb.balancers["GreenBalancer"]
    assert view(world, "old").healthy
    assert old.rate(world.now) == pytest.approx(200.0)
    world.apply(action("aws:ec2:terminate-instances", instances=("Machine",)))
    world.run(240.0)
    assert view(world, "old").healthy is False
    assert (old.rate(world.now), green.rate(world.now)) == pytest.approx((0.0, 200.0))
    assert old.sent + green.sent == pytest.approx(200.0 * (world.now + 120.0))

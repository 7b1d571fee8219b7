"""Scenarios with databases: what is read, what is refused, what is reported."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.page.report import page
from scenarios.player import play
from tests.scenarios.samples import mistakes_of, replaced

SCENARIO = textwrap.dedent(
    """\
    name: Shop data
    start: 2026-11-25T09:00:00Z
    history: 2m
    duration: 5m
    template:
      Resources:
        Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
        SubnetA:
          Type: AWS::EC2::Subnet
          Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}
        SubnetB:
          Type: AWS::EC2::Subnet
          Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}
        Subnets:
          Type: AWS::RDS::DBSubnetGroup
          Properties: {DBSubnetGroupDescription: two, SubnetIds: [!Ref SubnetA, !Ref SubnetB]}
        Cluster:
          Type: AWS::RDS::DBCluster
          Properties: {Engine: aurora-postgresql, DBSubnetGroupName: !Ref Subnets}
        First:
          Type: AWS::RDS::DBInstance
          Properties:
            DBClusterIdentifier: !Ref Cluster
            DBInstanceClass: db.r6g.large
            Engine: aurora-postgresql
        Second:
          Type: AWS::RDS::DBInstance
          Properties:
            DBClusterIdentifier: !Ref Cluster
            DBInstanceClass: db.r6g.large
            AvailabilityZone: us-east-1a
      Outputs:
        Host: {Value: !GetAtt Cluster.ReadEndpoint.Address}
    services:
      data: {runs_on: [Cluster], cpu_time: 2ms, workers: 100}
    traffic:
      - {name: pages, to: Cluster, request: {endpoint: reader}, clients: 40, rate: 100}
      - {name: orders, to: Cluster, request: {statement: INSERT}, rate: 20}
    timeline:
      - at: 2m
        action: aws:rds:reboot-db-instances
        targets: {DBInstances: [Second]}
    expect:
      - Cluster.CPUUtilization < 12
      - Second.DatabaseConnections == 40 from 0m to 1m
      - First.DatabaseConnections == 1000
      - availability > 99
    """
)


def test_a_cluster_alone_makes_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "data.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    loaded = load(file)
    assert loaded.remarks == ()
    outcome = play(loaded.scenario)
    assert outcome.passed, outcome.verdicts
    own = outcome.report["databases"]["Cluster"]
    assert own["requests"] == outcome.report["requests"]
    states = [(r["time"], r["status"], r["role"]) for r in own["instances"]["Second"]]
    assert states == [
        (0, "available", "READER"),
        (120, "rebooting", "READER"),
        (150, "available", "READER"),
    ]
    assert own["instances"]["First"][0]["availability_zone"] == "us-east-1a"
    assert "Cluster" in page(loaded.scenario, outcome.world, outcome.report)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("to: Cluster, request: {endpoint", "to: Second, request: {endpoint", "is in the cluster"),
        ("{endpoint: reader}", "{endpoint: reader, statement: DELETE}", "must be SELECT at the"),
        ("runs_on: [Cluster]", "runs_on: [First]", "First is an AWS::RDS::DBInstance"),
        (
            "  data: {runs_on: [Cluster], cpu_time: 2ms, workers: 100}",
            "  {}",
            "Cluster takes statements, but no service",
        ),
        (
            "Engine: aurora-postgresql\n    Second",
            "Engine: aurora-mysql\n    Second",
            "Engine must be",
        ),
        (
            "AvailabilityZone: us-east-1a\n  Outputs",
            "AvailabilityZone: us-east-1c\n  Outputs",
            "one of",
        ),
        ("Zone: us-east-1b", "Zone: us-east-1a", "subnets in two zones"),
        (
            "DBInstanceClass: db.r6g.large\n        Engine",
            "DBInstanceClass: db.x1.large\n        Engine",
            "must be a class",
        ),
        (
            "Properties: {Engine: aurora-postgresql,",
            "Properties: {Engine: mysql,",
            "Engine must be one of",
        ),
        (
            "targets: {DBInstances: [Second]}",
            "targets: {DBInstances: [Third]}",
            "nothing named Third",
        ),
        ("- availability > 99", "- Cluster.SelectLatency < 5", "has no metric SelectLatency"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = tmp_path / "data.yaml"
    file.write_text(replaced(SCENARIO, (old, new)), encoding="utf-8")
    with pytest.raises(ScenarioError) as error:
        load(file)
    mistakes = mistakes_of(error)
    assert any(told in mistake for mistake in mistakes), mistakes
    assert all(mistake.startswith("data.yaml:") for mistake in mistakes)


def test_what_says_nothing_of_a_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "data.yaml"
    text = replaced(SCENARIO, ("workers: 100}", "workers: 100, boot_time: 5s}"))
    file.write_text(replaced(text, ("rate: 20}", "rate: 20, request_size: 5}")), encoding="utf-8")
    told = " ".join(str(remark) for remark in load(file).remarks)
    assert "boot_time says nothing of a service that runs on a database" in told
    assert "request_size says nothing of requests to a database" in told

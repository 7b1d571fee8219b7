"""Clusters of Aurora: who answers where, failovers, and instances that come and go."""

from __future__ import annotations

from typing import Any

import pytest

from model.actions import ActionError
from model.billing import cost
from model.rds.instance import Role
from model.rds.service import CREATION, DELETION, FAILOVER, REBOOT
from model.world import World
from tests.model.rds.samples import (
    LARGE,
    cluster_world,
    do,
    harm,
    member,
    messages,
    metric,
    reads,
    writes,
)

IN_CLUSTER = {"db_cluster_identifier": "Cluster"}


def by_status(world: World) -> dict[str, int]:
    """What became of what was sent to the cluster."""
    world.note_totals()
    return world.books["Cluster"].by_status


def create(world: World, name: str, **given: Any) -> None:
    do(
        world,
        "rds:CreateDBInstance",
        db_instance_identifier=name,
        db_instance_class=LARGE,
        engine=given.pop("engine", "aurora-mysql"),
        **IN_CLUSTER,
        **given,
    )


def test_the_writer_takes_changes_and_the_readers_share_what_is_read() -> None:
    members = (member("One"), member("Two"), member("Three"))
    world = cluster_world(reads(600.0), writes(100.0), members=members)
    world.run(600.0)
    # 100 x 4 ms and 300 x 2 ms on two vCPUs
    cpu = {
        name: metric(world, "CPUUtilization", DBInstanceIdentifier=name) for name in ("one", "two")
    }
    assert cpu["one"][540.0] == pytest.approx(20.0, abs=0.5)
    assert cpu["two"][540.0] == pytest.approx(30.0, abs=0.5)
    own = {"DBClusterIdentifier": "cluster"}
    assert metric(world, "CPUUtilization", Role="READER", **own)[540.0] == pytest.approx(30, abs=1)
    assert metric(world, "CPUUtilization", "SampleCount", **own)[540.0] == 3
    assert metric(world, "DatabaseConnections", "Sum", Role="READER", **own)[540.0] == 300
    assert metric(world, "DatabaseConnections", "Sum", Role="WRITER", **own)[540.0] == 50
    assert metric(world, "DMLThroughput", DBInstanceIdentifier="one")[540.0] == pytest.approx(100)
    assert metric(world, "SelectLatency", DBInstanceIdentifier="two")[540.0] == pytest.approx(
        3.1, abs=0.4
    )
    assert metric(world, "DMLLatency", DBInstanceIdentifier="one")[540.0] == pytest.approx(
        5.1, abs=0.4
    )
    assert set(by_status(world)) == {"completed"}


def test_without_a_reader_the_reader_endpoint_leads_to_the_writer() -> None:
    world = cluster_world(reads(100.0), members=(member("One"),))
    world.run(120.0)
    assert metric(world, "SelectThroughput", DBInstanceIdentifier="one")[60.0] == pytest.approx(100)


def test_a_failover_changes_the_roles_and_fails_what_comes_meanwhile() -> None:
    world = cluster_world(reads(200.0), writes(100.0))
    world.run(300.0)
    do(world, "rds:FailoverDBCluster", **IN_CLUSTER)
    with pytest.raises(ActionError, match="failing over already"):
        do(world, "rds:FailoverDBCluster", **IN_CLUSTER)
    world.run(300.0 + FAILOVER)
    assert world.rds.instance("Two").role is Role.WRITER
    assert world.rds.instance("One").role is Role.READER
    world.run(600.0)
    statuses = by_status(world)
    # writer and only reader restart: nobody is there for 30 s
    assert statuses["connection_refused"] == pytest.approx(300 * FAILOVER, abs=250)
    assert messages(world) == [
        (300.0, "Started cross AZ failover to DB instance: two."),
        (330.0, "DB instance restarted."),
        (330.0, "DB instance restarted."),
        (330.0, "Completed failover to DB instance: two."),
    ]
    assert metric(world, "DMLThroughput", DBInstanceIdentifier="two")[540.0] == pytest.approx(100)
    uptime = metric(world, "EngineUptime", DBInstanceIdentifier="two")
    assert uptime[540.0] == 600.0 - 330.0


@pytest.mark.parametrize(
    ("members", "chosen"),
    [
        ([{"promotion_tier": 2}, {"promotion_tier": 1}], "Three"),
        ([{"kind": LARGE}, {"kind": "db.r6g.xlarge"}], "Three"),
        ([{"promotion_tier": 0}, {"kind": "db.r6g.xlarge"}], "Two"),
    ],
)
def test_who_is_promoted(members: list[dict[str, Any]], chosen: str) -> None:
    own = [member(name, **given) for name, given in zip(("Two", "Three"), members, strict=True)]
    world = cluster_world(members=(member("One"), *own))
    do(world, "rds:FailoverDBCluster", **IN_CLUSTER)
    world.run(60.0)
    assert [i.id for i in world.rds.instances.values() if i.role is Role.WRITER] == [chosen]


def test_other_readers_stay_available_and_a_target_can_be_named() -> None:
    members = (member("One"), member("Two"), member("Three"))
    world = cluster_world(reads(200.0), writes(50.0), members=members)
    world.run(300.0)
    do(
        world,
        "rds:FailoverDBCluster",
        target_db_instance_identifier="Three",
        **IN_CLUSTER,
    )
    world.run(600.0)
    assert world.rds.instance("three").role is Role.WRITER
    refused = by_status(world)["connection_refused"]
    assert refused == pytest.approx(50 * FAILOVER, abs=150)  # writes alone


def test_a_cluster_without_a_reader_has_nobody_to_fail_over_to() -> None:
    world = cluster_world(members=(member("One"),))
    with pytest.raises(ActionError, match="no available reader") as refused:
        do(world, "rds:FailoverDBCluster", **IN_CLUSTER)
    assert refused.value.code == "InvalidDBClusterStateFault"


def test_a_new_reader_is_found_as_connections_end() -> None:
    world = cluster_world(reads(600.0), writes(10.0))
    world.run(60.0)
    create(world, "Three")
    assert world.rds.instance("three").view.status == "creating"
    world.run(60.0 + CREATION)
    available = world.now
    assert world.rds.instance("three").view.status == "available"
    world.run(available + 300.0)
    selects = metric(world, "SelectThroughput", DBInstanceIdentifier="three")
    # after the mean life of a connection 63 % of those that will move have moved
    last = max(selects)
    assert 0.55 * 300 < selects[last] < 0.65 * 300
    world.run(available + 1800.0)
    assert metric(world, "SelectThroughput", DBInstanceIdentifier="two")[world.now - 60.0] == (
        pytest.approx(300, rel=0.01)
    )
    assert (available, "DB instance created.") in messages(world)


def test_clients_that_connect_for_each_statement_find_it_at_once() -> None:
    world = cluster_world(reads(600.0, connection_life=0.0))
    create(world, "Three")
    world.run(CREATION + 120.0)
    found = metric(world, "SelectThroughput", DBInstanceIdentifier="three")
    assert found[CREATION + 60.0] == pytest.approx(300)


def test_what_cannot_be_created() -> None:
    world = cluster_world()
    for given, code in (
        ({"name": "One"}, "DBInstanceAlreadyExists"),
        ({"name": "New", "engine": "mysql"}, "InvalidParameterCombination"),
        ({"name": "New", "availability_zone": "us-west-2a"}, "InvalidParameterValue"),
    ):
        with pytest.raises(ActionError) as refused:
            create(world, given.pop("name"), **given)
        assert refused.value.code == code


def test_a_deleted_reader_serves_no_more_and_costs_no_more() -> None:
    world = cluster_world(reads(300.0), writes(10.0))
    world.run(600.0)
    do(world, "rds:DeleteDBInstance", db_instance_identifier="Two")
    with pytest.raises(ActionError, match="already being deleted"):
        do(world, "rds:DeleteDBInstance", db_instance_identifier="Two")
    world.run(3600.0)
    assert "Two" not in world.rds.instances
    assert (600.0 + DELETION, "DB instance deleted.") in messages(world)
    # the writer answers at the reader endpoint now
    assert metric(world, "SelectThroughput", DBInstanceIdentifier="one")[3540.0] == (
        pytest.approx(300)
    )
    assert cost(world)["One"] == pytest.approx(0.26)
    assert cost(world)["Two"] == pytest.approx(0.26 / 6)


def test_a_cluster_whose_writer_is_deleted_fails_over() -> None:
    world = cluster_world(writes(100.0))
    world.run(60.0)
    do(world, "rds:DeleteDBInstance", db_instance_identifier="One")
    world.run(600.0)
    assert world.rds.instance("Two").role is Role.WRITER
    assert metric(world, "DMLThroughput", DBInstanceIdentifier="two")[540.0] == pytest.approx(100)


def test_faults_of_fis() -> None:
    world = cluster_world(writes(10.0))
    harm(world, "aws:rds:failover-db-cluster", clusters=("Cluster",))
    world.run(60.0)
    assert world.rds.instance("Two").role is Role.WRITER
    harm(world, "aws:rds:reboot-db-instances", db_instances=("One", "Two"), count=1)
    rebooting = [i for i in world.rds.instances.values() if i.view.status == "rebooting"]
    assert len(rebooting) == 1
    world.run(60.0 + REBOOT)
    assert all(instance.available for instance in world.rds.instances.values())


def test_an_overloaded_writer_queues_and_then_refuses() -> None:
    world = cluster_world(writes(600.0))  # it sustains 500
    world.run(600.0)
    statuses = by_status(world)
    assert statuses["connection_refused"] > 0.9 * (60_000 - 10_000)
    assert metric(world, "CPUUtilization", DBInstanceIdentifier="one")[540.0] == pytest.approx(100)
    assert metric(world, "DMLLatency", DBInstanceIdentifier="one")[540.0] > 100

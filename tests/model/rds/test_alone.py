"""A DB instance that stands alone, with a standby and without."""

from __future__ import annotations

import pytest

from model.actions import ActionError
from model.billing import cost
from model.rds.service import MULTI_AZ_FAILOVER, REBOOT
from tests.model.rds.samples import alone_world, do, messages, metric, reads

ALONE = {"db_instance_identifier": "Alone"}


def test_it_answers_whatever_the_endpoint() -> None:
    world = alone_world(reads(100.0, "Alone"))
    world.run(3600.0)
    assert metric(world, "CPUUtilization", DBInstanceIdentifier="alone")[60.0] == pytest.approx(
        10.0, abs=0.5
    )
    assert metric(world, "SelectThroughput", DBInstanceIdentifier="alone") == {}  # Aurora's
    assert cost(world)["Alone"] == pytest.approx(0.171)


def test_a_reboot_is_a_short_outage() -> None:
    world = alone_world(reads(100.0, "Alone"))
    world.run(120.0)
    do(world, "rds:RebootDBInstance", **ALONE)
    with pytest.raises(ActionError, match="is rebooting"):
        do(world, "rds:RebootDBInstance", **ALONE)
    world.run(240.0)
    world.note_totals()
    refused = world.books["Alone"].by_status["connection_refused"]
    assert refused == pytest.approx(100 * REBOOT, abs=120)
    assert messages(world) == [
        (120.0, "DB instance shutdown."),
        (120.0 + REBOOT, "DB instance restarted."),
    ]


def test_a_standby_takes_over_in_its_zone_and_costs_as_much_again() -> None:
    world = alone_world(reads(100.0, "Alone"), multi_az=True, availability_zone="us-east-1b")
    do(world, "rds:RebootDBInstance", force_failover=True, **ALONE)
    world.run(MULTI_AZ_FAILOVER - 1)
    assert world.rds.instance("Alone").view.availability_zone == "us-east-1b"
    world.run(3600.0)
    view = world.rds.instance("Alone").view
    assert (view.status, view.availability_zone) == ("available", "us-east-1a")
    assert [text for _, text in messages(world)][-1] == "Multi-AZ instance failover completed."
    assert cost(world)["Alone"] == pytest.approx(2 * 0.171)


def test_without_a_standby_there_is_none_to_fail_over_to() -> None:
    world = alone_world()
    with pytest.raises(ActionError) as refused:
        do(world, "rds:RebootDBInstance", force_failover=True, **ALONE)
    assert refused.value.code == "InvalidParameterCombination"

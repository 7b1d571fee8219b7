"""Which events the services of a world put on the bus, in AWS's envelope."""

from __future__ import annotations

from typing import Any

from model.world import World
from tests.model.samples import A, action, world_at


def told(world: World, detail_type: str) -> list[dict[str, Any]]:
    """The events of one kind, as JSON has them."""
    return [world.bus.envelope(e) for e in world.bus.events if e.detail_type == detail_type]


def test_a_dark_zone_is_an_issue_of_aws_health_until_it_is_lit() -> None:
    world = world_at(60.0)
    world.apply(action("aws:network:disrupt-connectivity", zones=(A,), duration=120.0))
    world.run(300.0)
    opened, closed = told(world, "AWS Health Event")
    assert opened["source"] == "aws.health"
    assert opened["detail"]["eventTypeCode"] == "AWS_EC2_OPERATIONAL_ISSUE"
    assert opened["detail"]["statusCode"] == "open"
    assert opened["detail"]["startTime"] == "Wed, 25 Nov 2026 09:01:00 GMT"
    assert "endTime" not in opened["detail"]
    assert A in opened["detail"]["eventDescription"][0]["latestDescription"]
    assert closed["detail"]["statusCode"] == "closed"
    assert closed["detail"]["endTime"] == "Wed, 25 Nov 2026 09:03:00 GMT"
    assert closed["detail"]["eventArn"] == opened["detail"]["eventArn"]
    assert closed["time"] == "2026-11-25T09:03:00Z"


def test_a_dark_subnet_is_none_of_aws_health() -> None:
    world = world_at(60.0)
    world.apply(action("aws:network:disrupt-connectivity", subnets=("SubnetA",), duration=60.0))
    world.run(300.0)
    assert told(world, "AWS Health Event") == []


def test_zonal_shifts_are_told() -> None:
    world = world_at(60.0)
    start = {"resource_identifier": "Balancer", "away_from": A, "expires_in": "1h"}
    world.apply(action("arc-zonal-shift:StartZonalShift", None, None, **start))
    world.apply(action("arc-zonal-shift:CancelZonalShift", resource_identifier="Balancer"))
    world.apply(action("aws:arc:start-zonal-autoshift", zones=(A,), duration=60.0))
    world.run(300.0)
    for detail_type in (
        "Manual Shift Started",
        "Manual Shift Canceled",
        "FIS Experiment Autoshift In Progress",
        "FIS Experiment Autoshift Completed",
    ):
        (event,) = told(world, detail_type)
        assert event["source"] == "aws.arc-zonal-shift"
        assert event["detail"]["metadata"]["awayFrom"] == "use1-az1"
        assert ":loadbalancer/app/Balancer/" in event["resources"][0]


def test_an_operators_call_has_no_function_as_its_caller() -> None:
    world = world_at(60.0)
    world.apply(action("fis:StopExperiment"))
    (event,) = told(world, "AWS API Call via CloudTrail")
    assert "userIdentity" not in event["detail"]

"""Requests sent are answered, failed or in flight: every minute, in every small world."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings

from model.clock import MINUTE
from model.world import World
from scenarios import report
from scenarios.player import make_world
from scenarios.scenario import Scenario
from tests.model.samples import scenario, source
from tests.model.worlds import scenarios


def check_flow(world: World) -> None:
    """All that was sent ended at the load balancer, is on its way, or came to a target; and what
    came to a target was answered, failed, or is inside."""
    balancer, group = world.elb.balancers["Balancer"], world.elb.groups["Targets"]
    stations = [target.station for target in group.targets.values()]
    stranded = balancer.in_flight - sum(station.in_flight for station in stations)
    without_target = sum(balancer.ended.values())
    routed = sum(balancer.routed.values())
    assert without_target + stranded + routed == pytest.approx(balancer.sent, rel=1e-9, abs=1e-6)
    for station in stations:
        assert station.totals.finished + station.in_flight == pytest.approx(
            station.totals.arrived, rel=1e-9, abs=1e-6
        )


def check_counts(world: World) -> None:
    """What is counted in whole requests is the flow, but for fractions of a request."""
    world = World.restore(world.snapshot())
    world.note_totals()  # an action at this very instant may have ended some
    balancer, group = world.elb.balancers["Balancer"], world.elb.groups["Targets"]
    books = world.elb.books["Balancer"]
    ended = world.elb.sent("Balancer") - balancer.in_flight
    fractions = len(balancer.ended) + len(group.scopes)
    assert books.total == pytest.approx(ended, abs=fractions + 1e-3)
    answered_by_targets = sum(group.scopes.requests.values())
    assert books.total >= answered_by_targets >= int(books.latencies.sum())


@settings(max_examples=12, deadline=None)
@given(scenarios())
def test_at_every_minute_sent_is_answered_failed_and_in_flight(played: Scenario) -> None:
    world = make_world(played)
    for minute in range(math.ceil(-played.history / MINUTE), int(played.duration / MINUTE) + 1):
        world.run(minute * MINUTE)
        check_flow(world)
        if minute > 0:
            check_counts(world)


@settings(max_examples=6, deadline=None)
@given(scenarios())
def test_the_reports_totals_add_up(played: Scenario) -> None:
    world = make_world(played)
    world.run(played.duration)
    world.note_totals()
    made = report.build(played, world, ())
    requests = made["requests"]
    assert sum(requests["by_status"].values()) == requests["total"]
    failed = sum(
        number
        for status, number in requests["by_status"].items()
        if status.startswith(("5", "connection_"))
    )
    assert requests["succeeded"] + failed == requests["total"]
    sent = world.elb.sent("Balancer")
    assert requests["total"] + requests["in_flight"] == pytest.approx(sent, abs=3)


@pytest.mark.parametrize("duration", [120.0, 121.3, 122.75, 124.999])
def test_the_report_tells_of_all_that_was_sent_until_the_end(duration: float) -> None:
    played = scenario(history=0.0, traffic=source(100.0), duration=duration)
    world = make_world(played)
    world.run(duration)
    world.note_totals()
    requests = report.build(played, world, ())["requests"]
    assert requests["total"] + requests["in_flight"] == math.floor(100 * duration + 1e-6)

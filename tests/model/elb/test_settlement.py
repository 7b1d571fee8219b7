"""Where flow becomes whole requests: counts add up, nothing is lost, nobody is favoured."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.clock import MINUTE
from model.elb.endings import Ending
from model.elb.settlement import Settler
from model.elb.statuses import ANSWERED, STATUS
from model.elb.tallies import Tally
from model.flow.station import OUTCOMES
from tests.model.elb.samples import GROUP, A, B, Cloud

Minute = list[tuple[float, ...]]
"""What became of each target's requests, in the order of `OUTCOMES`."""

amount = st.floats(0, 300, allow_subnormal=False)
flows = st.lists(st.lists(st.tuples(*[amount] * len(OUTCOMES)), min_size=3, max_size=3), max_size=8)


def settle_flows(cloud: Cloud, minutes: list[Minute]) -> tuple[list[Tally], list[float]]:
    """Put outcomes into three targets minute by minute; what was counted, and what there was."""
    cloud.add(A, 2)
    cloud.add(B, 1)
    group = cloud.group
    settler = Settler(cloud.balancer, np.random.default_rng(1))
    (scope,) = group.scopes
    tallies, sums = [], []
    for minute in minutes:
        for target, amounts in zip(group.targets.values(), minute, strict=True):
            for outcome, requests in zip(OUTCOMES, amounts, strict=True):
                totals = target.station.totals
                setattr(totals, outcome, getattr(totals, outcome) + requests)
                if outcome in ANSWERED and requests > 0:
                    scope.mixture.add(requests, 0.05, 1.0, 0.0, 0.0, 60.0)
        received = sum(map(sum, minute))
        scope.received = {A: received * 0.7, B: received * 0.3}
        settled = settler.settle()
        tallies.append(settled.tally())
        sums.append(received)
    return tallies, sums


@settings(max_examples=40, deadline=None)
@given(minutes=flows)
def test_counts_are_whole_and_follow_the_flow_to_within_one(
    minutes: list[Minute],
) -> None:
    cloud = Cloud()
    tallies, sums = settle_flows(cloud, minutes)
    counted = np.cumsum([sum(tally.outcomes.values()) for tally in tallies])
    flowed = np.cumsum(sums)
    for count, flow in zip(counted, flowed, strict=True):
        assert flow - 1 - 1e-4 <= count <= flow + 1e-4
    assert sum(cloud.group.scopes.requests.values()) == (counted[-1] if minutes else 0)
    for tally in tallies:
        assert min(tally.outcomes.values()) >= 0
        assert tally.latencies.number == tally.answered


@settings(max_examples=40, deadline=None)
@given(minutes=flows)
def test_no_target_is_counted_more_than_its_flow_allows(
    minutes: list[Minute],
) -> None:
    """Within a request each time it is counted."""
    cloud = Cloud()
    settle_flows(cloud, minutes)
    for index, target in enumerate(cloud.group.targets.values()):
        flow = sum(sum(minute[index]) for minute in minutes)
        counted = cloud.group.scopes.requests.get(target.id, 0)
        assert abs(counted - flow) <= 2 * len(minutes) + 1
        if flow == 0:
            assert counted == 0


def test_an_outcome_that_never_flowed_is_never_counted() -> None:
    cloud = Cloud()
    minute: Minute = [(5.3, 0.0, 0.4, 0.0, 0.0, 0.0, 0.0)] * 3
    tallies, _ = settle_flows(cloud, [minute] * 50)
    seen = {name for tally in tallies for name, number in tally.outcomes.items() if number}
    assert seen == {"succeeded", "refused"}


def test_small_rates_are_grainy_and_nothing_is_lost_over_a_day() -> None:
    """One request in 100 seconds: minutes with none, minutes with one, 864 in a day."""
    cloud = Cloud(0.01)
    cloud.add()
    cloud.run(86_400)
    counts = cloud.metric("RequestCount", GROUP)
    assert set(counts) == {1.0}, "and no datapoint where there is none"
    assert sum(counts) == pytest.approx(864, abs=1)
    assert cloud.books.total == pytest.approx(864, abs=1)
    assert cloud.books.by_status == {"200": cloud.books.total}


def test_of_a_request_a_minute_half_fails_if_one_of_two_targets_does() -> None:
    """Whichever is registered first, the last part of a request is not always its neighbour's."""
    for sick in (0, 1):
        cloud = Cloud(1 / MINUTE, health_check_interval_seconds=300, unhealthy_threshold_count=10)
        targets = cloud.add(A, 2)
        cloud.run(10)
        cloud.ail(targets[sick], error_rate=1.0)
        cloud.run(4 * 3600)
        statuses = cloud.books.by_status
        assert sum(statuses.values()) == pytest.approx(240, abs=1)
        assert statuses["500"] == pytest.approx(120, abs=4 * 8)
        assert cloud.view(targets[sick]).requests == statuses["500"]


def test_of_two_targets_that_take_turns_each_minute_both_are_counted() -> None:
    """A request in two minutes: in odd ones the first target answers, in even ones the second."""
    odd: Minute = [(0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0,) * 7, (0.0,) * 7]
    even: Minute = [(0.0,) * 7, (0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0,) * 7]
    cloud = Cloud()
    tallies, _ = settle_flows(cloud, [odd, even] * 400)
    succeeded = sum(tally.outcomes["succeeded"] for tally in tallies)
    errors = sum(tally.outcomes["errors"] for tally in tallies)
    assert succeeded + errors == 400
    assert succeeded == pytest.approx(200, abs=4 * 10)


def test_what_a_target_still_owed_when_it_left_is_counted() -> None:
    cloud = Cloud()
    (target,) = cloud.add()
    settler = Settler(cloud.balancer, np.random.default_rng(1))
    (state,) = cloud.group.targets.values()
    state.station.totals.refused = 0.6
    cloud.world.elb.deregister_targets("Targets", [target])
    cloud.run(301)
    assert cloud.group.targets == {}
    assert settler.settle().tally().outcomes["refused"] == 0
    state.station.totals.refused += 0.4
    assert settler.settle().tally().outcomes["refused"] == 1
    assert all(scope.gone == [] for scope in cloud.group.scopes)


def test_what_is_left_over_of_one_cause_is_not_counted_with_another() -> None:
    """The part of a 503 from long ago is no 503 in the middle of an outage."""
    cloud = Cloud()
    settler = Settler(cloud.balancer, np.random.default_rng(1))
    ended = cloud.balancer.ended
    ended[Ending(A, "503")] = 0.7
    assert settler.settle().ended == {}
    ended[Ending(A, "connection_timeout")] = 5.7
    assert settler.settle().ended == {Ending(A, "connection_timeout"): 5}
    ended[Ending(B, "503")] = 0.3
    assert sum(settler.settle().ended.values()) == 1, "zones together make a whole one"


def test_every_outcome_has_one_status() -> None:
    assert {STATUS[outcome] for outcome in ANSWERED} == {"200", "500"}
    assert STATUS["refused"] == STATUS["broken"] == STATUS["cut"] == "502"
    assert STATUS["connect_timeouts"] == STATUS["late"] == "504"
    assert set(STATUS) == set(OUTCOMES)

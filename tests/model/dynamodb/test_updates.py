"""UpdateTable: what it takes, what it refuses, what it costs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from model.actions import ActionError
from model.billing import cost
from model.dynamodb.decreases import Decreases
from model.dynamodb.requests import Side
from model.dynamodb.resources import ON_DEMAND, PROVISIONED
from model.dynamodb.service import SWITCHING, UPDATING
from model.dynamodb.updates import IndexUpdate, UpdateIndex
from model.world import World
from tests.model.dynamodb.samples import (
    index,
    metric,
    source,
    strong,
    table,
    units,
    update,
    world,
)


def refusal(played: World, **parameters: Any) -> str:
    """The code with which an update is refused."""
    with pytest.raises(ActionError) as refused:
        played.apply(update(**parameters))
    return refused.value.code


def test_new_throughput_is_there_when_the_table_is_updated() -> None:
    played = world(table(), strong("reads", 400.0))
    played.run(600.0)
    played.apply(update(provisioned_throughput=units(500, 100)))
    assert refusal(played, provisioned_throughput=units(600, 100)) == "ResourceInUseException"
    played.run(600.0 + UPDATING - 1)
    state = played.dynamodb.tables["Orders"]
    assert state.view.status == "UPDATING"
    assert state.throughputs["", Side.READ].provisioned == 100
    played.run(1200.0)
    assert state.view.status == "ACTIVE"
    throttled = metric(played, "ReadThrottleEvents")
    assert throttled[660.0] == pytest.approx(18_000, abs=2)
    assert 720.0 not in throttled
    assert metric(played, "ProvisionedReadCapacityUnits", "Minimum")[600.0] == 100
    assert metric(played, "ProvisionedReadCapacityUnits", "Maximum")[600.0] == 500
    statuses = [c.value.status for c in played.journal.history("Orders", "table")]
    assert statuses == ["ACTIVE", "UPDATING", "ACTIVE"]


def test_what_changes_nothing_is_refused_and_so_is_an_index_that_is_not_there() -> None:
    played = world(table())
    assert refusal(played, provisioned_throughput=units(100, 100)) == "ValidationError"
    other = IndexUpdate(update=UpdateIndex(index_name="Other"))
    assert refusal(played, global_secondary_index_updates=(other,)) == "ResourceNotFoundException"


def test_the_fifth_decrease_at_once_is_refused_and_an_index_has_its_own() -> None:
    orders = table(global_secondary_indexes=(index("Own", provisioned_throughput=units(50, 50)),))
    played = world(orders)
    for number in range(4):
        played.apply(update(provisioned_throughput=units(90 - number, 100)))
        played.run(played.now + UPDATING)
    assert refusal(played, provisioned_throughput=units(50, 100)) == "LimitExceededException"
    lower = IndexUpdate(update=UpdateIndex(index_name="Own", provisioned_throughput=units(40, 50)))
    played.apply(update(global_secondary_index_updates=(lower,)))
    played.run(played.now + UPDATING)
    assert played.dynamodb.tables["Orders"].throughputs["Own", Side.READ].provisioned == 40
    played.apply(update(provisioned_throughput=units(500, 100)))  # more is always allowed
    played.run(3600.0)  # and the next hour allows one more decrease
    played.apply(update(provisioned_throughput=units(80, 100)))


def test_a_day_has_27_decreases() -> None:
    decreases, done = Decreases(), 0
    for hour in range(24):
        now = datetime(2026, 11, 25, hour, 30, tzinfo=UTC)
        while decreases.available(now):
            decreases.take(now)
            done += 1
    assert done == 27
    assert decreases.available(datetime(2026, 11, 26, 0, 1, tzinfo=UTC)) == 4


def test_switching_to_on_demand_keeps_what_was_provisioned_until_then() -> None:
    played = world(table(read=100, write=6000), strong("reads", 400.0))
    played.apply(update(billing_mode=ON_DEMAND))
    played.run(600.0)
    throttled = metric(played, "ReadThrottleEvents")
    assert throttled[SWITCHING - 60.0] == pytest.approx(18_000, abs=2)
    assert SWITCHING not in throttled
    state = played.dynamodb.tables["Orders"]
    assert state.throughputs["", Side.WRITE].limit[0] == 6000  # as much as before, at least
    assert state.throughputs["", Side.READ].limit[0] == 12_000
    assert refusal(played, billing_mode=PROVISIONED) == "ValidationError"
    played.apply(update(billing_mode=PROVISIONED, provisioned_throughput=units(10, 10)))


def test_a_table_becomes_on_demand_four_times_a_day() -> None:
    played = world(table())
    for _ in range(4):
        played.apply(update(billing_mode=ON_DEMAND))
        played.run(played.now + SWITCHING)
        played.apply(update(billing_mode=PROVISIONED, provisioned_throughput=units(10, 10)))
        played.run(played.now + SWITCHING)
    assert refusal(played, billing_mode=ON_DEMAND) == "LimitExceededException"


def test_provisioned_units_are_paid_by_the_hour_and_others_by_the_request() -> None:
    played = world(table(), history=600.0)
    played.run(3600.0)
    assert cost(played)["Orders"] == pytest.approx(100 * (0.00013 + 0.00065))
    played = world(
        table(billing_mode=ON_DEMAND),
        strong("reads", 100.0),
        source("writes", 10.0, operation="PutItem", size=2048.0),
        history=600.0,
    )
    played.run(1000.0)
    played.note_totals()
    assert cost(played)["Orders"] == pytest.approx((100_000 * 0.125 + 20_000 * 0.625) / 1e6)

"""Laws that hold whatever is sent to a table."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from model.clock import MINUTE
from model.dynamodb.resources import ON_DEMAND, PROVISIONED
from model.traffic.shapes import Stage, Stages
from model.world import World
from scenarios.exports import metrics_csv
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

RATES = st.floats(0.0, 300.0)
STAGES = st.builds(
    Stages,
    RATES,
    st.lists(st.builds(Stage, st.sampled_from([0.0, 45.0, 130.0]), RATES), max_size=3).map(tuple),
)


def make(reads: Stages, writes: Stages, *, on_demand: bool, seed: int) -> World:
    """A world with two sources, and an update in it."""
    own = None if on_demand else units(20, 40)
    by_customer = index("ByCustomer", provisioned_throughput=own)
    mode = ON_DEMAND if on_demand else PROVISIONED
    resource = table(billing_mode=mode, global_secondary_indexes=(by_customer,))
    return world(
        resource,
        strong("reads", reads, hottest_key=10),
        source("writes", writes, operation="PutItem", size=1500.0),
        seed=seed,
        history=90.0,
        timeline=[] if on_demand else [(150.0, update(provisioned_throughput=units(200, 50)))],
    )


def outcome(played: World) -> str:
    """All that can be seen of it. The world is left as it is."""
    copy = World.restore(played.snapshot())
    copy.note_totals()
    return f"{copy.books['Orders'].by_status}{copy.totals}{metrics_csv(copy)}"


@settings(max_examples=12, deadline=None)
@given(
    STAGES,
    STAGES,
    st.booleans(),
    st.integers(0, 9),
    st.lists(st.floats(-80.0, 300.0), max_size=4),
)
def test_conservation_and_pieces(
    reads: Stages, writes: Stages, on_demand: bool, seed: int, cuts: list[float]
) -> None:
    played = make(reads, writes, on_demand=on_demand, seed=seed)
    played.run(300.0)
    again = make(reads, writes, on_demand=on_demand, seed=seed)
    for cut in sorted(cuts):
        again.run(cut)
        again = World.restore(again.snapshot())
    again.run(300.0)
    assert str(outcome(again)) == str(outcome(played))
    played.note_totals()
    books = played.books["Orders"]
    assert books.total == played.sent("Orders")
    state = played.dynamodb.tables["Orders"]
    for (name, side), own in state.throughputs.items():
        consumed = sum(metric(played, f"Consumed{side}CapacityUnits", index=name).values())
        assert abs(consumed - own.used) < 5.0  # whole requests, of two units at most


def test_more_is_never_consumed_than_is_there() -> None:
    played = world(table(read=50, write=50), strong("reads", 90.0), seed=4)
    played.run(20 * MINUTE)
    consumed = list(metric(played, "ConsumedReadCapacityUnits").values())
    assert all(units <= 50 * MINUTE + 1 for units in consumed)

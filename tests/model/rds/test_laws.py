"""Laws that hold whatever is sent to databases, and whatever happens to them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from model.actions import REGISTER, Action
from model.traffic.shapes import Stage, Stages
from model.world import World
from scenarios.exports import metrics_csv
from tests.model.rds.samples import LARGE, cluster_world, reads, writes

IN_CLUSTER = {"db_cluster_identifier": "Cluster"}
NEW = {"db_instance_identifier": "New", "db_instance_class": LARGE, "engine": "aurora-mysql"}
DEEDS = [
    ("rds:FailoverDBCluster", IN_CLUSTER),
    ("rds:RebootDBInstance", {"db_instance_identifier": "One"}),
    ("rds:RebootDBInstance", {"db_instance_identifier": "Two"}),
    ("rds:CreateDBInstance", {**IN_CLUSTER, **NEW}),
    ("rds:DeleteDBInstance", {"db_instance_identifier": "One"}),
    ("rds:DeleteDBInstance", {"db_instance_identifier": "Two"}),
]
ACTIONS = [Action(name=n, parameters=REGISTER[n].parameters(**given)) for n, given in DEEDS]
STAGES = st.builds(
    Stages,
    st.floats(0.0, 1500.0),
    st.lists(
        st.builds(Stage, st.sampled_from([0.0, 45.0]), st.floats(0.0, 1500.0)), max_size=2
    ).map(tuple),
)
TIMES = st.integers(-60, 240).map(float)


def outcome(played: World) -> str:
    """All that can be seen of it. The world is left as it is."""
    copy = World.restore(played.snapshot())
    copy.note_totals()
    return f"{copy.books['Cluster'].by_status}{metrics_csv(copy)}{copy.journal.changes}"


@settings(max_examples=10, deadline=None)
@given(
    STAGES,
    st.floats(0.0, 700.0),
    st.lists(st.tuples(TIMES, st.sampled_from(ACTIONS)), max_size=3),
    st.lists(TIMES, max_size=3),
)
def test_conservation_and_pieces(
    shape: Stages, rate: float, timeline: list[tuple[float, Action]], cuts: list[float]
) -> None:
    def make() -> World:
        return cluster_world(reads(shape), writes(rate), seed=3, history=90.0, timeline=timeline)

    played, again = make(), make()
    played.run(240.0)
    for cut in sorted(cuts):
        again.run(cut)
        again = World.restore(again.snapshot())
    again.run(240.0)
    assert outcome(again) == outcome(played)
    played.note_totals()
    books, deployment = played.books["Cluster"], played.rds.deployments["Cluster"]
    sent = sum(sender.requests(-90.0, 240.0) for sender in played.rds.senders)
    assert abs(deployment.sent - sent) < 1e-6 * max(sent, 1.0)
    ended = sum(deployment.outcomes().values())
    assert abs(ended + deployment.in_flight - sent) < 1e-6 * max(sent, 1.0)
    assert abs(books.total + deployment.in_flight - played.sent("Cluster")) < 2.0

"""Worlds of tables and databases, without load balancers: opened, looked at, done to."""

from __future__ import annotations

import pytest

from scenarios.library import find
from scenarios.loader import load
from tests.tui.screen import flying, let_pass, text_of
from tui.graphs import graphs_of

PANES = ("no target is registered", "no Auto Scaling group")


@pytest.mark.parametrize(
    ("name", "title", "namespace"),
    [
        ("borrowed-time", "OrdersTable read units per minute", "AWS/DynamoDB"),
        ("second-in-line", "Cluster CPUUtilization", "AWS/RDS"),
    ],
)
async def test_a_world_without_a_load_balancer(name: str, title: str, namespace: str) -> None:
    async with flying(load(find(name)), (120, 40), minutes=5) as (app, pilot):
        assert title in [plot.title for plot in graphs_of(app.session.world)]
        text = text_of(app)
        assert all(words in text for words in PANES)
        assert "100.000 %" in text
        for key in ("t", "k", "z"):
            await pilot.press(key, "escape")
        await let_pass(app, pilot, 5)
        await pilot.press("M")
        await pilot.pause()
        assert namespace in text_of(app)


async def test_a_database_that_is_created_later_comes_into_the_graph() -> None:
    async with flying(load(find("second-in-line")), (120, 40), minutes=5) as (app, pilot):
        assert "third" not in text_of(app).partition("DatabaseConnections")[0]
        await let_pass(app, pilot, 22)
        first = text_of(app).partition("DatabaseConnections")[0]
        assert "◆ second" in first
        assert "third" in first

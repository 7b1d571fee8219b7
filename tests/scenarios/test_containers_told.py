"""What a report and a page tell of a service of containers."""

from __future__ import annotations

from typing import Any

import pytest

from scenarios.library import find
from scenarios.loader import load
from scenarios.page.graphs import graphs_of
from scenarios.player import Outcome, play


@pytest.fixture(scope="module")
def rolled_back() -> Outcome:
    return play(load(find("rollback")).scenario)


@pytest.fixture
def shop(rolled_back: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = rolled_back.report["services"]["Shop"]
    return told


def test_deployments_with_their_states(shop: dict[str, Any]) -> None:
    first, second, third = shop["deployments"].values()
    assert [item["state"] for item in first] == ["COMPLETED", "IN_PROGRESS", "COMPLETED"]
    assert [item["state"] for item in second] == ["IN_PROGRESS", "FAILED"]
    assert [item["state"] for item in third] == ["IN_PROGRESS", "COMPLETED"]
    assert first[0]["time"] == 0  # what history did is the first state


def test_counts_at_each_change(shop: dict[str, Any]) -> None:
    rows = shop["capacity"]
    assert rows[0] == {"time": 0, "desired": 6, "running": 6, "pending": 0}
    assert max(row["running"] + row["pending"] for row in rows) == 9


def test_tasks_with_why_they_ended(shop: dict[str, Any], rolled_back: Outcome) -> None:
    tasks = shop["tasks"].values()
    assert {task["task_definition"] for task in tasks} == {"shop:1", "shop:2", "shop:3"}
    failed = [t for t in tasks if "failed ELB health checks" in (t["stopped_reason"] or "")]
    assert {task["task_definition"] for task in failed} == {"shop:2"}
    assert len(failed) == 3
    stopped = [task for task in tasks if task["stop_code"] == "UserInitiated"]
    assert len(stopped) == 2
    there = {task["address"] for task in tasks if task["stop_code"] is None}
    targets = rolled_back.report["target_groups"]["ShopTargets"]["targets"]
    serving = {
        name.partition(":")[0]
        for name, target in targets.items()
        if target["health"][-1]["state"] == "healthy"
    }
    assert there == serving
    assert sum(target["requests"] for target in targets.values()) > 400_000


def test_cost_graphs_and_other_reports(rolled_back: Outcome) -> None:
    assert rolled_back.report["cost"]["by_resource"]["Shop"] > 0.1
    titles = [graph.title for graph in graphs_of(rolled_back.world, rolled_back.report)]
    assert "Shop: CPUUtilization" in titles
    assert "Shop: capacity" in titles
    calm = play(load(find("calm-day"), overrides={"duration": "5m", "expect": "[]"}).scenario)
    assert "services" not in calm.report

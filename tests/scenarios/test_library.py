"""Shipped scenarios are lessons whose expectations hold; a real template and real traffic too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.exports import metrics_csv
from scenarios.library import Entry, entries
from scenarios.loader import load
from scenarios.player import Outcome, play

OUTAGE = Path(__file__).parents[3] / "shared/examples/zone-outage.scenario.yaml"


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_a_shipped_scenario_is_good_and_keeps_its_word(entry: Entry) -> None:
    loaded = load(entry.path)
    assert loaded.remarks == ()
    assert loaded.scenario.expect
    assert [verdict for verdict in play(loaded.scenario).verdicts if not verdict.passed] == []


def test_the_lessons_that_are_shipped() -> None:
    names = [entry.name for entry in entries()]
    assert names == [
        "backtest",
        "bad-deploy",
        "blue-green",
        "borrowed-time",
        "calm-day",
        "cold-search",
        "healer",
        "launch-loop",
        "long-connections",
        "morning-rush",
        "office-hours",
        "rollback",
        "second-in-line",
        "spot-storm",
        "sudden-burst",
        "surge-queue",
        "traffic-spike",
        "two-sites",
        "warm-start",
        "zone-outage",
    ]


@pytest.fixture(scope="module")
def outage() -> Outcome:
    """Real traffic on a real template, a zone lost after ninety minutes for ten."""
    if not OUTAGE.exists():
        pytest.skip("the example is not here")
    return play(load(OUTAGE).scenario)


def test_the_story_of_a_lost_zone(outage: Outcome) -> None:
    targets = outage.report["target_groups"]["WebTargets"]["targets"].values()
    lost = [
        change["time"]
        for target in targets
        if target["zone"] == "us-east-1a"
        for change in target["health"]
        if change["state"] == "unhealthy" and change["reason"] == "Target.Timeout"
    ]
    # two failed checks ten seconds apart, the first within ten seconds, each given five seconds
    assert lost
    assert all(5400 + 10 + 5 <= time <= 5400 + 2 * 10 + 5 for time in lost)
    causes = [
        activity["cause"]
        for activity in outage.report["groups"]["WebGroup"]["activities"]
        if 5400 < activity["start"] < 6000
    ]
    assert any("ELB system health check failure" in cause for cause in causes)
    assert any("unhealthy instance needing to be replaced" in cause for cause in causes)
    zones = {t["zone"]: t for t in targets if t["health"][0]["time"] > 5400}
    assert "us-east-1b" in zones
    back = [
        activity["cause"]
        for activity in outage.report["groups"]["WebGroup"]["activities"]
        if activity["start"] >= 6000
    ]
    assert any("to balance instances in zone(s) us-east-1a" in cause for cause in back)
    assert zones["us-east-1a"]["requests"] > 0


def test_the_same_bytes_again(outage: Outcome) -> None:
    again = play(load(OUTAGE).scenario)
    assert json.dumps(again.report) == json.dumps(outage.report)
    assert metrics_csv(again.world) == metrics_csv(outage.world)


def test_the_readme_s_scenario_plays_and_holds(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    text = readme.partition("```yaml\n")[2].partition("```")[0]
    template = entries()[0].path.parent / "web.template.yaml"
    (tmp_path / "web.template.yaml").write_text(template.read_text(encoding="utf-8"))
    path = tmp_path / "my.scenario.yaml"
    path.write_text(text, encoding="utf-8")
    assert play(load(path).scenario).passed

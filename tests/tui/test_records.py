"""Records above the way of requests, their lines in the log, and a session that changes them."""

from __future__ import annotations

import json
from pathlib import Path

from scenarios.loader import load
from scenarios.player import play
from scenarios.scenario import TimelineEntry
from tests.model.route53.samples import change, changes, down, weighted, world, write
from tui.log import LogReader
from tui.panes.tree import tree
from tui.session import Session
from tui.views import routing
from tui.widgets.rows import Cell


def records(played_until: float, *timeline: TimelineEntry) -> list[str]:
    """The rows of records, with what each one means if it is not plain text."""
    played = world(weighted(90, 10), played_until, timeline=timeline)
    found = []
    for row in tree(routing(played))[:2]:
        (cell,) = row.cells
        assert isinstance(cell, Cell)
        assert row.heading
        found.append(cell.text + ("" if cell.kind == "text" else f"  [{cell.kind}]"))
    return found


def test_a_line_for_each_record() -> None:
    assert records(60.0) == [
        "shop.example.com  blue  90%  ● healthy  → BlueBalancer",
        "shop.example.com  green  10%  ● healthy  → GreenBalancer",
    ]


def test_old_answers_and_unhealthy_targets_are_told() -> None:
    blue, green = records(110.0, down(60.0, "Blue"))
    assert blue.startswith("shop.example.com  blue  0% (clients ")
    assert blue.endswith("  ✗ unhealthy  → BlueBalancer  [warning]")
    assert green.startswith("shop.example.com  green  100% (clients ")
    assert records(300.0, down(60.0, "Blue"))[0] == (
        "shop.example.com  blue  0%  ✗ unhealthy  → BlueBalancer  [warning]"
    )


def test_the_log_tells_of_changes_and_of_health() -> None:
    timeline = (changes(60.0, change(weight=5), change("DELETE", "Green", weight=10)),)
    played = world(weighted(90, 10), 100.0, timeline=(*timeline, down(60.0, "Blue")))
    lines = [line.text for line in LogReader(played).lines()]
    assert (
        "ChangeResourceRecordSets UPSERT shop.example.com blue weight 5, "
        "DELETE shop.example.com green weight 10"
    ) in lines
    assert "shop.example.com blue is unhealthy" in lines


def test_a_session_and_its_recording_end_the_same(tmp_path: Path) -> None:
    session = Session(load(write(tmp_path, weighted(90, 10))))
    for time, entry in ((100.3, changes(0, change(weight=0))), (200.0, down(0, "Green"))):
        session.world.run(time)
        session.world.apply(entry.action)
    session.world.run(session.end)
    (tmp_path / "saved").mkdir()
    session.save(tmp_path / "saved" / "s.scenario.yaml")
    again = play(load(tmp_path / "saved" / "s.scenario.yaml").scenario)
    assert json.dumps(again.report) == json.dumps(session.outcome().report)

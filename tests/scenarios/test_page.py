"""The report as a page: whole in itself, right in what it shows, safe in what it quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scenarios.library import find
from scenarios.loader import load
from scenarios.page.graphs import Graph, Line, graphs_of
from scenarios.page.report import page
from scenarios.page.svg import Axis, Span, amount, chart, scale, timeline
from scenarios.player import Outcome, play
from scenarios.scenario import Scenario
from tests.tui.screen import TINY, tiny
from tui.cli import OK, main

EPOCH = datetime(2026, 11, 25, 9, tzinfo=UTC)


def played(scenario: Scenario) -> tuple[str, Outcome]:
    outcome = play(scenario)
    return page(scenario, outcome.world, outcome.report), outcome


@pytest.fixture(scope="module")
def tiny_page(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Outcome]:
    """The page of a small scenario with a name that must be escaped."""
    text = TINY.replace("Two targets", "Two <b>targets</b> & more").replace("20m", "17m")
    return played(tiny(tmp_path_factory.mktemp("page"), text).scenario)


def pictures(text: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]


def titles(text: str) -> list[str]:
    return re.findall(r"<figcaption><b>(.*?)</b>", text)


def test_it_needs_nothing_else(tiny_page: tuple[str, Outcome]) -> None:
    text, _ = tiny_page
    assert text.startswith("<!DOCTYPE html>")
    assert not re.search(r"https?:|src=|href=|url\(|<script|@import", text)
    assert "prefers-color-scheme: dark" in text


def test_it_quotes_what_others_wrote(tiny_page: tuple[str, Outcome]) -> None:
    text, _ = tiny_page
    assert "<h1>Two &lt;b&gt;targets&lt;/b&gt; &amp; more</h1>" in text
    assert "<b>targets" not in text


def test_what_it_shows(tiny_page: tuple[str, Outcome]) -> None:
    text, outcome = tiny_page
    report: Mapping[str, Any] = outcome.report
    assert f"{report['requests']['total']:,}" in text
    assert text.count("✓ held") == 3
    assert "3 of 3: all that was expected held" in text
    assert titles(text) == [
        "LoadBalancer: requests per minute",
        "LoadBalancer: TargetResponseTime",
        "WebTargets: hosts",
        "WebGroup: CPUUtilization",
        "WebGroup: capacity",
    ]
    assert len(pictures(text)) == 5 + 1  # and the alarms
    (requests, *_) = [p for p in pictures(text) if "requests" in p.get("aria-label", "")]
    (fault,) = [rect for rect in requests.iter("rect") if rect.get("class") == "fault"]
    assert fault[0].text == "spillover:error-rate until completed"


def test_the_same_bytes_again(tiny_page: tuple[str, Outcome], tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    text = TINY.replace("Two targets", "Two <b>targets</b> & more").replace("20m", "17m")
    scenario = str(tiny(tmp_path, text).path)
    assert main(["play", scenario, "--quiet", "--report", str(path)]) == OK
    assert path.read_text(encoding="utf-8") == tiny_page[0]


def test_a_world_of_alarms_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.scenario.yaml"
    alarm = (
        "Namespace: Shop, MetricName: Age, Statistic: Maximum, Period: 60, EvaluationPeriods: 1, "
        "ComparisonOperator: GreaterThanThreshold"
    )
    math = (
        "EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold, Threshold: 9, Metrics: ["
        "{Id: e, Expression: 2 * m, ReturnData: true}, {Id: m, ReturnData: false, MetricStat: "
        "{Stat: Sum, Period: 60, Metric: {Namespace: Shop, MetricName: Age}}}]"
    )
    path.write_text(
        "name: Alarms\nstart: 2026-11-25T09:00:00Z\nduration: 10m\n"
        "metrics: [{namespace: Shop, name: Age, unit: Seconds, values: [1, 9, null, 2, 3]}]\n"
        "template:\n  Resources:\n"
        f"    Low: {{Type: AWS::CloudWatch::Alarm, Properties: {{{alarm}, Threshold: 4}}}}\n"
        f"    High: {{Type: AWS::CloudWatch::Alarm, Properties: {{{alarm}, Threshold: 8}}}}\n"
        f"    Math: {{Type: AWS::CloudWatch::Alarm, Properties: {{{math}}}}}\n"
    )
    text, outcome = played(load(path).scenario)
    assert titles(text) == ["Age", "Math"]
    first, second = graphs_of(outcome.world, outcome.report)
    assert first.limits == ((4.0, "Low"), (8.0, "High"))
    assert [line.values for line in (*first.lines, *second.lines)] == [
        (1, 9, 2, 3),
        (2, 18, 4, 6),
    ]
    assert "In short" in text
    assert "2026-11-25T09:02:00Z" in text


@pytest.mark.parametrize("name", ["cold-search", "long-connections", "surge-queue"])
def test_every_kind_of_load_balancer_has_graphs(name: str) -> None:
    text, outcome = played(load(find(name), overrides={"duration": "8m"}).scenario)
    for balancer in outcome.world.elb.balancers:
        assert any(title.startswith(f"{balancer}: ") for title in titles(text))
    pictures(text)


# -- pictures ---------------------------------------------------------------------------------


def paths(graph: Graph) -> dict[str, str]:
    drawn = ElementTree.fromstring(chart(graph, Axis(EPOCH, 600.0), []))
    return {p.get("class", ""): p.get("d", "") for p in drawn.iter("path")}


def test_gaps_break_a_line_and_a_lone_datapoint_is_a_dot() -> None:
    line = Line("a", (0.0, 60.0, 180.0, 300.0, 360.0), (1.0, 2.0, 3.0, 1.0, 2.0), 60.0)
    drawn = paths(Graph("g", "None", (line,)))
    assert drawn["line s0"].count("M") == 2
    assert drawn["line s0"].count("L") == 2
    assert drawn["dot s0"].count("M") == 1


def test_capacity_goes_in_steps() -> None:
    line = Line("desired", (0.0, 300.0, 600.0), (2.0, 4.0, 4.0), 0.0)
    assert re.fullmatch(
        r"M[\d. ]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+", paths(Graph("", "", (line,)))["line s0"]
    )


def test_an_alarm_however_short_is_drawn_over_its_neighbours() -> None:
    spans = [Span(0, 1, "ALARM", "a<b"), Span(1, 1e6, "OK", "")]
    picture = ElementTree.fromstring(timeline([("A" * 60, spans)], Axis(EPOCH, 1e6)))
    rects = list(picture.iter("rect"))
    assert [rect.get("class") for rect in rects] == ["OK", "ALARM"]
    assert float(rects[1].get("width", 0)) >= 2
    assert rects[1][0].text == "a<b"


@given(
    st.floats(-1e9, 1e9).filter(lambda v: v == 0 or abs(v) > 1e-6),
    st.floats(-1e9, 1e9).filter(lambda v: v == 0 or abs(v) > 1e-6),
)
@example(-1e9, -999_999_999.999_999_9)  # no limits between them could be told apart
def test_a_scale_holds_the_data_and_few_labels(one: float, other: float) -> None:
    low, high, step = scale(min(one, other), max(one, other))
    assert low < high
    assert low <= min(one, other, 0.0) + 1e-6 * step
    assert high >= max(one, other) - 1e-6 * step
    assert 1 <= round((high - low) / step) <= 6


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.25, "Seconds", "250 ms"),
        (1.5, "Seconds", "1.5 s"),
        (0.0, "Seconds", "0 s"),
        (45.0, "Percent", "45 %"),
        (5000.0, "Count", "5000"),
        (15_000.0, "Count", "15k"),
        (2_500_000.0, "Bytes", "2.5M"),
    ],
)
def test_amounts(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize("end", [60.0, 3600.0, 86_400.0, 13 * 86_400.0, 400 * 86_400.0])
def test_ticks_are_few_and_round(end: float) -> None:
    ticks = Axis(EPOCH, end).ticks()
    assert 1 <= len(ticks) <= 10
    assert all(0 <= time <= end and time % 60 == 0 for time, _ in ticks)

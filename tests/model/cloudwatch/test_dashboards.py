"""Dashboards: the documentation's own examples, and what PutDashboard would say of wrong ones."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.dashboards.body import (
    AlarmWidget,
    Box,
    MetricWidget,
    OtherWidget,
    TextWidget,
    adapted,
)
from model.cloudwatch.dashboards.grid import Wish, place
from model.cloudwatch.dashboards.lines import line_of
from model.cloudwatch.dashboards.reading import read_body
from model.cloudwatch.dashboards.times import moment, relative
from model.cloudwatch.queries import MetricQuery

HOUR = 3600.0


def metric(**properties: Any) -> dict[str, Any]:
    return {"type": "metric", "properties": {"region": "us-east-1"} | properties}


def queries(*lines: list[Any], **properties: Any) -> list[MetricQuery]:
    """The queries of one widget's metrics array."""
    text = json.dumps({"widgets": [metric(metrics=list(lines), **properties)]})
    read = read_body(text)
    assert read.messages == ()
    (widget,) = read.body.widgets
    assert isinstance(widget, MetricWidget)
    return [line.query for line in widget.metrics]


def described(query: MetricQuery) -> tuple[Any, ...]:
    stat = query.metric_stat
    assert stat is not None
    pairs = tuple(word for pair in stat.metric.dimensions for word in pair)
    return (stat.metric.namespace, stat.metric.name, *pairs)


# Examples of "Dashboard Body Structure and Syntax"


def test_the_first_example() -> None:
    read = read_body(
        """{ "start": "-PT6H", "periodOverride": "inherit", "widgets": [
        { "type":"metric", "x":0, "y":0, "width":12, "height":6, "properties":{
            "metrics":[[ "AWS/EC2", "CPUUtilization", "InstanceId", "i-012345" ]],
            "period":300, "stat":"Average", "region":"us-east-1", "title":"EC2 Instance CPU",
            "liveData": false, "legend": { "position": "right" } } },
        { "type":"text", "x":0, "y":7, "width":3, "height":3,
          "properties":{ "markdown":"Hello world" } } ] }"""
    )
    assert read.messages == ()
    body = read.body
    assert body.range == 6 * HOUR
    assert body.inherit
    graph, text = body.widgets
    assert isinstance(graph, MetricWidget)
    assert graph.title == "EC2 Instance CPU"
    assert graph.box == Box(0, 0, 12, 6)
    assert isinstance(text, TextWidget)
    assert text.box == Box(0, 6, 3, 3), "a row in which nothing stands is left out"


def test_the_shorthand_of_the_documentation() -> None:
    found = queries(
        ["AWS/EC2", "DiskReadBytes", "InstanceId", "i-xyz"],
        [".", ".", ".", "i-abc"],
        [".", ".", ".", "i-123", {"label": "Instance i-123", "yAxis": "right"}],
        ["...", "i-456"],
    )
    assert [described(query)[-1] for query in found] == ["i-xyz", "i-abc", "i-123", "i-456"]
    assert {described(query)[:3] for query in found} == {("AWS/EC2", "DiskReadBytes", "InstanceId")}
    assert found[2].label == "Instance i-123"


def test_dots_may_be_run_together_and_dimensions_taken_over_in_the_middle() -> None:
    found = queries(
        ["AWS/X", "Errors", "A", "1", "B", "2"],
        ["...", "3"],
        [".", "Faults", ".", "9", "..."],
        ["..", ".", "5", ".."],
    )
    assert [described(query) for query in found] == [
        ("AWS/X", "Errors", "A", "1", "B", "2"),
        ("AWS/X", "Errors", "A", "1", "B", "3"),
        ("AWS/X", "Faults", "A", "9", "B", "3"),
        ("AWS/X", "Faults", "A", "5", "B", "3"),
    ]


def test_expressions_stand_among_metrics_and_have_ids() -> None:
    found = queries(
        ["AWS/EC2", "DiskReadBytes", "InstanceId", "i-123", {"id": "m1"}],
        [".", ".", ".", "i-abc"],
        [{"expression": "SUM(METRICS())", "label": "Sum of DiskReadbytes", "id": "e3"}],
        [{"expression": "m1 * 2", "visible": False}],
    )
    assert [query.id for query in found] == ["m1", "m2", "e3", "e1"]
    assert [query.return_data for query in found] == [True, True, True, False]


def test_a_search_and_the_widget_s_own_statistic_and_period() -> None:
    search = "SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average', 300)"
    first, second = queries(
        [{"expression": search, "id": "e1"}],
        ["AWS/EC2", "CPUUtilization", {"stat": "p99.9"}],
        stat="Maximum",
        period=60,
    )
    assert first.expression == search
    assert second.metric_stat is not None
    assert (second.metric_stat.stat, second.metric_stat.period) == ("p99.9", 60.0)


def test_alarms_annotations_and_axes() -> None:
    read = read_body(
        json.dumps(
            {
                "widgets": [
                    metric(
                        metrics=[["AWS/EC2", "CPUUtilization"]],
                        stacked=True,
                        yAxis={"left": {"min": 0, "max": 100}, "right": {"min": 50}},
                        annotations={
                            "horizontal": [
                                [
                                    {"label": "Band top", "value": 200, "yAxis": "right"},
                                    {"value": 95.5, "label": "Band bottom"},
                                ],
                                {"label": "one", "value": 20, "fill": "below"},
                                {"visible": False, "value": 150},
                            ],
                            "vertical": [
                                {"label": "fixed", "value": "2018-08-28T15:25:26Z", "fill": "after"}
                            ],
                        },
                    ),
                    metric(annotations={"alarms": ["arn:aws:cloudwatch:us-east-1:1:alarm:a"]}),
                    {
                        "type": "alarm",
                        "properties": {
                            "alarms": ["arn:aws:cloudwatch:us-east-1:1:alarm:a"],
                            "sortBy": "stateUpdatedTimestamp",
                            "states": ["ALARM", "INSUFFICIENT_DATA"],
                            "title": "not OK",
                        },
                    },
                    {"type": "log", "properties": {"region": "x", "query": "SOURCE 'a'"}},
                ]
            }
        )
    )
    assert read.messages == ()
    graph, of_alarm, states, log = read.body.widgets
    assert isinstance(graph, MetricWidget)
    assert (graph.left.high, graph.right.low, graph.stacked) == (100.0, 50.0, True)
    band, line = graph.horizontal
    assert (band.value, band.other, band.other_label, band.right) == (
        200,
        95.5,
        "Band bottom",
        True,
    )
    assert (line.value, line.fill) == (20, "below")
    assert graph.vertical[0].value.year == 2018
    assert isinstance(of_alarm, MetricWidget)
    assert of_alarm.alarm == "arn:aws:cloudwatch:us-east-1:1:alarm:a"
    assert isinstance(states, AlarmWidget)
    assert states.states == (AlarmState.ALARM, AlarmState.INSUFFICIENT_DATA)
    assert isinstance(log, OtherWidget)
    assert log.kind == "log"


# What is wrong

WRONG: dict[str, tuple[Any, str, str]] = {
    "no widgets": ({}, "", "the body needs widgets"),
    "not an array": ({"widgets": {}}, "/widgets", "widgets must be an array, not an object"),
    "too many": (
        {"widgets": [{"type": "text", "properties": {"markdown": ""}}] * 501},
        "/widgets",
        "from 0 to 500 items, not 501",
    ),
    "no type": ({"widgets": [{"properties": {}}]}, "/widgets/0", "needs a type: metric, text"),
    "wrong type": (
        {"widgets": [{"type": "metrics", "properties": {}}]},
        "/widgets/0/type",
        "type must be one of metric, text, alarm, log, explorer, custom, not 'metrics' "
        "(did you mean metric?)",
    ),
    "no properties": ({"widgets": [{"type": "text"}]}, "/widgets/0", "needs properties"),
    "x alone": (
        {"widgets": [{"type": "text", "x": 3, "properties": {"markdown": ""}}]},
        "/widgets/0",
        "needs x and y, or neither",
    ),
    "x": (
        {"widgets": [{"type": "text", "x": 24, "y": 0, "properties": {"markdown": ""}}]},
        "/widgets/0/x",
        "x must be from 0 to 23, not 24",
    ),
    "no markdown": (
        {"widgets": [{"type": "text", "properties": {}}]},
        "/widgets/0/properties",
        "needs markdown",
    ),
    "start": ({"widgets": [], "start": "3h"}, "/start", "a range such as -PT3H or -P7D"),
    "end alone": ({"widgets": [], "end": "2018-12-17T06:00:00Z"}, "/end", "end needs a start"),
    "override": (
        {"widgets": [], "periodOverride": "Auto"},
        "/periodOverride",
        "one of auto, inherit",
    ),
    "nothing to show": ({"widgets": [metric()]}, "/widgets/0/properties", "needs metrics"),
    "both": (
        {"widgets": [metric(metrics=[["A", "B"]], annotations={"alarms": ["arn:x"]})]},
        "/widgets/0/properties/annotations",
        "cannot have an alarm beside metrics",
    ),
    "gauge": (
        {"widgets": [metric(metrics=[["A", "B"]], view="gauge")]},
        "/widgets/0/properties",
        "a gauge needs yAxis",
    ),
    "view": (
        {"widgets": [metric(metrics=[["A", "B"]], view="line")]},
        "/widgets/0/properties/view",
        "view must be one of timeSeries, singleValue, gauge, bar, pie, table, not 'line'",
    ),
    "flat": (
        {"widgets": [metric(metrics=["AWS/Lambda", "Errors"])]},
        "/widgets/0/properties/metrics",
        "an array of arrays",
    ),
    "dimension without a value": (
        {"widgets": [metric(metrics=[["A", "B", "C"]])]},
        "/widgets/0/properties/metrics/0",
        "for each dimension its name and its value, not 3 parts",
    ),
    "dot at the start": (
        {"widgets": [metric(metrics=[[".", "B"]])]},
        "/widgets/0/properties/metrics/0/0",
        "the metric before does not have",
    ),
    "statistic": (
        {"widgets": [metric(metrics=[["A", "B"]], stat="p101")]},
        "/widgets/0/properties/stat",
        "must be a statistic such as Average",
    ),
    "period": (
        {"widgets": [metric(metrics=[["A", "B", {"period": 90}]])]},
        "/widgets/0/properties/metrics/0/period",
        "1, 5, 10, 30 or a multiple of 60, not 90",
    ),
    "expression": (
        {"widgets": [metric(metrics=[["A", "B", {"id": "m1"}], [{"expression": "m1 /"}]])]},
        "/widgets/0/properties/metrics/1",
        "column 5",
    ),
    "unknown id": (
        {"widgets": [metric(metrics=[[{"expression": "m7 * 2"}]])]},
        "/widgets/0/properties/metrics/0",
        "there is no metric or expression named m7",
    ),
    "alarm": (
        {"widgets": [{"type": "alarm", "properties": {"alarms": ["SlowAlarm"]}}]},
        "/widgets/0/properties/alarms/0",
        "must be the ARN of an alarm, not 'SlowAlarm'",
    ),
    "no alarm": (
        {"widgets": [{"type": "alarm", "properties": {"alarms": []}}]},
        "/widgets/0/properties/alarms",
        "from 1 to 100 items, not 0",
    ),
    "annotation": (
        {"widgets": [metric(metrics=[["A", "B"]], annotations={"horizontal": [{"label": "x"}]})]},
        "/widgets/0/properties/annotations/horizontal/0",
        "needs value",
    ),
    "limits": (
        {"widgets": [metric(metrics=[["A", "B"]], yAxis={"left": {"min": 5, "max": 5}})]},
        "/widgets/0/properties/yAxis/left/min",
        "min must be below max",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_put_dashboard_refuses(name: str) -> None:
    value, path, words = WRONG[name]
    found = read_body(json.dumps(value)).errors
    assert any(m.path == path and words in m.message for m in found), found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"widgets": [}', "line 1, column 14"),
        ("[]", "must be an object, not an array"),
        ('{"widgets": NaN}', "NaN is no number in JSON"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_body_at_all(text: str, words: str) -> None:
    (message,) = read_body(text).errors
    assert words in message.message


def test_what_is_not_shown_is_a_warning() -> None:
    read = read_body(
        json.dumps(
            {
                "widgets": [
                    metric(metrics=[["A", "B"]], tittle="x", region="eu-west-1"),
                    metric(metrics=[[{"expression": "SELECT MAX(CPU) FROM SCHEMA(x)"}]]),
                ],
                "variables": [{"id": "x"}],
            }
        )
    )
    assert read.errors == ()
    words = [f"{message.path} {message.message}" for message in read.messages]
    assert any("there is no tittle here (did you mean title?)" in text for text in words)
    assert any("eu-west-1 is not simulated" in text for text in words)
    assert any("Metrics Insights is not simulated" in text for text in words)
    assert any(text.startswith("/variables") for text in words)


KEYS = (
    *("widgets", "type", "x", "y", "properties", "metrics", "annotations", "horizontal", "value"),
    *("yAxis", "left", "period", "stat", "alarms", "start", "end", "table"),
)
SCALARS = st.sampled_from([None, True, -1, 3, 1.5, "", "...", "arn:x", "2018-12-17T06:00:00Z"])
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_is_too_strange(value: Any) -> None:
    text = json.dumps(value)
    for message in read_body(text).messages:
        assert 1 <= line_of(text, message.path) <= text.count("\n") + 1


@given(JSON, st.sampled_from(["metric", "text", "alarm"]))
def test_no_properties_are_too_strange(value: Any, kind: str) -> None:
    body = {"widgets": [{"type": kind, "x": 1, "y": 2, "properties": value}]}
    assert len(read_body(json.dumps(body)).body.widgets) == 1


# Places


def test_widgets_without_a_place_follow_each_other() -> None:
    assert place([Wish()] * 5) == (
        Box(0, 0, 6, 6),
        Box(6, 0, 6, 6),
        Box(12, 0, 6, 6),
        Box(18, 0, 6, 6),
        Box(0, 6, 6, 6),
    )


def test_who_would_stand_on_another_is_moved_down() -> None:
    assert place([Wish(0, 0, 12, 6), Wish(0, 0, 18, 9), Wish(20, 0, 4, 2)]) == (
        Box(0, 0, 12, 6),
        Box(0, 6, 18, 9),
        Box(20, 0, 4, 2),
    )


WISHES = st.builds(
    Wish,
    x=st.none() | st.integers(0, 23),
    y=st.integers(0, 60),
    width=st.integers(1, 24),
    height=st.integers(1, 12),
)


@given(st.lists(WISHES, max_size=12))
def test_no_two_widgets_overlap_and_none_leaves_the_grid(wishes: list[Wish]) -> None:
    boxes = place(wishes)
    for number, box in enumerate(boxes):
        assert box.x + box.width <= 24
        assert not any(box.overlaps(other) for other in boxes[:number])


# Times and lines


def test_times() -> None:
    assert relative("-PT5M") == 300
    assert relative("-PT8H") == 8 * HOUR
    assert relative("-P3M") == 90 * 24 * HOUR
    assert relative("-P1W") == 7 * 24 * HOUR
    assert relative("PT3H") is None
    assert moment("2018-12-17T06:00:00.000Z") is not None
    assert moment("2018-12-17") is None


def test_periods_follow_long_ranges() -> None:
    day = 24 * HOUR
    assert adapted(60, day) == 60
    assert adapted(60, day + 1) == 300
    assert adapted(900, 3 * day) == 900
    assert adapted(60, 3 * day + 1) == 3600


def test_the_line_of_a_path() -> None:
    text = '{\n "a": [1,\n  {"b": "}"},\n  {"c": 2}],\n "d": 3\n}'
    assert line_of(text, "") == 1
    assert line_of(text, "/a/1/b") == 3
    assert line_of(text, "/a/2/c") == 4
    assert line_of(text, "/d") == 5
    assert line_of(text, "/a/9/x") == 2

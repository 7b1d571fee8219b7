"""Metric queries on one line and from a file, and what they are answered with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat
from model.world import World
from scenarios.metric_data import ask, data_csv, data_json, data_table, missing
from scenarios.mistakes import ScenarioError
from scenarios.player import make_world
from scenarios.queries import QueryReader, QueryTextError, read_query_file
from tests.tui.screen import tiny


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small world, three minutes after its start."""
    world = make_world(tiny(tmp_path_factory.mktemp("world")).scenario)
    world.run(180)
    return world


def balancer(world: World) -> str:
    return world.elb.balancers["LoadBalancer"].resource.dimension[1]


def requests(world: World) -> MetricKey:
    return MetricKey.of("AWS/ApplicationELB", "RequestCount", {"LoadBalancer": balancer(world)})


def read(world: World, *lines: str, period: float | None = None) -> tuple[MetricQuery, ...]:
    return QueryReader(world, period).read(lines)


@pytest.mark.parametrize(
    "line",
    [
        "AWS/ApplicationELB RequestCount LoadBalancer=LoadBalancer Sum 60",
        "AWS/ApplicationELB RequestCount LoadBalancer=LoadBalancer",
        "AWS/ApplicationELB RequestCount Name=LoadBalancer,Value=LoadBalancer 1m Sum",
        "'AWS/ApplicationELB' \"RequestCount\" LoadBalancer='LoadBalancer'",
        "LoadBalancer.RequestCount",
        "LoadBalancer.RequestCount.Sum 60s",
        "m1=LoadBalancer.RequestCount",
        " m1 = AWS/ApplicationELB RequestCount LoadBalancer=LoadBalancer",
    ],
)
def test_ways_to_name_a_metric(line: str, world: World) -> None:
    stat = MetricStat(requests(world), 60.0, "Sum")
    assert read(world, line) == (MetricQuery(id="m1", metric_stat=stat),)


def test_several_dimensions_and_odd_names(world: World) -> None:
    first, second, third = read(
        world,
        '"My Shop" "Orders sent" "Queue name"="to be sent",Kind=b AZ=us-east-1a p99.9 5m',
        "shop queue/depth",
        "WebTargets.HealthyHostCount.Minimum",
        period=300,
    )
    assert first.metric_stat == MetricStat(
        MetricKey.of(
            "My Shop",
            "Orders sent",
            {"Queue name": "to be sent", "Kind": "b", "AZ": "us-east-1a"},
        ),
        300.0,
        "p99.9",
    )
    assert second.metric_stat == MetricStat(MetricKey("shop", "queue/depth"), 300.0, "Average")
    assert third.metric_stat is not None
    assert [name for name, _ in third.metric_stat.metric.dimensions] == [
        "LoadBalancer",
        "TargetGroup",
    ]


def test_ids_are_given_where_there_are_none(world: World) -> None:
    lines = ("LoadBalancer.RequestCount", "m2=WebGroup.CPUUtilization", "m1 + m2", "m1 AND m2")
    queries = read(world, *lines, "WebTargets.RequestCount")
    assert [query.id for query in queries] == ["m1", "m2", "e1", "e2", "m3"]
    assert [query.expression for query in queries[2:4]] == ["m1 + m2", "m1 AND m2"]


@pytest.mark.parametrize(
    ("lines", "column", "words"),
    [
        (["  "], 1, "nothing to ask for"),
        (["m1=Web.RequestCount"], 4, "no resource named Web "),
        (["LoadBalancer.RequestsCount"], 14, "no metric RequestsCount"),
        (["LoadBalancer.RequestCount.p101"], 27, "no statistic p101"),
        (["LoadBalancer.RequestCount 45s"], 27, "a multiple of 60"),
        (["LoadBalancer.RequestCount often"], 27, "'often' is no duration"),
        (["WebGroup.InService"], 10, "no metric of CloudWatch"),
        (["a b c"], 5, "'c' is no dimension"),
        (["a b Sum p90"], 9, "two statistics, Sum and p90"),
        (["a b A=1 A=2"], 9, "A is given twice"),
        (["a b A=1,B"], 9, "a dimension is NAME=VALUE"),
        (["e1 = SUM(m1"], 12, "ends too early"),
        (["e1=2 +* 3"], 7, "'*' is not expected"),
        (["e1=SUM(m9)"], 8, "no metric or expression named m9"),
        (["e1=METRICS() + SUMM(METRICS())"], 16, "SUMM"),
        (["e1=e2", "e2=1 + e1"], 4, "depends on itself"),
        (["e1=3"], 4, "TIME_SERIES"),
        (["M1=LoadBalancer.RequestCount"], 1, "an id must begin with a lower-case letter"),
        (["a=LoadBalancer.RequestCount", "a=WebGroup.CPUUtilization"], 1, "another query"),
    ],
)
def test_a_mistake_is_told_with_its_column(
    lines: list[str], column: int, words: str, world: World
) -> None:
    with pytest.raises(QueryTextError) as problem:
        read(world, *lines)
    assert words in str(problem.value)
    assert problem.value.column == column


WORDS = st.sampled_from(
    [
        *("m1", "=", " ", "LoadBalancer", ".", "RequestCount", "Sum", "60", "5m", "p99", "AWS/EC2"),
        *("(", ")", "'", '"', "{", "}", "[", "]", ",", "+", "*", "AND", "SEARCH", "SUM", "\t", "é"),
    ]
)


@given(st.lists(st.lists(WORDS, max_size=8).map("".join), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_read_or_told_where_it_is_wrong(
    world: World, lines: list[str]
) -> None:
    column, index = mistake_in(world, lines)
    assert column is None or 1 <= column <= len(lines[index]) + 1


def mistake_in(world: World, lines: list[str]) -> tuple[int | None, int]:
    """The column and the line of what is wrong, if anything is."""
    try:
        queries = read(world, *lines)
    except QueryTextError as problem:
        return problem.column, problem.index
    return (None if len(queries) == len(lines) else 0), 0


FILE = [
    {
        "Id": "r",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": "RequestCount",
                "Dimensions": [{"Name": "LoadBalancer", "Value": "LoadBalancer"}],
            },
            "Period": 60,
            "Stat": "Sum",
        },
        "ReturnData": False,
    },
    {"Id": "rate", "Expression": "r / PERIOD(r)", "Label": "per second"},
]


@pytest.mark.parametrize("content", [FILE, {"MetricDataQueries": FILE, "StartTime": "yesterday"}])
def test_a_file_as_the_cli_takes_it(content: object, world: World, tmp_path: Path) -> None:
    path = tmp_path / "queries.json"
    path.write_text(json.dumps(content, indent=2))
    queries = read_query_file(path, world)
    assert queries[0].metric_stat == MetricStat(requests(world), 60.0, "Sum")
    (answer,) = ask(world, queries, 0, 180).results
    assert (answer.id, answer.label) == ("rate", "per second")
    assert answer.times == (0.0, 60.0, 120.0)
    assert all(value == pytest.approx(40, abs=0.1) for value in answer.values)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("{}", 1, "must be a list of queries"),
        ('[{"Id": "e",\n"Expression": "1 +"}]', 2, "Expression, column 4: the expression ends"),
        ('[{"Id": "e",\n"Expression": "SUM(m)"}]', 2, "no metric or expression named m"),
        ('[{"Id": "e",\n"Expresion": "1"}]', 2, "did you mean Expression?"),
        ('[{"Id": "e"}]', 1, "exactly one of Expression and MetricStat"),
    ],
)
def test_a_file_that_is_wrong(
    text: str, line: int, words: str, world: World, tmp_path: Path
) -> None:
    path = tmp_path / "queries.json"
    path.write_text(text)
    with pytest.raises(ScenarioError) as problem:
        read_query_file(path, world)
    (mistake,) = problem.value.mistakes
    assert words in str(mistake)
    assert mistake.mark.line == line


def test_the_answer_in_every_shape(world: World) -> None:
    queries = read(world, "LoadBalancer.RequestCount", "WebGroup.CPUUtilization 2m", "e1=m1 / 60")
    answer = ask(world, queries, 30, 180)
    assert answer.headings == ("m1 RequestCount Sum", "m2 CPUUtilization Average", "e1")
    found = json.loads(data_json(answer))
    assert found["Messages"] == []
    first = found["MetricDataResults"][0]
    assert set(first) == {"Id", "Label", "Timestamps", "Values", "StatusCode"}
    assert first["Timestamps"] == [f"2026-11-25T09:0{m}:00+00:00" for m in (2, 1, 0)]
    assert first["Values"] == list(reversed(answer.results[0].values))
    rows = data_csv(answer).splitlines()
    assert rows[0] == "timestamp,id,label,value"
    assert rows[1].startswith("2026-11-25T09:00:00Z,m1,RequestCount,")
    assert len(rows) == 1 + 3 + 1 + 3
    lines = data_table(answer).splitlines()
    assert len(lines) == 1 + 3
    assert re.split("  +", lines[0]) == ["time (UTC)", *answer.headings]
    assert len(lines[2].split()) == 3  # no CPU in the second minute: its period has two
    assert len(data_table(answer, 40).splitlines()) == 4 + 1 + 2 + 1 + 4


def test_metrics_that_are_not_there(world: World) -> None:
    lines = (
        "AWS/ApplicationELB RequestCount LoadBalancer=Other",
        "AWS/ApplicationELB RequestCont",
        "AWS/AplicationELB RequestCount",
        "LoadBalancer.RequestCount",
    )
    found = dict(missing(world, read(world, *lines)))
    assert list(found) == [f"m{n} ({line})" for n, line in enumerate(lines[:3], start=1)]
    first, second, third = found.values()
    assert first.startswith("there is AWS/ApplicationELB RequestCount")
    assert second == "did you mean RequestCount?"
    assert third == "did you mean AWS/ApplicationELB?"
    assert data_table(ask(world, read(world, lines[0]), 0, 180)).endswith("no datapoints\n")

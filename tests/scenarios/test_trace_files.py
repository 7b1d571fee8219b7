"""Traces as the AWS CLI prints metrics, and when they play."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from model.cloudwatch.statistics import Datapoint
from scenarios.loader import Loaded, load
from scenarios.metric_data import ask, data_json
from scenarios.mistakes import ScenarioError
from scenarios.player import play
from scenarios.queries import QueryReader
from scenarios.trace_files import Which
from scenarios.traces import Samples, read_samples, read_trace


def stamp(minute: int) -> str:
    return f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00+00:00"


def samples(folder: Path, content: Any, period: float = 300, **which: str) -> Samples:
    file = folder / "t.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_samples(file, period, Which(**which))


def result(values: dict[int, float], id_: str = "m1", label: str = "Age") -> dict[str, Any]:
    """As GetMetricData gives it, the datapoints in the order of `values`."""
    return {
        "Id": id_,
        "Label": label,
        "Timestamps": [stamp(minute) for minute in values],
        "Values": list(values.values()),
        "StatusCode": "Complete",
    }


def data(*results: dict[str, Any]) -> dict[str, Any]:
    return {"MetricDataResults": list(results), "Messages": []}


def statistics(*points: tuple[int, dict[str, Any]], unit: str = "Seconds") -> dict[str, Any]:
    return {
        "Label": "Age",
        "Datapoints": [{"Timestamp": stamp(m), "Unit": unit, **values} for m, values in points],
    }


# -- GetMetricData ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 5, 15), (15, 5, 0), (5, 15, 0)])
def test_get_metric_data_in_any_order_with_its_gaps(order: tuple[int, ...], tmp_path: Path) -> None:
    found = samples(tmp_path, data(result({m: float(m) for m in order})))
    assert found.values == (0.0, 5.0, None, 15.0)
    assert found.remark == ""
    assert found.first == datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def test_one_of_several_results(tmp_path: Path) -> None:
    content = data(
        result({0: 1.0}), result({0: 2.0}, "m2"), result({0: 3.0}, "e1", "a"), result({}, "e1", "b")
    )
    assert samples(tmp_path, content, id="m2").values == (2.0,)
    assert samples(tmp_path, content, label="a").values == (3.0,)
    assert samples(tmp_path, content, id="e1", label="a").values == (3.0,)
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({}, "4 results in it; say which is meant by id or label .*id: e1, label: b"),
        ({"id": "e1"}, "2 results"),
        ({"id": "m3"}, "no result m3 in it"),
        ({"id": "e1", "label": "b"}, "no rows"),
        ({"statistic": "Sum"}, "get-metric-statistics"),
    )
    for which, words in wrong:
        with pytest.raises(ScenarioError, match=words):
            samples(tmp_path, content, 300, **which)


def test_pages_of_one_result_belong_together(tmp_path: Path) -> None:
    assert samples(tmp_path, data(result({5: 2.0}), result({0: 1.0}))).values == (1.0, 2.0)


def test_what_spillover_metrics_prints_is_read_again(tmp_path: Path) -> None:
    loaded = alarmed(tmp_path, "values: [5, 10, null, 40]", duration="4m")
    world = play(loaded.scenario).world
    queries = QueryReader(world).read(["Shop Age Maximum"])
    printed = data_json(ask(world, queries, 0, 240))
    assert samples(tmp_path, printed, 60).values == (5.0, 10.0, None, 40.0)


# -- GetMetricStatistics ----------------------------------------------------------------------


def test_the_only_statistic(tmp_path: Path) -> None:
    content = statistics((10, {"Average": 3.0}), (0, {"Average": 1.0}))
    found = samples(tmp_path, content)
    assert found.values == (1.0, None, 3.0)
    assert found.unit == "Seconds"


def test_one_of_several_statistics(tmp_path: Path) -> None:
    extended = {"ExtendedStatistics": {"p99": 9.0}}
    content = statistics((0, {"Average": 1.0, "Maximum": 5.0, **extended}), (5, {"Average": 2.0}))
    assert samples(tmp_path, content, statistic="Average").values == (1.0, 2.0)
    assert samples(tmp_path, content, statistic="p99").values == (9.0,)
    with pytest.raises(ScenarioError, match="give the statistic: Average; Maximum; p99"):
        samples(tmp_path, content)
    with pytest.raises(ScenarioError, match=r"no statistic p9 .*did you mean p99"):
        samples(tmp_path, content, statistic="p9")
    with pytest.raises(ScenarioError, match="get-metric-data"):
        samples(tmp_path, content, id="m1")


def test_a_whole_statistic_set_is_kept(tmp_path: Path) -> None:
    whole = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 5.0, "Average": 2.5}
    found = samples(tmp_path, statistics((0, whole)))
    (point,) = found.values
    assert isinstance(point, Datapoint)
    assert [point.statistic(name) for name in whole] == list(whole.values())
    assert samples(tmp_path, statistics((0, whole)), statistic="Sum").values == (10.0,)
    with pytest.raises(ScenarioError, match="several statistics"):
        read_trace(tmp_path / "t.json", 300)  # what is counted must be one number


def test_datapoints_of_several_units(tmp_path: Path) -> None:
    content = statistics((0, {"Sum": 1.0}))
    content["Datapoints"] += statistics((0, {"Sum": 2.0}), unit="Count")["Datapoints"]
    with pytest.raises(ScenarioError, match=r"several units .*Count; Seconds"):
        samples(tmp_path, content)
    assert samples(tmp_path, content, unit="Count").values == (2.0,)
    with pytest.raises(ScenarioError, match="no datapoint is in Bytes"):
        samples(tmp_path, content, unit="Bytes")


def test_several_rows_of_a_period_are_its_samples(tmp_path: Path) -> None:
    found = samples(tmp_path, f"{stamp(0)},1\n{stamp(1)},3\n{stamp(5)},7\n")
    point, single = found.values
    assert isinstance(point, Datapoint)
    assert (point.count, point.total, point.maximum) == (2, 4, 3)
    assert single == 7.0
    assert found.remark == "1 rows beside another of their period"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "t.json:1:2: this is no JSON"),
        ("[]", "neither MetricDataResults nor Datapoints"),
        ('{"MetricDataResults": []}', "no result in it"),
        ('{"MetricDataResults": [3]}', "not what the CLI prints"),
        ('{"MetricDataResults": [{"Id": "a", "Values": []}]}', "Timestamps is missing"),
        ('{"MetricDataResults": [{"Timestamps": [1], "Values": []}]}', "1 Timestamps but 0"),
        ('{"MetricDataResults": [{"Timestamps": [NaN], "Values": [1]}]}', "nan is no date"),
        ('{"MetricDataResults": [{"Timestamps": [1], "Values": ["x"]}]}', "'x' is no number"),
        ('{"Datapoints": []}', "no rows"),
        ('{"Datapoints": [{"Sum": 1}]}', "Timestamp is missing"),
        ('{"Datapoints": [{"Timestamp": "noon", "Sum": 1}]}', "'noon' is no date"),
    ],
)
def test_a_file_that_cannot_be_read(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as problem:
        samples(tmp_path, content)
    assert words in str(problem.value)


def test_rows_have_nothing_to_choose_from(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="id chooses from a file of the AWS CLI"):
        samples(tmp_path, f"{stamp(0)},1\n", id="m1")


# -- scenarios --------------------------------------------------------------------------------

HEAD = "name: A queue\n"
BODY = """
template:
  Resources:
    Late:
      Type: AWS::CloudWatch::Alarm
      Properties:
        Namespace: {namespace}
        MetricName: Age
        Statistic: Maximum
        Period: 60
        EvaluationPeriods: 1
        Threshold: 30
        ComparisonOperator: GreaterThanThreshold
        TreatMissingData: notBreaching
metrics:
  - namespace: {namespace}
    name: Age
    {what}
"""


def alarmed(folder: Path, what: str, *, namespace: str = "Shop", **head: str) -> Loaded:
    """A world of one metric and one alarm, with values or a trace."""
    given = {"start": "2026-11-25T09:00:00Z", "duration": "10m"} | head
    lines = "".join(f"{key}: {value}\n" for key, value in given.items() if value)
    path = folder / "queue.scenario.yaml"
    path.write_text(HEAD + lines + BODY.format(namespace=namespace, what=what))
    return load(path)


WEB = Path(__file__).parents[2] / "scenarios/library/web.template.yaml"
TRACE = "trace: {file: t.json, period: 1m}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a trace of seven minutes, the third missing."""
    values = {minute: 10.0 for minute in range(7) if minute != 2} | {4: 40.0}
    (tmp_path / "t.json").write_text(json.dumps(data(result(values))))
    return tmp_path


def test_a_trace_plays_at_the_start(folder: Path) -> None:
    (feed,) = alarmed(folder, TRACE).scenario.metrics
    assert feed.begins == 0.0
    assert feed.values == (10.0, 10.0, None, 10.0, 40.0, 10.0, 10.0)


def test_without_a_start_it_plays_on_its_own_dates(folder: Path) -> None:
    scenario = alarmed(folder, TRACE, start="", duration="").scenario
    assert scenario.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert scenario.duration == 420.0
    states = [(c["time"], c["state"]) for c in play(scenario).report["alarms"]["Late"]]
    assert states == [(0, "INSUFFICIENT_DATA"), (60, "OK"), (300, "ALARM"), (360, "OK")]


def test_the_history_is_the_first_part_of_the_trace(folder: Path) -> None:
    scenario = alarmed(folder, TRACE, start="", duration="", history="3m").scenario
    assert scenario.start == datetime(2026, 1, 1, 0, 3, tzinfo=UTC)
    assert scenario.duration == 240.0
    (feed,) = scenario.metrics
    assert feed.begins == -180.0
    states = [(c["time"], c["state"]) for c in play(scenario).report["alarms"]["Late"]]
    assert states == [(0, "OK"), (120, "ALARM"), (180, "OK")]


def test_its_own_dates_beside_a_start(folder: Path) -> None:
    trace = "trace: {file: t.json, period: 1m, align: dates}"
    (feed,) = alarmed(folder, trace, start="2026-01-01T00:03:00Z", history="1m").scenario.metrics
    assert feed.begins == -60.0
    assert feed.values == (None, 10.0, 40.0, 10.0, 10.0)
    (feed,) = alarmed(folder, trace, start="2025-12-31T23:59:00Z").scenario.metrics
    assert feed.begins == 60.0


def test_requests_on_their_own_dates(folder: Path) -> None:
    path = folder / "web.scenario.yaml"
    path.write_text(
        f"name: Web\ntemplate: {WEB}\n"
        "services: {web: {runs_on: [WebGroup], cpu_time: 1ms}}\n"
        f"traffic: [{{name: a, to: LoadBalancer, {TRACE}}}]\n"
    )
    scenario = load(path).scenario
    assert scenario.start == datetime(2026, 1, 1, tzinfo=UTC)
    assert scenario.duration == 420.0
    assert scenario.traffic[0].begins == 0.0


def test_what_aws_recorded_plays_where_nothing_else_reports_it(folder: Path) -> None:
    loaded = alarmed(folder, TRACE, namespace="AWS/ApplicationELB", start="", duration="")
    assert [c["state"] for c in play(loaded.scenario).report["alarms"]["Late"]][2] == "ALARM"
    with pytest.raises(ScenarioError, match="AWS/ is reserved"):
        alarmed(folder, "values: [1]", namespace="AWS/ApplicationELB")
    path = folder / "web.scenario.yaml"
    metric = f"{{namespace: AWS/ApplicationELB, name: RequestCount, {TRACE}}}"
    path.write_text(f"name: Web\ntemplate: {WEB}\nmetrics: [{metric}]\n")
    with pytest.raises(ScenarioError, match="LoadBalancer of the template reports to AWS/Appl"):
        load(path)


def test_the_unit_is_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(statistics((0, {"Maximum": 3.0}))))
    (feed,) = alarmed(tmp_path, TRACE).scenario.metrics
    assert feed.unit == "Seconds"


@pytest.mark.parametrize(
    ("what", "head", "words"),
    [
        ("values: [1]", {"start": ""}, "start is missing (or a trace"),
        ("trace: {file: none.json, period: 1m}", {"start": ""}, "no such trace"),
        ("trace: {file: t.json, period: 1m, align: left}", {}, "must be one of start, dates"),
    ],
)
def test_mistakes(what: str, head: dict[str, str], words: str, folder: Path) -> None:
    with pytest.raises(ScenarioError) as problem:
        alarmed(folder, what, **head)
    (mistake,) = problem.value.mistakes
    assert words in str(mistake)

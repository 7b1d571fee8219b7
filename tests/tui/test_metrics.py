"""`spillover metrics`: what it prints, and how it ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.test_doors import modules_loaded
from tests.tui.screen import TINY, tiny
from tui.cli import OK, UNUSABLE, main

ALARM = """
Resources:
  Late:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: Shop
      MetricName: Age
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 30
      ComparisonOperator: GreaterThanThreshold
"""
QUEUE = """
name: A queue
start: 2026-11-25T09:00:00Z
duration: 10m
template: queue.template.yaml
metrics:
  - {namespace: Shop, name: Age, unit: Seconds, values: [5, 10, 20, 40, 80, 40, 20, null, 5, 5]}
"""


@pytest.fixture
def queue(tmp_path: Path) -> str:
    """A world of one metric and one alarm."""
    (tmp_path / "queue.template.yaml").write_text(ALARM)
    path = tmp_path / "queue.scenario.yaml"
    path.write_text(QUEUE)
    return str(path)


def test_a_table(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    query = ["--query", "Shop Age Maximum 5m", "--query", "e1=RATE(m1)*300"]
    assert main(["metrics", queue, *query]) == OK
    out, err = capsys.readouterr()
    assert err == ""
    assert out == (
        "time (UTC)            m1 Age Maximum   e1\n"
        "2026-11-25T09:00:00Z              80\n"
        "2026-11-25T09:05:00Z              40  -40\n"
    )


def test_from_and_to(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    for span in (["--from", "2m", "--to", "4m"], ["--from", "2026-11-25T09:02:00Z", "--to=240"]):
        assert main(["metrics", queue, "--query", "Shop Age", *span, "--format", "csv"]) == OK
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert [(row["timestamp"], row["value"]) for row in rows] == [
            ("2026-11-25T09:02:00Z", "20"),
            ("2026-11-25T09:03:00Z", "40"),
        ]


def test_the_past_can_be_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tiny(tmp_path).path)
    span = ["--from=-2m", "--to", "1m", "--format", "json"]
    assert main(["metrics", path, "--query", "LoadBalancer.RequestCount", *span]) == OK
    (result,) = json.loads(capsys.readouterr().out)["MetricDataResults"]
    assert result["Timestamps"][-1] == "2026-11-25T08:58:00+00:00"
    assert len(result["Values"]) == 3


def test_a_file_of_queries_and_a_line_about_them(
    queue: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metric = {"Namespace": "Shop", "MetricName": "Age"}
    stat = {"Metric": metric, "Period": 300, "Stat": "SampleCount"}
    file = tmp_path / "q.json"
    file.write_text(json.dumps([{"Id": "n", "MetricStat": stat, "ReturnData": False}]))
    given = ["--queries", str(file), "--query", "twice=2*n", "--format", "csv"]
    assert main(["metrics", queue, *given]) == OK
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["id"], row["value"]) for row in rows] == [("twice", "10"), ("twice", "8")]


def test_the_list_of_metrics(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", queue]) == OK
    assert capsys.readouterr().out == (
        "namespace  metric  dimensions  unit\n"  #
        "Shop       Age                 Seconds\n"
    )
    assert main(["metrics", queue, "--format", "json"]) == OK
    listed = {"Namespace": "Shop", "MetricName": "Age", "Dimensions": []}
    assert json.loads(capsys.readouterr().out) == {"Metrics": [listed]}
    assert main(["metrics", queue, "--format", "csv", "--namespace", "Shp"]) == OK
    out, err = capsys.readouterr()
    assert out == "namespace,metric_name,dimensions,unit\n"
    assert "did you mean Shop?" in err


def test_the_list_uses_logical_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tiny(tmp_path, TINY.replace("20m", "17m")).path)
    assert main(["metrics", path, "--to", "2m", "--namespace", "AWS/ApplicationELB"]) == OK
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["AWS/ApplicationELB", "RequestCount", "LoadBalancer=LoadBalancer", "Count"] in lines


def test_a_plot_without_a_terminal_has_no_colours(
    queue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for charts in ("ascii", "braille"):
        plot = ["--format", "plot", "--charts", charts]
        assert main(["metrics", queue, "--query", "Shop Age Maximum", *plot]) == OK
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert out.isascii() == (charts == "ascii")
        lines = out.splitlines()
        assert lines[0].startswith("Age Maximum")
        assert "> 30s" in out  # the alarm's threshold
        assert set(lines[-1]) == set(" ?A." if charts == "ascii" else " ?A·")  # its states
        assert len(lines) == 16


def test_a_plot_is_of_ascii_where_the_output_can_show_no_more(
    queue: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert main(["metrics", queue, "--query", "Shop Age", "--format", "plot"]) == OK
    assert capsys.readouterr().out.isascii()


MISUSES = {
    "an expression that ends early": (["--query", "e1=2*"], "--query 'e1=2*', column 6: the exp"),
    "a plot of nothing": (["--format", "plot"], "needs a --query"),
    "a namespace with a query": (["--query", "a b", "--namespace", "a"], "without a query"),
    "a span backwards": (["--query", "a b", "--from", "3m", "--to", "2m"], "before --to"),
    "a span of the far past": (["--query", "a b", "--from=-3m"], "before the history"),
    "a span of the future": (["--query", "a b", "--to", "3h"], "ends before that"),
    "a time that is none": (["--query", "a b", "--to", "noon"], "a date and time"),
    "a period of seconds": (["--query", "a b", "--period", "45s"], "multiple of 60"),
    "a file that is not there": (["--queries", "none.json"], "no such file"),
    "a search by an odd period": (
        ["--query", "SEARCH('{Shop} Age', 'Sum', 90)"],
        "query e1: column 29: the period must be a multiple of 60",
    ),
}


@pytest.mark.parametrize("what", MISUSES)
def test_a_misuse_ends_with_2_and_one_clear_message(
    what: str, queue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, expected = MISUSES[what]
    assert main(["metrics", queue, *arguments]) == UNUSABLE
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err
    assert len(err.splitlines()) == 1


def test_no_screen_is_needed(queue: str) -> None:
    loaded = modules_loaded("metrics", queue, "--query", "Shop Age", "--format", "plot")
    assert {"numpy", "model", "scenarios"} <= loaded
    assert "textual" not in loaded

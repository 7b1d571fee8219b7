"""Alarms on metric math in templates: what is right, and where what is wrong is told."""

from __future__ import annotations

import textwrap

import pytest

from model.cloudwatch.resources import Alarm
from scenarios.mistakes import ScenarioError
from tests.scenarios.samples import TEMPLATE, build_text, replaced

OLD = """\
      Namespace: AWS/ApplicationELB
      MetricName: TargetResponseTime
      Dimensions: [{Name: LoadBalancer, Value: !GetAtt Balancer.LoadBalancerFullName}]
      Statistic: Average
      Period: 60
"""
RATE = """\
Metrics:
  - Id: rate
    Label: Error rate
    Expression: 100 * errors / requests
  - Id: errors
    ReturnData: false
    MetricStat:
      Metric:
        Namespace: AWS/ApplicationELB
        MetricName: HTTPCode_Target_5XX_Count
        Dimensions: [{Name: LoadBalancer, Value: !GetAtt Balancer.LoadBalancerFullName}]
      Period: 60
      Stat: Sum
  - Id: requests
    ReturnData: false
    MetricStat:
      Metric:
        Namespace: AWS/ApplicationELB
        MetricName: RequestCount
        Dimensions: [{Name: LoadBalancer, Value: !GetAtt Balancer.LoadBalancerFullName}]
      Period: 60
      Stat: Sum
      Unit: Count
"""
FIRST = TEMPLATE[: TEMPLATE.index(OLD)].count("\n") + 1
"""The line of the file in which Metrics stands."""
EXPRESSION = "Expression: 100 * errors / requests\n"
HIDDEN = "  - Id: errors\n    ReturnData: false\n"
STATS = """\
    MetricStat:
      Metric: {Namespace: A, MetricName: B}
      Period: 60
      Stat: Sum
"""


def template(metrics: str) -> str:
    return replaced(TEMPLATE, (OLD, textwrap.indent(metrics, "      ")))


def test_an_error_rate() -> None:
    alarm = build_text(template(RATE)).stack.resources["Alarm"]
    assert isinstance(alarm, Alarm)
    assert alarm.metric is None
    assert [query.id for query in alarm.queries] == ["rate", "errors", "requests"]
    stat = alarm.queries[2].metric_stat
    assert stat is not None
    assert (stat.metric.name, stat.period, stat.stat) == ("RequestCount", 60.0, "Sum")
    assert (stat.unit, alarm.length) == ("Count", 60)


def test_an_account_changes_nothing() -> None:
    built = build_text(template(RATE.replace("    Label:", "    AccountId: 1\n    Label:")))
    assert any("Alarm.AccountId" in remark.message for remark in built.remarks)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        (
            EXPRESSION,
            "Expression: 100 * errors /\n",
            4,
            "Expression, column 15: the expression ends too early",
        ),
        (
            EXPRESSION,
            "Expression: 100 * erors / requests\n",
            4,
            "column 7: there is no metric or expression named erors (did you mean errors?)",
        ),
        (EXPRESSION, "Expression: SUMM(METRICS())\n", 4, "no function SUMM (did you mean SUM?)"),
        (EXPRESSION, "Expression: AVG(errors)\n", 4, "gives a number, not a time series"),
        (EXPRESSION, "Expression: METRICS()\n", 4, "SUM, MAX or FIRST makes one"),
        (EXPRESSION, "Expression: rate + 1\n", 4, "depends on itself: rate -> rate"),
        (EXPRESSION, 'Expression: SUM(SEARCH("a", "Sum"))\n', 4, "cannot be based on SEARCH"),
        (
            EXPRESSION,
            "Expression: FIRST(ANOMALY_DETECTION_BAND(SUM(METRICS())))\n",
            4,
            "column 34: ANOMALY_DETECTION_BAND needs its metrics by their ids, not METRICS",
        ),
        (
            EXPRESSION,
            EXPRESSION + "    Period: 120\n",
            5,
            "must be that of the metrics, 60, not 120",
        ),
        ("Id: rate", "Id: Rate", 2, "Id must begin with a lower-case letter"),
        ("Id: requests", "Id: errors", 14, "there is another query with the id errors"),
        (HIDDEN, "  - Id: errors\n", 5, "exactly one query must have ReturnData true, not 2"),
        (
            "    Label: Error rate\n",
            "    ReturnData: false\n",
            2,
            "exactly one query must have ReturnData true, not 0",
        ),
        ("    " + EXPRESSION, "", 2, "give exactly one of Expression and MetricStat"),
        (
            "      Period: 60\n      Stat: Sum\n      Unit",
            "      Period: 120\n      Stat: Sum\n      Unit",
            17,
            "all metrics of an alarm have one Period: requests has 120, errors 60",
        ),
        ("Stat: Sum\n      Unit", "Stat: Summ\n      Unit", 22, "must be a statistic such as p99"),
        ("Stat: Sum\n      Unit", "Stat: TM90\n      Unit", 22, "must be in lower case (tm90)"),
        ("Unit: Count", "Unit: Counts", 23, "Unit must be one of"),
        (
            "Label: Error rate",
            "Lable: Error rate",
            3,
            "no property Lable here (did you mean Label?",
        ),
        (
            "Metrics:\n",
            "Statistic: Sum\nMetrics:\n",
            1,
            "Statistic must be left out where Metrics are given",
        ),
        (
            HIDDEN,
            "".join(f"  - Id: m{n}\n    ReturnData: false\n{STATS}" for n in range(9)) + HIDDEN,
            5 + 10 * 6 - 5 + 8,
            "an alarm has 10 metrics at most, not 11",
        ),
        (
            HIDDEN,
            "".join(
                f"  - Id: e{n}\n    ReturnData: false\n    Expression: errors\n" for n in range(18)
            )
            + HIDDEN,
            0,
            "an alarm has 20 metrics and expressions at most, not 21",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(template(replaced(RATE, (old, new))))
    told = [mistake for mistake in error.value.mistakes if words in str(mistake)]
    assert told, str(error.value)
    if line:
        assert told[0].mark.line == FIRST + line - 1
    assert told[0].mark.column > 6


def test_expressions_alone_watch_nothing() -> None:
    with pytest.raises(ScenarioError, match="at least one query with a MetricStat"):
        build_text(template("Metrics: [{Id: e1, Expression: TIME_SERIES(1)}]\n"))

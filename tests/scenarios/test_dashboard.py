"""Dashboards of a template: read through its functions, checked, and without effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.cloudwatch.dashboards.body import AlarmWidget, MetricWidget
from model.cloudwatch.dashboards.resource import Dashboard
from scenarios.mistakes import ScenarioError
from scenarios.player import play
from tests.scenarios.samples import SCENARIO, TEMPLATE, build_text, load_text, mistakes_of, replaced

DASHBOARD = """\
  Board:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardName: board
      DashboardBody: !Sub |
        {
          "widgets": [
            {
              "type": "metric",
              "properties": {
                "region": "${AWS::Region}",
                "metrics": [
                  ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "${Balancer.LoadBalancerFullName}"]
                ]
              }
            },
            {
              "type": "alarm",
              "properties": {"alarms": ["${Alarm.Arn}"]}
            }
          ]
        }
"""  # noqa: E501


def test_what_it_shows_is_resolved() -> None:
    built = build_text(TEMPLATE + DASHBOARD)
    (dashboard,) = built.stack.of(Dashboard)
    assert dashboard.name == "board"
    graph, states = dashboard.body.widgets
    assert isinstance(graph, MetricWidget)
    stat = graph.metrics[0].query.metric_stat
    assert stat is not None
    assert dict(stat.metric.dimensions)["LoadBalancer"].startswith("app/Balancer/")
    assert isinstance(states, AlarmWidget)
    assert states.alarms == ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:Alarm",)
    assert not any("Board" in str(remark) for remark in built.remarks)


def test_a_body_may_be_joined_and_the_name_left_out() -> None:
    text = """\
  Board:
    Type: AWS::CloudWatch::Dashboard
    Properties:
      DashboardBody:
        Fn::Join:
          - ""
          - - '{"widgets": [{"type": "text", "properties": {"markdown": "'
            - !Ref Topic
            - '"}}]}'
"""
    (dashboard,) = build_text(TEMPLATE + text).stack.of(Dashboard)
    assert dashboard.name == "Board"
    assert "arn:aws:sns" in repr(dashboard.body.widgets[0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"type": "alarm"', '"type": "alarms"', "line 13, /widgets/1/type: type must be one of"),
        (
            '"RequestCount", "LoadBalancer",',
            '"RequestCount", "Balancer", "LoadBalancer",',
            "DashboardBody, line 8, /widgets/0/properties/metrics/0: must be a namespace",
        ),
        (
            '"metrics": [\n',
            '"stat": "P99", "metrics": [\n',
            "line 7, /widgets/0/properties/stat: stat must be a statistic",
        ),
        (
            '            },\n            {\n              "type": "alarm"',
            '            }\n            {\n              "type": "alarm"',
            "DashboardBody: the body must be JSON: line 12",
        ),
        ("DashboardName: board", "DashboardName: my board", "DashboardName must have 1 to 255"),
        ("DashboardBody: !Sub |", "Body: !Sub |", "there is no property Body here"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(TEMPLATE + replaced(DASHBOARD, (old, new)))
    assert any(words in line for line in mistakes_of(error)), mistakes_of(error)
    assert all(line.startswith("t.yaml:") for line in mistakes_of(error))


def test_two_of_one_name_and_what_is_not_shown() -> None:
    other = DASHBOARD.replace("Board:", "Other:")
    with pytest.raises(ScenarioError, match="Board is called board already"):
        build_text(TEMPLATE + DASHBOARD + other)
    built = build_text(
        TEMPLATE + replaced(DASHBOARD, ('"metrics": [', '"colour": 1, "metrics": ['))
    )
    assert any("there is no colour here" in str(remark) for remark in built.remarks)


def test_it_changes_no_outcome_but_the_bill(tmp_path: Path) -> None:
    short = replaced(SCENARIO, ("duration: 1h", "duration: 5m"))
    plain = play(load_text(tmp_path, short).scenario).report
    board = play(load_text(tmp_path, short, TEMPLATE + DASHBOARD).scenario).report
    assert board["cost"].pop("by_resource").pop("Board") > 0
    assert board | {"cost": None} == plain | {"cost": None}

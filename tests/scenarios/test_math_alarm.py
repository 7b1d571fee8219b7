"""An alarm on an error rate, from its template to the verdict on what was expected of it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

from model.world import World
from scenarios.loader import load
from scenarios.player import make_world, play
from scenarios.scenario import Scenario
from tests.model.samples import SCENARIO, TEMPLATE, write

RATE = textwrap.indent(
    textwrap.dedent(
        """\
        Rate:
          Type: AWS::CloudWatch::Alarm
          Properties:
            Metrics:
              - {Id: rate, Expression: "100 * FILL(errors, 0) / requests"}
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
            EvaluationPeriods: 2
            Threshold: 5
            ComparisonOperator: GreaterThanThreshold
        """
    ),
    "  ",
)
FAULT = """\
timeline:
  - at: 3m
    action: spillover:error-rate
    parameters: {percent: 20}
    targets: {services: [web]}
    for: 3m
expect:
  - Rate is OK at 3m
  - Rate is ALARM by 6m
  - Rate is OK at 9m
  - Balancer.TargetResponseTime.tm99 < 200ms
  - Balancer.TargetResponseTime.PR(:0.5) > 90
"""


def loaded(folder: Path) -> Scenario:
    path = write(folder)
    (folder / "web.yaml").write_text(TEMPLATE + RATE, encoding="utf-8")
    path.write_text(SCENARIO + FAULT, encoding="utf-8")
    return load(path).scenario


def test_errors_raise_the_alarm_on_their_rate(tmp_path: Path) -> None:
    outcome = play(loaded(tmp_path))
    assert [verdict.passed for verdict in outcome.verdicts] == [True] * 5
    states = outcome.report["alarms"]["Rate"]
    assert "greater than the threshold (5.0)" in json.dumps(states)


def test_a_restored_world_goes_on_with_its_expressions(tmp_path: Path) -> None:
    scenario = loaded(tmp_path)
    whole, first = make_world(scenario), make_world(scenario)
    whole.run(600.0)
    first.run(250.0)
    second = World.restore(first.snapshot())
    second.run(600.0)
    assert whole.journal.history("Rate", "alarm") == second.journal.history("Rate", "alarm")
    assert len(whole.journal.history("Rate", "alarm")) == 4

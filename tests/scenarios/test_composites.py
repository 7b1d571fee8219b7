"""Composite alarms of a template, from reading to the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenarios.mistakes import ScenarioError
from scenarios.player import play
from tests.scenarios.samples import SCENARIO, TEMPLATE, build_text, load_text, replaced

COMPOSITE = """\
  Any:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmRule: !Sub "ALARM(${Alarm}) OR NOT OK(${Alarm})"
      AlarmActions: [!Ref Topic]
"""


def test_it_is_played_judged_and_reported(tmp_path: Path) -> None:
    text = SCENARIO + "timeline: [{at: 2m, action: cloudwatch:DisableAlarmActions, "
    text += "parameters: {AlarmNames: [Any, Alarm]}}]\n"
    text += "expect: [Any is OK by 10m]\n"
    outcome = play(load_text(tmp_path, text, TEMPLATE + COMPOSITE).scenario)
    states = [row["state"] for row in outcome.report["alarms"]["Any"]]
    assert states[0] == "INSUFFICIENT_DATA"
    assert len(states) > 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"ALARM(${Alarm}) OR', '"ALARM(${Alarm} OR', "AlarmRule must be a rule; column 13"),
        ("ALARM(${Alarm})", "ALARM(Alarrm)", "there is no alarm Alarrm in this template"),
        ("ALARM(${Alarm})", "ALARM(Any)", "need each other in a circle: Any -> Any"),
        (
            "      AlarmActions: [!Ref Topic]\n",
            "      AlarmActions: [!Ref Policy]\n",
            "a reference to SNS::Topic or Lambda::Function is wanted here",
        ),
        (
            "      AlarmActions: [!Ref Topic]\n",
            "      ActionsSuppressor: Nobody\n      ActionsSuppressorWaitPeriod: 60\n"
            "      ActionsSuppressorExtensionPeriod: 60\n",
            "there is no alarm Nobody",
        ),
    ],
)
def test_wrong_composites(old: str, new: str, words: str) -> None:
    with pytest.raises(ScenarioError) as error:
        build_text(TEMPLATE + replaced(COMPOSITE, (old, new)))
    assert any(words in str(mistake) for mistake in error.value.mistakes), str(error.value)

"""The morning rush when nobody acts on the forecast, and templates that are wrong about it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenarios.library import folder
from scenarios.loader import load
from scenarios.mistakes import ScenarioError
from scenarios.player import play

RUSH = "morning-rush.scenario.yaml"
OFFICE = "morning.template.yaml"
LIBRARY = folder()


def test_dynamic_scaling_alone_is_late_and_the_forecast_knew() -> None:
    outcome = play(load(LIBRARY / RUSH, overrides={"parameters.Mode": "ForecastOnly"}).scenario)
    assert not any(verdict.passed for verdict in outcome.verdicts)
    (found,) = outcome.report["groups"]["WebGroup"]["forecasts"].values()
    assert found["mode"] == "ForecastOnly"
    assert [hour["time"] for hour in found["hours"]] == [0, 3600]
    night, rush = found["hours"]
    assert night["capacity"] == 3
    assert rush["capacity"] >= 8
    assert rush["load"] == pytest.approx(rush["came"], rel=0.1)
    assert found["wape"] < 0.1


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("SchedulingBufferTime: 600", "SchedulingBufferTime: 4000", "from 0 to 3599"),
        ("ASGCPUUtilization", "ASGNetworkIn", "not simulated"),
        ("SchedulingBufferTime: 600", "MaxCapacityBuffer: 10", "IncreaseMaxCapacity only"),
        (
            "PredefinedMetricType: ASGCPUUtilization",
            "PredefinedMetricType: ALBRequestCount\n              "
            "ResourceLabel: app/a/1/targetgroup/b/2",
            "names no target group of WebGroup",
        ),
        (
            "  MorningPolicy:\n",
            "  Other:\n"
            "    Type: AWS::AutoScaling::ScalingPolicy\n"
            "    Properties:\n"
            "      AutoScalingGroupName: !Ref WebGroup\n"
            "      PolicyType: PredictiveScaling\n"
            "      PredictiveScalingConfiguration:\n"
            "        Mode: ForecastAndScale\n"
            "        MetricSpecifications:\n"
            "          - TargetValue: 40\n"
            "            PredefinedMetricPairSpecification:\n"
            "              PredefinedMetricType: ASGCPUUtilization\n"
            "  MorningPolicy:\n",
            "only one predictive scaling policy of WebGroup may be ForecastAndScale",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, before: str, after: str, message: str) -> None:
    shutil.copy(LIBRARY / RUSH, tmp_path)
    text = (LIBRARY / OFFICE).read_text(encoding="utf-8")
    assert before in text
    (tmp_path / OFFICE).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        load(tmp_path / RUSH)

"""A saved session loads again to the very same scenario, wherever it is saved."""

from __future__ import annotations

from pathlib import Path

from attrs import evolve

from scenarios.loader import Loaded, load
from scenarios.save import dump
from scenarios.scenario import Scenario
from tests.scenarios.samples import EXAMPLES, SCENARIO, load_text, needs_examples

TIMELINE = """\
history: 30m
metrics:
  - {namespace: Shop, name: Orders, period: 1m, values: [1, null, 2.5], dimensions: {Q: "on"}}
timeline:
  - id: dark
    at: 5m
    action: aws:network:disrupt-connectivity
    targets: {zones: [us-east-1a], count: 1}
    for: 10m
  - at: 12.5
    action: autoscaling:SetDesiredCapacity
    parameters: {AutoScalingGroupName: Group, DesiredCapacity: 3}
  - at: 15m
    action: aws:ssm:send-command
    targets: {AutoScalingGroups: [Group], percent: 50}
    parameters:
      documentArn: arn:aws:ssm:us-east-1::document/AWSFIS-Run-CPU-Stress
      documentParameters: '{"LoadPercent": 90}'
    for: 250ms
expect:
  - availability >= 99.5 from 10m to 20m
  - Alarm is OK by 25m
"""


def saved(loaded: Loaded, folder: Path, scenario: Scenario | None = None) -> Scenario:
    """The scenario as it is after saving it in a folder and loading it from there."""
    scenario = scenario or loaded.scenario
    folder.mkdir(exist_ok=True)
    text = dump(
        loaded.document,
        scenario.timeline,
        duration=scenario.duration,
        source=loaded.path.parent,
        folder=folder,
    )
    path = folder / "session.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path).scenario


def test_round_trip(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, SCENARIO + TIMELINE)
    assert saved(loaded, tmp_path / "elsewhere") == loaded.scenario


def test_overrides_are_saved(tmp_path: Path) -> None:
    loaded = load_text(
        tmp_path, SCENARIO, seed=11, overrides={"parameters.Size": "3", "traffic.0.rate": "7"}
    )
    again = saved(loaded, tmp_path / "elsewhere")
    assert again == loaded.scenario
    assert again.seed == 11


def test_the_timeline_and_the_duration_are_those_of_the_session(tmp_path: Path) -> None:
    loaded = load_text(tmp_path, SCENARIO + TIMELINE)
    first, *_ = loaded.scenario.timeline
    session = evolve(loaded.scenario, timeline=(evolve(first, at=0.1 + 0.2),), duration=1234.000001)
    again = saved(loaded, tmp_path / "elsewhere", session)
    assert again == session


@needs_examples
def test_the_example_keeps_its_trace(tmp_path: Path) -> None:
    loaded = load(EXAMPLES / "zone-outage.scenario.yaml")
    assert saved(loaded, tmp_path / "elsewhere") == loaded.scenario

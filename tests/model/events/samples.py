"""A web tier with rules, topics, queues and functions, for the tests of events."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from model.world import World
from scenarios import report
from scenarios.loader import Loaded, load
from scenarios.player import make_world
from tests.model.samples import SCENARIO, TEMPLATE

RESOURCES = """\
Healer:
  Type: AWS::Lambda::Function
  Properties: {Code: {ZipFile: x}, Role: role, Runtime: python3.13, Handler: index.handler}
HealerPermission:
  Type: AWS::Lambda::Permission
  Properties:
    {Action: "lambda:InvokeFunction", FunctionName: !Ref Healer, Principal: events.amazonaws.com}
Dead:
  Type: AWS::SQS::Queue
Held:
  Type: AWS::SQS::Queue
  Properties: {VisibilityTimeout: 60}
Pager:
  Type: AWS::SNS::Topic
"""
"""What most of the tests have; rules and subscriptions come beside it."""

HEAL = """\
Heal:
  Type: AWS::Events::Rule
  Properties:
    EventPattern:
      source: [aws.autoscaling]
      detail-type: [EC2 Instance Launch Successful]
    Targets: [{Id: healer, Arn: !GetAtt Healer.Arn}]
"""


def loaded(folder: Path, resources: str = "", scenario: str = "") -> Loaded:
    """The scenario with more resources and more sections."""
    extra = textwrap.indent(RESOURCES + resources, "  ")
    (folder / "web.yaml").write_text(TEMPLATE + extra, encoding="utf-8")
    path = folder / "small.yaml"
    path.write_text(SCENARIO + scenario, encoding="utf-8")
    return load(path)


def world_of(folder: Path, resources: str = "", scenario: str = "", until: float = 0.0) -> World:
    """Its world, played until `until`."""
    world = make_world(loaded(folder, resources, scenario).scenario)
    world.run(until)
    return world


def report_of(found: Loaded, world: World) -> dict[str, Any]:
    """Its report as of now; the world is left as it is."""
    copy = World.restore(world.snapshot())
    copy.note_totals()
    return report.build(found.scenario, copy, ())

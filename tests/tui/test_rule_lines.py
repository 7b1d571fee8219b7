"""The lines that the events pane has for rules and for the functions they invoke."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.events.rules import RuleDelivery
from tests.model.events.samples import HEAL, world_of
from tui.log import LogReader, of_delivery

HERE = "us-east-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        (f"arn:aws:lambda:{HERE}:function:Healer", "Healer"),
        (f"arn:aws:sqs:{HERE}:Held", "Held"),
        (f"arn:aws:events:{HERE}:target/stop-instance", "stop-instance"),
        (f"arn:aws:logs:{HERE}:log-group:/heals:*", "heals"),
        (f"arn:aws:states:{HERE}:stateMachine:Heal", "Heal"),
    ],
)
def test_a_rule_and_its_target(arn: str, name: str) -> None:
    delivery = RuleDelivery(1.0, "Heal", "one", arn, "{}", 1)
    assert of_delivery(delivery) == ("info", f"rule Heal → {name}")


def test_a_delivery_that_failed() -> None:
    arn = f"arn:aws:sqs:{HERE}:Held"
    delivery = RuleDelivery(1.0, "Heal", "one", arn, "{}", 1, "NO_RESOURCE", "gone")
    assert of_delivery(delivery) == ("error", "rule Heal → Held failed: NO_RESOURCE")


def test_the_pane_follows_rules_and_functions(tmp_path: Path) -> None:
    reactions = (
        "functions:\n  Healer:\n    - action: autoscaling:SetDesiredCapacity\n"
        "      parameters: {AutoScalingGroupName: Group, DesiredCapacity: 9}\n"
    )
    world = world_of(tmp_path, HEAL, reactions)
    reader = LogReader(world)
    before = len(reader.lines())
    world.run(60.0)
    texts = [line.text for line in reader.lines()]
    assert len(texts) >= before
    assert texts.count("rule Heal → Healer") == 2
    assert any(text.startswith("Healer failed: ") for text in texts)
    assert [line.text for line in reader.lines()] == texts

"""What targets are given: paths, and the examples of "Amazon EventBridge input transformation"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model.events.comparisons import ABSENT
from model.events.inputs import Transformer, parse_path

EVENT: dict[str, Any] = {
    "version": "0",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2015-11-11T21:29:54Z",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "tags": [{"k": "a"}, {"k": "b"}]},
}
PATHS = {
    "timestamp": "$.time",
    "instance": "$.detail.instance-id",
    "state": "$.detail.state",
    "gone": "$.detail.gone",
}


def filled(template: str) -> str:
    paths = tuple((name, parse_path(text)) for name, text in PATHS.items())
    return Transformer(paths, template).text(EVENT, "arn:aws:events:r:a:rule/example", "example")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        (
            r'"instance \"<instance>\" is in <state>"',
            r'"instance \"i-0123456789\" is in RUNNING"',
        ),
        (
            '{\n  "instance" : <instance>,\n  "state": <state>\n}',
            '{"instance":"i-0123456789","state":"RUNNING"}',
        ),
        (
            '{"instance": <instance>, "state": "<state>", "s": "\\"<instance>\\" is <state>"}',
            '{"instance":"i-0123456789","state":"RUNNING","s":"\\"i-0123456789\\" is RUNNING"}',
        ),
        (
            '{"state": [9, <state>, true], "Transformed": "Yes"}',
            '{"state":[9,"RUNNING",true],"Transformed":"Yes"}',
        ),
        (
            '{"ruleArn": <aws.events.rule-arn>, "ruleName": <aws.events.rule-name>}',
            '{"ruleArn":"arn:aws:events:r:a:rule/example","ruleName":"example"}',
        ),
        ('"<aws.events.rule-name> triggered"', '"example triggered"'),
        ('"at <aws.events.event.ingestion-time>"', '"at 2015-11-11T21:29:54Z"'),
        ('"<gone>!"', '"!"'),
        ("<instance> is up", '"i-0123456789" is up'),
    ],
)
def test_transformation_of_the_documentation(template: str, expected: str) -> None:
    assert filled(template) == expected


def test_the_whole_event_is_a_variable() -> None:
    found = json.loads(filled('{"all": <aws.events.event.json>, "head": <aws.events.event>}'))
    assert found["all"] == EVENT
    assert found["head"] == {key: value for key, value in EVENT.items() if key != "detail"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", EVENT),
        ("$.detail.state", "RUNNING"),
        ("$.resources[0]", EVENT["resources"][0]),
        ("$.detail.tags[1].k", "b"),
        ("$.detail.tags[*].k", ["a", "b"]),
        ("$.detail['instance-id']", "i-0123456789"),
        ("$.detail.gone", ABSENT),
        ("$.resources[1]", ABSENT),
        ("$.source.x", ABSENT),
        ("$.source[*]", ABSENT),
    ],
)
def test_paths(path: str, expected: object) -> None:
    assert parse_path(path).find(EVENT) == expected


def test_a_function_reads_json_inside_of_a_text() -> None:
    event = {"Records": [{"Sns": {"Message": '{"AlarmName": "Slow"}'}}]}
    path = parse_path("$.Records[0].Sns.Message.AlarmName")
    assert path.find(event, reading=True) == "Slow"
    assert path.find(event) is ABSENT


@pytest.mark.parametrize("text", ["detail.state", "$detail", "$.", "$.a[b]", "$.a b", "$..a"])
def test_wrong_paths(text: str) -> None:
    with pytest.raises(ValueError, match="is no path such as"):
        parse_path(text)

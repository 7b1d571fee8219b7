"""What the subscriptions of a topic are sent, and what their filters keep from them."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from model.cloudwatch.alarms import AlarmState
from model.events.sns import LATENCY
from model.world import World
from tests.model.events.samples import loaded, report_of, world_of
from tests.model.events.test_rules import throttle
from tests.model.samples import action

ACCOUNT = "us-east-1:123456789012"
PERMISSION = """\
FromTopics:
  Type: AWS::Lambda::Permission
  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !Ref Healer
    Principal: sns.amazonaws.com
    SourceArn: !Ref Pager
"""


def subscription(protocol: str, endpoint: str, more: str = "", name: str = "Told") -> str:
    return textwrap.dedent(
        f"""\
        {name}:
          Type: AWS::SNS::Subscription
          Properties:
            TopicArn: !Ref Pager
            Protocol: {protocol}
            Endpoint: {endpoint}
        """
    ) + textwrap.indent(more, "    ")


def published(folder: Path, resources: str, message: object = "hello", seconds: float = 1) -> World:
    """A world that published a message to the topic."""
    world = world_of(folder, resources)
    text = message if isinstance(message, str) else json.dumps(message)
    world.sns.publish("Pager", "subject", text)
    world.run(world.now + seconds)
    return world


def test_a_queue_gets_the_envelope(tmp_path: Path) -> None:
    world = published(tmp_path, subscription("sqs", "!GetAtt Held.Arn"))
    (message,) = world.couriers.messages["Held"]
    assert message.time == LATENCY
    envelope = json.loads(message.body)
    assert envelope["Type"] == "Notification"
    assert envelope["TopicArn"] == f"arn:aws:sns:{ACCOUNT}:Pager"
    assert (envelope["Subject"], envelope["Message"]) == ("subject", "hello")
    assert envelope["Timestamp"] == "2026-11-25T09:00:00.000Z"


def test_raw_delivery_is_the_message_alone(tmp_path: Path) -> None:
    more = "RawMessageDelivery: true\n"
    world = published(tmp_path, subscription("sqs", "!GetAtt Held.Arn", more))
    assert [message.body for message in world.couriers.messages["Held"]] == ["hello"]


def test_a_function_is_invoked_with_records(tmp_path: Path) -> None:
    world = published(tmp_path, PERMISSION + subscription("lambda", "!GetAtt Healer.Arn"))
    assert [told.function for told in world.invocations.invocations] == ["Healer"]


def test_mail_is_recorded_inside_and_outside_of_the_topic(tmp_path: Path) -> None:
    world = published(tmp_path, subscription("email", "ops@example.com"))
    (sending,) = world.sns.sendings
    assert (sending.subscription, sending.protocol, sending.endpoint, sending.error) == (
        "Told",
        "email",
        "ops@example.com",
        "",
    )
    inside = "Subscription: [{Protocol: sms, Endpoint: '+15550100'}]"
    text = f"Own: {{Type: 'AWS::SNS::Topic', Properties: {{{inside}}}}}\n"
    world = world_of(tmp_path, text)
    world.sns.publish("Own", "", "x")
    world.run(1.0)
    assert [sending.subscription for sending in world.sns.sendings] == ["Own.0"]


@pytest.mark.parametrize(
    ("policy", "message", "taken"),
    [
        ("{AlarmName: [Slow]}", {"AlarmName": "Slow"}, True),
        ("{AlarmName: [Fast]}", {"AlarmName": "Slow"}, False),
        ("{Trigger: {Period: [{numeric: ['>', 30]}]}}", {"Trigger": {"Period": 60}}, True),
        ("{Name: [{prefix: Sl}], x: [{exists: false}]}", {"Name": "Slow"}, True),
        ("{$or: [{a: [x]}, {b: [y]}]}", {"b": "y"}, True),
        ("{a: [b]}", "no json", False),
    ],
)
def test_filters_on_the_body(tmp_path: Path, policy: str, message: Any, taken: bool) -> None:
    more = f"FilterPolicy: {policy}\nFilterPolicyScope: MessageBody\n"
    world = published(tmp_path, subscription("sqs", "!GetAtt Held.Arn", more), message)
    assert bool(world.couriers.messages["Held"]) is taken


@pytest.mark.parametrize(("policy", "taken"), [("[b]", False), ("[{exists: false}]", True)])
def test_filters_on_attributes_of_which_there_are_none(
    tmp_path: Path, policy: str, taken: bool
) -> None:
    more = f"FilterPolicy: {{a: {policy}}}\n"
    world = published(tmp_path, subscription("sqs", "!GetAtt Held.Arn", more), {"a": "b"})
    assert bool(world.couriers.messages["Held"]) is taken


def test_what_cannot_be_delivered_goes_to_the_dead_letters(tmp_path: Path) -> None:
    more = "RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn}\n"
    world = published(tmp_path, subscription("lambda", "!GetAtt Healer.Arn", more))
    assert [sending.error for sending in world.sns.sendings] == ["NO_PERMISSIONS"]
    (message,) = world.couriers.messages["Dead"]
    assert message.attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert world.invocations.invocations == []


def test_an_endpoint_that_throttles_is_tried_again(tmp_path: Path) -> None:
    world = world_of(tmp_path, PERMISSION + subscription("lambda", "!GetAtt Healer.Arn"))
    throttle(world, on=True)
    world.sns.publish("Pager", "subject", "hello")
    world.run(45.0)
    assert world.invocations.invocations == []
    throttle(world, on=False)
    world.run(75.0)
    assert len(world.invocations.invocations) == 1
    assert [sending.error for sending in world.sns.sendings] == [""]


def test_the_report_tells_what_subscriptions_were_sent(tmp_path: Path) -> None:
    resources = subscription("email", "ops@example.com") + (
        "Loud:\n  Type: AWS::CloudWatch::Alarm\n  Properties:\n"
        "    {Namespace: X, MetricName: Y, Statistic: Sum, Period: 60, EvaluationPeriods: 1,\n"
        "    Threshold: 1, ComparisonOperator: GreaterThanThreshold, AlarmActions: [!Ref Pager]}\n"
    )
    world = world_of(tmp_path, resources)
    given: dict[str, Any] = {
        "alarm_name": "Loud",
        "state_value": AlarmState.ALARM,
        "state_reason": "test",
    }
    world.apply(action("cloudwatch:SetAlarmState", **given))
    world.run(1.0)
    (told,) = report_of(loaded(tmp_path, resources), world)["notifications"]
    assert told["deliveries"] == [
        {
            "time": 0.1,
            "subscription": "Told",
            "protocol": "email",
            "endpoint": "ops@example.com",
            "status": "delivered",
        }
    ]
    assert set(told) == {"time", "topic", "subject", "message", "deliveries"}

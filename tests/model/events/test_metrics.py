"""What rules, topics and queues tell CloudWatch.

Sources: "Monitoring Amazon EventBridge", "Monitoring Amazon SNS topics using CloudWatch",
"Available CloudWatch metrics for Amazon SQS".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.statistics import Datapoint
from model.events import rules, sns
from model.events.metrics import BUS
from model.world import World
from tests.model.events.samples import world_of
from tests.model.events.test_rules import ALARMED, alarmed, rule, stopped
from tests.model.events.test_subscriptions import subscription

RULE = (("RuleName", "watch"),)
PAGER = (("TopicName", "Pager"),)


def of(world: World, namespace: str, dimensions: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The sums of the minutes in which each metric has a datapoint, by their start."""
    return {
        metric.key.name: {start: point.total for start, point in metric.points.items()}
        for metric in world.cloudwatch.metrics
        if (metric.key.namespace, metric.key.dimensions) == (namespace, dimensions)
    }


def point(
    world: World, name: str, dimensions: tuple[tuple[str, str], ...], start: float = 0.0
) -> Datapoint:
    metric = world.cloudwatch.metrics.get(MetricKey("AWS/SQS", name, dimensions))
    assert metric is not None
    return metric.points[start]


def test_an_event_that_is_delivered(tmp_path: Path) -> None:
    world = world_of(tmp_path, rule("[{Id: q, Arn: !GetAtt Held.Arn}]"))
    alarmed(world, 120.0)
    latency = 1000 * rules.LATENCY
    assert of(world, "AWS/Events", RULE) == {
        "MatchedEvents": {0.0: 1},
        "TriggeredRules": {0.0: 1},
        "InvocationAttempts": {0.0: 1},
        "SuccessfulInvocationAttempts": {0.0: 1},
        "Invocations": {0.0: 1},
        "IngestionToInvocationStartLatency": {0.0: latency},
        "IngestionToInvocationCompleteLatency": {0.0: latency},
        "IngestionToInvocationSuccessLatency": {0.0: latency},
    }
    together = of(world, "AWS/Events", ())
    assert together["InvocationsCreated"] == together["Invocations"] == {0.0: 1}
    assert "MatchedEvents" not in together
    assert "Invocations" not in of(world, "AWS/Events", BUS)
    assert of(world, "AWS/Events", BUS)["MatchedEvents"] == {0.0: 1}
    units = {m.key.name: m.unit for m in world.cloudwatch.metrics if m.key.dimensions == RULE}
    assert {name for name, unit in units.items() if unit == "Milliseconds"} == {
        name for name in units if name.endswith("Latency")
    }


def test_every_target_is_an_invocation_and_every_rule_is_triggered(tmp_path: Path) -> None:
    targets = "[{Id: q, Arn: !GetAtt Held.Arn}, {Id: p, Arn: !Ref Pager}]"
    other = rule(targets).replace("Watch:", "Other:").replace("Name: watch", "Name: other")
    world = world_of(tmp_path, rule(targets) + other)
    alarmed(world, 60.0)
    assert of(world, "AWS/Events", RULE)["Invocations"] == {0.0: 2}
    assert of(world, "AWS/Events", ())["InvocationsCreated"] == {0.0: 4}
    assert of(world, "AWS/Events", ())["TriggeredRules"] == {0.0: 2}
    assert of(world, "AWS/Events", BUS)["MatchedEvents"] == {0.0: 1}


def test_what_fails_is_tried_again_and_then_buried(tmp_path: Path) -> None:
    world = stopped(tmp_path, "{MaximumRetryAttempts: 3}")
    alarmed(world, 60.0)
    told = of(world, "AWS/Events", RULE)
    assert told["InvocationAttempts"] == {0.0: 4}
    assert told["RetryInvocationAttempts"] == {0.0: 3}
    for name in ("Invocations", "FailedInvocations", "InvocationsSentToDlq"):
        assert told[name] == {0.0: 1}
    assert told["IngestionToInvocationStartLatency"] == {0.0: 1000 * rules.LATENCY}
    assert "SuccessfulInvocationAttempts" not in told
    assert "IngestionToInvocationSuccessLatency" not in told


def test_what_no_dead_letter_queue_takes(tmp_path: Path) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    target = f"{{Id: x, Arn: '{gone}', DeadLetterConfig: {{Arn: '{gone}'}}}}"
    world = world_of(tmp_path, rule(f"[{target}]"))
    alarmed(world, 60.0)
    told = of(world, "AWS/Events", RULE)
    assert told["InvocationsFailedToBeSentToDlq"] == {0.0: 1}
    assert "InvocationsSentToDlq" not in told


def test_a_scheduled_rule_counts_in_the_minute_that_it_runs_in(tmp_path: Path) -> None:
    clock = rule("[{Id: q, Arn: !GetAtt Held.Arn}]").replace(
        f"EventPattern: {ALARMED}", "ScheduleExpression: cron(0/2 9 ? * WED *)"
    )
    told = of(world_of(tmp_path, clock, until=300.0), "AWS/Events", RULE)
    assert told["TriggeredRules"] == {0.0: 1, 120.0: 1, 240.0: 1}
    assert told["Invocations"] == {0.0: 1, 120.0: 1, 240.0: 1}
    assert "MatchedEvents" not in told


def test_without_rules_topics_and_queues_there_is_nothing(tmp_path: Path) -> None:
    world = world_of(tmp_path, until=300.0)
    names = {metric.key.namespace for metric in world.cloudwatch.metrics}
    assert not names & {"AWS/Events", "AWS/SNS", "AWS/SQS"}


# -- topics ---------------------------------------------------------------------------------------


def published(folder: Path, resources: str, message: str = "höre") -> dict[str, Any]:
    world = world_of(folder, resources)
    world.sns.publish("Pager", "subject", message)
    world.run(60.0)
    return of(world, "AWS/SNS", PAGER)


def test_a_message_that_is_delivered(tmp_path: Path) -> None:
    assert published(tmp_path, subscription("sqs", "!GetAtt Held.Arn")) == {
        "NumberOfMessagesPublished": {0.0: 1},
        "PublishSize": {0.0: 5},  # bytes, not letters
        "NumberOfNotificationsDelivered": {0.0: 1},
    }


@pytest.mark.parametrize(
    ("policy", "scope", "message", "reasons"),
    [
        ("{a: [b]}", "MessageAttributes", "x", {"MessageAttributes", "NoMessageAttributes"}),
        ("{a: [b]}", "MessageBody", '{"a": "c"}', {"MessageBody"}),
        ("{a: [b]}", "MessageBody", "x", {"MessageBody", "InvalidMessageBody"}),
    ],
)
def test_a_message_that_a_filter_keeps_out(
    tmp_path: Path, policy: str, scope: str, message: str, reasons: set[str]
) -> None:
    more = f"FilterPolicy: {policy}\nFilterPolicyScope: {scope}\n"
    told = published(tmp_path, subscription("sqs", "!GetAtt Held.Arn", more), message)
    assert told["NumberOfNotificationsFilteredOut"] == {0.0: 1}
    assert {name.partition("-")[2] for name in told if "-" in name} == reasons
    assert "NumberOfNotificationsDelivered" not in told


@pytest.mark.parametrize(("queue", "name"), [("Dead.Arn", "RedrivenToDlq"), (None, None)])
def test_a_message_that_fails(tmp_path: Path, queue: str | None, name: str | None) -> None:
    more = f"RedrivePolicy: {{deadLetterTargetArn: !GetAtt {queue}}}\n" if queue else ""
    told = published(tmp_path, subscription("lambda", "!GetAtt Healer.Arn", more))
    assert told["NumberOfNotificationsFailed"] == {0.0: 1}
    assert [n for n in told if n.endswith("Dlq")] == (
        [f"NumberOfNotifications{name}"] if name else []
    )


# -- queues ---------------------------------------------------------------------------------------


def test_a_queue_tells_what_it_takes_and_holds(tmp_path: Path) -> None:
    world = world_of(
        tmp_path, subscription("sqs", "!GetAtt Held.Arn", "RawMessageDelivery: true\n")
    )
    world.run(30.0)
    world.sns.publish("Pager", "", "hello")
    world.run(180.0)
    queue = (("QueueName", world.stack.resources["Held"].identity.attributes["QueueName"]),)
    told = of(world, "AWS/SQS", queue)
    assert told["NumberOfMessagesSent"] == {0.0: 1}
    assert told["SentMessageSize"] == {0.0: 5}
    assert told["ApproximateNumberOfMessagesVisible"] == {0.0: 1, 60.0: 1, 120.0: 1}
    assert told["ApproximateAgeOfOldestMessage"] == {0.0: 30, 60.0: 90, 120.0: 150}
    assert point(world, "SentMessageSize", queue).count == 1
    assert sns.LATENCY < 0.5  # or the ages above would be others


def test_an_alarm_can_watch_them(tmp_path: Path) -> None:
    alarm = """\
Buried:
  Type: AWS::CloudWatch::Alarm
  Properties:
    Namespace: AWS/Events
    MetricName: InvocationsSentToDlq
    Dimensions: [{Name: RuleName, Value: !Ref Watch}]
    Statistic: Sum
    Period: 60
    EvaluationPeriods: 1
    Threshold: 0
    ComparisonOperator: GreaterThanThreshold
    TreatMissingData: notBreaching
"""
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    target = f"[{{Id: q, Arn: '{gone}', DeadLetterConfig: {{Arn: !GetAtt Dead.Arn}}}}]"
    world = world_of(tmp_path, rule(target) + alarm, until=120.0)
    alarmed(world, 61.0)
    (found,) = [view for view in world.cloudwatch.describe_alarms() if view.id == "Buried"]
    assert found.state.value == "ALARM"

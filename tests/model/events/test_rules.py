"""Rules at work: who is told of what, when, and what becomes of what cannot be delivered."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.metrics import MetricKey
from model.events.delivery import DeliveryError
from model.events.rules import LATENCY, RuleDelivery
from model.world import World
from tests.model.events.samples import HEAL, loaded, report_of, world_of
from tests.model.samples import action, instances

ALARM: dict[str, Any] = {
    "alarm_name": "Slow",
    "state_value": AlarmState.ALARM,
    "state_reason": "test",
}
ACCOUNT = "us-east-1:123456789012"


ALARMED = "{source: [aws.cloudwatch], detail: {alarmName: [Slow], state: {value: [ALARM]}}}"


def rule(targets: str, pattern: str = ALARMED, more: str = "") -> str:
    return textwrap.dedent(
        f"""\
        Watch:
          Type: AWS::Events::Rule
          Properties:
            Name: watch
            EventPattern: {pattern}
            Targets: {targets}
        """
    ) + textwrap.indent(more, "    ")


def alarmed(world: World, seconds: float = 1.0) -> list[RuleDelivery]:
    """The deliveries after an alarm changed its state."""
    world.apply(action("cloudwatch:SetAlarmState", **ALARM))
    world.run(world.now + seconds)
    return world.rules.deliveries


def test_a_queue_gets_the_event_in_its_envelope(tmp_path: Path) -> None:
    world = world_of(tmp_path, rule("[{Id: q, Arn: !GetAtt Held.Arn}]"), until=30.0)
    (delivery,) = alarmed(world)
    assert (delivery.rule, delivery.target, delivery.status) == ("Watch", "q", "delivered")
    assert delivery.time == 30.0 + LATENCY
    (message,) = world.couriers.messages["Held"]
    event = json.loads(message.body)
    assert list(event) == [
        "version",
        "id",
        "detail-type",
        "source",
        "account",
        "time",
        "region",
        "resources",
        "detail",
    ]
    assert event["time"] == "2026-11-25T09:00:30Z"
    assert event["detail-type"] == "CloudWatch Alarm State Change"
    assert event["detail"]["state"]["value"] == "ALARM"
    assert (event["account"], event["region"]) == ("123456789012", "us-east-1")


def test_ids_follow_from_the_seed_and_differ(tmp_path: Path) -> None:
    targets = "[{Id: q, Arn: !GetAtt Held.Arn, InputPath: $.id}]"
    worlds = [world_of(tmp_path, rule(targets, "{source: [aws.ec2]}")) for _ in range(2)]
    first, second = ([m.body for m in w.couriers.messages["Held"]] for w in worlds)
    assert first == second
    assert len(set(first)) == len(first) > 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Input: '{\"a\": 1}'", {"a": 1}),
        ("InputPath: $.detail.alarmName", "Slow"),
        ("InputPath: $.detail.nothing", {}),
        (
            "InputTransformer: {InputPathsMap: {name: $.detail.alarmName}, "
            "InputTemplate: '\"<name> by <aws.events.rule-name>\"'}",
            "Slow by watch",
        ),
    ],
)
def test_what_a_target_is_given(tmp_path: Path, given: str, expected: object) -> None:
    world = world_of(tmp_path, rule(f"[{{Id: q, Arn: !GetAtt Held.Arn, {given}}}]"))
    (delivery,) = alarmed(world)
    assert json.loads(delivery.input) == expected


def test_targets_of_all_kinds_are_recorded(tmp_path: Path) -> None:
    arns = [
        f"arn:aws:kinesis:{ACCOUNT}:stream/s",
        f"arn:aws:states:{ACCOUNT}:stateMachine:m",
        f"arn:aws:ecs:{ACCOUNT}:cluster/c",
        f"arn:aws:logs:{ACCOUNT}:log-group:/l",
        f"arn:aws:events:{ACCOUNT}:event-bus/other",
    ]
    targets = ", ".join(f"{{Id: t{i}, Arn: '{arn}'}}" for i, arn in enumerate(arns))
    world = world_of(tmp_path, rule(f"[{targets}]"))
    assert [(d.arn, d.status) for d in alarmed(world)] == [(arn, "delivered") for arn in arns]


def test_a_task_is_run_by_its_cluster_and_definition(tmp_path: Path) -> None:
    """Clusters and task definitions of a template are kept, so that a rule can name them."""
    resources = (
        "Cluster:\n  Type: AWS::ECS::Cluster\n"
        "Task:\n  Type: AWS::ECS::TaskDefinition\n  Properties: {Family: cleaner}\n"
    )
    targets = (
        "[{Id: t, Arn: !GetAtt Cluster.Arn, RoleArn: role, "
        "EcsParameters: {TaskDefinitionArn: !Ref Task, TaskCount: 1}}]"
    )
    (delivery,) = alarmed(world_of(tmp_path, resources + rule(targets)))
    assert delivery.arn.endswith(":cluster/Cluster")
    assert delivery.status == "delivered"


def test_a_topic_takes_events(tmp_path: Path) -> None:
    world = world_of(tmp_path, rule("[{Id: t, Arn: !Ref Pager, InputPath: $.detail.state.value}]"))
    alarmed(world)
    (told,) = world.sns.deliveries
    assert (told.topic, told.subject, told.message) == ("Pager", "", '"ALARM"')


def test_disabled_rules_and_other_events_tell_nobody(tmp_path: Path) -> None:
    other = rule("[{Id: q, Arn: !GetAtt Held.Arn}]", "{source: [aws.health]}")
    assert alarmed(world_of(tmp_path, other)) == []
    off = rule("[{Id: q, Arn: !GetAtt Held.Arn}]", more="State: DISABLED\n")
    assert alarmed(world_of(tmp_path, off)) == []


def test_a_world_without_rules_is_not_asked(tmp_path: Path) -> None:
    assert world_of(tmp_path).bus.rules is None


# -- schedules ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "times"),
    [
        # the history begins two minutes before the scenario, and the rule with it
        ("rate(3 minutes)", [60.0, 240.0]),
        ("cron(0/2 9 ? * WED *)", [0.0, 120.0, 240.0]),
    ],
)
def test_scheduled_rules(tmp_path: Path, expression: str, times: list[float]) -> None:
    text = f"""\
Clock:
  Type: AWS::Events::Rule
  Properties:
    ScheduleExpression: {expression}
    Targets: [{{Id: q, Arn: !GetAtt Held.Arn}}]
"""
    world = world_of(tmp_path, text, until=300.0)
    assert [d.time - LATENCY for d in world.rules.deliveries] == times
    event = json.loads(world.rules.deliveries[0].input)
    assert event["detail-type"] == "Scheduled Event"
    assert event["source"] == "aws.events"
    assert event["detail"] == {}
    assert event["resources"] == [f"arn:aws:events:{ACCOUNT}:rule/Clock"]


# -- failures -------------------------------------------------------------------------------------


def test_a_function_needs_a_permission(tmp_path: Path) -> None:
    other = f"""\
Other:
  Type: AWS::Lambda::Function
  Properties: {{Code: {{ZipFile: x}}, Role: role}}
OtherPermission:
  Type: AWS::Lambda::Permission
  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !Ref Other
    Principal: events.amazonaws.com
    SourceArn: arn:aws:events:{ACCOUNT}:rule/else
"""
    dead = "DeadLetterConfig: {Arn: !GetAtt Dead.Arn}"
    world = world_of(tmp_path, other + rule(f"[{{Id: f, Arn: !GetAtt Other.Arn, {dead}}}]"))
    (delivery,) = alarmed(world)
    assert (delivery.status, delivery.error, delivery.attempts) == ("failed", "NO_PERMISSIONS", 1)
    (message,) = world.couriers.messages["Dead"]
    assert message.attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert message.attributes["RULE_ARN"] == f"arn:aws:events:{ACCOUNT}:rule/watch"
    assert message.attributes["TARGET_ARN"] == f"arn:aws:lambda:{ACCOUNT}:function:Other"
    assert "EXHAUSTED_RETRY_CONDITION" not in message.attributes
    assert json.loads(message.body)["source"] == "aws.cloudwatch"


@pytest.mark.parametrize("service", ["lambda", "sqs"])
def test_a_target_that_is_not_there_is_not_tried_again(tmp_path: Path, service: str) -> None:
    name = "function:Gone" if service == "lambda" else "Gone"
    world = world_of(tmp_path, rule(f"[{{Id: x, Arn: 'arn:aws:{service}:{ACCOUNT}:{name}'}}]"))
    (delivery,) = alarmed(world)
    assert (delivery.error, delivery.attempts, delivery.dead_letters) == ("NO_RESOURCE", 1, "")


def throttle(world: World, *, on: bool) -> None:
    """Have functions take nothing for a time: the real Lambda does when it is out of order."""

    def refuse(*_: Any) -> None:
        raise DeliveryError("THROTTLING", "too many requests", passing=True)

    if on:
        vars(world.couriers)["to_function"] = refuse
    else:
        del vars(world.couriers)["to_function"]


def stopped(folder: Path, policy: str) -> World:
    """A world with a rule whose target throttles."""
    dead = "DeadLetterConfig: {Arn: !GetAtt Dead.Arn}"
    world = world_of(
        folder, rule(f"[{{Id: f, Arn: !GetAtt Healer.Arn, RetryPolicy: {policy}, {dead}}}]")
    )
    throttle(world, on=True)
    return world


def test_a_target_that_throttles_is_tried_again(tmp_path: Path) -> None:
    world = stopped(tmp_path, "{}")
    assert alarmed(world, 30.0) == []
    throttle(world, on=False)
    world.run(world.now + 60.0)
    (delivery,) = world.rules.deliveries
    assert delivery.status == "delivered"
    assert delivery.attempts > 3


def test_retries_end_after_their_number(tmp_path: Path) -> None:
    world = stopped(tmp_path, "{MaximumRetryAttempts: 3}")
    (delivery,) = alarmed(world, 60.0)
    assert (delivery.error, delivery.attempts) == ("THROTTLING", 4)
    (message,) = world.couriers.messages["Dead"]
    assert message.attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"
    assert message.attributes["RETRY_ATTEMPTS"] == "3"


def test_retries_end_with_the_age_of_the_event(tmp_path: Path) -> None:
    world = stopped(tmp_path, "{MaximumEventAgeInSeconds: 60}")
    (delivery,) = alarmed(world, 120.0)
    assert delivery.time <= 60.0
    (message,) = world.couriers.messages["Dead"]
    assert message.attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds"


# -- the EC2 API ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "call", "state"),
    [
        ("stop-instance", "StopInstances", "stopping"),
        ("terminate-instance", "TerminateInstances", "shutting-down"),
        ("reboot-instance", "RebootInstances", "running"),
    ],
)
def test_built_in_targets_call_the_ec2_api(
    tmp_path: Path, target: str, call: str, state: str
) -> None:
    world = world_of(tmp_path)
    victim = instances(world)[0].id
    text = rule(
        f"[{{Id: x, Arn: 'arn:aws:events:{ACCOUNT}:target/{target}', Input: '\"{victim}\"'}}]"
    )
    world = world_of(tmp_path, text)
    (delivery,) = alarmed(world)
    assert delivery.status == "delivered"
    assert world.host(victim).state.value == state
    calls = [e for e in world.bus.events if e.detail.get("eventName") == call]
    assert [e.detail["requestParameters"] for e in calls] == [{"instanceIds": [victim]}]
    assert calls[0].detail["userIdentity"]["type"] == "AssumedRole"
    assert all(action.name != f"ec2:{call}" for _, action in world.applied)


def test_a_built_in_target_wants_the_id_of_an_instance(tmp_path: Path) -> None:
    arn = f"arn:aws:events:{ACCOUNT}:target/stop-instance"
    (delivery,) = alarmed(world_of(tmp_path, rule(f"[{{Id: x, Arn: '{arn}'}}]")))
    assert delivery.error == "INVALID_INPUT"
    (delivery,) = alarmed(
        world_of(tmp_path, rule(f"[{{Id: x, Arn: '{arn}', Input: '\"i-00000000\"'}}]"))
    )
    assert delivery.error == "InvalidInstanceID.NotFound"


# -- the record -----------------------------------------------------------------------------------


def test_the_report_tells_deliveries_where_there_are_rules(tmp_path: Path) -> None:
    found = loaded(tmp_path, rule("[{Id: q, Arn: !GetAtt Held.Arn, InputPath: $.source}]"))
    world = world_of(tmp_path, rule("[{Id: q, Arn: !GetAtt Held.Arn, InputPath: $.source}]"))
    alarmed(world)
    told = report_of(found, world)
    assert told["deliveries"] == [
        {
            "time": 0.5,
            "rule": "Watch",
            "target": "q",
            "arn": f"arn:aws:sqs:{ACCOUNT}:Held",
            "input": "aws.cloudwatch",
            "status": "delivered",
            "attempts": 1,
        }
    ]
    assert told["queues"] == {"Dead": {"messages": 0}, "Held": {"messages": 1}}
    assert "deliveries" not in report_of(loaded(tmp_path), world_of(tmp_path))


def test_invocations_are_counted_in_the_metrics_of_the_function(tmp_path: Path) -> None:
    world = world_of(tmp_path, HEAL, until=60.0)
    key = MetricKey.of("AWS/Lambda", "Invocations", {"FunctionName": "Healer"})
    point = world.cloudwatch.metrics.read(key, -120.0, 60.0)
    assert point is not None
    assert point.total == len(world.rules.deliveries) == 2

"""Lambda's queue of events: retries, ages, dead letters and destinations.

Sources: "How Lambda handles errors and retries with asynchronous invocation", "Capturing records of
Lambda asynchronous invocations", "Types of metrics for Lambda functions".
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model.world import World
from tests.model.events.samples import RESOURCES, world_of
from tests.model.events.test_metrics import of
from tests.model.samples import action

OWN = (("FunctionName", "Healer"),)
FAILING = """\
functions:
  Healer:
    - action: autoscaling:SetDesiredCapacity
      parameters: {AutoScalingGroupName: Group, DesiredCapacity: $.wanted}
"""
"""It fails where the event wants more than the group's four, or nothing."""


def config(properties: str) -> str:
    return f"""\
Config:
  Type: AWS::Lambda::EventInvokeConfig
  Properties: {{FunctionName: !Ref Healer, Qualifier: $LATEST, {properties}}}
"""


DEAD = "DestinationConfig: {OnFailure: {Destination: !GetAtt Dead.Arn}}"


def told(destination: str, outcome: str = "OnFailure") -> str:
    return config(f"DestinationConfig: {{{outcome}: {{Destination: {destination}}}}}")


def buried(monkeypatch: pytest.MonkeyPatch, arn: str) -> None:
    """Have the function's dead letters go there."""
    own = f"Handler: index.handler, DeadLetterConfig: {{TargetArn: {arn}}}"
    changed = RESOURCES.replace("Handler: index.handler", own)
    monkeypatch.setattr("tests.model.events.samples.RESOURCES", changed)


def invoked(folder: Path, wanted: int, more: str = "", seconds: float = 600.0) -> World:
    """A world in which the function was invoked at a second past the start."""
    world = world_of(folder, more, FAILING, until=1.0)
    invoke(world, wanted)
    world.run(seconds)
    return world


def invoke(world: World, wanted: int) -> None:
    arn = next(arn for arn in world.functions.resources if arn.endswith(":Healer"))
    world.invocations.invoke(arn, {"wanted": wanted})


def reserve(world: World, number: int) -> None:
    given: dict[str, Any] = {
        "function_name": "Healer",
        "reserved_concurrent_executions": number,
    }
    world.apply(action("lambda:PutFunctionConcurrency", **given))


def bodies(world: World, queue: str) -> list[Any]:
    return [json.loads(message.body) for message in world.couriers.messages[queue]]


def test_an_event_that_is_processed_is_tried_once(tmp_path: Path) -> None:
    world = invoked(tmp_path, 3)
    (done,) = world.invocations.invocations
    assert (done.time, done.error, done.attempt) == (1.0, "", 1)
    found = of(world, "AWS/Lambda", OWN)
    assert found["AsyncEventsReceived"] == {0.0: 1}
    assert found["AsyncEventAge"] == {0.0: 0}
    assert "AsyncEventsDropped" not in found


def test_a_function_that_fails_is_tried_after_one_minute_and_after_two(tmp_path: Path) -> None:
    world = invoked(tmp_path, 9)
    tries = world.invocations.invocations
    assert [(item.time, item.attempt) for item in tries] == [(1.0, 1), (61.0, 2), (181.0, 3)]
    assert all(item.error for item in tries)
    found = of(world, "AWS/Lambda", OWN)
    assert found["AsyncEventsReceived"] == {0.0: 1}
    assert found["AsyncEventAge"] == {0.0: 0, 60.0: 60_000, 180.0: 180_000}
    assert found["AsyncEventsDropped"] == {180.0: 1}
    # what happens within the minute, not at its end, is counted by it
    assert sum(found["Invocations"].values()) == sum(found["Errors"].values()) == 3


@pytest.mark.parametrize(
    ("properties", "times"),
    [
        ("MaximumRetryAttempts: 0", [1.0]),
        ("MaximumRetryAttempts: 1", [1.0, 61.0]),
        ("MaximumEventAgeInSeconds: 60", [1.0, 61.0]),
        ("MaximumEventAgeInSeconds: 179", [1.0, 61.0]),
        ("MaximumEventAgeInSeconds: 180", [1.0, 61.0, 181.0]),
    ],
)
def test_a_configuration_ends_it_sooner(
    tmp_path: Path, properties: str, times: list[float]
) -> None:
    world = invoked(tmp_path, 9, config(properties))
    assert [item.time for item in world.invocations.invocations] == times
    assert sum(of(world, "AWS/Lambda", OWN)["AsyncEventsDropped"].values()) == 1


def test_with_no_concurrency_reserved_events_are_dropped_at_once(tmp_path: Path) -> None:
    world = world_of(tmp_path, told("!GetAtt Dead.Arn"), FAILING, until=1.0)
    reserve(world, 0)
    invoke(world, 3)
    world.run(60.0)
    assert world.invocations.invocations == []
    assert of(world, "AWS/Lambda", OWN)["AsyncEventsDropped"] == {0.0: 1}
    (record,) = bodies(world, "Dead")
    assert record["requestContext"]["approximateInvokeCount"] == 0


def test_a_function_that_is_throttled_is_tried_again_ever_more_slowly(tmp_path: Path) -> None:
    world = world_of(tmp_path, "", FAILING, until=1.0)
    reserve(world, 1)
    pool = world.functions.hosts["Healer"].pool
    pool.loads.append((1.0, 1.0))  # its one environment is busy
    invoke(world, 3)
    world.run(20.0)
    assert world.invocations.invocations == []
    pool.loads.pop()
    world.run(60.0)
    (done,) = world.invocations.invocations
    assert (done.time, done.attempt) == (32.0, 1)  # after 1, 2, 4, 8 and 16 seconds
    found = of(world, "AWS/Lambda", OWN)
    assert found["Throttles"] == {0.0: 5}
    assert found["AsyncEventAge"] == {0.0: 31_000}


def test_an_event_gets_too_old_while_the_function_is_throttled(tmp_path: Path) -> None:
    world = world_of(tmp_path, config(f"MaximumEventAgeInSeconds: 60, {DEAD}"), FAILING, until=1.0)
    reserve(world, 1)
    world.functions.hosts["Healer"].pool.loads.append((1.0, 1.0))
    invoke(world, 3)
    world.run(120.0)
    assert sum(of(world, "AWS/Lambda", OWN)["AsyncEventsDropped"].values()) == 1
    (record,) = bodies(world, "Dead")
    assert record["requestContext"]["condition"] == "EventAgeExceeded"


@pytest.mark.parametrize("kind", ["queue", "topic"])
def test_dead_letters_are_the_event_itself(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    buried(monkeypatch, "!GetAtt Dead.Arn" if kind == "queue" else "!Ref Pager")
    world = invoked(tmp_path, 9)
    if kind == "topic":
        (delivery,) = world.sns.deliveries
        assert json.loads(delivery.message) == {"wanted": 9}
        return
    (message,) = world.couriers.messages["Dead"]
    assert json.loads(message.body) == {"wanted": 9}
    assert set(message.attributes) == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert message.attributes["ErrorCode"] == "200"
    assert "9" in message.attributes["ErrorMessage"]


def test_dead_letters_that_nobody_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    buried(monkeypatch, "arn:aws:sqs:us-east-1:123456789012:gone")
    found = of(invoked(tmp_path, 9), "AWS/Lambda", OWN)
    assert found["DeadLetterErrors"] == found["AsyncEventsDropped"] == {180.0: 1}


def test_a_destination_is_told_of_failures(tmp_path: Path) -> None:
    world = invoked(tmp_path, 9, told("!GetAtt Held.Arn"))
    (record,) = bodies(world, "Held")
    context = record["requestContext"]
    assert context["condition"] == "RetriesExhausted"
    assert context["approximateInvokeCount"] == 3
    assert context["functionArn"].endswith(":function:Healer:$LATEST")
    assert record["timestamp"] == "2026-11-25T09:03:01.000Z"
    assert record["requestPayload"] == {"wanted": 9}
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert invoked(tmp_path, 3, told("!GetAtt Held.Arn")).couriers.messages["Held"] == []


def test_a_destination_is_told_of_successes(tmp_path: Path) -> None:
    world = invoked(tmp_path, 3, told("!GetAtt Held.Arn", "OnSuccess"))
    (record,) = bodies(world, "Held")
    assert record["requestContext"]["condition"] == "Success"
    assert "functionError" not in record["responseContext"]
    assert (
        invoked(tmp_path, 9, told("!GetAtt Held.Arn", "OnSuccess")).couriers.messages["Held"] == []
    )


def test_an_event_bus_and_a_function_can_be_told(tmp_path: Path) -> None:
    bus = "!Sub 'arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default'"
    world = invoked(tmp_path, 3, told(bus, "OnSuccess"))
    (event,) = [event for event in world.bus.events if event.source == "lambda"]
    assert event.detail_type == "Lambda Function Invocation Result - Success"
    assert event.detail["requestPayload"] == {"wanted": 3}
    other = """\
Other:
  Type: AWS::Lambda::Function
  Properties: {Code: {ZipFile: x}, Role: role}
"""
    world = invoked(tmp_path, 9, other + told("!GetAtt Other.Arn"))
    assert [item.function for item in world.invocations.invocations][-1] == "Other"


def test_a_destination_that_is_not_there(tmp_path: Path) -> None:
    gone = "arn:aws:sqs:us-east-1:123456789012:gone"
    found = of(invoked(tmp_path, 9, told(gone)), "AWS/Lambda", OWN)
    assert found["DestinationDeliveryFailures"] == {180.0: 1}


def test_a_copy_goes_on_the_same(tmp_path: Path) -> None:
    world = invoked(tmp_path, 9, told("!GetAtt Held.Arn"), seconds=100.0)
    copy = World.restore(world.snapshot())
    for one in (world, copy):
        one.run(600.0)
    assert bodies(world, "Held") == bodies(copy, "Held") != []

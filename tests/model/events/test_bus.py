"""The default event bus: who is told of what, and in which order."""

from __future__ import annotations

from datetime import UTC, datetime

from model.clock import Schedule
from model.events.bus import CloudEvent, EventBus

LAUNCH = "EC2 Instance Launch Successful"
TERMINATE = "EC2 Instance Terminate Successful"


def make_bus() -> tuple[Schedule, EventBus]:
    schedule = Schedule(0.0, datetime(2026, 11, 25, tzinfo=UTC))
    return schedule, EventBus(schedule)


def test_an_event_bears_the_time_it_was_put_on_the_bus() -> None:
    schedule, bus = make_bus()
    schedule.now = 42.0
    bus.publish("aws.autoscaling", LAUNCH, ("arn:group", "arn:instance"), {"EC2InstanceId": "i-1"})
    assert bus.events == [
        CloudEvent(
            42.0,
            "aws.autoscaling",
            LAUNCH,
            ("arn:group", "arn:instance"),
            {"EC2InstanceId": "i-1"},
        )
    ]


def test_subscribers_are_told_of_their_detail_type_alone() -> None:
    _, bus = make_bus()
    seen: list[CloudEvent] = []
    bus.subscribe(LAUNCH, seen.append)
    bus.publish("aws.autoscaling", LAUNCH, (), {"EC2InstanceId": "i-1"})
    bus.publish("aws.autoscaling", TERMINATE, (), {"EC2InstanceId": "i-1"})
    assert [event.detail_type for event in seen] == [LAUNCH]
    assert [event.detail_type for event in bus.events] == [LAUNCH, TERMINATE]


def test_every_subscriber_is_told_in_order_of_subscription() -> None:
    _, bus = make_bus()
    told: list[str] = []
    bus.subscribe(LAUNCH, lambda _: told.append("first"))
    bus.subscribe(LAUNCH, lambda _: told.append("second"))
    bus.publish("aws.autoscaling", LAUNCH, (), {})
    assert told == ["first", "second"]


def test_what_came_before_the_subscription_is_not_told() -> None:
    _, bus = make_bus()
    seen: list[CloudEvent] = []
    bus.publish("aws.autoscaling", LAUNCH, (), {})
    bus.subscribe(LAUNCH, seen.append)
    assert seen == []


def test_an_event_that_answers_an_event_comes_after_it() -> None:
    _, bus = make_bus()
    bus.subscribe(LAUNCH, lambda _: bus.publish("aws.autoscaling", TERMINATE, (), {}))
    bus.publish("aws.autoscaling", LAUNCH, (), {})
    assert [event.detail_type for event in bus.events] == [LAUNCH, TERMINATE]

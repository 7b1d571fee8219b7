"""Topics keep what they delivered."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.clock import Schedule
from model.events.sns import Delivery, Sns


def make_sns(*topics: str) -> tuple[Schedule, Sns]:
    schedule = Schedule(0.0, datetime(2026, 11, 25, tzinfo=UTC))
    return schedule, Sns(schedule, topics)


def test_deliveries_are_kept_oldest_first_with_their_time() -> None:
    schedule, sns = make_sns("Pager", "Mail")
    sns.publish("Mail", "hello", "one")
    schedule.now = 60.0
    sns.publish("Pager", "again", "two")
    assert sns.deliveries == [
        Delivery(0.0, "Mail", "hello", "one"),
        Delivery(60.0, "Pager", "again", "two"),
    ]


def test_a_topic_that_is_not_there_takes_nothing() -> None:
    _, sns = make_sns("Pager")
    with pytest.raises(KeyError):
        sns.publish("Mail", "hello", "one")
    assert sns.deliveries == []

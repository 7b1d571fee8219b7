"""Small alarms, evaluation ranges and a CloudWatch of their own for the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from attrs import define, field

from model.clock import Schedule
from model.cloudwatch.acting import Invocation
from model.cloudwatch.alarms import AlarmState, MetricAlarm, Slot
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.records import AlarmRecord
from model.cloudwatch.service import CloudWatch
from model.cloudwatch.statistics import Datapoint
from model.events.bus import EventBus
from model.events.sns import Sns
from model.journal import Journal

OK = AlarmState.OK
ALARM = AlarmState.ALARM
INSUFFICIENT_DATA = AlarmState.INSUFFICIENT_DATA

KEY = MetricKey.of("Shop", "Orders", {"Queue": "checkout"})
EPOCH = datetime(2026, 11, 25, 9, tzinfo=UTC)

DEFAULTS: dict[str, Any] = {
    "name": "busy",
    "metric": KEY,
    "statistic": "Average",
    "period": 60.0,
    "threshold": 50.0,
    "comparison_operator": "GreaterThanThreshold",
    "evaluation_periods": 1,
    "arn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy",
}


def make_alarm(**changes: Any) -> MetricAlarm:
    """An alarm on averages above 50, with some fields changed."""
    return MetricAlarm(**(DEFAULTS | changes))


def slots(drawing: str, *, samples: float = 1.0) -> list[Slot]:
    """An evaluation range as AWS's tables draw it: 0 is fine, X breaches, - is missing.

    The newest datapoint stands right in the drawing, and first in the list; its minute begins
    at second 0.
    """
    values = {"0": 10.0, "X": 90.0, "-": None}
    return [
        Slot(-60.0 * age, values[mark], 0.0 if mark == "-" else samples)
        for age, mark in enumerate(reversed(drawing.split()))
    ]


@define(eq=False)
class Cloud:
    """CloudWatch with what it touches, and a scaling policy named `grow` that only listens."""

    schedule: Schedule
    bus: EventBus
    journal: Journal
    sns: Sns
    cloudwatch: CloudWatch
    invocations: list[tuple[float, Invocation]] = field(factory=list)

    @classmethod
    def make(cls, epoch: datetime = EPOCH, functions: Sequence[str] = ()) -> Cloud:
        schedule, journal = Schedule(0.0, epoch), Journal()
        bus, sns = EventBus(schedule), Sns(schedule, ("pager",))
        arns = {
            name: f"arn:aws:lambda:us-east-1:123456789012:function:{name}" for name in functions
        }
        cloud = cls(
            schedule, bus, journal, sns, CloudWatch(schedule, bus, journal, sns, arns, functions)
        )
        cloud.cloudwatch.actions.scale = cloud._invoke
        return cloud

    def _invoke(self, policy: str, invocation: Invocation) -> bool:
        if policy == "grow":
            self.invocations.append((self.schedule.now, invocation))
        return policy == "grow"

    def alarm(self, **changes: Any) -> AlarmRecord:
        """Make an alarm; its record tells how it stands."""
        self.cloudwatch.put_metric_alarm(make_alarm(**changes), "busy")
        return self.cloudwatch.alarms["busy"]

    def report(self, minute: int, *values: float) -> None:
        """One sample for each value in the minute of that number."""
        self.cloudwatch.put(KEY, "Count", 60.0 * minute, Datapoint.samples(values))

    def run(self, until: float) -> None:
        """Let everything happen that is due up to and including `until`."""
        while (time := self.schedule.next_time()) is not None and time <= until:
            for event in self.schedule.due(time):
                assert event.callback is not None
                event.callback(*event.arguments)
        self.schedule.now = until

    def play(self, record: AlarmRecord, *minutes: float | None) -> list[AlarmState]:
        """Report these values minute by minute from now on: the state after each minute."""
        states = []
        for value in minutes:
            minute = int(self.schedule.now // 60)
            if value is not None:
                self.report(minute, value)
            self.run(60.0 * (minute + 1))
            states.append(record.state)
        return states

"""What CloudWatch keeps of each alarm, and how that is shown."""

from __future__ import annotations

import math

from attrs import define, field, frozen

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Slot
from model.cloudwatch.readers import Reader
from model.cloudwatch.standing import Support


@frozen
class AlarmStatus:
    """An alarm's state as the journal and the panes show it."""

    state: str
    reason: str


@frozen
class AlarmView:
    """What DescribeAlarms shows of an alarm."""

    id: str
    alarm: MetricAlarm
    state: AlarmState
    reason: str
    since: float
    warming: bool = False
    """Whether it does not judge yet (EvaluationState is IN_WARM_UP)."""


@define(eq=False)
class AlarmRecord:
    """An alarm and where it stands."""

    alarm: MetricAlarm
    id: str
    """The logical id in the template, or the name for alarms that AWS makes itself."""
    reader: Reader
    state: AlarmState
    reason: str
    reason_data: str
    since: float
    updated: float
    """When its configuration was."""
    judged: tuple[Slot, ...] = ()
    """The datapoints that it judged when there was something to judge, newest first."""
    settled: bool = False
    """Whether its state is the one that its evaluation range called for when that was looked at
    last."""
    support: Support = field(factory=Support)
    """The datapoints for which it is sure to stand, if the alarm is `stepwise`."""
    warm_until: float = -math.inf
    """When its warm-up ends, unless it ends early."""
    repeated: tuple[str, ...] = ()
    """Those actions that are run every minute while its state lasts: those of scaling policies."""

    @property
    def view(self) -> AlarmView:
        warming = self.warm_until > -math.inf
        return AlarmView(self.id, self.alarm, self.state, self.reason, self.since, warming)

    @property
    def status(self) -> AlarmStatus:
        return AlarmStatus(self.state.value, self.reason)

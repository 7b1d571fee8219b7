"""What CloudWatch keeps of each alarm, and how that is shown."""

from __future__ import annotations

import math

from attrs import define, frozen

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Slot
from model.cloudwatch.readers import Reader


@frozen
class AlarmStatus:
    """An alarm's state as the journal and the panes show it."""

    state: str
    reason: str


@frozen
class AlarmView:
    """What DescribeAlarms shows of an alarm, with the datapoints it judged last."""

    id: str
    alarm: MetricAlarm
    state: AlarmState
    reason: str
    since: float
    judged: tuple[Slot, ...]
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
    confirmed: bool = False
    """Whether its last evaluation found a datapoint for every period, and its state right."""
    warm_until: float = -math.inf
    """When its warm-up ends, unless it ends early."""
    scales: bool = False
    """Whether any of its actions is run every minute: those of scaling policies are."""

    @property
    def view(self) -> AlarmView:
        warming = self.warm_until > -math.inf
        return AlarmView(
            self.id, self.alarm, self.state, self.reason, self.since, self.judged, warming
        )

    @property
    def status(self) -> AlarmStatus:
        return AlarmStatus(self.state.value, self.reason)

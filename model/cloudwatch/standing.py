"""How long an alarm's state is sure to stand: why most evaluations need no judgement.

A verdict is a function of the state before and of the evaluation range (`alarms.evaluate`), and the
state that it gives, given again with the same range, stays. Hence three things that can be known
without a verdict; tests hold evaluations with and without them against each other:

- The range is what it was, period by period (`Reader.unchanged`): the state stands.
- It has moved on by one period, which agrees with the state (`agrees`): the state stands.
- Enough datapoints that speak for the state are among the newest periods (`Support`): it stands,
  and will until too many of them are too old, whatever comes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from attrs import define, field

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Missing, Slot

UNKNOWN = AlarmState.INSUFFICIENT_DATA


def agrees(alarm: MetricAlarm, state: AlarmState, newest: Slot) -> bool:
    """Whether a period cannot change a state: the range called for it, has moved on by this period
    and else is as it was.

    A new datapoint on the state's side takes the place of one judged datapoint at most. So no fewer
    speak for the state than before, and where too few are judged and all of them breach, they still
    do. A missing datapoint adds nothing to what is judged, and what it displaces cannot count for
    more than it does itself, where it is treated as the state wants it.

    With EvaluateLowSampleCountPercentile `ignore` a state may stand that nothing called for: then
    nothing is known.
    """
    if alarm.ignore_low_samples or state is UNKNOWN:
        return False
    if newest.value is not None:
        return alarm.speaks_for(state, newest)
    alarming = state is AlarmState.ALARM
    return alarm.treat_missing_data is (Missing.BREACHING if alarming else Missing.NOT_BREACHING)


@define
class Support:
    """The newest datapoints that speak for an alarm's state: as many as it takes to enter it.

    A datapoint among the newest EvaluationPeriods periods is always judged: fewer than that many
    are newer. With DatapointsToAlarm breaching ones among those judged the verdict is ALARM; with
    so many others that fewer than DatapointsToAlarm can breach, it is OK; whatever else is there or
    missing. If low samples are ignored, the state stays.

    Periods must be as long as the time between evaluations: only then a period that was seen is one
    of those that are judged later.
    """

    reach: float = 0.0
    """How far back the newest EvaluationPeriods periods begin (s)."""
    _starts: deque[float] = field(factory=deque)
    """Starts of their periods, oldest first."""
    until: float = field(init=False)
    """The last end of a range that they support."""

    @until.default
    def _supported(self) -> float:
        full = self._starts and len(self._starts) == self._starts.maxlen
        return self._starts[0] + self.reach if full else -math.inf

    def add(self, start: float) -> None:
        """One more speaks for the state: the period that begins at `start`, the newest of all."""
        self._starts.append(start)
        self.until = self._supported()

    @classmethod
    def of(cls, alarm: MetricAlarm, state: AlarmState, slots: Sequence[Slot]) -> Support:
        """What a range, newest first, has to say for a state."""
        if state is UNKNOWN:
            return cls()
        near, least = slots[: alarm.evaluation_periods], alarm.least(state)
        found = [slot.start for slot in near if alarm.speaks_for(state, slot)][:least]
        reach = alarm.evaluation_periods * alarm.period
        return cls(reach, deque(reversed(found), maxlen=least))

"""Evaluations that are left out would have changed nothing: alarms are held against a judge who
reads and judges everything anew each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Missing, Slot, evaluate
from model.cloudwatch.readers import reader_of
from model.cloudwatch.records import AlarmRecord
from model.cloudwatch.service import CloudWatch
from model.cloudwatch.standing import Support, agrees
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import ALARM, KEY, OK, Cloud, make_alarm

MARKS = st.sampled_from([None, 10.0, 90.0])
SIZES = st.integers(1, 5).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n)))
ALARMS = st.builds(
    lambda sizes, missing: make_alarm(
        evaluation_periods=sizes[0], datapoints_to_alarm=sizes[1], treat_missing_data=missing
    ),
    SIZES,
    st.sampled_from(Missing),
)


def ranges(alarm: MetricAlarm, values: list[float | None]) -> list[list[Slot]]:
    """The evaluation range at each minute, newest first."""
    slots = [Slot(60.0 * minute, value, 1.0) for minute, value in enumerate(values)]
    before = [Slot(60.0 * minute, None) for minute in range(-alarm.range, 0)]
    told = before + slots
    return [
        list(reversed(told[minute + 1 : minute + 1 + alarm.range])) for minute in range(len(slots))
    ]


@settings(max_examples=150)
@given(ALARMS, st.lists(MARKS, max_size=30), st.sampled_from(AlarmState))
def test_a_period_that_agrees_cannot_change_the_state(
    alarm: MetricAlarm, values: list[float | None], state: AlarmState
) -> None:
    settled = False
    for slots in ranges(alarm, values):
        verdict = evaluate(alarm, state, slots).state
        if settled and agrees(alarm, state, slots[0]):
            assert verdict is state
        state, settled = verdict, True


@settings(max_examples=150)
@given(ALARMS, st.lists(MARKS, max_size=30), st.sampled_from([OK, ALARM]))
def test_enough_support_keeps_the_state_whatever_comes(
    alarm: MetricAlarm, values: list[float | None], state: AlarmState
) -> None:
    told = ranges(alarm, values)
    for minute, slots in enumerate(told):
        support = Support.of(alarm, state, slots)
        for later, range_ in enumerate(told[minute:], start=minute):
            if 60.0 * (later + 1) <= support.until:
                assert evaluate(alarm, state, range_).state is state


@given(ALARMS, st.lists(MARKS, min_size=1, max_size=8), st.sampled_from(AlarmState))
def test_a_verdict_given_again_is_the_same(
    alarm: MetricAlarm, values: list[float | None], state: AlarmState
) -> None:
    slots = ranges(alarm, values)[-1]
    told = evaluate(alarm, state, slots).state
    assert evaluate(alarm, told, slots).state is told


# -- the whole of it -------------------------------------------------------------------------------

Put = tuple[int, int, float]
"""The minute in which something is reported, how many minutes ago it was, and its value."""
PUTS: dict[str, st.SearchStrategy[list[Put]]] = {
    "every minute": st.lists(st.sampled_from([10.0, 90.0]), max_size=60).map(
        lambda values: [(minute, -1, value) for minute, value in enumerate(values, start=1)]
    ),
    "every five minutes": st.lists(MARKS, max_size=12).map(
        lambda values: [
            (5 * number, -5, value) for number, value in enumerate(values, 1) if value is not None
        ]
    ),
    "now and then, and late": st.lists(
        st.tuples(st.integers(0, 58), st.integers(-15, 2), st.sampled_from([10.0, 90.0])),
        max_size=30,
    ),
}


def played(make: Callable[[Cloud], AlarmRecord], puts: list[Put]) -> tuple[Any, ...]:
    """All that anybody hears of an alarm in an hour."""
    cloud = Cloud.make()
    record = make(cloud)
    states = []
    for minute in range(60):
        for when, age, value in puts:
            if when == minute:
                cloud.cloudwatch.put(KEY, "Count", 60.0 * (minute + age), Datapoint.single(value))
        if minute == 40:
            cloud.cloudwatch.set_alarm_state("busy", ALARM, "by hand", "")
        cloud.run(60.0 * minute)
        states.append((record.state, record.reason, record.reason_data))
    told = [(time, said.alarm, said.state, said.values) for time, said in cloud.invocations]
    return states, told, cloud.bus.events, cloud.cloudwatch.alarm_history("busy")


@pytest.mark.parametrize("kind", PUTS)
@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    sizes=SIZES,
    missing=st.sampled_from(Missing),
    period=st.sampled_from([60.0, 120.0, 300.0]),
    low=st.booleans(),
    actions=st.sampled_from([(), ("grow",)]),
)
def test_alarms_do_what_they_would_if_each_evaluation_were_made(
    kind: str,
    data: st.DataObject,
    sizes: tuple[int, int],
    missing: Missing,
    period: float,
    low: bool,
    actions: tuple[str, ...],
) -> None:
    puts = data.draw(PUTS[kind])

    def make(cloud: Cloud) -> AlarmRecord:
        return cloud.alarm(
            period=period,
            evaluation_periods=sizes[0],
            datapoints_to_alarm=sizes[1],
            treat_missing_data=missing,
            ignore_low_samples=low,
            statistic="p90" if low else "Maximum",
            alarm_actions=actions,
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CloudWatch, "_stands", _never)
        patch.setattr("model.cloudwatch.service.reader_of", Forgetful)
        told = played(make, puts)
    assert played(make, puts) == told


def _never(*_: object) -> bool:
    return False


class Forgetful:
    """Reads everything anew each time."""

    def __init__(self, *made_of: Any) -> None:
        self.made_of = made_of

    def slots(self, end: float) -> list[Slot]:
        return reader_of(*self.made_of).slots(end)


def test_what_comes_after_the_evaluation_of_its_minute_is_late() -> None:
    """A period that was empty when it was judged is not when an operator puts something into it
    afterwards, even at the same instant."""
    cloud = Cloud.make()
    record = cloud.alarm(period=300.0, datapoints_to_alarm=1)
    cloud.report(0, 10.0)
    cloud.run(660.0)
    cloud.report(10, 90.0)
    cloud.run(960.0)
    assert record.state is ALARM


def test_what_was_said_of_a_late_second_is_read_again() -> None:
    """Ten seconds that were empty when they were judged are not when something comes late."""
    cloud = Cloud.make()
    record = cloud.alarm(period=10.0, evaluation_periods=2, threshold=50.0)
    cloud.run(13.0)
    for second in (7.0, 11.0):
        cloud.cloudwatch.put(KEY, "Count", second, Datapoint.single(90.0), 1.0)
    cloud.run(20.0)
    assert record.state is ALARM

"""The schedule's order and calendar, and the independence of random streams."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import HOUR, MINUTE, Phase, Schedule, Streams

EPOCH = datetime(2026, 11, 25, 9, 0, 30, tzinfo=UTC)
"""Half a minute past the full minute, so that the calendar's minutes are not the schedule's."""

MOMENTS = st.tuples(st.sampled_from([0.0, 1.0, 1.5, 7.0]), st.sampled_from(list(Phase)))


def schedule(now: float = 0.0) -> Schedule:
    return Schedule(now, EPOCH)


def drain(clock: Schedule) -> list[float]:
    """Let everything happen; returns the clock's time at each event."""
    times = []
    while (time := clock.next_time()) is not None:
        for event in clock.due(time):
            times.append(clock.now)
            assert event.callback is not None
            event.callback(*event.arguments)
    return times


@given(st.lists(MOMENTS, max_size=20))
def test_events_come_by_time_then_phase_then_order_of_scheduling(
    moments: list[tuple[float, Phase]],
) -> None:
    clock, seen = schedule(), list[int]()
    for number, (time, phase) in enumerate(moments):
        clock.at(time, phase, seen.append, number)
    times = drain(clock)
    assert seen == sorted(range(len(moments)), key=lambda number: moments[number])
    assert times == sorted(time for time, _ in moments)


def test_at_an_instant_things_change_before_checks_metrics_alarms_groups_and_operators() -> None:
    names = [phase.name for phase in sorted(Phase)]
    assert names == ["CHANGE", "PROBE", "DATAPOINT", "ALARM", "CONTROL", "ACTION"]


def test_what_is_scheduled_for_now_by_an_event_of_now_still_happens_now() -> None:
    clock, seen = schedule(), list[str]()

    def act() -> None:
        seen.append("act")
        clock.at(clock.now, Phase.CHANGE, seen.append, "change")

    clock.at(3.0, Phase.ACTION, act)
    clock.at(3.0, Phase.ACTION, seen.append, "next act")
    assert drain(clock) == [3.0, 3.0, 3.0]
    assert seen == ["act", "change", "next act"]


def test_nothing_can_be_scheduled_for_the_past() -> None:
    clock = schedule(now=10.0)
    assert clock.at(4.0, Phase.CHANGE, print).time == 10.0
    assert clock.after(2.0, Phase.CHANGE, print).time == 12.0


def test_a_cancelled_event_never_happens_and_is_not_the_next_one() -> None:
    clock, seen = schedule(), list[str]()
    first = clock.at(1.0, Phase.CHANGE, seen.append, "first")
    clock.at(2.0, Phase.CHANGE, seen.append, "second")
    last = clock.at(3.0, Phase.CHANGE, seen.append, "last")
    first.cancel()
    assert clock.next_time() == 2.0
    last.cancel()
    assert drain(clock) == [2.0]
    assert seen == ["second"]
    assert clock.next_time() is None


def test_second_zero_is_the_scenarios_start() -> None:
    clock = schedule(now=-90.0)
    assert clock.utc() == EPOCH - timedelta(seconds=90)
    assert clock.utc(0.0) == EPOCH


@pytest.mark.parametrize(
    ("period", "time", "expected"),
    [
        (MINUTE, 0.0, 30.0),  # 9:00:30 is followed by 9:01:00
        (MINUTE, 29.9, 30.0),
        (MINUTE, 30.0, 90.0),  # the minute that ends at 9:01:00 is over then
        (5 * MINUTE, 0.0, 270.0),  # 9:05:00
        (HOUR, 0.0, 3570.0),  # 10:00:00
        (10.0, 0.0, 10.0),  # 9:00:40
        (MINUTE, -31.0, -30.0),  # 8:59:59 is followed by 9:00:00
    ],
)
def test_periods_end_on_the_calendar(period: float, time: float, expected: float) -> None:
    assert schedule().boundary(period, time) == expected
    assert schedule(now=time).boundary(period) == expected


@given(st.floats(-1e6, 1e6), st.sampled_from([10.0, 30.0, MINUTE, 5 * MINUTE, HOUR]))
def test_a_boundary_is_the_first_whole_period_after_an_instant(time: float, period: float) -> None:
    boundary = schedule().boundary(period, time)
    assert time < boundary <= time + period
    assert (EPOCH.timestamp() + boundary) % period == 0


def test_a_stream_draws_the_same_whatever_other_streams_do() -> None:
    alone, among = Streams(7), Streams(7)
    among["other"].random(1000)
    expected = list(alone["boot"].random(5))
    drawn = [float(among["boot"].random())]
    among["yet another"].standard_normal(3)
    drawn += list(among["boot"].random(4))
    assert drawn == expected


def test_streams_differ_by_name_and_by_seed() -> None:
    draws = {tuple(Streams(seed)[name].integers(0, 2**62, 4)) for seed in (1, 2) for name in "ab"}
    assert len(draws) == 4


def test_an_identifier_has_so_many_hexadecimal_digits() -> None:
    streams = Streams(1)
    first, second = streams.hexadecimal("ids", 17), streams.hexadecimal("ids", 17)
    assert first != second
    assert len(first) == len(second) == 17
    assert set(first + second) <= set("0123456789abcdef")

"""What an alarm has read it need not read again, and always knows as if it had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.cloudwatch.readers import reader_of
from model.cloudwatch.statistics import Datapoint
from tests.model.cloudwatch.samples import KEY, Cloud, make_alarm

PUTS = st.lists(st.tuples(st.integers(0, 40), st.integers(-15, 0), st.integers(1, 9)), max_size=40)
"""The minute in which something is reported, how many minutes ago it was, and its value."""


@given(PUTS, st.sampled_from([60.0, 120.0, 300.0]), st.integers(1, 4))
def test_a_range_is_read_as_if_for_the_first_time(
    puts: list[tuple[int, int, int]], period: float, periods: int
) -> None:
    cloud = Cloud.make()
    alarm = make_alarm(period=period, evaluation_periods=periods, statistic="Sum")
    store = cloud.cloudwatch.metrics
    reader = reader_of(alarm, store, cloud.schedule.utc, cloud.cloudwatch.bands)
    for minute in range(42):
        now = 60.0 * minute
        cloud.schedule.now = now
        for when, age, value in puts:
            if when == minute:
                cloud.cloudwatch.put(KEY, "Count", now + 60.0 * age, Datapoint.single(float(value)))
        told = [(slot.start, slot.value) for slot in reader.slots(now)]
        fresh = [
            (s.start, s.value)
            for s in reader_of(alarm, store, cloud.schedule.utc, cloud.cloudwatch.bands).slots(now)
        ]
        assert told == fresh

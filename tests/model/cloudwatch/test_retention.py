"""How long datapoints are kept, and what becomes of old ones ("Metrics retention")."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import DAY, HOUR, MINUTE
from model.cloudwatch.ledgers import Ledger
from model.cloudwatch.metrics import MetricStore
from model.cloudwatch.past import RETENTION, SECOND, Packed
from model.cloudwatch.statistics import STATISTICS, Datapoint, union
from tests.model.cloudwatch.samples import KEY

FIVE = 5 * MINUTE


def test_the_table_of_the_user_guide() -> None:
    assert RETENTION == {
        SECOND: 3 * HOUR,
        MINUTE: 15 * DAY,
        FIVE: 63 * DAY,
        HOUR: 455 * DAY,
    }


@pytest.mark.parametrize(
    ("period", "kept", "longer"),
    [(SECOND, 3 * HOUR, MINUTE), (MINUTE, 15 * DAY, FIVE), (MINUTE, 63 * DAY, HOUR)],
)
def test_old_datapoints_are_kept_by_a_longer_period(
    period: float, kept: float, longer: float
) -> None:
    metrics = MetricStore()
    for step in range(5):
        value = Datapoint.single(float(step))
        metrics.put(KEY, "Count", step * period, value, period=period)
    shorter = period if kept != 63 * DAY else FIVE
    later = kept + longer - period
    metrics.put(KEY, "Count", later, Datapoint.single(1.0), period=period)
    for minute in range(1, 100):  # as time goes on
        moment = later + minute * longer
        metrics.put(KEY, "Count", moment, Datapoint.single(1.0), period=period)
    assert metrics.read(KEY, 0.0, shorter) is None
    point = metrics.read(KEY, 0.0, longer)
    assert point is not None
    assert (point.count, point.total, point.maximum) == (5.0, 10.0, 4.0)
    assert point.statistic("p50") == 2.0


def test_young_datapoints_are_found_by_their_own_period() -> None:
    metrics = MetricStore()
    for minute in range(10):
        metrics.put(KEY, "Count", minute * MINUTE, Datapoint.single(1.0))
    metrics.put(KEY, "Count", 15 * DAY, Datapoint.single(1.0))
    assert metrics.read(KEY, 0.0, MINUTE) is not None


def test_the_longer_periods_are_those_of_the_calendar() -> None:
    """Time 0 is two minutes past the hour here."""
    metrics = MetricStore(offset=120.0)
    for minute in range(10):
        metrics.put(KEY, "Count", minute * MINUTE, Datapoint.single(float(minute)))
    for minute in range(10):
        metrics.put(KEY, "Count", 16 * DAY + minute * MINUTE, Datapoint.single(0.0))
    data = metrics.get_metric_data(KEY, "Sum", FIVE, -120.0, 880.0)
    assert (data.times, data.values) == ((-120.0, 180.0, 480.0), (3.0, 25.0, 17.0))


def test_nothing_is_left_after_455_days() -> None:
    metrics = MetricStore()
    for day in range(457):
        metrics.put(KEY, "Count", day * DAY, Datapoint.single(1.0))
    metric = metrics.get(KEY)
    assert metric is not None
    assert min(metric.points) == 1.0 * DAY
    assert len(metric.points) == 456


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 9)), min_size=1, max_size=30),
    st.sampled_from([60.0, 300.0, 3600.0]),
)
def test_growing_old_loses_no_sample(minutes: list[tuple[int, int]], period: float) -> None:
    """Of whole periods: the sum over an hour is the same whatever it is made of."""
    young, old = MetricStore(), MetricStore()
    for minute, value in sorted(minutes):
        for metrics in (young, old):
            metrics.put(KEY, "Count", minute * MINUTE, Datapoint.single(float(value)))
    for minute in range(0, 5000, 5):
        old.put(KEY, "Count", 15 * DAY + minute * MINUTE, Datapoint.single(0.0))
    for start in range(0, 3060, 60):
        one, other = (
            metrics.read(KEY, start * MINUTE, start * MINUTE + HOUR) for metrics in (young, old)
        )
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            told = [point.statistic(name) for point in (one, other) for name in STATISTICS]
            assert told[:5] == pytest.approx(told[5:])


def test_a_ledger_of_other_records_keeps_them_side_by_side() -> None:
    ledger: Ledger[str] = Ledger()
    for minute in range(5):
        ledger.enter(minute * MINUTE, f"record {minute}")
    for minute in range(6):
        ledger.enter(15 * DAY + (5 + minute) * MINUTE, "young")
    assert list(ledger.within(0.0, FIVE)) == [f"record {minute}" for minute in range(5)]
    assert list(ledger.within(0.0, MINUTE)) == []
    starts = [(start, period, len(records)) for start, period, records in ledger.periods()]
    assert starts[0] == (0.0, FIVE, 5)
    assert len(starts) == 7


def test_samples_put_together_are_those_of_the_union() -> None:
    metrics = MetricStore()
    points = [Datapoint.samples([1.0, 5.0]), Datapoint.samples([2.0])]
    for step, point in enumerate(points):
        metrics.put(KEY, "Count", step * SECOND, point, period=SECOND)
    whole, told = union(points), metrics.read(KEY, 0.0, MINUTE)
    assert told is not None
    assert [told.statistic(n) for n in (*STATISTICS, "p50")] == [
        whole.statistic(n) for n in (*STATISTICS, "p50")
    ]


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True),
    st.integers(0, 59),
    st.integers(-10, 500),
    st.sampled_from([FIVE, 15 * MINUTE, HOUR, 3 * HOUR]),
    st.sampled_from([15 * DAY, 64 * DAY]),
)
def test_packed_records_are_found_as_if_they_lay_open(
    minutes: list[int], offset: int, start: int, period: float, age: float
) -> None:
    """Each is found in the period that it has gone on to, once that begins within what is asked."""
    ledger: Ledger[int] = Ledger(offset=offset * MINUTE)
    for minute in sorted(minutes):
        ledger.enter(minute * MINUTE, minute)
    for minute in range(600):  # as time goes on
        ledger.enter(age + minute * MINUTE, -1)
    gone_to = FIVE if age == 15 * DAY else HOUR
    found = [record for record in ledger.within(start * MINUTE, period) if record >= 0]
    expected = []
    for minute in sorted(minutes):
        begins = (minute + offset) // (gone_to // MINUTE) * (gone_to // MINUTE) - offset
        if start <= begins < start + period // MINUTE and gone_to <= period:
            expected.append(minute)
    assert found == expected


def test_what_comes_late_joins_the_hour_that_was_packed() -> None:
    packed: Packed[str] = Packed()
    for minute in (0, 5, 60, 65):
        packed.take({minute * MINUTE: f"at {minute}"}, 16 * DAY, 0.0)
    packed.take({10 * MINUTE: "late"}, 16 * DAY, 0.0)
    packed.take({120 * MINUTE: "at 120"}, 16 * DAY, 0.0)
    assert list(packed.within(0.0, HOUR, 16 * DAY, 0.0)) == ["at 0", "at 5", "late"]
    assert list(packed.since(HOUR)) == ["at 60", "at 65", "at 120"]


def test_a_year_of_records_is_small() -> None:
    """A load balancer's record of a minute takes 5 kB; packed, some hundred bytes."""
    packed: Packed[tuple[float, ...]] = Packed()
    for minute in range(600):
        packed.take({minute * MINUTE: tuple(map(float, range(100)))}, 16 * DAY, 0.0)
    assert sum(len(hour) for hour in packed._packed.values()) < 600 * 100


def test_a_metric_that_spoke_once_long_ago_is_not_silent() -> None:
    metrics = MetricStore()
    ledger: Ledger[int] = Ledger()
    metric = metrics.metric(KEY, "Count")
    metric.add_column(ledger, lambda record: Datapoint.single(1.0) if record == 7 else None)
    assert list(metrics) == []
    for minute in range(17 * 24 * 60):
        ledger.enter(minute * MINUTE, 7 if minute == 30 else 0)
        if minute in (10, 20):
            assert metric.silent
    assert list(metrics) == [metric]
    assert list(metric.points) == [30 * MINUTE]

"""Where datapoints are kept: what makes a metric one, periods, and how long it remembers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.clock import MINUTE
from model.cloudwatch.metrics import UNITS, MetricKey, MetricStore
from model.cloudwatch.statistics import STATISTICS, Datapoint, union
from tests.model.cloudwatch.samples import KEY


def store(minutes: dict[int, list[float]]) -> MetricStore:
    """A store with these samples in the minutes of these numbers."""
    metrics = MetricStore()
    for minute, samples in minutes.items():
        metrics.put(KEY, "Count", MINUTE * minute, Datapoint.samples(samples))
    return metrics


def test_the_order_of_dimensions_is_irrelevant() -> None:
    one = MetricKey.of("Shop", "Orders", {"Queue": "checkout", "Zone": "a"})
    other = MetricKey.of("Shop", "Orders", {"Zone": "a", "Queue": "checkout"})
    assert one == other


@pytest.mark.parametrize(
    "other",
    [
        MetricKey.of("Store", "Orders", {"Queue": "checkout"}),
        MetricKey.of("Shop", "Sales", {"Queue": "checkout"}),
        MetricKey.of("Shop", "Orders", {}),
        MetricKey.of("Shop", "Orders", {"Queue": "checkout", "Zone": "a"}),
        MetricKey.of("Shop", "Orders", {"Queue": "returns"}),
    ],
)
def test_every_other_set_of_dimensions_is_another_metric(other: MetricKey) -> None:
    """CloudWatch does not aggregate across dimensions for custom metrics."""
    metrics = store({0: [5.0]})
    assert metrics.read(other, 0.0, MINUTE) is None
    metrics.put(other, "Count", 0.0, Datapoint.single(7.0))
    point = metrics.read(KEY, 0.0, MINUTE)
    assert len(metrics) == 2
    assert point is not None
    assert point.total == 5.0


def test_the_same_minute_twice_is_two_samples_and_no_overwrite() -> None:
    metrics = store({0: [5.0]})
    metrics.put(KEY, "Count", 0.0, Datapoint.single(7.0))
    point = metrics.read(KEY, 0.0, MINUTE)
    assert point is not None
    assert [point.statistic(name) for name in STATISTICS] == [2.0, 12.0, 6.0, 5.0, 7.0]


@given(
    st.dictionaries(
        st.integers(0, 9), st.lists(st.floats(0, 1e6), min_size=1, max_size=4), min_size=1
    ),
    st.integers(0, 9),
    st.integers(1, 10),
)
def test_a_longer_period_has_the_statistics_of_all_its_samples(
    minutes: dict[int, list[float]], first: int, length: int
) -> None:
    point = store(minutes).read(KEY, MINUTE * first, MINUTE * (first + length))
    inside = [v for minute in range(first, first + length) for v in minutes.get(minute, [])]
    if not inside:
        assert point is None
        return
    assert point is not None
    whole = Datapoint.samples(inside)
    for name in (*STATISTICS, "p10", "p50", "p99"):
        assert point.statistic(name) == pytest.approx(whole.statistic(name))


def test_a_period_begins_with_its_start_and_ends_before_its_end() -> None:
    metrics = store({4: [1.0], 5: [10.0], 9: [100.0], 10: [1000.0]})
    point = metrics.read(KEY, 5 * MINUTE, 10 * MINUTE)
    assert point is not None
    assert point.total == 110.0


def test_a_datapoint_is_stamped_with_the_start_of_its_period() -> None:
    metrics = store({0: [1.0], 4: [2.0], 5: [3.0], 12: [4.0]})
    data = metrics.get_metric_data(KEY, "Sum", 300.0, 0.0, 900.0)
    assert data.times == (0.0, 300.0, 600.0)
    assert data.values == (3.0, 3.0, 4.0)
    assert (data.unit, data.period) == ("Count", 300.0)


def test_periods_without_data_have_no_datapoint() -> None:
    data = store({0: [1.0], 2: [3.0]}).get_metric_data(KEY, "Average", 60.0, 0.0, 240.0)
    assert data.times == (0.0, 120.0)
    assert data.values == (1.0, 3.0)


def test_a_period_that_is_not_over_is_left_out() -> None:
    data = store({0: [1.0], 5: [3.0]}).get_metric_data(KEY, "Sum", 300.0, 0.0, 420.0)
    assert data.times == (0.0,)


def test_a_statistic_that_cannot_be_told_is_left_out() -> None:
    metrics = store({0: [1.0, 2.0]})
    metrics.put(KEY, "Count", 60.0, Datapoint.gauge(5.0, 2.0, 9.0, 3))
    assert metrics.get_metric_data(KEY, "p50", 60.0, 0.0, 120.0).times == (0.0,)
    assert metrics.get_metric_data(KEY, "Maximum", 60.0, 0.0, 120.0).values == (2.0, 9.0)


def test_an_unknown_metric_gives_nothing() -> None:
    data = MetricStore().get_metric_data(KEY, "Sum", 60.0, 0.0, 600.0)
    assert (data.times, data.values) == ((), ())


def test_there_are_the_units_of_the_api() -> None:
    assert len(set(UNITS)) == len(UNITS) == 27
    assert {"Count", "Percent", "Megabytes/Second", "Count/Second", "None"} <= set(UNITS)


def test_a_union_of_one_is_itself() -> None:
    point = Datapoint.samples([1.0, 2.0])
    assert union([point]) is point

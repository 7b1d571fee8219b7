"""Statistics of a datapoint, and of several together: they equal those of all their samples."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cloudwatch.statistics import STATISTICS, Datapoint, Gauge, union
from model.flow.buckets import Buckets
from model.flow.latency import BUCKETS, EDGES, Counts

values = st.floats(0, 1e6, allow_subnormal=False)
samples = st.lists(values, min_size=1, max_size=20)
percents = st.integers(0, 1000).map(lambda tenths: f"p{tenths / 10:g}")


def histogram(filled: dict[int, int]) -> Counts:
    counts = np.zeros(BUCKETS, dtype=np.int64)
    for bucket, count in filled.items():
        counts[bucket] = count
    return counts


histograms = st.dictionaries(
    st.integers(0, BUCKETS - 1), st.integers(1, 50), min_size=1, max_size=6
).map(histogram)


def test_the_five_plain_statistics() -> None:
    point = Datapoint.samples([3.0, 1.0, 8.0, 4.0])
    told = [point.statistic(name) for name in STATISTICS]
    assert told == [4.0, 16.0, 4.0, 1.0, 8.0]


@pytest.mark.parametrize(
    ("percentile", "value"),
    [
        ("p0", 1.0),
        ("p1", 1.0),
        ("p7", 7.0),
        ("p28", 28.0),
        ("p50", 50.0),
        ("p95.45", 96.0),
        ("p100", 100.0),
    ],
)
def test_a_percentile_is_the_value_at_its_rank(percentile: str, value: float) -> None:
    point = Datapoint.samples(float(n) for n in range(1, 101))
    assert point.statistic(percentile) == value


def test_p99_is_the_largest_value_once_the_top_percent_is_dropped() -> None:
    point = Datapoint.samples([0.1] * 990 + [30.0] * 10)
    assert point.statistic("p99") == 0.1
    assert point.statistic("p99.1") == 30.0


@given(st.lists(samples, min_size=1, max_size=5), percents)
def test_a_union_has_the_statistics_of_all_samples(parts: list[list[float]], rank: str) -> None:
    whole = [value for part in parts for value in part]
    joined = union([Datapoint.samples(part) for part in parts])
    assert joined.count == len(whole)
    assert joined.total == pytest.approx(sum(whole))
    assert joined.statistic("Average") == pytest.approx(statistics.fmean(whole))
    assert (joined.minimum, joined.maximum) == (min(whole), max(whole))
    place = max(math.ceil(Fraction(rank[1:]) / 100 * len(whole)), 1)
    assert joined.statistic(rank) == sorted(whole)[place - 1]


@given(st.lists(histograms, min_size=1, max_size=4), percents)
def test_a_union_of_response_times_is_the_sum_of_their_histograms(
    parts: list[Counts], rank: str
) -> None:
    joined = union([Datapoint.latencies(Buckets.of(part)) for part in parts])
    whole = Datapoint.latencies(Buckets.of(sum(parts, histogram({}))))
    for name in (*STATISTICS, rank):
        assert joined.statistic(name) == pytest.approx(whole.statistic(name))


@given(histograms, percents, percents)
def test_percentiles_rise_from_minimum_to_maximum(counts: Counts, low: str, high: str) -> None:
    point = Datapoint.latencies(Buckets.of(counts))
    low, high = sorted((low, high), key=lambda name: float(name[1:]))
    assert point.minimum <= point.statistic(low) <= point.statistic(high) <= point.maximum


def test_a_percentile_of_response_times_is_right_to_within_a_bucket() -> None:
    point = Datapoint.latencies(Buckets.of(histogram({100: 90, 150: 10})))
    assert EDGES[100] <= point.statistic("p50") <= EDGES[101]
    assert EDGES[150] <= point.statistic("p95") <= EDGES[151]


@given(st.lists(samples, min_size=2, max_size=4))
def test_the_order_of_a_union_does_not_matter(parts: list[list[float]]) -> None:
    points = [Datapoint.samples(part) for part in parts]
    nested = union([union(points[:-1]), points[-1]])
    turned = union(points[::-1])
    for name in (*STATISTICS, "p10", "p50", "p99"):
        assert nested.statistic(name) == pytest.approx(turned.statistic(name))


def test_statistic_sets_tell_no_percentiles() -> None:
    """Not unless all samples are equal: the statistics definitions of the user guide."""
    level = Datapoint.gauge(average=5.0, minimum=2.0, maximum=9.0, count=3)
    assert level.statistic("Average") == 5.0
    assert math.isnan(level.statistic("p50"))
    assert Datapoint.gauge(4.0, 4.0, 4.0, 3).statistic("p50") == 4.0


def test_nor_does_a_union_with_one() -> None:
    joined = union([Datapoint.gauge(5.0, 2.0, 9.0, 3), Datapoint.samples([1.0, 2.0])])
    assert joined.statistic("Sum") == 18.0
    assert (joined.minimum, joined.maximum) == (1.0, 9.0)
    assert math.isnan(joined.statistic("p50"))


def test_negative_values_tell_no_percentiles() -> None:
    point = Datapoint.samples([-1.0, 5.0])
    assert math.isnan(point.statistic("p50"))
    assert point.statistic("Average") == 2.0


def test_a_gauge_averages_over_time() -> None:
    gauge = Gauge(0.0, level=2.0)
    gauge.set(45.0, 6.0)
    first = gauge.close(60.0)
    assert (first.statistic("Average"), first.minimum, first.maximum) == (3.0, 2.0, 6.0)
    second = gauge.close(120.0, reports=3.0)
    assert (second.statistic("Average"), second.minimum, second.maximum) == (6.0, 6.0, 6.0)
    assert second.count == 3.0


def test_a_gauge_remembers_a_level_that_lasted_no_time() -> None:
    gauge = Gauge(0.0, level=1.0)
    gauge.set(30.0, 5.0)
    gauge.set(30.0, 1.0)
    point = gauge.close(60.0)
    assert (point.statistic("Average"), point.maximum) == (1.0, 5.0)

"""Trimmed and winsorized means and their kin, as the statistics definitions describe them."""

from __future__ import annotations

import math
import re
from statistics import fmean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from model.cloudwatch.extended import is_statistic, read_extended
from model.cloudwatch.statistics import Datapoint
from model.flow.buckets import Buckets
from tests.model.cloudwatch.test_statistics import histogram, histograms, samples

HUNDRED = Datapoint.samples(float(n) for n in range(1, 101))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tm90", fmean(range(1, 91))),
        ("TM(:90%)", fmean(range(1, 91))),
        ("TM(2%:98%)", fmean(range(3, 99))),
        ("TM(10%:)", fmean(range(11, 101))),
        ("TM(15:95)", fmean(range(16, 96))),
        ("IQM", fmean(range(26, 76))),
        ("TM(25%:75%)", fmean(range(26, 76))),
        ("wm98", (sum(range(1, 99)) + 2 * 98) / 100),
        ("WM(10%:90%)", (sum(range(11, 91)) + 10 * 11 + 10 * 90) / 100),
        ("WM(20:80)", (20 * 20 + sum(range(21, 81)) + 20 * 80) / 100),
        ("PR(:30)", 30.0),
        ("PR(10:30)", 20.0),
        ("PR(70:)", 30.0),
        ("tc90", 90.0),
        ("TC(80:500)", 20.0),
        ("TC(:0.5)", 0.0),
        ("ts90", float(sum(range(1, 91)))),
        ("TS(80%:)", float(sum(range(81, 101)))),
        ("TS(20: 30)", float(sum(range(21, 31)))),
    ],
)
def test_the_examples_of_the_definitions(name: str, value: float) -> None:
    assert HUNDRED.statistic(name) == pytest.approx(value)


def test_p99_is_the_largest_that_tm99_looks_at() -> None:
    """Percentiles versus trimmed mean."""
    point = Datapoint.samples([0.1] * 990 + [30.0] * 10)
    assert point.statistic("tm99") == pytest.approx(0.1)
    assert point.statistic("tc99") == 990.0
    assert point.statistic("p99") == 0.1


def test_without_a_sample_in_range_there_is_no_mean() -> None:
    point = Datapoint.samples([1.0, 2.0])
    assert math.isnan(point.statistic("TM(5:9)"))
    assert [point.statistic(f"{kind}(5:9)") for kind in ("TC", "TS", "PR")] == [0.0, 0.0, 0.0]
    assert point.statistic("WM(5:9)") == 5.0


@pytest.mark.parametrize("name", ["tm90", "IQM", "WM(:90%)", "tc99", "ts99", "PR(:3)"])
def test_statistic_sets_and_negative_values_tell_none(name: str) -> None:
    """Unless all samples are equal (Requirements to use percentiles, trimmed mean, ...)."""
    assert math.isnan(Datapoint.gauge(5.0, 2.0, 9.0, 3).statistic(name))
    assert math.isnan(Datapoint.samples([-1.0, 5.0]).statistic(name))
    level = Datapoint.gauge(4.0, 4.0, 4.0, 3)
    assert level.statistic("tm50") == 4.0
    assert (level.statistic("tc50"), level.statistic("PR(:4)")) == (2.0, 100.0)


bounds = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).filter(
    lambda pair: pair[0] < pair[1]
)


@given(samples, bounds)
def test_trimmed_statistics_of_samples(values: list[float], pair: tuple[int, int]) -> None:
    low, high = pair
    point, name = Datapoint.samples(values), f"({low / 10:g}%:{high / 10:g}%)"
    ordered = sorted(values)
    first = low * len(values) // 1000
    last = -(-high * len(values) // 1000)
    kept = ordered[first:last]
    assert point.statistic("TC" + name) == pytest.approx(len(kept))
    assert point.statistic("TS" + name) == pytest.approx(sum(kept))
    assert point.statistic("TM" + name) == pytest.approx(fmean(kept))
    moved = [min(max(value, kept[0]), kept[-1]) for value in values]
    assert point.statistic("WM" + name) == pytest.approx(fmean(moved))


@given(samples, st.floats(0, 1e6), st.floats(0, 1e6))
def test_fixed_bounds_leave_out_the_lower_and_keep_the_upper(
    values: list[float], low: float, high: float
) -> None:
    low, high = round(min(low, high), 4), round(max(low, high), 4)
    assume(low < high)
    point, name = Datapoint.samples(values), f"({low:.4f}:{high:.4f})"
    kept = [value for value in values if low < value <= high]
    assert point.statistic("TC" + name) == len(kept)
    assert point.statistic("TS" + name) == pytest.approx(sum(kept))
    assert point.statistic("PR" + name) == pytest.approx(100 * len(kept) / len(values))
    moved = [min(max(value, low), high) for value in values]
    assert point.statistic("WM" + name) == pytest.approx(fmean(moved))


@given(histograms, bounds)
def test_of_response_times_the_mean_times_the_count_is_the_sum(
    counts: object, pair: tuple[int, int]
) -> None:
    point = Datapoint.latencies(Buckets.of(counts))  # type: ignore[arg-type]
    low, high = (bound / 10 for bound in pair)
    for name in (f"({low:g}%:{high:g}%)", f"({low:g}:{high:g})", f"(:{high:g})"):
        count = point.statistic("TC" + name)
        if count > 0:
            mean = point.statistic("TM" + name)
            assert mean * count == pytest.approx(point.statistic("TS" + name))
            assert point.minimum * 0.95 <= mean <= point.maximum * 1.05
    bins = [f"PR(:{low:g})", f"PR({low:g}:{high:g})", f"PR({high:g}:)"]
    assert sum(point.statistic(name) for name in bins) == pytest.approx(100.0)


def test_a_bound_within_a_bucket_shares_it_out() -> None:
    point = Datapoint.latencies(Buckets.of(histogram({100: 50, 101: 50})))
    median = point.statistic("p25")
    assert point.statistic(f"PR(:{median:.8f})") == pytest.approx(25.0, abs=0.01)


@pytest.mark.parametrize(
    "name",
    ["Sum", "p0", "p100", "p95.45", "p99.9999999999", "tm99.9", "IQM", "TM(:95%)", "PR(80:)"],
)
def test_names(name: str) -> None:
    assert is_statistic(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("p101", "a percentage from 0 to 100"),
        ("p99.99999999999", "with 10 decimals at most"),
        ("P99", "must be in lower case (p99)"),
        ("TM90", "must be in lower case (tm90)"),
        ("tm(:90%)", "must be in upper case (TM(:90%))"),
        ("TM(:)", "needs a bound"),
        ("TM(10%:90)", "must both be percentages, or both be values"),
        ("TM(90%:10%)", "the first bound of 'TM(90%:10%)' must be below the second"),
        ("TM(10%:101%)", "'101%' in 'TM(10%:101%)' must be a percentage from 0% to 100%"),
        ("TM(a:b)", "'a' in 'TM(a:b)' must be a number"),
        ("PR(10%:90%)", "PR takes fixed values such as PR(:0.5)"),
        ("Median", "must be a statistic such as p99, tm99"),
    ],
)
def test_wrong_names(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        read_extended(name)
    assert not is_statistic(name)

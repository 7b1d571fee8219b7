"""Histograms of response times against closed forms and numeric convolution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.flow import latency
from model.flow.latency import BUCKETS, EDGES, cut_above, row, share_above
from model.flow.mixture import Mixture

BUCKET = 2 ** (1 / latency.PER_OCTAVE) - 1
"""How wide a bucket is, as a share of its lower edge."""

SERVICE = st.floats(0.002, 2.0)
VARIATION = st.sampled_from([0.0, 0.5, 1.0, 2.0])
WAIT = st.one_of(st.just(0.0), st.floats(0.001, 10.0))
DELAY = st.one_of(st.just(0.0), st.floats(0.001, 100.0))
ROWS = st.tuples(SERVICE, VARIATION, WAIT, DELAY)

Row = tuple[float, float, float, float]


@given(ROWS)
def test_a_row_is_a_distribution_with_the_mean_of_its_parts(kind: Row) -> None:
    histogram = row(*kind)
    service, _, wait, delay = kind
    assert histogram.sum() == pytest.approx(1.0, abs=1e-9)
    assert (histogram >= 0.0).all()
    assert latency.mean(histogram) == pytest.approx(delay + wait + service, rel=BUCKET / 2)


@given(SERVICE, st.floats(10, 99))
def test_exponential_service_has_its_closed_percentiles(mean: float, percent: float) -> None:
    expected = -mean * math.log1p(-percent / 100)
    assert latency.percentile(row(mean, 1.0, 0.0, 0.0), percent) == pytest.approx(
        expected, rel=BUCKET / 2
    )


@pytest.mark.parametrize("variation", [0.3, 0.5, 2.0])
def test_other_service_is_log_normal_with_its_mean_and_variation(variation: float) -> None:
    histogram = row(0.05, variation, 0.0, 0.0)
    second = float((histogram * latency.MIDDLES**2).sum())
    assert math.sqrt(second / 0.05**2 - 1) == pytest.approx(variation, rel=0.02)
    median = 0.05 / math.sqrt(1 + variation**2)
    assert latency.percentile(histogram, 50) == pytest.approx(median, rel=0.01)


def test_service_without_variation_always_takes_its_time() -> None:
    histogram = row(0.05, 0.0, 0.0, 0.0)
    assert np.count_nonzero(histogram) == 1
    assert latency.percentile(histogram, 99) == pytest.approx(0.05, rel=BUCKET)


def convolved(first: float, second: float, x: Any) -> Any:
    """The share of sums of two exponential times up to each x, by adding up small slices."""
    slices = 20_000
    shares = (np.arange(slices) + 0.5) / slices
    times = -first * np.log1p(-shares)
    left = np.maximum(x[:, None] - times[None, :], 0.0)
    return -np.expm1(-left / second).mean(axis=1)


@pytest.mark.parametrize(
    ("service", "wait"),
    [(0.05, 0.02), (0.05, 0.4), (0.05, 0.05), (0.05, 0.05 * (1 + 1e-7)), (0.05, 0.05001)],
)
def test_a_wait_before_exponential_service_equals_numeric_convolution(
    service: float, wait: float
) -> None:
    places = np.arange(40, 140, 8)
    below = np.cumsum(row(service, 1.0, wait, 0.0))[places - 1]
    expected = convolved(service, wait, EDGES[places])
    assert below == pytest.approx(expected, abs=2e-4)


def test_equal_means_make_the_erlang_distribution() -> None:
    x = EDGES[1:-1] / 0.05
    expected = 1 - np.exp(-x) * (1 + x)
    below = np.cumsum(row(0.05, 1.0, 0.05, 0.0))[:-1]
    assert below == pytest.approx(expected, abs=1e-5)


@given(ROWS, st.floats(0.01, 0.99))
def test_the_share_above_a_percentile_is_the_rest(kind: Row, share: float) -> None:
    histogram = row(*kind)
    limit = latency.percentile(histogram, 100 * share)
    assert share_above(histogram, limit) == pytest.approx(1 - share, abs=1e-6)


@given(ROWS, st.floats(1e-6, 5000.0))
def test_what_is_cut_off_and_what_is_left_are_all(kind: Row, limit: float) -> None:
    histogram = row(*kind)
    left = cut_above(histogram, limit)
    assert left.sum() + share_above(histogram, limit) == pytest.approx(1.0, abs=1e-9)
    assert (left <= histogram).all()
    assert not left[EDGES[:-1] >= limit].any()


def test_percentiles_and_mean_of_nothing_are_not_numbers() -> None:
    nothing = latency.no_latencies()
    assert math.isnan(latency.percentile(nothing, 50))
    assert math.isnan(latency.mean(nothing))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 50), min_size=BUCKETS, max_size=BUCKETS), st.floats(0.1, 100))
def test_a_percentile_lies_in_the_bucket_of_its_rank(counts: list[int], percent: float) -> None:
    counted = np.array(counts, dtype=np.int64)
    if not counted.sum():
        return
    values = np.repeat(np.arange(BUCKETS), counted)
    rank = max(math.ceil(percent / 100 * len(values) - 1e-9), 1)
    bucket = values[rank - 1]
    found = latency.percentile(counted, percent)
    assert EDGES[bucket] * (1 - 1e-9) <= found <= EDGES[bucket + 1] * (1 + 1e-9)


@given(st.lists(st.tuples(st.floats(0.1, 1000), ROWS), min_size=1, max_size=5))
def test_a_mixture_keeps_requests_and_their_mean(parts: list[tuple[float, Row]]) -> None:
    mixture = Mixture()
    for requests, kind in parts:
        mixture.add(requests, *kind, limit=60.0)
    histogram = mixture.histogram()
    total = sum(requests for requests, _ in parts)
    assert histogram.sum() == pytest.approx(total, rel=1e-9)
    times = sum(requests * (kind[0] + kind[2] + kind[3]) for requests, kind in parts)
    assert latency.mean(histogram) == pytest.approx(times / total, rel=BUCKET / 2)


@given(st.floats(1.0, 60.0))
def test_a_long_delay_has_no_bias(delay: float) -> None:
    mixture = Mixture()
    mixture.add(1.0, 0.005, 1.0, 0.0, delay, limit=60.0)
    assert latency.mean(mixture.histogram()) == pytest.approx(delay + 0.005, rel=0.01)


def test_a_mixture_tells_how_many_come_too_late() -> None:
    late = Mixture().add(1000.0, 0.5, 1.0, 0.0, 0.0, limit=1.0)
    assert late == pytest.approx(1000 * math.exp(-2), rel=0.02)
    assert Mixture().add(10.0, 0.05, 0.0, 0.0, 70.0, limit=60.0) == pytest.approx(10.0)

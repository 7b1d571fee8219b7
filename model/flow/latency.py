"""Response times as histograms with logarithmic buckets.

A histogram is an array of `BUCKETS` numbers: the requests (or their share) in each bucket. Bucket k
covers `EDGES[k]` to `EDGES[k + 1]` seconds, eight to the octave, so that the percentiles of any
mixture of targets and minutes are right to within a bucket.

A row is the distribution of one kind of response: a service time, perhaps an exponential wait
before it, perhaps a fixed delay. Rows are computed once and mixed by weight.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Histogram = NDArray[np.float64]
Counts = NDArray[np.int64]

PER_OCTAVE = 8
LOWEST = -14
"""The first edge is 2 ** LOWEST seconds (61 microseconds)."""
OCTAVES = 26
BUCKETS = PER_OCTAVE * OCTAVES
EDGES: Histogram = 2.0 ** (LOWEST + np.arange(BUCKETS + 1) / PER_OCTAVE)
MIDDLES: Histogram = np.sqrt(EDGES[:-1] * EDGES[1:])
"""A value to stand for each bucket: the geometric middle of its edges, in seconds."""

_FINE = 4
_FINE_EDGES: Histogram = 2.0 ** (LOWEST + np.arange(BUCKETS * _FINE + 1) / (PER_OCTAVE * _FINE))
_FINE_MIDDLES: Histogram = np.sqrt(_FINE_EDGES[:-1] * _FINE_EDGES[1:])


def no_latencies() -> Counts:
    """A histogram that counts nothing yet."""
    return np.zeros(BUCKETS, dtype=np.int64)


def service_cdf(x: Histogram, mean: float, variation: float) -> Histogram:
    """The share of service times up to each `x` (seconds).

    A coefficient of variation of 1 is the exponential distribution, as queueing theory has it; 0 is
    a fixed time; any other is log-normal, which fits measured service times well.
    """
    if mean <= 0.0:
        return np.where(x >= 0.0, 1.0, 0.0)
    if variation == 0.0:
        return np.where(x >= mean, 1.0, 0.0)
    if variation == 1.0:
        return np.where(x > 0.0, -np.expm1(-np.maximum(x, 0.0) / mean), 0.0)
    sigma = math.sqrt(math.log1p(variation * variation))
    mu = math.log(mean) - sigma * sigma / 2
    with np.errstate(divide="ignore"):
        z = (np.log(np.maximum(x, 0.0)) - mu) / sigma
    return _normal_cdf(z)


def _normal_cdf(z: Histogram) -> Histogram:
    root = math.sqrt(2)
    return np.array([(1.0 + math.erf(float(value) / root)) / 2 for value in z])


def _two_exponentials(x: Histogram, first: float, second: float) -> Histogram:
    """The share of sums of two exponential times up to each `x` (hypoexponential distribution)."""
    if abs(first - second) < 1e-6 * first:
        second = first * (1 + 1e-6)  # the limit of equal means, without its own formula
    x = np.maximum(x, 0.0)
    tail = first * np.exp(-x / first) - second * np.exp(-x / second)
    return np.clip(1.0 - tail / (first - second), 0.0, 1.0)


@lru_cache(maxsize=1 << 14)
def row(service_time: float, variation: float, wait: float, delay: float) -> Histogram:
    """The distribution of delay + (exponential wait of mean `wait`, if any) + service time."""
    if delay > 0.0:
        # the same distribution later: read off a finer one
        finer = _below(service_time, variation, wait)
        below = np.interp(EDGES - delay, _FINE_EDGES, finer, left=0.0)
    else:
        below = _below(service_time, variation, wait)[::_FINE].copy()
    below[0], below[-1] = 0.0, 1.0
    shares = np.maximum(np.diff(below), 0.0)
    shares.setflags(write=False)
    return shares


@lru_cache(maxsize=1 << 12)
def _below(service_time: float, variation: float, wait: float) -> Histogram:
    """The share of waits and services that last up to each of the fine edges."""
    if wait <= 0.0:
        return service_cdf(_FINE_EDGES, service_time, variation)
    if variation == 1.0:
        return _two_exponentials(_FINE_EDGES, service_time, wait)
    below = service_cdf(_FINE_EDGES, service_time, variation)
    masses = np.diff(below)
    masses[0] += below[0]
    keep = masses > 1e-12
    gaps = _FINE_EDGES[None, :] - _FINE_MIDDLES[keep][:, None]
    waited = np.where(gaps > 0, -np.expm1(-np.maximum(gaps, 0.0) / wait), 0.0)
    return np.asarray(np.add.reduce(waited * masses[keep][:, None], axis=0), dtype=np.float64)


@lru_cache(maxsize=16384)
def tail(service_time: float, variation: float, wait: float, delay: float, limit: float) -> float:
    """The share of that distribution above `limit` seconds."""
    return share_above(row(service_time, variation, wait, delay), limit)


def share_above(histogram: Histogram, limit: float) -> float:
    """How much of the histogram lies above `limit` seconds (log-linear within its bucket)."""
    place = PER_OCTAVE * (math.log2(limit) - LOWEST) if limit > 0 else 0.0
    if place <= 0.0:
        return float(histogram.sum())
    bucket = int(place)
    if bucket >= BUCKETS:
        return 0.0
    return float(histogram[bucket + 1 :].sum() + histogram[bucket] * (1 - (place - bucket)))


def cut_above(histogram: Histogram, limit: float) -> Histogram:
    """The histogram without what lies above `limit` seconds."""
    place = PER_OCTAVE * (math.log2(limit) - LOWEST) if limit > 0 else 0.0
    if place >= BUCKETS:
        return histogram
    bucket = min(max(int(place), 0), BUCKETS - 1)
    cut = histogram.copy()
    cut[bucket] *= min(max(place - bucket, 0.0), 1.0)
    cut[bucket + 1 :] = 0.0
    return cut


def percentile(
    counts: Histogram | Counts, percent: float, buckets: NDArray[np.uint8] | None = None
) -> float:
    """The response time (seconds) that `percent` of the requests do not exceed.

    `buckets` tells which ones are counted, in order; None: all of them.
    """
    cumulated = counts.cumsum()
    total = float(cumulated[-1]) if len(cumulated) else 0.0
    if total <= 0:
        return math.nan
    rank = percent / 100 * total
    place = min(int(cumulated.searchsorted(rank)), len(counts) - 1)
    while counts[place] <= 0 and place < len(counts) - 1:
        place += 1
    own = float(counts[place])
    share = min(max((rank - float(cumulated[place]) + own) / own, 0.0), 1.0)
    bucket = place if buckets is None else int(buckets[place])
    return float(2.0 ** (LOWEST + (bucket + share) / PER_OCTAVE))


def mean(counts: Histogram | Counts) -> float:
    """The mean response time in seconds, each bucket standing at its middle."""
    total = float(counts.sum())
    return float((counts * MIDDLES).sum()) / total if total > 0 else math.nan

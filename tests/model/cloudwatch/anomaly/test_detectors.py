"""Detectors: when they train, and on what."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from model.cloudwatch.anomaly.detectors import (
    RETRAINED,
    TRAINED_AFTER,
    Configuration,
    Detectors,
    limits_of,
)
from model.cloudwatch.math.syntax import parse
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.statistics import Datapoint
from model.cloudwatch.subjects import Expression, Statistic, Subject
from tests.model.cloudwatch.anomaly.samples import noise

KEY = MetricKey.of("Shop", "Orders", {"Queue": "checkout"})
ORDERS = Statistic(KEY, "Average")


def unit(key: MetricKey) -> str:
    return "None"


class Past:
    """A metric's past, and how often it was read."""

    def __init__(self, hours: float) -> None:
        self.values = 50.0 + noise(round(hours * 12))
        self.reads: list[tuple[float, float]] = []

    def read(
        self, subject: Subject, period: float, start: float, end: float
    ) -> tuple[Sequence[float], Sequence[float]]:
        assert (subject, period) == (ORDERS, 300.0)
        self.reads.append((start, end))
        times = 300.0 * np.arange(self.values.size)
        kept = (times >= start) & (times < end)
        return times[kept].tolist(), self.values[kept].tolist()


def test_a_model_is_trained_once_an_hour() -> None:
    past = Past(48)
    detectors = Detectors(past.read, unit)
    for now in (36_000.0, 36_060.0, 39_599.0, 39_600.0, 39_900.0):
        band = detectors.band(ORDERS, 300.0, [now], now=now)
        assert band is not None
        assert band.lower[0] < 50.0 < band.upper[0]
    assert [end for _, end in past.reads] == [36_000.0, 39_600.0]
    assert RETRAINED == 3600.0


def test_a_band_does_not_depend_on_when_it_was_looked_at() -> None:
    often, once = Detectors(Past(48).read, unit), Detectors(Past(48).read, unit)
    for now in range(0, 100_000, 700):
        often.band(ORDERS, 300.0, [float(now)], now=float(now))
    one, other = (
        each.band(ORDERS, 300.0, [100_200.0], 3.0, now=100_200.0) for each in (often, once)
    )
    assert one is not None
    assert other is not None
    assert one.upper.tobytes() == other.upper.tobytes()


def test_there_is_no_band_before_three_hours() -> None:
    detectors = Detectors(Past(48).read, unit)
    assert detectors.state(ORDERS, 300.0) == "PENDING_TRAINING"
    early = TRAINED_AFTER - 1.0
    assert detectors.band(ORDERS, 300.0, [early], now=early) is None
    assert detectors.state(ORDERS, 300.0) == "TRAINED_INSUFFICIENT_DATA"
    late = TRAINED_AFTER
    assert detectors.band(ORDERS, 300.0, [late], now=late) is not None
    assert detectors.state(ORDERS, 300.0) == "TRAINED"


def test_it_trains_as_configured() -> None:
    past = Past(24)
    past.values[144:] = 500.0
    detectors = Detectors(past.read, unit)
    now = 24 * 3600.0
    plain = detectors.band(ORDERS, 300.0, [now], now=now)
    detectors.put(ORDERS, Configuration(excluded=((144 * 300.0, now),)))
    told = detectors.band(ORDERS, 300.0, [now], now=now)
    assert plain is not None
    assert told is not None
    assert told.expected[0] == pytest.approx(50.0, abs=2.0)
    assert plain.expected[0] > 60.0
    detectors.delete(ORDERS)
    again = detectors.band(ORDERS, 300.0, [now], now=now)
    assert again is not None
    assert again.expected == pytest.approx(plain.expected)


def test_it_has_no_band_if_everything_is_excluded() -> None:
    detectors = Detectors(Past(24).read, unit)
    detectors.put(ORDERS, Configuration(excluded=((-math.inf, math.inf),)))
    assert detectors.band(ORDERS, 300.0, [86_400.0], now=86_400.0) is None


def test_it_reads_from_the_store_of_metrics() -> None:
    store = MetricStore()
    for minute, value in enumerate(50.0 + noise(600)):
        store.put(KEY, "Count", 60.0 * minute, Datapoint.single(float(value)))

    def read(
        subject: Subject, period: float, start: float, end: float
    ) -> tuple[Sequence[float], Sequence[float]]:
        assert isinstance(subject, Statistic)
        data = store.get_metric_data(subject.metric, subject.stat, period, start, end)
        return data.times, data.values

    band = Detectors(read, unit).band(ORDERS, 300.0, [36_000.0, 36_300.0], now=36_000.0)
    assert band is not None
    assert band.expected == pytest.approx(50.0, abs=1.0)
    assert band.upper - band.lower == pytest.approx(4.0 / math.sqrt(5.0) * 1.85, rel=0.4)


@pytest.mark.parametrize(
    ("namespace", "unit", "limits"),
    [
        ("AWS/EC2", "Percent", (0.0, 100.0)),
        ("AWS/ApplicationELB", "Count", (0.0, math.inf)),
        ("Shop", "Percent", None),
    ],
)
def test_known_metrics_have_limits(
    namespace: str, unit: str, limits: tuple[float, float] | None
) -> None:
    subject = Statistic(MetricKey.of(namespace, "Load", {}), "Average")
    assert limits_of(subject, lambda key: unit) == limits


def test_what_metric_math_gives_has_no_limits() -> None:
    cpu = Statistic(MetricKey.of("AWS/EC2", "CPUUtilization", {}), "Average")
    negative = Expression(parse("-m1"), (("m1", cpu),))
    assert limits_of(negative, lambda key: "Percent") is None

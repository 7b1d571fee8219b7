"""Alarms on anomaly detection bands: what they watch, when they breach, what they say.

The sentences are those of the sample event in "Alarm events and EventBridge".
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Slot, Verdict, evaluate
from model.cloudwatch.anomaly.detectors import Configuration
from model.cloudwatch.math.syntax import Name
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError
from model.cloudwatch.readers import QueryReader
from model.cloudwatch.reasons import state_reason, state_reason_data
from model.cloudwatch.requests import Request, get_metric_data
from model.cloudwatch.subjects import Expression, Statistic
from model.cloudwatch.watching import check_watched
from tests.model.cloudwatch.anomaly.samples import noise
from tests.model.cloudwatch.samples import (
    ALARM,
    EPOCH,
    INSUFFICIENT_DATA,
    KEY,
    OK,
    Cloud,
    make_alarm,
)

OUTSIDE = "LessThanLowerOrGreaterThanUpperThreshold"
HOURS = 6


def metric(period: float = 60.0, key: MetricKey = KEY, **changes: Any) -> MetricQuery:
    fields: dict[str, Any] = {"id": "m1", "metric_stat": MetricStat(key, period, "Average")}
    return MetricQuery(**(fields | changes))


def band(expression: str = "ANOMALY_DETECTION_BAND(m1, 2)", **changes: Any) -> MetricQuery:
    return MetricQuery(**({"id": "ad1", "expression": expression} | changes))


def on_band(operator: str = OUTSIDE, **changes: Any) -> dict[str, Any]:
    """The fields of an alarm on a band."""
    return {
        "metric": None,
        "statistic": "",
        "queries": (metric(), band()),
        "threshold": None,
        "threshold_metric_id": "ad1",
        "comparison_operator": operator,
    } | changes


def alarm(operator: str = OUTSIDE, **changes: Any) -> MetricAlarm:
    return make_alarm(**on_band(operator, **changes))


@pytest.mark.parametrize(
    ("operator", "below", "above"),
    [
        (OUTSIDE, ALARM, ALARM),
        ("LessThanLowerThreshold", ALARM, OK),
        ("GreaterThanUpperThreshold", OK, ALARM),
    ],
)
def test_the_three_operators(operator: str, below: AlarmState, above: AlarmState) -> None:
    states = [
        evaluate(alarm(operator), OK, [Slot(0.0, value, band=(10.0, 20.0)), Slot(-60.0, None)])
        for value in (9.9, 10.0, 15.0, 20.0, 20.1)
    ]
    assert [verdict.state for verdict in states] == [below, OK, OK, OK, above]


def test_the_sentence_of_the_sample_event() -> None:
    """CPU utilisation of 0.0 under a band that begins at 0.02."""
    slots = [Slot(0.0, 0.0, band=(0.020599444741798756, 0.3006915352732461))]
    judging = alarm(datapoints_to_alarm=1)
    verdict = evaluate(judging, OK, slots)
    reason = state_reason(judging, verdict, Cloud.make().schedule.utc)
    assert reason == (
        "Thresholds Crossed: 1 out of the last 1 datapoints [0.0 (25/11/26 09:00:00)] was less "
        "than the lower thresholds [0.020599444741798756] or greater than the upper thresholds "
        "[0.3006915352732461] (minimum 1 datapoint for OK -> ALARM transition)."
    )


def test_the_sentence_on_the_way_back() -> None:
    slots = (Slot(0.0, 0.2, band=(0.1, 0.3)),)
    judging = alarm(datapoints_to_alarm=1)
    reason = state_reason(judging, Verdict(OK, slots), Cloud.make().schedule.utc)
    assert "was not less than the lower thresholds [0.1] or not greater than" in reason
    one = alarm("GreaterThanUpperThreshold")
    reason = state_reason(one, Verdict(ALARM, slots), Cloud.make().schedule.utc)
    assert "lower thresholds" not in reason


def test_the_data_behind_it_have_the_limits() -> None:
    slots = (Slot(0.0, 0.0, band=(0.02, 0.3)),)
    data = json.loads(
        state_reason_data(alarm(), Verdict(ALARM, slots), 60.0, Cloud.make().schedule.utc)
    )
    assert data["recentLowerThresholds"] == [0.02]
    assert data["recentUpperThresholds"] == [0.3]
    assert "threshold" not in data
    assert "statistic" not in data


def test_the_condition_in_words() -> None:
    assert alarm().sentence == "Orders outside the band for 1 datapoint within 1 minute"
    assert "lower than the band" in alarm("LessThanLowerThreshold").sentence


def usual(cloud: Cloud, *last: float) -> None:
    """Some hours around 50, and then the last values."""
    values = [*(50.0 + noise(HOURS * 60 - len(last))), *last]
    for minute, value in enumerate(values):
        cloud.report(minute - HOURS * 60, float(value))


def test_an_alarm_judges_by_what_was_learned() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**on_band())
    usual(cloud)
    cloud.report(0, 50.0)
    cloud.report(1, 90.0)
    cloud.report(2, 50.0)
    states = []
    for minute in (1, 2, 3):
        cloud.run(60.0 * minute)
        states.append(record.state)
    assert states == [OK, ALARM, OK]
    (slot,) = record.judged
    assert slot.band is not None
    assert slot.band[0] < 50.0 < slot.band[1] < 90.0


def test_without_a_past_it_has_insufficient_data() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**on_band())
    assert cloud.play(record, 50.0, 90.0, 50.0) == [INSUFFICIENT_DATA] * 3


def test_what_is_excluded_is_not_learned() -> None:
    cloud = Cloud.make()
    usual(cloud, *[500.0] * 120)
    queries = (metric(), band())
    read = get_metric_data
    utc, store, bands = cloud.schedule.utc, cloud.cloudwatch.metrics, cloud.cloudwatch.bands
    plain = read(store, queries, 0.0, 60.0, utc=utc, bands=bands)[1]
    excluded = Configuration(excluded=((-7200.0, 0.0),))
    cloud.cloudwatch.detectors.put(Statistic(KEY, "Average"), excluded)
    told = read(store, queries, 0.0, 60.0, utc=utc, bands=bands)[1]
    assert told.values[0] < 100.0 < plain.values[0]


def test_metric_math_is_learned_whatever_its_names_are() -> None:
    """An expression with others put into it, wherever they stand."""
    cloud = Cloud.make()
    store, utc = cloud.cloudwatch.metrics, cloud.schedule.utc
    other = MetricKey.of("Shop", "Visits", {})
    metrics = (metric(return_data=False), metric(id="m2", key=other, return_data=False))
    whole = Request(store, (*metrics, band("m1 / m2", id="e1")), utc)
    parts = (band("m1", id="e2"), band("e2   /m2", id="e1"))
    one = whole.subject(Name(column=1, id="e1"))
    two = Request(store, (*metrics, *parts), utc).subject(Name(column=7, id="e1"))
    assert isinstance(one, Expression)
    assert one == two
    assert hash(one) == hash(two)
    assert [name for name, _ in one.metrics] == ["m1", "m2"]


def test_a_band_on_metric_math() -> None:
    cloud = Cloud.make()
    usual(cloud)
    cloud.report(0, 90.0)
    queries = (
        metric(return_data=False),
        band("m1 * 10", id="e1"),
        band("ANOMALY_DETECTION_BAND(e1, 3)"),
    )
    record = cloud.alarm(**on_band(queries=queries))
    cloud.run(60.0)
    assert record.state is ALARM
    assert isinstance(record.reader, QueryReader)
    (slot,) = record.judged
    assert slot.value == 900.0
    assert slot.band is not None
    assert 400.0 < slot.band[0] < 500.0 < slot.band[1] < 600.0


@pytest.mark.parametrize(
    ("queries", "index", "told"),
    [
        ((metric(), band(id="ad2")), 0, "ad1 is the Id of none"),
        ((metric(), band("m1 * 2")), 1, "must be an ANOMALY_DETECTION_BAND expression"),
        ((metric(return_data=False), band()), 1, "exactly the band and one other query"),
        ((metric(), band(return_data=False)), 1, "exactly the band and one other query"),
        ((metric(10.0), band()), 1, "periods of 60 s or more, not 10"),
        (
            (metric(), band("ANOMALY_DETECTION_BAND(SUM(METRICS()))")),
            1,
            "needs its metrics by their ids",
        ),
    ],
)
def test_what_cannot_be_watched(queries: tuple[MetricQuery, ...], index: int, told: str) -> None:
    with pytest.raises(QueryError, match=told) as error:
        check_watched(queries, "ad1")
    assert error.value.index == index


def test_a_band_is_the_same_whoever_asked_before() -> None:
    """The model is of the hour, so that nobody sees when it was asked for."""
    one, other = Cloud.make(EPOCH), Cloud.make(EPOCH)
    for cloud in (one, other):
        usual(cloud)
    subject = Statistic(KEY, "Average")
    for moment in (60.0, 120.0):
        one.run(moment)
        one.cloudwatch.bands(subject, 60.0, [0.0], 2.0)
    other.run(120.0)
    limits = [cloud.cloudwatch.bands(subject, 60.0, [120.0], 2.0) for cloud in (one, other)]
    first, second = [None if both is None else [side.tolist() for side in both] for both in limits]
    assert first == second
    assert first is not None

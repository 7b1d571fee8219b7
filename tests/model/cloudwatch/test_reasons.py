"""StateReason and StateReasonData, in the words of AWS's sample events and of alarms in use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.cloudwatch.alarms import AlarmState, Missing, Slot, evaluate
from model.cloudwatch.reasons import number, state_reason, state_reason_data
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, make_alarm

NEWEST = datetime(2019, 10, 2, 16, 59, tzinfo=UTC)


def utc(time: float) -> datetime:
    return NEWEST + timedelta(seconds=time)


def explain(
    values: Sequence[float | None], before: AlarmState = OK, **changes: Any
) -> tuple[AlarmState, str, dict[str, Any]]:
    """State, reason and reason data for these values a minute apart, newest first."""
    alarm = make_alarm(**changes)
    padded = [*values, *[None] * (alarm.range - len(values))]
    seen = [Slot(-alarm.period * age, value, 1.0) for age, value in enumerate(padded)]
    verdict = evaluate(alarm, before, seen)
    data = json.loads(state_reason_data(alarm, verdict, alarm.period + 40.985, utc))
    return verdict.state, state_reason(alarm, verdict, utc), data


def test_the_sample_event_of_a_single_metric_alarm() -> None:
    """Alarm events and EventBridge, "State change for a single-metric alarm"."""
    values, fields = [99.50160229693434], {"period": 300.0, "datapoints_to_alarm": 1}
    alarm = make_alarm(**fields)
    verdict = evaluate(alarm, OK, [Slot(0.0, values[0], 5.0)])
    assert state_reason(alarm, verdict, utc) == (
        "Threshold Crossed: 1 out of the last 1 datapoints [99.50160229693434 (02/10/19 16:59:00)]"
        " was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    assert state_reason_data(alarm, verdict, 340.985, utc) == (
        '{"version":"1.0","queryDate":"2019-10-02T17:04:40.985+0000",'
        '"startDate":"2019-10-02T16:59:00.000+0000","statistic":"Average","period":300,'
        '"recentDatapoints":[99.50160229693434],"threshold":50.0,"evaluatedDatapoints":'
        '[{"timestamp":"2019-10-02T16:59:00.000+0000","sampleCount":5.0,'
        '"value":99.50160229693434}]}'
    )


def test_and_its_state_before() -> None:
    state, reason, _ = explain([0.0666851903306472], ALARM, datapoints_to_alarm=1)
    assert state is OK
    assert reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [0.0666851903306472 (02/10/19 16:59:00)]"
        " was not greater than the threshold (50.0)"
        " (minimum 1 datapoint for ALARM -> OK transition)."
    )


def test_without_datapoints_to_alarm_no_minimum_is_told() -> None:
    state, reason, _ = explain([99.0, 98.0, 97.0], evaluation_periods=3)
    assert state is ALARM
    assert reason == (
        "Threshold Crossed: 3 datapoints [99.0 (02/10/19 16:59:00), 98.0 (02/10/19 16:58:00),"
        " 97.0 (02/10/19 16:57:00)] were greater than the threshold (50.0)."
    )


@pytest.mark.parametrize(
    ("values", "state", "shown"),
    [
        ([90, 10, 80], ALARM, "2 out of the last 3 datapoints [90.0 {0}, 80.0 {2}] were"),
        ([90, 70, 80], ALARM, "3 out of the last 3 datapoints [90.0 {0}, 70.0 {1}, 80.0 {2}] were"),
        ([10, 90, 20], OK, "2 out of the last 3 datapoints [10.0 {0}, 20.0 {2}] were not"),
        ([10, 5, 20], OK, "3 out of the last 3 datapoints [10.0 {0}, 5.0 {1}, 20.0 {2}] were not"),
    ],
)
def test_only_the_datapoints_on_the_states_side_are_listed(
    values: list[float], state: AlarmState, shown: str
) -> None:
    """An alarm on 2 of 3: it takes two to alarm and two to be fine again."""
    got, reason, _ = explain(values, evaluation_periods=3, datapoints_to_alarm=2)
    stamps = [f"(02/10/19 16:{minute}:00)" for minute in (59, 58, 57)]
    turn = "OK -> ALARM" if state is ALARM else "ALARM -> OK"
    assert got is state
    assert reason == (
        f"Threshold Crossed: {shown.format(*stamps)} greater than the threshold (50.0)"
        f" (minimum 2 datapoints for {turn} transition)."
    )


@pytest.mark.parametrize(
    ("count", "needed", "least"),
    [(3, 3, "1 datapoint"), (8, 2, "7 datapoints"), (5, 3, "3 datapoints")],
)
def test_the_minimum_to_be_fine_again(count: int, needed: int, least: str) -> None:
    """So many that fewer than DatapointsToAlarm are left to breach."""
    _, reason, _ = explain([10] * count, evaluation_periods=count, datapoints_to_alarm=needed)
    assert reason.endswith(f"(minimum {least} for ALARM -> OK transition).")


@pytest.mark.parametrize(
    ("operator", "words"),
    [
        ("GreaterThanThreshold", "not greater than"),
        ("GreaterThanOrEqualToThreshold", "not greater than or equal to"),
        ("LessThanThreshold", "less than"),
        ("LessThanOrEqualToThreshold", "less than or equal to"),
    ],
)
def test_every_operator_has_its_words(operator: str, words: str) -> None:
    _, reason, _ = explain([10], comparison_operator=operator)
    assert reason == (
        f"Threshold Crossed: 1 datapoint [10.0 (02/10/19 16:59:00)] was {words} the threshold"
        " (50.0)."
    )


def test_from_five_datapoints_on_the_newest_stand_at_the_end() -> None:
    values = [96, 95, 94, 93, 92, 91]
    listed = ", ".join(f"{v}.0 (02/10/19 16:{59 - i}:00)" for i, v in enumerate(values[:5]))
    newest = f"The most recent datapoints which crossed the threshold: [{listed}]"
    _, plain, _ = explain(values, evaluation_periods=6)
    assert plain == (
        f"Threshold Crossed: 6 datapoints were greater than the threshold (50.0). {newest}."
    )
    _, reason, _ = explain(values, evaluation_periods=6, datapoints_to_alarm=6)
    assert reason == (
        "Threshold Crossed: 6 out of the last 6 datapoints were greater than the threshold (50.0)."
        f" {newest} (minimum 6 datapoints for OK -> ALARM transition)."
    )


@pytest.mark.parametrize(
    ("treatment", "count", "told"),
    [
        (Missing.BREACHING, 1, "1 period and 1 missing datapoint was treated as [Breaching]"),
        (Missing.BREACHING, 3, "3 periods and 3 missing datapoints were treated as [Breaching]"),
        (Missing.NOT_BREACHING, 2, "2 periods and 2 missing datapoints were treated as [Non"),
    ],
)
@pytest.mark.parametrize("needed", [None, 1])
def test_no_data_at_all(treatment: Missing, count: int, told: str, needed: int | None) -> None:
    _, reason, data = explain(
        [],
        evaluation_periods=count,
        datapoints_to_alarm=needed,
        treat_missing_data=treatment,
    )
    assert reason.startswith(f"Threshold Crossed: no datapoints were received for {told}")
    assert "minimum" not in reason
    assert data["recentDatapoints"] == []
    assert "startDate" not in data


@pytest.mark.parametrize(
    ("count", "told"), [(1, "1 datapoint was unknown."), (5, "5 datapoints were unknown.")]
)
def test_insufficient_data(count: int, told: str) -> None:
    state, reason, data = explain([], evaluation_periods=count)
    assert (state, reason) == (INSUFFICIENT_DATA, f"Insufficient Data: {told}")
    stamps = [f"2019-10-02T16:{59 - age}:00.000+0000" for age in range(count)]
    assert data["evaluatedDatapoints"] == [{"timestamp": stamp} for stamp in stamps]


def test_missing_datapoints_that_were_filled_in_are_told() -> None:
    _, reason, _ = explain(
        [613],
        evaluation_periods=20,
        datapoints_to_alarm=1,
        threshold=1.0,
        treat_missing_data=Missing.NOT_BREACHING,
    )
    assert reason == (
        "Threshold Crossed: 1 out of the last 20 datapoints [613.0 (02/10/19 16:59:00)] was greater"
        " than the threshold (1.0) and 19 missing datapoints were treated as [NonBreaching]"
        " (minimum 1 datapoint for OK -> ALARM transition)."
    )
    state, reason, _ = explain(
        [2, None], evaluation_periods=8, threshold=50.0, treat_missing_data=Missing.BREACHING
    )
    assert state is OK
    assert reason == (
        "Threshold Crossed: 1 datapoint [2.0 (02/10/19 16:59:00)] was not greater than the"
        " threshold (50.0) and 7 missing datapoints were treated as [Breaching]."
    )


def test_where_only_fillers_decided_the_real_ones_are_but_counted() -> None:
    state, reason, _ = explain(
        [10],
        evaluation_periods=3,
        datapoints_to_alarm=2,
        treat_missing_data=Missing.BREACHING,
    )
    assert state is ALARM
    assert reason == (
        "Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were"
        " treated as [Breaching]."
    )


def test_a_premature_alarm_says_how_few_datapoints_there_were() -> None:
    state, reason, _ = explain(
        [None, None, 90, None, None],
        INSUFFICIENT_DATA,
        evaluation_periods=3,
        datapoints_to_alarm=3,
    )
    assert state is ALARM
    assert reason == (
        "Threshold Crossed: 1 out of the last 3 datapoints [90.0 (02/10/19 16:57:00)] was greater"
        " than the threshold (50.0)."
    )


def test_recent_datapoints_are_oldest_first_and_evaluated_ones_newest_first() -> None:
    _, _, data = explain([96, 94], evaluation_periods=2, unit="Percent")
    assert data["recentDatapoints"] == [94.0, 96.0]
    assert [point["value"] for point in data["evaluatedDatapoints"]] == [96.0, 94.0]
    assert data["startDate"] == "2019-10-02T16:58:00.000+0000"
    assert data["unit"] == "Percent"


def test_of_the_evaluated_ones_those_are_told_that_were_enough() -> None:
    """3 of 3 below the threshold: one alone ends the alarm."""
    _, _, data = explain([10, 11, 12], ALARM, evaluation_periods=3)
    assert data["recentDatapoints"] == [12.0, 11.0, 10.0]
    assert [point["value"] for point in data["evaluatedDatapoints"]] == [10.0]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0.0"),
        (60, "60.0"),
        (-0.5, "-0.5"),
        (0.001, "0.001"),
        (0.00025, "2.5E-4"),
        (9_999_999, "9999999.0"),
        (10_000_000, "1.0E7"),
        (21_474_836_480, "2.147483648E10"),
        (-83_714_617_344, "-8.3714617344E10"),
    ],
)
def test_numbers_are_written_as_aws_writes_them(value: float, written: str) -> None:
    assert number(value) == written

"""What one evaluation decides: operators, M out of N, low samples, and laws that always hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cloudwatch.alarms import AlarmState, MetricAlarm, Missing, Slot, evaluate
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, make_alarm, slots


@pytest.mark.parametrize(
    ("operator", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", OK, OK, ALARM),
        ("GreaterThanOrEqualToThreshold", OK, ALARM, ALARM),
        ("LessThanThreshold", ALARM, OK, OK),
        ("LessThanOrEqualToThreshold", ALARM, ALARM, OK),
    ],
)
def test_the_value_is_the_left_operand(
    operator: str, below: AlarmState, equal: AlarmState, above: AlarmState
) -> None:
    alarm = make_alarm(comparison_operator=operator, threshold=50.0)
    for value, state in ((49.9, below), (50.0, equal), (50.1, above)):
        assert evaluate(alarm, INSUFFICIENT_DATA, [Slot(0.0, value, 1.0)]).state is state


@pytest.mark.parametrize(
    ("needed", "points", "state"),
    [
        (3, "0 X 0 X X", ALARM),
        (3, "X X 0 0 X", ALARM),
        (3, "X 0 0 0 X", OK),
        (1, "X 0 0 0 0", ALARM),
        (5, "X X X X 0", OK),
        (None, "X X X X X", ALARM),
        (None, "0 X X X X", OK),
    ],
)
def test_any_m_of_the_last_n_datapoints_alarm(
    needed: int | None, points: str, state: AlarmState
) -> None:
    """Evaluating an alarm: the breaching data points do not have to be consecutive."""
    alarm = make_alarm(evaluation_periods=5, datapoints_to_alarm=needed)
    assert evaluate(alarm, OK, slots(points)).state is state


def test_the_figure_of_the_user_guide() -> None:
    """3 of 3 above three units: ALARM in the fifth period, OK in the sixth, and so it stays."""
    alarm = make_alarm(evaluation_periods=3, threshold=3.0)
    values = [2.0, 2.5, 4.0, 5.0, 4.0, 2.0, 1.0, 2.0, 4.0, 2.0]
    states = []
    state = INSUFFICIENT_DATA
    for now in range(1, len(values) + 1):
        seen = [Slot(60.0 * t, values[t], 1.0) for t in range(now)][::-1]
        state = evaluate(alarm, state, seen[: alarm.range]).state
        states.append(state)
    assert states[2:] == [OK, OK, ALARM, OK, OK, OK, OK, OK]


@pytest.mark.parametrize(
    ("statistic", "enough"),
    [
        ("p50", 20),
        ("p80", 50),
        ("p90", 100),
        ("p95", 200),
        ("p99", 1000),
        ("p99.9", 10_000),
        ("p25", 40),
        ("p10", 100),
        ("p0.1", 10_000),
    ],
)
def test_percentiles_of_too_few_samples_can_be_ignored(statistic: str, enough: int) -> None:
    """10 / (1 - percentile) samples for the upper half, 10 / percentile for the lower."""
    ignoring = make_alarm(statistic=statistic, ignore_low_samples=True)
    judging = make_alarm(statistic=statistic, ignore_low_samples=False)
    few, many = slots("X", samples=enough - 1), slots("X", samples=enough)
    assert evaluate(ignoring, OK, few).state is OK
    assert evaluate(ignoring, INSUFFICIENT_DATA, few).state is INSUFFICIENT_DATA
    assert evaluate(ignoring, OK, many).state is ALARM
    assert evaluate(judging, OK, few).state is ALARM


@pytest.mark.parametrize("statistic", ["Average", "Maximum", "p0", "p100"])
def test_other_statistics_need_no_number_of_samples(statistic: str) -> None:
    alarm = make_alarm(statistic=statistic, ignore_low_samples=True)
    assert evaluate(alarm, OK, slots("X", samples=1)).state is ALARM


marks = st.lists(st.sampled_from("0X-"), min_size=5, max_size=5).map(" ".join)
alarms = st.builds(
    lambda needed, treatment: make_alarm(
        evaluation_periods=3, datapoints_to_alarm=needed, treat_missing_data=treatment
    ),
    st.integers(1, 3),
    st.sampled_from(list(Missing)),
)
states = st.sampled_from(list(AlarmState))


@given(alarms, states, marks)
def test_an_evaluation_repeated_changes_nothing(
    alarm: MetricAlarm, before: AlarmState, points: str
) -> None:
    """Where nothing moves, neither does the state: alarms do not flutter."""
    after = evaluate(alarm, before, slots(points)).state
    assert evaluate(alarm, after, slots(points)).state is after


@given(alarms, states, marks)
def test_insufficient_data_is_never_entered_while_there_is_data(
    alarm: MetricAlarm, before: AlarmState, points: str
) -> None:
    after = evaluate(alarm, before, slots(points)).state
    if after is INSUFFICIENT_DATA and before is not INSUFFICIENT_DATA:
        assert points == "- - - - -"
        assert alarm.treat_missing_data is Missing.MISSING


@given(st.integers(1, 3), states, marks)
def test_breaching_alarms_wherever_not_breaching_does(
    needed: int, before: AlarmState, points: str
) -> None:
    def state(treatment: Missing) -> AlarmState:
        alarm = make_alarm(
            evaluation_periods=3, datapoints_to_alarm=needed, treat_missing_data=treatment
        )
        return evaluate(alarm, before, slots(points)).state

    assert state(Missing.BREACHING) in (OK, ALARM)
    assert state(Missing.NOT_BREACHING) in (OK, ALARM)
    if state(Missing.NOT_BREACHING) is ALARM:
        assert {state(treatment) for treatment in Missing} == {ALARM}


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_with_all_datapoints_there_it_is_a_plain_count(
    breaches: list[bool], data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(breaches)))
    needed = data.draw(st.integers(1, count))
    alarm = make_alarm(evaluation_periods=count, datapoints_to_alarm=needed)
    newest = [Slot(-60.0 * age, 90.0 if x else 10.0, 1.0) for age, x in enumerate(breaches)]
    expected = ALARM if sum(breaches[:count]) >= needed else OK
    assert evaluate(alarm, INSUFFICIENT_DATA, newest).state is expected

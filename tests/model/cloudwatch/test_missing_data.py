"""Missing data: the tables of "Configuring how CloudWatch alarms treat missing data".

Rows of its earlier and its present edition stand together. 0 is a datapoint that does not breach,
X one that does, - a missing one; five are fetched where three are evaluated. None stands for
"retain current state".
"""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import AlarmState, Missing, evaluate
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, make_alarm, slots

KEEP = None
States = tuple[AlarmState | None, AlarmState | None, AlarmState | None, AlarmState | None]
TREATMENTS = (Missing.MISSING, Missing.IGNORE, Missing.BREACHING, Missing.NOT_BREACHING)

THREE_OF_THREE: list[tuple[str, int, States]] = [
    ("0 - X - X", 0, (OK, OK, OK, OK)),
    ("0 - - - -", 2, (OK, OK, OK, OK)),
    ("- - - - -", 3, (INSUFFICIENT_DATA, KEEP, ALARM, OK)),
    ("0 X X - X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("- - X - -", 2, (ALARM, KEEP, ALARM, OK)),
]
TWO_OF_THREE: list[tuple[str, int, States]] = [
    ("0 - X - X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("0 0 X 0 X", 0, (ALARM, ALARM, ALARM, ALARM)),
    ("0 - X - -", 1, (OK, OK, ALARM, OK)),
    ("- - - - 0", 2, (OK, OK, ALARM, OK)),
]
ROWS = [
    pytest.param(needed, *row, id=f"{needed} of 3: {row[0]}")
    for needed, table in ((3, THREE_OF_THREE), (2, TWO_OF_THREE))
    for row in table
]
anything_before = pytest.mark.parametrize("before", list(AlarmState))


@anything_before
@pytest.mark.parametrize(("needed", "points", "filled", "states"), ROWS)
def test_every_row_of_the_tables(
    needed: int, points: str, filled: int, states: States, before: AlarmState
) -> None:
    for treatment, state in zip(TREATMENTS, states, strict=True):
        alarm = make_alarm(
            evaluation_periods=3, datapoints_to_alarm=needed, treat_missing_data=treatment
        )
        verdict = evaluate(alarm, before, slots(points))
        assert verdict.state is (before if state is KEEP else state), treatment
        assert len(verdict.filled) == filled
        assert len(verdict.evaluated) == 3


@pytest.mark.parametrize("needed", [2, 3])
@pytest.mark.parametrize(
    ("treatment", "before", "state"),
    [
        (Missing.MISSING, INSUFFICIENT_DATA, INSUFFICIENT_DATA),
        (Missing.IGNORE, OK, OK),
        (Missing.IGNORE, ALARM, ALARM),
        (Missing.IGNORE, INSUFFICIENT_DATA, INSUFFICIENT_DATA),
        (Missing.BREACHING, OK, ALARM),
        (Missing.NOT_BREACHING, ALARM, OK),
    ],
)
def test_a_fresh_lone_breach_after_silence_does_not_alarm_at_once(
    needed: int, treatment: Missing, before: AlarmState, state: AlarmState
) -> None:
    """The last row of both tables of the earlier edition: - - - - X."""
    alarm = make_alarm(
        evaluation_periods=3, datapoints_to_alarm=needed, treat_missing_data=treatment
    )
    assert evaluate(alarm, before, slots("- - - - X")).state is state


@pytest.mark.parametrize(
    ("needed", "points", "alarms"),
    [
        (3, "- - - - X", False),
        (3, "- - - X -", False),
        (3, "- - X - -", True),
        (3, "- X - - -", True),
        (3, "X - - - -", True),
        (3, "- - - X X", False),
        (3, "- - X - X", True),
        (2, "- - - - X", False),
        (2, "- - - X -", True),
        (1, "- - - - X", True),
    ],
)
def test_the_oldest_breach_must_be_datapoints_to_alarm_old(
    needed: int, points: str, alarms: bool
) -> None:
    """Avoiding premature transitions to alarm state."""
    alarm = make_alarm(evaluation_periods=3, datapoints_to_alarm=needed)
    verdict = evaluate(alarm, INSUFFICIENT_DATA, slots(points))
    assert verdict.state is (ALARM if alarms else INSUFFICIENT_DATA)


@pytest.mark.parametrize("points", ["0 - X - -", "0 X - - -", "- - 0 - X"])
def test_a_datapoint_that_does_not_breach_stops_the_premature_alarm(points: str) -> None:
    alarm = make_alarm(evaluation_periods=3, datapoints_to_alarm=3)
    assert evaluate(alarm, ALARM, slots(points)).state is OK


@anything_before
@pytest.mark.parametrize("treatment", TREATMENTS)
def test_with_enough_real_datapoints_the_setting_is_not_needed(
    treatment: Missing, before: AlarmState
) -> None:
    alarm = make_alarm(evaluation_periods=3, treat_missing_data=treatment)
    assert evaluate(alarm, before, slots("X X - X -")).state is ALARM
    assert evaluate(alarm, before, slots("X X - 0 -")).state is OK


def test_the_most_recent_datapoints_count_and_older_ones_do_not() -> None:
    alarm = make_alarm(evaluation_periods=3)
    assert evaluate(alarm, OK, slots("0 0 X X X")).state is ALARM
    assert evaluate(alarm, ALARM, slots("X X X X 0")).state is OK
    assert [slot.start for slot in evaluate(alarm, OK, slots("0 0 X - X")).judged] == [
        0.0,
        -120.0,
        -180.0,
    ]


def test_breaching_waits_until_the_last_good_datapoint_leaves_the_range() -> None:
    """The note under the first table: good data holds the state for the whole range."""
    alarm = make_alarm(evaluation_periods=3, treat_missing_data=Missing.BREACHING)
    drawings = ["0 0 0 0 0", "0 0 0 0 -", "0 0 0 - -", "0 0 - - -", "0 - - - -", "- - - - -"]
    states = [evaluate(alarm, OK, slots(drawing)).state for drawing in drawings]
    assert states == [OK, OK, OK, OK, OK, ALARM]

"""What alarms do: topics are told once, scaling policies every minute ("Alarm actions")."""

from __future__ import annotations

import pytest

from model.cloudwatch.alarms import Missing
from model.cloudwatch.moves import SetAlarmState
from model.fields import FieldError
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, Cloud


def told(cloud: Cloud) -> list[tuple[float, str]]:
    """When the topic was told of which state."""
    return [(d.time, d.subject.partition(":")[0]) for d in cloud.sns.deliveries]


EVERY_STATE = {
    "alarm_actions": ("pager",),
    "ok_actions": ("pager",),
    "insufficient_data_actions": ("pager",),
}


def test_a_topic_is_told_only_when_the_state_changes() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**EVERY_STATE)
    cloud.play(record, 10, 10, 90, 90, 90, 10, None, None, None, None)
    assert told(cloud) == [(60, "OK"), (180, "ALARM"), (360, "OK"), (540, "INSUFFICIENT_DATA")]


def test_only_the_actions_of_the_state_entered_are_run() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(ok_actions=("pager",))
    cloud.play(record, 90, 10, 90)
    assert told(cloud) == [(120, "OK")]


def test_a_scaling_policy_is_invoked_every_minute_that_the_state_lasts() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("grow", "pager"))
    cloud.play(record, 10, 90, 95, 99, 10, 10)
    assert [time for time, _ in cloud.invocations] == [120.0, 180.0, 240.0]
    assert told(cloud) == [(120, "ALARM")]
    assert [(i.state, i.values, i.threshold) for _, i in cloud.invocations] == [
        (ALARM, (90.0,), 50.0),
        (ALARM, (95.0,), 50.0),
        (ALARM, (99.0,), 50.0),
    ]


def test_it_is_invoked_every_minute_whatever_the_period() -> None:
    """Once per minute, not once per period."""
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("grow",), period=300.0)
    cloud.play(record, *[90] * 7)
    assert [time for time, _ in cloud.invocations] == [60.0 * n for n in range(1, 8)]


def test_it_is_given_the_datapoints_judged_newest_first() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("grow",), evaluation_periods=3)
    cloud.play(record, 60, 70, 80)
    [(_, invocation)] = cloud.invocations
    assert invocation.values == (80.0, 70.0, 60.0)


def test_actions_that_are_disabled_do_not_run_but_the_state_changes() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(actions_enabled=False, alarm_actions=("grow", "pager"))
    assert cloud.play(record, 90, 90) == [ALARM, ALARM]
    assert told(cloud) == []
    assert cloud.invocations == []
    assert [event.detail["state"]["value"] for event in cloud.bus.events] == ["ALARM"]


def test_nobody_checks_that_an_action_exists() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(alarm_actions=("gone", "pager"))
    cloud.play(record, 90)
    assert told(cloud) == [(60, "ALARM")]


def test_set_alarm_state_lasts_until_the_next_evaluation() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**EVERY_STATE)
    cloud.play(record, 10)
    cloud.run(90.0)
    cloud.cloudwatch.set_alarm_state("busy", ALARM, "a drill", "")
    assert (record.state, record.reason, record.since) == (ALARM, "a drill", 90.0)
    assert cloud.play(record, 10) == [OK]
    assert told(cloud) == [(60, "OK"), (90, "ALARM"), (120, "OK")]


def test_set_alarm_state_holds_where_missing_data_is_ignored() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(treat_missing_data=Missing.IGNORE)
    cloud.cloudwatch.set_alarm_state("busy", ALARM, "a drill", "")
    assert cloud.play(record, *[None] * 5) == [ALARM] * 5


def test_setting_the_state_it_has_does_nothing() -> None:
    cloud = Cloud.make()
    record = cloud.alarm(**EVERY_STATE)
    cloud.cloudwatch.set_alarm_state("busy", INSUFFICIENT_DATA, "a drill", "")
    assert record.reason == "Unchecked: Initial alarm creation"
    assert told(cloud) == []
    assert cloud.bus.events == []


def test_scaling_reads_the_value_from_the_reason_data() -> None:
    """SetAlarmState: without StateReasonData a scaling policy has nothing to go by."""
    cloud = Cloud.make()
    cloud.alarm(alarm_actions=("grow",))
    cloud.cloudwatch.set_alarm_state("busy", ALARM, "a drill", '{"recentDatapoints":[70.0,85.0]}')
    cloud.cloudwatch.set_alarm_state("busy", OK, "over", "")
    cloud.cloudwatch.set_alarm_state("busy", ALARM, "a drill", "")
    assert [invocation.values for _, invocation in cloud.invocations] == [(85.0, 70.0), ()]


@pytest.mark.parametrize(
    "data", ["high", "[90]", '{"recentDatapoints": 90}', '{"recentDatapoints": ["x"]}', "{", "1"]
)
def test_reason_data_must_be_json(data: str) -> None:
    with pytest.raises(FieldError, match="must be JSON"):
        SetAlarmState(alarm_name="busy", state_value=ALARM, state_reason_data=data)


@pytest.mark.parametrize("data", ["", "{}", '{"recentDatapoints": [90, 1.5]}', '{"why": "drill"}'])
def test_good_reason_data_passes(data: str) -> None:
    SetAlarmState(alarm_name="busy", state_value=ALARM, state_reason_data=data)


def test_reasons_have_a_length() -> None:
    with pytest.raises(FieldError):
        SetAlarmState(alarm_name="busy", state_value=ALARM, state_reason="x" * 1024)
    data = f'{{"why": "{"x" * 4000}"}}'
    with pytest.raises(FieldError):
        SetAlarmState(alarm_name="busy", state_value=ALARM, state_reason_data=data)

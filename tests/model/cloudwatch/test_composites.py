"""Composite alarms ("Combining alarms", "Composite alarm action suppression")."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cloudwatch.alarms import AlarmState, Missing
from model.cloudwatch.composites import CompositeAlarm, CompositeRecord
from model.cloudwatch.rules import RuleError, parse_rule
from model.resources import Identity
from tests.model.cloudwatch.samples import ALARM, INSUFFICIENT_DATA, OK, Cloud, make_alarm

STATES = {"a": ALARM, "b": OK, "c": INSUFFICIENT_DATA}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ("OK(a)", False),
        ("INSUFFICIENT_DATA(c)", True),
        ('ALARM("a")', True),
        ("ALARM(a) AND ALARM(b)", False),
        ("ALARM(a) OR ALARM(b)", True),
        ("ALARM(b) OR ALARM(a) AND NOT ALARM(c)", True),
        ("NOT ALARM(b) AND OK(b)", True),
        ("NOT (ALARM(a) OR OK(b))", False),
        ("(ALARM(a) OR ALARM(b)) AND OK(c)", False),
        ("AT_LEAST(2, ALARM, (a, b, c))", False),
        ("AT_LEAST(2, NOT ALARM, (a, b, c))", True),
        ("AT_LEAST(33%, ALARM, (a, b, c))", True),
        ("AT_LEAST(34%, ALARM, (a, b, c))", False),
        ("TRUE AND NOT FALSE", True),
    ],
)
def test_rules(rule: str, holds: bool) -> None:
    assert parse_rule(rule).holds(STATES.__getitem__) is holds


@pytest.mark.parametrize(
    ("rule", "words", "column"),
    [
        ("", "from 1 to 10240 characters", 1),
        ("ALARM(a", "ends too early", 8),
        ("ALARM(a) ALARM(b)", "'ALARM' is not expected", 10),
        ("ALARM a", "'a' is not expected", 7),
        ("AT_LEAST(x, ALARM, (a))", "'x' is not expected", 10),
        (" OR ".join(f"ALARM(x{n})" for n in range(101)), "100 alarms at most", 1),
    ],
)
def test_wrong_rules(rule: str, words: str, column: int) -> None:
    with pytest.raises(RuleError, match=words) as error:
        parse_rule(rule)
    assert error.value.column == column


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from(AlarmState), min_size=3))
def test_de_morgan(states: dict[str, AlarmState]) -> None:
    one = parse_rule("NOT (ALARM(a) OR OK(b) AND ALARM(c))")
    other = parse_rule("NOT ALARM(a) AND (NOT OK(b) OR NOT ALARM(c))")
    assert one.holds(states.__getitem__) is other.holds(states.__getitem__)


def composite(cloud: Cloud, rule: str, name: str = "both", **properties: Any) -> CompositeRecord:
    resource = CompositeAlarm(
        identity=Identity(name, CompositeAlarm.TYPE, name),
        alarm_rule=rule,
        alarm_actions=("pager",),
        **properties,
    )
    cloud.cloudwatch.composites.put(resource)
    return cloud.cloudwatch.composites.records[name]


def put(cloud: Cloud, *names: str) -> None:
    for name in names:
        # missing data ignored: they stay as they are put
        alarm = make_alarm(name=name, arn=f"arn:{name}", treat_missing_data=Missing.IGNORE)
        cloud.cloudwatch.put_metric_alarm(alarm, name)


def turn(cloud: Cloud, name: str, state: AlarmState) -> None:
    cloud.cloudwatch.set_alarm_state(name, state, "by hand", "")


def pages(cloud: Cloud) -> list[float]:
    return [delivery.time for delivery in cloud.sns.deliveries]


def test_it_knows_nothing_until_it_is_evaluated_and_then_follows_its_children() -> None:
    cloud = Cloud.make()
    put(cloud, "a", "b")
    record = composite(cloud, "ALARM(a) AND ALARM(b)")
    assert record.state is INSUFFICIENT_DATA
    cloud.run(60)
    assert record.state is OK
    turn(cloud, "a", ALARM)
    assert record.state is OK
    turn(cloud, "b", ALARM)
    assert record.state is ALARM
    assert record.reason.startswith("arn:b transitioned to ALARM at Wednesday 25 November, 2026")
    triggering = json.loads(record.reason_data)["triggeringAlarms"]
    assert [child["arn"] for child in triggering] == ["arn:a", "arn:b"]
    assert pages(cloud) == [60.0]
    message = json.loads(cloud.sns.deliveries[0].message)
    assert (message["AlarmName"], message["NewStateValue"]) == ("both", "ALARM")
    assert message["AlarmRule"] == "ALARM(a) AND ALARM(b)"
    assert [child["Arn"] for child in message["TriggeringChildren"]] == ["arn:a", "arn:b"]
    event = cloud.bus.events[-1]
    assert event.detail["configuration"] == {"alarmRule": "ALARM(a) AND ALARM(b)"}


def test_composites_of_composites() -> None:
    cloud = Cloud.make()
    put(cloud, "a")
    inner = composite(cloud, "ALARM(a)", "inner")
    outer = composite(cloud, "NOT ALARM(inner)", "outer")
    cloud.run(60)
    assert (inner.state, outer.state) == (OK, ALARM)
    turn(cloud, "a", ALARM)
    assert (inner.state, outer.state) == (ALARM, OK)


SUPPRESSED: dict[str, Any] = {
    "actions_suppressor": "quiet",
    "actions_suppressor_wait_period": 120,
    "actions_suppressor_extension_period": 180,
}


def test_actions_wait_for_the_suppressor() -> None:
    """The guide's example: the suppressor does not come, and actions run when the wait is over."""
    cloud = Cloud.make()
    put(cloud, "a", "quiet")
    record = composite(cloud, "ALARM(a)", **SUPPRESSED)
    cloud.run(600)
    turn(cloud, "a", ALARM)
    assert record.suppressed_by == "WaitPeriod"
    cloud.run(719)
    assert pages(cloud) == []
    cloud.run(720)
    assert pages(cloud) == [720.0]
    assert record.suppressed_by is None


def test_the_suppressor_comes_within_the_wait() -> None:
    """Nothing is done while it is in ALARM; when it goes, what holds after the extension counts."""
    cloud = Cloud.make()
    put(cloud, "a", "quiet")
    record = composite(cloud, "ALARM(a)", **SUPPRESSED)
    cloud.run(600)
    turn(cloud, "a", ALARM)
    cloud.run(630)
    turn(cloud, "quiet", ALARM)
    assert record.suppressed_by == "Alarm"
    cloud.run(650)
    turn(cloud, "quiet", OK)
    assert record.suppressed_by == "ExtensionPeriod"
    cloud.run(829)
    assert pages(cloud) == []
    cloud.run(831)
    assert pages(cloud) == [830.0]


def test_a_change_within_the_extension_waits_anew() -> None:
    cloud = Cloud.make()
    put(cloud, "a", "quiet")
    record = composite(cloud, "ALARM(a)", **SUPPRESSED)
    cloud.run(605)
    turn(cloud, "quiet", ALARM)
    turn(cloud, "quiet", OK)
    assert record.suppressed_by == "ExtensionPeriod"
    cloud.run(610)
    turn(cloud, "a", ALARM)
    assert record.suppressed_by == "WaitPeriod"
    cloud.run(729)
    assert pages(cloud) == []
    cloud.run(731)
    assert pages(cloud) == [730.0]


def test_actions_can_be_disabled() -> None:
    cloud = Cloud.make()
    put(cloud, "a")
    record = composite(cloud, "ALARM(a)")
    cloud.run(60)
    cloud.cloudwatch.enable_actions("both", enabled=False)
    turn(cloud, "a", ALARM)
    assert record.state is ALARM
    assert pages(cloud) == []


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"alarm_rule": "ALARM("}, "column 7: the rule ends too early"),
        ({"alarm_rule": "TRUE", "actions_suppressor": "a"}, "needs ActionsSuppressorWaitPeriod"),
        ({"alarm_rule": "TRUE", "actions_suppressor_wait_period": 1}, "need an ActionsSuppressor"),
    ],
)
def test_wrong_composites(properties: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        CompositeAlarm(identity=Identity("x", CompositeAlarm.TYPE, "x"), **properties)

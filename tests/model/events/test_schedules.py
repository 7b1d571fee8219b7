"""Schedule expressions: the documentation's own examples, and what PutRule refuses."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from model.events.schedules import ScheduleError, parse_schedule


def runs(text: str, begins: str, number: int) -> list[str]:
    """The first runs after an instant."""
    created = now = datetime.fromisoformat(begins).replace(tzinfo=UTC)
    timetable = parse_schedule(text)
    found = []
    for _ in range(number):
        due = timetable.next(now, created)
        if due is None:
            break
        found.append(f"{due:%Y-%m-%dT%H:%M}" + (f":{due:%S}" if due.second else ""))
        now = due
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 2026-11-25 is a Wednesday; of "Cron expressions": examples
        ("cron(0 10 * * ? *)", ["2026-11-25T10:00", "2026-11-26T10:00"]),
        ("cron(15 12 * * ? *)", ["2026-11-25T12:15", "2026-11-26T12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["2026-11-25T18:00", "2026-11-26T18:00", "2026-11-27T18:00"]),
        ("cron(0 8 1 * ? *)", ["2026-12-01T08:00", "2027-01-01T08:00"]),
        ("cron(0/15 * * * ? *)", ["2026-11-25T09:15", "2026-11-25T09:30"]),
        ("cron(0/10 * ? * MON-FRI *)", ["2026-11-25T09:10", "2026-11-25T09:20"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["2026-11-25T09:05", "2026-11-25T09:10"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", ["2026-11-25T20:00", "2026-11-25T20:30"]),
        ("cron(5,35 14 * * ? *)", ["2026-11-25T14:05", "2026-11-25T14:35"]),
        ("cron(15 10 ? * 6L 2026-2027)", ["2026-11-27T10:15", "2026-12-25T10:15"]),
        ("cron(0 0 ? * 3#2 *)", ["2026-12-08T00:00", "2027-01-12T00:00"]),
        ("cron(0 0 ? * TUE#2 *)", ["2026-12-08T00:00"]),
        ("cron(0 0 3W * ? *)", ["2026-12-03T00:00", "2027-01-04T00:00"]),
        ("cron(0 0 1W AUG ? 2026-2027)", ["2027-08-02T00:00"]),
        ("cron(0 0 L * ? *)", ["2026-11-30T00:00", "2026-12-31T00:00"]),
        ("cron(0 0 L-3 * ? *)", ["2026-11-27T00:00"]),
        ("cron(0 0 LW JAN ? *)", ["2027-01-29T00:00"]),
        ("cron(0 0 ? * L *)", ["2026-11-28T00:00"]),
        ("cron(1/20 * * * ? *)", ["2026-11-25T09:01", "2026-11-25T09:21"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("cron(0 0 1 1 ? 2025)", []),
        ("cron(0 0 ? * 1 *)", ["2026-11-29T00:00"]),
    ],
)
def test_cron(text: str, expected: list[str]) -> None:
    assert runs(text, "2026-11-25T09:00:00", len(expected) or 1) == expected


def test_the_night_belongs_to_the_day_of_the_week_itself() -> None:
    times = runs("cron(0/30 20-2 ? * MON-FRI *)", "2026-11-27T19:00:00", 9)
    assert times[-2:] == ["2026-11-27T23:30", "2026-11-30T00:00"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate(1 minute)", ["2026-11-25T09:01:30", "2026-11-25T09:02:30"]),
        ("rate(5 minutes)", ["2026-11-25T09:05:30", "2026-11-25T09:10:30"]),
        ("rate(1 hour)", ["2026-11-25T10:00:30"]),
        ("rate(7 days)", ["2026-12-02T09:00:30"]),
    ],
)
def test_a_rate_starts_when_the_rule_is_created(text: str, expected: list[str]) -> None:
    assert runs(text, "2026-11-25T09:00:30", len(expected)) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every 5 minutes", "no schedule such as rate"),
        ("rate(1 hours)", "must be rate\\(1 hour\\)"),
        ("rate(5 hour)", "must be rate\\(5 hours\\)"),
        ("rate(0 minutes)", "positive number"),
        ("rate(5 seconds)", "a unit"),
        ("cron(0 12 * * ?)", "six fields"),
        ("cron(0 12 * * * *)", "must have \\? in one of"),
        ("cron(0 12 ? * ? *)", "not in both"),
        ("cron(60 12 * * ? *)", "minutes must be from 0 to 59, not '60'"),
        ("cron(0 24 * * ? *)", "hours must be from 0 to 23"),
        ("cron(0 12 32 * ? *)", "day of month must be from 1 to 31"),
        ("cron(0 12 ? * 0 *)", "day of week must be from 1 to 7 or SUN-SAT"),
        ("cron(0 12 ? * 3#1,6#3 *)", "one expression"),
        ("cron(0 12 ? * 3#6 *)", "followed by 1 to 5"),
        ("cron(0 12 ? FOO 3 *)", "month must be from 1 to 12 or JAN-DEC"),
        ("cron(0 12 * * ? 1969)", "year must be from 1970 to 2199"),
        ("cron(0/0 12 * * ? *)", "step after / must be"),
        ("cron(30-10 12 * * ? *)", "smaller number"),
    ],
)
def test_wrong_schedules(text: str, words: str) -> None:
    with pytest.raises(ScheduleError, match=words):
        parse_schedule(text)

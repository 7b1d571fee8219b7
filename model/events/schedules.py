"""Schedule expressions of rules: `rate(...)` and `cron(...)`.

Source: "Creating a rule that runs on a schedule in Amazon EventBridge". All times are UTC; the
precision is a minute. EventBridge's cron has six fields and rules of its own, so that no library
for the five fields of Unix fits.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta

from attrs import frozen

YEARS = (1970, 2199)
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
UNITS = {"minute": 60, "hour": 3600, "day": 86_400}
SATURDAY = 7


class ScheduleError(ValueError):
    """A schedule expression that AWS refuses."""


@frozen
class Rate:
    """Runs at a regular rate; it starts when the rule is created."""

    seconds: int

    def next(self, after: datetime, created: datetime) -> datetime | None:
        """The first run after an instant; the first of all is one interval after `created`."""
        passed = (after - created).total_seconds()
        return created + timedelta(seconds=(passed // self.seconds + 1) * self.seconds)


@frozen
class Cron:
    """Runs at the minutes that fit all six fields. Days of the week count from Sunday, 1."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    days: frozenset[int] | None
    """Of the month; None: `?`."""
    weekdays: frozenset[int] | None
    """Of the week; None: `?`."""
    last_days: frozenset[int] = frozenset()
    """Days of the month from its end: 0 for `L`, 3 for `L-3`."""
    near: frozenset[int] = frozenset()
    """The weekdays nearest to these days of the month: `3W`; 0 for `LW`."""
    last_weekdays: frozenset[int] = frozenset()
    """The last of these days of the week in the month: `6L`."""
    nth: tuple[int, int] | None = None
    """Day of the week and which one of the month: `3#2`."""

    def next(self, after: datetime, created: datetime) -> datetime | None:
        """The first run after an instant; None if there is none any more."""
        moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
        year, month, first = moment.year, moment.month, moment.day
        while year <= max(self.years):
            if year in self.years and month in self.months:
                found = self._in_month(year, month, first, moment)
                if found is not None:
                    return found
            year, month, first = year + month // 12, month % 12 + 1, 1
        return None

    def _in_month(self, year: int, month: int, first: int, moment: datetime) -> datetime | None:
        for day in sorted(self._days_of(year, month)):
            if day < first:
                continue
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = datetime(year, month, day, hour, minute, tzinfo=UTC)
                    if found >= moment:
                        return found
        return None

    def _days_of(self, year: int, month: int) -> set[int]:
        """The days of a month that it runs on."""
        length = calendar.monthrange(year, month)[1]
        if self.weekdays is None:
            chosen = {day for day in self.days or () if day <= length}
            chosen |= {length - before for before in self.last_days if before < length}
            wanted = {day or length for day in self.near}
            return chosen | {_nearest(year, month, day, length) for day in wanted if day <= length}
        of_week = {day: _weekday(year, month, day) for day in range(1, length + 1)}
        chosen = {day for day, weekday in of_week.items() if weekday in self.weekdays}
        chosen |= {d for d, w in of_week.items() if w in self.last_weekdays and d > length - 7}
        if self.nth is not None:
            weekday, which = self.nth
            chosen |= {d for d, w in of_week.items() if w == weekday and (d - 1) // 7 + 1 == which}
        return chosen


Timetable = Rate | Cron


def parse_schedule(text: str) -> Timetable:
    """The timetable of an expression. Raises `ScheduleError` with what would be right."""
    found = re.fullmatch(r"\s*(rate|cron)\s*\((.*)\)\s*", text, re.DOTALL)
    if found is None or len(text) > 256:
        raise ScheduleError(
            f"{text!r:.80} is no schedule such as rate(5 minutes) or cron(0 12 * * ? *)"
        )
    kind, inside = found.groups()
    return _rate(inside) if kind == "rate" else _cron(inside)


def _rate(inside: str) -> Rate:
    found = re.fullmatch(r"\s*([0-9]+)\s+(minute|hour|day)(s?)\s*", inside)
    if found is None or int(found[1]) < 1:
        raise ScheduleError(
            f"rate({inside}) must be a positive number and a unit: minute(s), hour(s) or day(s)"
        )
    value, unit, plural = int(found[1]), found[2], found[3]
    if (value == 1) is bool(plural):
        right = f"rate({value} {unit}{'' if plural else 's'})"
        raise ScheduleError(f"rate({inside}) must be {right}: 1 goes with the singular")
    return Rate(value * UNITS[unit])


def _cron(inside: str) -> Cron:
    fields = inside.split()
    if len(fields) != 6:
        raise ScheduleError(
            f"cron({inside}) must have six fields (minutes, hours, day of month, month, day of "
            f"week, year), not {len(fields)}"
        )
    minutes, hours, days, months, weekdays, years = (field.upper() for field in fields)
    if (days == "?") is (weekdays == "?"):
        raise ScheduleError(
            f"cron({inside}) must have ? in one of day of month and day of week, and not in both"
        )
    cron = Cron(
        minutes=_field("minutes", minutes, 0, 59),
        hours=_field("hours", hours, 0, 23, around=True),
        months=_field("month", months, 1, 12, MONTHS, around=True),
        years=_field("year", years, *YEARS),
        days=None,
        weekdays=None,
    )
    return _with_days(cron, days) if weekdays == "?" else _with_weekdays(cron, weekdays)


def _with_days(cron: Cron, text: str) -> Cron:
    """`L`, `L-3`, `LW` and `3W` beside plain days."""
    plain, last, near = [], set(), set()
    for item in text.split(","):
        if item in ("LW", "WL"):
            near.add(0)
        elif found := re.fullmatch(r"L(?:-(\d+))?", item):
            last.add(int(found[1] or 0))
        elif found := re.fullmatch(r"(\d+)W", item):
            (day,) = _field("day of month", found[1], 1, 31)
            near.add(day)
        else:
            plain.append(item)
    days = _field("day of month", ",".join(plain), 1, 31) if plain else frozenset[int]()
    return Cron(
        cron.minutes,
        cron.hours,
        cron.months,
        cron.years,
        days,
        None,
        last_days=frozenset(last),
        near=frozenset(near),
    )


def _with_weekdays(cron: Cron, text: str) -> Cron:
    """`L` (Saturday), `6L` and `3#2` beside plain days."""
    plain, last = [], set()
    nth = None
    items = text.split(",")
    for item in items:
        name, hash_, which = item.partition("#")
        if hash_:
            if len(items) > 1:
                raise ScheduleError("with # the day of week must be one expression")
            (day,) = _one("day of week", name, 1, 7, DAYS)
            if which not in ("1", "2", "3", "4", "5"):
                raise ScheduleError(f"{item}: # must be followed by 1 to 5")
            nth = (day, int(which))
        elif item == "L":
            plain.append(str(SATURDAY))
        elif item.endswith("L"):
            last |= _one("day of week", item[:-1], 1, 7, DAYS)
        else:
            plain.append(item)
    joined = ",".join(plain)
    days = _field("day of week", joined, 1, 7, DAYS, around=True) if plain else frozenset[int]()
    return Cron(
        cron.minutes,
        cron.hours,
        cron.months,
        cron.years,
        None,
        days,
        last_weekdays=frozenset(last),
        nth=nth,
    )


def _one(name: str, text: str, low: int, high: int, words: tuple[str, ...] = ()) -> set[int]:
    return {_number(name, text, low, high, words)}


def _number(name: str, text: str, low: int, high: int, words: tuple[str, ...]) -> int:
    if text in words:
        return words.index(text) + 1
    if not re.fullmatch(r"[0-9]+", text) or not low <= int(text) <= high:
        known = f" or {words[0]}-{words[-1]}" if words else ""
        raise ScheduleError(f"{name} must be from {low} to {high}{known}, not {text!r}")
    return int(text)


def _field(
    name: str,
    text: str,
    low: int,
    high: int,
    words: tuple[str, ...] = (),
    *,
    around: bool = False,
) -> frozenset[int]:
    """All values of a field; a range that goes `around` may end below where it begins (20-2)."""
    values: set[int] = set()
    for item in text.split(","):
        span, slash, step_text = item.partition("/")
        if slash and (not re.fullmatch(r"[0-9]+", step_text) or int(step_text) < 1):
            raise ScheduleError(f"{name}: the step after / must be a positive number, not {item!r}")
        step = int(step_text) if slash else 1
        if span == "*":
            first, last = low, high
        elif "-" in span:
            begins, _, ends = span.partition("-")
            first = _number(name, begins, low, high, words)
            last = _number(name, ends, low, high, words)
        else:
            first = _number(name, span, low, high, words)
            last = high if slash else first
        if last < first:
            if not around:
                raise ScheduleError(f"{name}: {span} must begin with the smaller number")
            size = high - low + 1
            values |= {low + (v - low) % size for v in range(first, last + size + 1, step)}
        else:
            values |= set(range(first, last + 1, step))
    return frozenset(values)


def _weekday(year: int, month: int, day: int) -> int:
    """1 for Sunday to 7 for Saturday."""
    return (calendar.weekday(year, month, day) + 1) % 7 + 1


def _nearest(year: int, month: int, day: int, length: int) -> int:
    """The day from Monday to Friday nearest to a day, in the same month."""
    weekday = calendar.weekday(year, month, day)
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < length else day - 2
    return day

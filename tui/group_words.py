"""A group in words: its sizes, what holds it back, what its policies would do, what is ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from attrs import frozen

from model.autoscaling.outlook import Outlook
from model.autoscaling.predictive.policy import ForecastView
from model.autoscaling.refresh import RefreshView
from model.autoscaling.scheduled import ScheduledRun
from model.autoscaling.views import GroupView, MemberView
from model.clock import HOUR
from model.world import World
from tui.charts.axis import format_value
from tui.log import alarm_name

FORECAST_AHEAD = 48 * HOUR


def counts(group: GroupView) -> Iterator[str]:
    """`in service 9 (2 warming)`, `pending 1` and so on; what there is none of is left out."""
    warm = f" ({group.warming} warming)" if group.warming else ""
    yield f"in service {group.in_service}{warm}"
    for name, number in (
        ("pending", group.pending),
        ("terminating", group.terminating),
        ("standby", group.standby),
        ("protected", group.protected),
        ("warm pool", group.warmed),
    ):
        if number:
            yield f"{name} {number}"


def refresh_words(view: RefreshView, now: float, utc: datetime | None) -> str:
    """`refresh InProgress 40 %, 3 to go, stops at 50 %`; `utc` is until when it waits."""
    words = [f"refresh {view.status} {view.percentage_complete} %"]
    if view.end is None and view.instances_to_update:
        words.append(f"{view.instances_to_update} to go")
    if view.end is None and len(view.checkpoints) > 1:
        words.append(f"stops at {view.checkpoints[0]} %")
    if utc is not None and view.until is not None and view.until > now:
        words.append(f"waits until {utc:%H:%M}")
    if view.reason:
        words.append(view.reason)
    return ", ".join(words)


def would(outlook: Outlook, desired: int) -> str:
    """What a policy would do: `9 → 12`, or nothing."""
    return "no change" if outlook.capacity is None else f"{desired} → {outlook.capacity}"


def own_alarm(name: str) -> str:
    """An alarm's name on the page of its group: AlarmHigh, of those that target tracking made."""
    short = alarm_name(name)
    return short.rpartition("-")[2] if short != name else name


def age(seconds: float) -> str:
    """`42s`, `17m`, `5h`, `3d`."""
    for length, name in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds >= 2 * length or (name == "m" and seconds >= length):
            return f"{seconds // length:.0f}{name}"
    return f"{max(seconds, 0):.0f}s"


def remarks(member: MemberView, now: float, utc: datetime | None) -> str:
    """What is special about an instance: protected, warming, waiting for a hook."""
    words = ["protected"] if member.protected else []
    if member.warm_at is not None:
        words.append(f"warm in {age(member.warm_at - now)}")
    words += [
        f"hook {wait.hook}" + (f" until {utc:%H:%M}" if utc is not None else "")
        for wait in member.waiting
    ]
    return ", ".join(words)


# -- ahead ------------------------------------------------------------------------------------


@frozen
class Coming:
    """Something that is to come: when (seconds since start), what, and what it leads to."""

    time: float
    zone: str
    """The time zone that its time is told in."""
    what: str
    leads_to: str
    problem: str = ""


def ahead(world: World, group: str) -> tuple[Coming, ...]:
    """Scheduled actions and changes of the forecast, the next first."""
    service, now = world.autoscaling, world.now
    found = [_run(run) for run in service.scheduled_ahead(group)]
    for view in service.describe_forecasts(group, now - HOUR, now + FORECAST_AHEAD):
        found += _raises(view, now)
    return tuple(sorted(found, key=lambda item: item.time))


def _run(run: ScheduledRun) -> Coming:
    action = run.action
    given = (("min", action.min), ("max", action.max), ("desired", action.desired))
    sets = " ".join(f"{name} {value}" for name, value in given if value is not None)
    problem = f"will fail: {run.problem}" if run.problem else ""
    if run.beside:
        problem = f"{problem}  same time as {', '.join(run.beside)}".strip()
    if run.sizes is not None and action.desired is None:
        sets += f" (desired {run.sizes[2]})"
    return Coming(run.time, action.time_zone or "UTC", action.name, sets, problem)


def _raises(view: ForecastView, now: float) -> Iterator[Coming]:
    """The hours whose capacity is another than the hour's before."""
    before: int | None = None
    for hour in view.hours:
        if before is not None and hour.start > now and hour.capacity != before:
            only = "" if view.mode == "ForecastAndScale" else "only forecast"
            words = f"{hour.capacity} needed, load {format_value(hour.load, 'Count')}"
            yield Coming(hour.start, "UTC", view.policy, words, only)
        before = hour.capacity


def local(utc: datetime, zone: str) -> str:
    """A time in its own time zone: `Mon 07:30`."""
    return f"{utc.astimezone(ZoneInfo(zone)):%a %H:%M}"

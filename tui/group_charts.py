"""A group's charts: capacity with its limits and forecast, states, zones, the load forecast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from model.autoscaling.history import CapacityHistory, Level
from model.autoscaling.predictive.policy import ForecastView
from model.autoscaling.scheduled import ScheduledRun
from model.world import World
from tui.charts.views import ChartView, Limit, Mark, Series
from tui.graphs import DAY, HOUR
from tui.marks import marks

MOST_AHEAD = 2 * DAY
"""Seconds ahead that are shown at most: so far goes a forecast."""
ALWAYS = ("pending", "warming")
"""States that are shown even if no instance was ever in them."""


@frozen
class Window:
    """What time the charts show; what is after `now` is only expected."""

    start: float
    now: float
    end: float


def charts(world: World, group: str, span: float, zone: str | None = None) -> tuple[ChartView, ...]:
    """The charts of a group over the last `span` seconds and some of what is ahead; `zone`: its
    instances in that one only."""
    service, now = world.autoscaling, world.now
    longest = min(max(span / 3, HOUR), MOST_AHEAD)
    runs = [run for run in service.scheduled_ahead(group) if run.time <= now + longest]
    forecasts = service.describe_forecasts(group, now - span - HOUR, now + longest)
    ahead = longest if runs or any(view.hours for view in forecasts) else 0.0
    window = Window(now - span, now, now + ahead)
    history = service.describe_capacity(group, window.start, now, zone)
    made = [_capacity(world, group, history, runs, forecasts, window, zone)]
    made.append(_states(world, history, window, zone))
    if zone is None and len(history.zones) > 1:
        made.append(_zones(world, history, window))
    return (*made, *(_load(world, view, window) for view in forecasts if view.hours))


def _capacity(
    world: World,
    group: str,
    history: CapacityHistory,
    runs: Iterable[ScheduledRun],
    forecasts: Iterable[ForecastView],
    window: Window,
    zone: str | None,
) -> ChartView:
    series = list(_capacity_forecasts(forecasts, window))
    series.append(_steps("desired", history.desired, window))
    where = "" if zone is None else f" in {zone}"
    series.append(_steps(f"in service{where}", history.states["in service"], window))
    if history.warmed.used:
        series.append(_steps("warm pool", history.warmed, window))
    runs = list(runs)
    limits = [
        _limit(name, level, index, runs, window)
        for index, (name, level) in enumerate((("min", history.min), ("max", history.max)))
    ]
    notes = tuple(Mark(run.time, "@", run.action.name, "note") for run in runs)
    view = _chart(world, f"{group} capacity", series, window)
    drawn = tuple(limit for limit in limits if limit.times)
    return evolve(view, limits=drawn, marks=(*view.marks, *notes), whole=True)


def _capacity_forecasts(forecasts: Iterable[ForecastView], window: Window) -> Iterator[Series]:
    for view in forecasts:
        if view.hours:
            points = [(hour.start, float(hour.capacity)) for hour in view.hours]
            yield _hourly("forecast", points, window)


def _limit(
    name: str, level: Level, index: int, runs: Iterable[ScheduledRun], window: Window
) -> Limit:
    """A size as it was, and as scheduled actions will set it."""
    ahead = [(run.time, run.sizes[index]) for run in runs if run.sizes is not None]
    times = (*level.times, *(time for time, _ in ahead))
    values = (*level.values, *(float(value) for _, value in ahead))
    return Limit(tuple(max(time, window.start) for time in times), values, name)


def _states(world: World, history: CapacityHistory, window: Window, zone: str | None) -> ChartView:
    shown = [
        _steps(name, level, window)
        for name, level in history.states.items()
        if name in ALWAYS or (name != "in service" and level.used)
    ]
    title = "Other states" if zone is None else f"Other states in {zone}"
    return evolve(_chart(world, title, shown, window), whole=True)


def _zones(world: World, history: CapacityHistory, window: Window) -> ChartView:
    """What is in service, zone upon zone: all at the same times, for they are added up."""
    times = sorted({time for level in history.zones.values() for time in level.times})
    series = [
        _steps(name, Level(tuple(times), tuple(map(level.at, times))), window)
        for name, level in history.zones.items()
    ]
    return evolve(_chart(world, "In service by zone", series, window), stacked=True, whole=True)


def _load(world: World, view: ForecastView, window: Window) -> ChartView:
    error = "" if view.wape is None else f", off by {view.wape:.1%}"
    forecast = [(hour.start, hour.load) for hour in view.hours]
    came = [(hour.start, hour.came) for hour in view.hours if hour.came is not None]
    series = [_hourly("forecast", forecast, window), _hourly("came", came, window)]
    return _chart(world, f"{view.policy}: load by the hour{error}", series, window)


def _chart(world: World, title: str, series: Iterable[Series], window: Window) -> ChartView:
    """A chart with marks of faults and moves; launches are what it draws."""
    return ChartView(
        title=title,
        epoch=world.schedule.epoch,
        start=window.start,
        end=window.end,
        unit="Count",
        series=tuple(series),
        marks=tuple(
            mark for mark in marks(world, window.start, window.now) if mark.kind != "scaling"
        ),
        now=window.now if window.end > window.now else None,
    )


def _steps(label: str, level: Level, window: Window) -> Series:
    """A level, from the left edge until now."""
    if not level.times:
        return Series(label, (), (), steps=True)
    times = (*(max(time, window.start) for time in level.times), window.now)
    return Series(label, times, (*level.values, level.values[-1]), steps=True)


def _hourly(label: str, points: list[tuple[float, float]], window: Window) -> Series:
    """What holds for an hour each, within the window."""
    if not points:
        return Series(label, (), (), steps=True)
    last = min(points[-1][0] + HOUR, window.end)
    times = (*(max(time, window.start) for time, _ in points), last)
    return Series(label, times, (*(value for _, value in points), points[-1][1]), steps=True)

"""What is marked on a graph: what happened in the world, and the states that an alarm was in."""

from __future__ import annotations

import math

from model.cloudwatch.alarms import AlarmState
from model.events.bus import CloudEvent
from model.world import World
from tui.charts.views import Mark, MarkKind, Span

_GLYPHS: dict[str, tuple[str, str, MarkKind]] = {
    "EC2 Instance Launch Successful": ("+", "launch", "scaling"),
    "EC2 Instance Terminate Successful": ("-", "termination", "scaling"),
    "AWS API Call via CloudTrail": ("*", "API call", "move"),
}


def marks(world: World, start: float, end: float) -> tuple[Mark, ...]:
    """What happened within the window: faults, scaling, moves, oldest first."""
    found: list[Mark] = []
    for event in reversed(world.bus.events):
        if event.time < start:
            break
        mark = _mark(event)
        if mark is not None and event.time < end:
            found.append(mark)
    return tuple(reversed(found))


def _mark(event: CloudEvent) -> Mark | None:
    if event.detail_type == "FIS Experiment State Change":
        status = event.detail["new-state"]["status"]
        glyph = "!" if status == "running" else "~"
        return Mark(event.time, glyph, f"{event.detail['action-id']} {status}", "fault")
    if event.detail_type in _GLYPHS:
        glyph, label, kind = _GLYPHS[event.detail_type]
        return Mark(event.time, glyph, str(event.detail.get("eventName", label)), kind)
    return None


def spans(world: World, alarm: str, start: float, end: float) -> tuple[Span, ...]:
    """The states within the window of an alarm, by its id."""
    history = world.journal.history(alarm, "alarm")
    ends = [change.time for change in history[1:]] + [math.inf]
    return tuple(
        Span(max(change.time, start), min(until, end), AlarmState(change.value.state).value)
        for change, until in zip(history, ends, strict=True)
        if until > start and change.time < end
    )

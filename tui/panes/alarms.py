"""The alarms pane: every alarm with its state and its condition."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.composites import CompositeView
from tui.log import alarm_name
from tui.views import AnyAlarmView
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Kind, Row
from tui.widgets.titles import entitle

COLUMNS = (
    Column("state", "state", 7),
    Column("name", "alarm", 24),
    Column("since", "since", 5),
    Column("condition", "condition", None),
)

STATES: dict[AlarmState, tuple[str, Kind]] = {
    AlarmState.OK: ("● OK", "ok"),
    AlarmState.ALARM: ("▲ ALARM", "alarm"),
    AlarmState.INSUFFICIENT_DATA: ("? DATA", "insufficient"),
}


class AlarmsPane(Vertical):
    """A table of alarms: a person's own in ALARM first, those of scaling policies last."""

    BORDER_TITLE = "4 alarms"
    ALLOW_MAXIMIZE = True

    alarms: reactive[tuple[AnyAlarmView, ...]] = reactive[tuple[AnyAlarmView, ...]](())
    """Every alarm as it is now."""

    def __init__(self, utc: Callable[[float], datetime], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._utc = utc

    def compose(self) -> ComposeResult:
        yield LiveTable(COLUMNS, empty="no alarm in this template")

    @property
    def selected(self) -> str | None:
        """The id of the alarm under the cursor."""
        return self.query_one(LiveTable).cursor_key

    def watch_alarms(self, alarms: tuple[AnyAlarmView, ...]) -> None:
        """Show the alarms as they are now."""
        if not self.is_mounted:
            return
        self.query_one(LiveTable).rows = tuple(self._row(view) for view in alarms)
        ringing = sum(view.state is AlarmState.ALARM and _rings(view) for view in alarms)
        entitle(self, subtitle=f"{ringing} in ALARM" if ringing else "none of yours in ALARM")

    def _row(self, view: AnyAlarmView) -> Row:
        text, kind = STATES[view.state]
        if view.state is AlarmState.ALARM and not _rings(view):
            kind = "warning"
        return Row(
            view.id,
            (
                Cell(text, kind),
                alarm_name(view.alarm.name).removeprefix("TargetTracking-"),
                f"{self._utc(view.since):%H:%M}",
                Cell(_condition(view), "muted"),
            ),
        )


def _rings(view: AnyAlarmView) -> bool:
    """Whether it is for people: an alarm that target tracking made only moves its policy."""
    return view.alarm.owner is None


def _condition(view: AnyAlarmView) -> str:
    """When it is in ALARM, and what keeps a composite alarm's actions back."""
    held = view.suppressed_by if isinstance(view, CompositeView) else None
    return view.alarm.sentence + (f"  (actions held: {held})" if held else "")

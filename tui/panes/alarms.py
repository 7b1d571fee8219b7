"""The alarms pane: every alarm with its state and its condition."""

from __future__ import annotations

from textual.reactive import reactive

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.composites import CompositeView
from tui.log import alarm_name
from tui.panes.table_pane import TablePane
from tui.views import AnyAlarmView
from tui.widgets.rows import Cell, Column, Kind, Row
from tui.widgets.titles import entitle

STATES: dict[AlarmState, tuple[str, Kind]] = {
    AlarmState.OK: ("● OK", "ok"),
    AlarmState.ALARM: ("▲ ALARM", "alarm"),
    AlarmState.INSUFFICIENT_DATA: ("? DATA", "insufficient"),
}


class AlarmsPane(TablePane):
    """A table of alarms: a person's own in ALARM first, those of scaling policies last."""

    BORDER_TITLE = "4 alarms"
    COLUMNS = (
        Column("state", "state", 7),
        Column("name", "alarm", 24),
        Column("since", "since", 5),
        Column("condition", "condition", None),
    )
    EMPTY = "no alarm in this template"

    alarms: reactive[tuple[AnyAlarmView, ...]] = reactive[tuple[AnyAlarmView, ...]](())
    """Every alarm as it is now."""

    @property
    def selected(self) -> str | None:
        """The id of the alarm under the cursor."""
        return self.table.cursor_key

    def watch_alarms(self, alarms: tuple[AnyAlarmView, ...]) -> None:
        """Show the alarms as they are now."""
        if not self.is_mounted:
            return
        self.table.rows = tuple(self._row(view) for view in alarms)
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

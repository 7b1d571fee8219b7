"""The parts of an alarm's page: its state, what it judged, its history, its configuration."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widget import Widget

from model.cloudwatch.evaluation import EvaluationView, Judgement
from model.cloudwatch.history import HistoryItem
from tui.alarm_words import Line
from tui.charts.axis import tidy
from tui.panes.alarms import STATES
from tui.panes.table_pane import TablePane
from tui.views import AnyAlarmView
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Kind, Row
from tui.widgets.titles import entitle

JUDGEMENTS: dict[Judgement, tuple[str, Kind]] = {
    Judgement.BREACHING: ("▲ breaching", "alarm"),
    Judgement.NOT_BREACHING: ("● not breaching", "ok"),
    Judgement.MISSING: ("? missing", "insufficient"),
    Judgement.TREATED_AS_BREACHING: ("▲ treated as breaching", "alarm"),
    Judgement.TREATED_AS_NOT_BREACHING: ("● treated as not breaching", "ok"),
    Judgement.OUTSIDE: ("· not evaluated", "muted"),
}


class AlarmSummary(Widget):
    """State and name, condition, reason."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "alarm-summary--ok",
        "alarm-summary--alarm",
        "alarm-summary--insufficient",
        "alarm-summary--name",
        "alarm-summary--muted",
    }
    DEFAULT_CSS = """
    AlarmSummary {
        height: 4;
        padding: 0 1;
        & > .alarm-summary--ok { color: $text-success; text-style: bold reverse; }
        & > .alarm-summary--alarm { color: $text-error; text-style: bold reverse; }
        & > .alarm-summary--insufficient { color: $text-muted; text-style: bold reverse; }
        & > .alarm-summary--name { text-style: bold; }
        & > .alarm-summary--muted { color: $text-muted; }
    }
    """

    view: reactive[tuple[AnyAlarmView, str, str] | None] = reactive(None)
    """The alarm, since when it is in its state, and what else is to be said of it."""

    def render(self) -> Text:
        """Four lines at most; the reason wraps over two of them."""
        if self.view is None:
            return Text("")
        alarm, since, note = self.view
        kind = STATES[alarm.state][1]
        muted = self.get_component_rich_style("alarm-summary--muted")
        first = Text.assemble(
            (f" {alarm.state.value} ", self.get_component_rich_style(f"alarm-summary--{kind}")),
            (f"  {alarm.alarm.name}", self.get_component_rich_style("alarm-summary--name")),
            (f"  since {since}", muted),
        )
        if note:
            first.append(f"  {note}", self.get_component_rich_style("alarm-summary--alarm"))
        first.truncate(self.content_size.width, overflow="ellipsis")
        return Text("\n").join([first, Text(alarm.alarm.sentence), Text(alarm.reason, muted)])


class DatapointsPane(TablePane):
    """The periods of the evaluation range, newest first."""

    BORDER_TITLE = "2 datapoints it judges"
    EMPTY = "nothing was judged yet"
    NEWEST_FIRST = True

    COLUMNS = (
        Column("time", "time", 8),
        Column("value", "value", 12, "right"),
        Column("what", "counts as", None),
    )

    def show(self, view: EvaluationView) -> None:
        """Show the periods of the last evaluation."""
        rows = []
        for period in view.periods:
            text, kind = JUDGEMENTS[period.judgement]
            value = "missing" if period.value is None else f"{tidy(period.value):,.6g}"
            if period.band is not None:
                low, high = (f"{tidy(limit):,.4g}" for limit in period.band)
                value = f"{value}  ({low} to {high})"
            cells = (
                f"{self._utc(period.start):%H:%M:%S}",
                Cell(value, "insufficient" if period.value is None else "text"),
                Cell(text, kind),
            )
            outside = period.judgement is Judgement.OUTSIDE
            rows.append(Row(str(period.start), cells, style="muted" if outside else "text"))
        self.table.rows = tuple(rows)
        entitle(self, subtitle=f"{view.breaching} breaching, {view.needed} make an alarm")


class ChildrenPane(TablePane):
    """The alarms that a composite alarm's rule names."""

    BORDER_TITLE = "2 alarms of its rule"
    EMPTY = "its rule names no alarm of this account"

    COLUMNS = (
        Column("state", "state", 7),
        Column("name", "alarm", 26),
        Column("since", "since", 8),
        Column("condition", "condition", None),
    )

    def show(self, children: tuple[AnyAlarmView, ...]) -> None:
        """Show each with its state."""
        rows = []
        for view in children:
            text, kind = STATES[view.state]
            cells = (
                Cell(text, kind),
                view.alarm.name,
                f"{self._utc(view.since):%H:%M:%S}",
                Cell(view.alarm.sentence, "muted"),
            )
            rows.append(Row(view.id, cells))
        self.table.rows = tuple(rows)
        entitle(self, subtitle="enter opens" if children else "")


class HistoryPane(TablePane):
    """What happened to the alarm, newest first."""

    BORDER_TITLE = "3 history"
    EMPTY = "nothing has happened to it"
    NEWEST_FIRST = True

    COLUMNS = (
        Column("time", "time", 11),
        Column("kind", "type", 6),
        Column("summary", "summary", None),
    )
    KINDS: ClassVar[dict[str, tuple[str, Kind]]] = {
        "ConfigurationUpdate": ("Config", "accent"),
        "StateUpdate": ("State", "warning"),
        "Action": ("Action", "success"),
    }

    def show(self, items: tuple[HistoryItem, ...]) -> None:
        """Show the lines of the history."""
        rows = []
        for number, item in enumerate(reversed(items)):
            text, kind = self.KINDS[item.kind]
            when = f"{self._utc(item.time):%d %H:%M:%S}"
            rows.append(Row(str(number), (when, Cell(text, kind), item.summary)))
        self.table.rows = tuple(reversed(rows))


class DetailsPane(Vertical):
    """The configuration of the alarm, and its actions."""

    BORDER_TITLE = "4 details and actions"
    ALLOW_MAXIMIZE = True

    COLUMNS = (Column("what", "", 20), Column("how", "", None))

    def compose(self) -> ComposeResult:
        yield LiveTable(self.COLUMNS)

    def show(self, lines: tuple[Line, ...]) -> None:
        """Show the lines of the description."""
        self.query_one(LiveTable).rows = tuple(
            Row(
                str(number),
                (Cell(what, "muted"), Cell(how, "warning" if "DISABLED" in how else "text")),
            )
            for number, (what, how) in enumerate(lines)
        )

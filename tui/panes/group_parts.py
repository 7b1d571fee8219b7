"""The parts of a group's page: its sizes, instances, policies, what is ahead, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from model.autoscaling.activity import ActivityView
from model.autoscaling.outlook import PolicyView
from model.autoscaling.predictive.policy import ForecastView
from model.autoscaling.views import GroupView, MemberView
from tui import group_words as words
from tui.charts.axis import format_value
from tui.log import short_id
from tui.panes.alarms import STATES
from tui.panes.capacity import STATUS, cause
from tui.panes.table_pane import TablePane, Utc
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Kind, Row
from tui.widgets.titles import entitle

KINDS: Mapping[str, Kind] = {
    "InService": "healthy",
    "Pending": "initial",
    "Terminating": "draining",
    "Standby": "warning",
    "EnteringStandby": "warning",
    "Detaching": "draining",
    "Warmed": "insufficient",
}
"""What the first word of a lifecycle state means."""


class GroupSummary(Widget):
    """Name, sizes, what its instances are at, and what holds it back."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "group-summary--name",
        "group-summary--sizes",
        "group-summary--next",
        "group-summary--held",
        "group-summary--muted",
    }
    DEFAULT_CSS = """
    GroupSummary {
        height: 3;
        padding: 0 1;
        & > .group-summary--name { text-style: bold; }
        & > .group-summary--sizes { color: $text-primary; text-style: bold; }
        & > .group-summary--next { color: $text-accent; }
        & > .group-summary--held { color: $text-warning; }
        & > .group-summary--muted { color: $text-muted; }
    }
    """

    group: reactive[GroupView | None] = reactive(None)
    """What it tells of."""
    coming: reactive[str] = reactive("")
    """What its policies are about to do."""
    refreshing: reactive[str] = reactive("")
    """How the instance refresh under way, or the last one, stands."""

    def render(self) -> Text:
        """Three lines."""
        group = self.group
        if group is None:
            return Text("")
        style = self.get_component_rich_style
        first = Text.assemble(
            (group.id, style("group-summary--name")),
            (
                f"  min {group.min}  desired {group.desired}  max {group.max}",
                style("group-summary--sizes"),
            ),
            (f"  {self.coming}", style("group-summary--next")),
        )
        second = Text("  ".join(words.counts(group)), style("group-summary--muted"))
        held = f"suspended: {' '.join(group.suspended)}" if group.suspended else ""
        third = Text.assemble(
            (f"{held}  " if held else "", style("group-summary--held")),
            (
                self.refreshing
                or ("" if held else "no process is suspended, no instance refresh yet"),
                style("group-summary--muted"),
            ),
        )
        for line in (first, second, third):
            line.truncate(max(self.content_size.width, 1), overflow="ellipsis")
        return Text("\n").join([first, second, third])


class InstancesPane(TablePane):
    """Every instance by zone; keys act on the one under the cursor."""

    BORDER_TITLE = "2 instances"
    EMPTY = "no instance"

    COLUMNS = (
        Column("id", "instance", 11),
        Column("state", "state", 14),
        Column("health", "health", 9),
        Column("age", "age", 4, "right"),
        Column("remarks", "", None),
    )
    WIDE = (
        *COLUMNS[:4],
        Column("remarks", "", None),
        Column("type", "type", 10),
        Column("template", "launched from", 22),
    )
    WIDE_FROM = 86
    """Columns from which there is room for type and template."""

    def on_resize(self) -> None:
        """Show as much as has room."""
        wide = self.content_size.width >= self.WIDE_FROM
        self.table.columns = self.WIDE if wide else self.COLUMNS

    @property
    def selected(self) -> str | None:
        """The instance under the cursor."""
        return self.table.cursor_key

    def show(self, group: GroupView, now: float) -> None:
        """Show the instances as they are now."""
        self.table.rows = tuple(self._rows(group, now))
        total = len(group.members)
        entitle(self, subtitle=f"{group.in_service} of {total} in service" if total else "")

    def _rows(self, group: GroupView, now: float) -> Iterator[Row]:
        for zone in group.zones:
            numbers = [
                (zone.in_service, "in service"),
                (len(zone.warming), "warming"),
                (zone.pending, "pending"),
                (zone.terminating, "terminating"),
                (zone.standby, "standby"),
                (zone.protected, "protected"),
            ]
            told = "  ".join(f"{n} {word}" for n, word in numbers if n or word == "in service")
            yield Row(f"zone {zone.zone}", (zone.zone, Cell(told, "muted")), heading=True)
            for member in group.members:
                if member.zone == zone.zone:
                    yield self._row(member, now)

    def _row(self, member: MemberView, now: float) -> Row:
        first = member.lifecycle.partition(":")[0]
        template = (
            f"v{member.template_version} {member.template}" if member.template else "attached"
        )
        deadline = min((wait.deadline for wait in member.waiting), default=None)
        note = words.remarks(member, now, None if deadline is None else self._utc(deadline))
        return Row(
            member.id,
            (
                short_id(member.id),
                Cell(member.lifecycle, KINDS.get(first, "text")),
                Cell("healthy", "healthy") if member.healthy else Cell("unhealthy", "unhealthy"),
                words.age(now - member.launched),
                Cell(note, "warning" if member.protected else "text"),
                member.type,
                Cell(template, "muted"),
            ),
        )


class PoliciesPane(TablePane):
    """Each policy with its alarms, and what it would do now; below, why the one under the cursor
    would."""

    BORDER_TITLE = "3 policies"
    EMPTY = "no scaling policy: capacity changes by hand"

    COLUMNS = (
        Column("state", "state", 7),
        Column("alarm", "alarm", 13),
        Column("now", "now", 9),
        Column("why", "why", None),
    )

    def show(
        self, policies: Iterable[PolicyView], forecasts: Iterable[ForecastView], desired: int
    ) -> None:
        """Show what each would do to a group of that desired capacity."""
        rows = [row for policy in policies for row in self._policy(policy, desired)]
        rows += [row for view in forecasts for row in self._forecast(view)]
        self.table.rows = tuple(rows)
        self._tell()

    @on(LiveTable.Highlighted)
    def _tell(self) -> None:
        """Say the whole reason of the row under the cursor."""
        table = self.table
        row = next((row for row in table.rows if row.key == table.cursor_key), None)
        why = "" if row is None else row.cells[-1]
        entitle(self, subtitle=why if isinstance(why, str) else why.text)

    def _policy(self, policy: PolicyView, desired: int) -> Iterator[Row]:
        off = "" if policy.enabled else "  DISABLED"
        told = f"{policy.goal}  {policy.type}  warm-up {words.age(policy.warmup)}{off}"
        yield Row(policy.id, (policy.id, Cell(told, "muted")), heading=True)
        if not policy.alarms:
            cells = ("", Cell("no alarm invokes it", "muted"), "", "")
            yield Row(f"{policy.id}/", cells)
        for outlook in policy.alarms:
            text, kind = STATES_BY_NAME[outlook.state]
            change = words.would(outlook, desired)
            acts = outlook.speaks and outlook.capacity is not None
            if not outlook.speaks:
                change = f"({change})" if outlook.capacity is not None else "-"
            yield Row(
                f"{policy.id}/{outlook.alarm}",
                (
                    Cell(text, kind),
                    words.own_alarm(outlook.name),
                    Cell(change, "accent" if acts else "muted"),
                    Cell(outlook.why, "text" if outlook.speaks else "muted"),
                ),
            )

    def _forecast(self, view: ForecastView) -> Iterator[Row]:
        error = "" if view.wape is None else f"  off by {view.wape:.1%} for a day"
        told = f"target {view.target:g}  {view.mode}{error}"
        yield Row(view.policy, (view.policy, Cell(told, "muted")), heading=True)
        hours = [one for one in view.hours if one.came is None]
        if view.updated is None or not hours:
            why = "a forecast takes 24 hours of metrics"
            yield Row(f"{view.policy}/forecast", ("", "no forecast yet", "-", Cell(why, "muted")))
            return
        holds = f"holds {view.holds}" if view.holds else "-"
        why = f"{hours[0].capacity} needed for {format_value(hours[0].load, 'Count')} this hour"
        if view.raises is not None:
            why += f", {hours[-1].capacity} from {self._utc(view.raises):%H:%M} on"
        cells = ("", "forecast", Cell(holds, "accent" if view.holds else "muted"), why)
        yield Row(f"{view.policy}/forecast", cells)


STATES_BY_NAME = {state.value: shown for state, shown in STATES.items()}


class AheadPane(TablePane):
    """Scheduled actions and forecasts to come."""

    BORDER_TITLE = "4 ahead"
    EMPTY = "no scheduled action and no forecast"

    COLUMNS = (
        Column("time", "time", 9),
        Column("zone", "zone", 8),
        Column("what", "what", 13),
        Column("sets", "sets", None),
    )

    def show(self, coming: Iterable[words.Coming], *, suspended: bool) -> None:
        """Show what is to come; `suspended`: scheduled actions are not run."""
        rows = []
        for number, one in enumerate(coming):
            sets = (
                Cell(f"{one.leads_to}  {one.problem}", "warning") if one.problem else one.leads_to
            )
            zone = Cell(one.zone.rpartition("/")[2].replace("_", " "), "muted")
            cells = (words.local(self._utc(one.time), one.zone), zone, one.what, sets)
            rows.append(Row(str(number), cells))
        self.table.rows = tuple(rows)
        entitle(self, subtitle="ScheduledActions is suspended" if suspended else "")


class ActivitiesPane(TablePane):
    """What the group did, newest first, with the whole text of the one under the cursor."""

    BORDER_TITLE = "5 activity history"
    EMPTY = "no activity yet"
    NEWEST_FIRST = True

    COLUMNS = (
        Column("time", "time", 9),
        Column("what", "activity", 11),
        Column("status", "status", 10),
        Column("cause", "cause", None),
    )
    DEFAULT_CSS = """
    ActivitiesPane {
        & > LiveTable { height: 1fr; }
        & > VerticalScroll {
            height: 5;
            padding: 0 1;
            border-top: solid $foreground 20%;
            scrollbar-size-vertical: 1;
        }
        & > VerticalScroll > Static { color: $text-muted; }
    }
    """

    def __init__(self, utc: Utc, *, id: str | None = None) -> None:
        super().__init__(utc, id=id)
        self._activities: dict[str, ActivityView] = {}

    def compose(self) -> ComposeResult:
        yield from super().compose()
        with VerticalScroll(can_focus=False):
            yield Static("", markup=False)

    def show(self, activities: Iterable[ActivityView]) -> None:
        """Show what there is, newest first."""
        self._activities = {one.id: one for one in activities}
        table = self.table
        table.rows = tuple(map(self._row, self._activities.values()))
        self._tell(table.cursor_key)

    def select(self, activity: str) -> None:
        """Go to an activity."""
        self.table.cursor_key = activity

    @on(LiveTable.Highlighted)
    def _highlighted(self, event: LiveTable.Highlighted) -> None:
        self._tell(event.key)

    def _tell(self, key: str | None) -> None:
        found = self._activities.get(key or "")
        self.query_one(Static).update("" if found is None else self._whole(found))

    def _whole(self, one: ActivityView) -> str:
        end = "" if one.end is None else f" to {self._utc(one.end):%H:%M:%S}"
        when = f"{self._utc(one.start):%d %b %H:%M:%S}{end}"
        return f"{one.status}  {when}\n{one.description}\n{one.cause}"

    def _row(self, one: ActivityView) -> Row:
        text, kind = STATUS.get(one.status, (one.status, "text"))
        what = f"{'+' if one.comes else '-'} {short_id(one.instance or '')}"
        time = f"{self._utc(one.start):%d %H:%M}"
        return Row(one.id, (time, what, Cell(text, kind), Cell(cause(one.cause), "muted")))

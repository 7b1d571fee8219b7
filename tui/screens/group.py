"""A group's page: its capacity over time, instances, policies, what is ahead, what it did."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from tui import group_words, views
from tui.charts.raster import Glyphs
from tui.graphs import DAY, HOUR, RANGES, range_label
from tui.group_charts import charts
from tui.looking import GROUP
from tui.panes.graphs import GraphsPane
from tui.panes.group_parts import (
    ActivitiesPane,
    AheadPane,
    GroupSummary,
    InstancesPane,
    PoliciesPane,
)
from tui.screens.clocked import bindings
from tui.screens.group_acting import GroupActing
from tui.screens.live import LiveScreen
from tui.widgets.live_table import LiveTable
from tui.widgets.titles import entitle

MOST_ACTIVITIES = 400
"""Activities that are listed, the newest ones."""


class GroupScreen(GroupActing):
    """Everything about one Auto Scaling group."""

    TABLE = GROUP
    PANES = ("graph", "instances", "policies", "ahead", "activities")
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(GROUP),
        *(
            Binding(str(number), f"pane('{name}')", show=False, id=f"group.{name}")
            for number, name in enumerate(PANES, start=1)
        ),
    ]

    DEFAULT_CSS = """
    GroupScreen {
        & #body { height: 1fr; overflow-y: auto; }
        & .column > #graph { height: 1fr; }
        & .column > #instances { height: 1fr; }
        & .column > #policies { height: 3fr; }
        & .column > #ahead { height: 3fr; }
        & .column > #activities { height: 5fr; }
        &.-tall #activities > VerticalScroll { height: 7; }
        &.-narrow #body > .column {
            height: auto;
            & > #graph { height: 12; }
            & > #instances { height: 9; }
            & > #policies { height: 9; }
            & > #ahead { height: 8; }
            & > #activities { height: 14; }
        }
        &.-normal #body, &.-wide #body {
            layout: grid;
            grid-size: 2 2;
            grid-rows: 3 1fr;
            grid-columns: 1fr 1fr;
            & > #summary { column-span: 2; }
            & > .column { height: 1fr; }
        }
    }
    """

    def __init__(
        self,
        live: LiveScreen,
        group: str,
        activity: str | None = None,
        *,
        glyphs: Glyphs = Glyphs.BRAILLE,
    ) -> None:
        """The page of a group by its id, opened at one of its activities if that is named; `live`
        is the screen that it was opened from."""
        super().__init__(live.session, live.pacer, live=live.drawn_by_itself)
        self._screen = live
        self.group = group
        self._glyphs = glyphs
        self._range = RANGES[0]
        self._zone: str | None = None
        self._begin_at = activity

    def panes(self) -> ComposeResult:
        """Summary; charts over instances; policies over what is ahead and what was."""
        utc = self.session.world.schedule.utc
        yield GroupSummary(id="summary")
        with Container(classes="column"):
            yield GraphsPane(glyphs=self._glyphs, id="graph")
            yield InstancesPane(utc, id="instances")
        with Container(classes="column"):
            yield PoliciesPane(utc, id="policies")
            yield AheadPane(utc, id="ahead")
            yield ActivitiesPane(utc, id="activities")

    def on_mount(self) -> None:
        """Begin at the instances, which keys are about."""
        self.query_one(InstancesPane).table.focus()

    # -- drawing ------------------------------------------------------------------------------

    def draw_panes(self) -> None:
        """Read the group again."""
        service, now = self.session.world.autoscaling, self.session.world.now
        group = views.group_view(self.session.world, self.group)
        self._draw_summary()
        self._draw_charts()
        self.query_one(InstancesPane).show(group, now)
        forecasts = service.describe_forecasts(self.group, now - DAY, now + HOUR)
        policies = service.describe_policies(self.group)
        self.query_one(PoliciesPane).show(policies, forecasts, group.desired)
        coming = group_words.ahead(self.session.world, self.group)
        suspended = "ScheduledActions" in group.suspended
        self.query_one(AheadPane).show(coming, suspended=suspended)
        activities = service.describe_scaling_activities(self.group)[:MOST_ACTIVITIES]
        self.query_one(ActivitiesPane).show(activities)
        if self._begin_at is not None:
            self.query_one(ActivitiesPane).select(self._begin_at)
            self.action_pane("activities")
            self._begin_at = None

    def _draw_summary(self) -> None:
        world, summary = self.session.world, self.query_one(GroupSummary)
        group = summary.group = views.group_view(world, self.group)
        coming = world.autoscaling.dynamic.next_capacity(self.group)
        summary.coming = "" if coming is None else f"{coming[1]}: {group.desired} → {coming[0]}"
        refreshes = world.autoscaling.describe_instance_refreshes(self.group)
        if refreshes:
            newest = refreshes[0]
            utc = None if newest.until is None else world.schedule.utc(newest.until)
            summary.refreshing = group_words.refresh_words(newest, world.now, utc)

    def _draw_charts(self) -> None:
        pane = self.query_one(GraphsPane)
        drawn = charts(self.session.world, self.group, self._range, self._zone)
        pane.available = len(drawn)
        pane.first = min(pane.first, len(drawn) - 1)
        where = "" if self._zone is None else f"  {self._zone}"
        entitle(pane, f"1 capacity  {range_label(self._range)}{where}")
        pane.show([drawn[index] for index in pane.indices])

    @on(GraphsPane.Rearranged)
    def _rearranged(self) -> None:
        self._draw_charts()

    # -- what keys are about ------------------------------------------------------------------

    async def choose_group(self) -> str | None:
        return self.group

    def selected_instance(self) -> str | None:
        instance = self.query_one(InstancesPane).selected
        if instance is None:
            self.notify("the group has no instance", severity="warning")
        return instance

    # -- looking ------------------------------------------------------------------------------

    def action_next_graph(self) -> None:
        self.query_one(GraphsPane).next_graph()
        self._draw_charts()

    def action_next_range(self) -> None:
        self._range = RANGES[(RANGES.index(self._range) + 1) % len(RANGES)]
        self.draw()

    def action_next_zone(self) -> None:
        """Show the instances of the next zone only, or of all again."""
        group = views.group_view(self.session.world, self.group)
        zones: list[str | None] = [None, *(zone.zone for zone in group.zones)]
        place = zones.index(self._zone) if self._zone in zones else -1
        self._zone = zones[(place + 1) % len(zones)]
        self._draw_charts()

    def action_next_group(self) -> None:
        """Go on to the next group of the template."""
        names = list(self.session.world.autoscaling.groups)
        if len(names) == 1:
            self.notify("there is no other Auto Scaling group")
            return
        following = names[(names.index(self.group) + 1) % len(names)]
        self.app.switch_screen(GroupScreen(self._screen, following, glyphs=self._glyphs))

    @on(LiveTable.Selected, "#policies LiveTable")
    def _open_alarm(self, event: LiveTable.Selected) -> None:
        alarm = event.key.partition("/")[2]
        if alarm in views.alarm_ids(self.session.world):
            self._screen.open_alarm(alarm)

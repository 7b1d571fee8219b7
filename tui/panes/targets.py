"""The way of requests from listeners to targets, with health and load."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from tui.panes.tree import tree
from tui.views import RoutingView
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Column
from tui.widgets.titles import entitle

COLUMNS = (
    Column("target", "target", 11),
    Column("state", "state", 11),
    Column("rate", "req/s", 7, "right"),
    Column("load", "load", 5, "right"),
    Column("time", "resp", 7, "right"),
    Column("reason", "reason", None),
)


class TargetsPane(Vertical):
    """A table of targets, headed by what leads to them."""

    BORDER_TITLE = "1 targets"
    ALLOW_MAXIMIZE = True

    routing: reactive[RoutingView] = reactive(RoutingView())
    """All load balancers and target groups; the table is drawn anew when one differs."""

    def compose(self) -> ComposeResult:
        yield LiveTable(COLUMNS, empty="no target is registered")

    @property
    def table(self) -> LiveTable:
        return self.query_one(LiveTable)

    @property
    def selected(self) -> str | None:
        """The instance (or the address) under the cursor."""
        target = self.selected_target
        return None if target is None else target[1].partition(":")[0]

    @property
    def selected_target(self) -> tuple[str, str] | None:
        """The target group under the cursor, and the target's id in it."""
        key = self.table.cursor_key
        if not key or ":" not in key:
            return None
        group, target = key.split("/", 1)
        return group, target

    def watch_routing(self, routing: RoutingView) -> None:
        """Show the targets as they are now."""
        if not self.is_mounted:
            return
        self.table.rows = tuple(tree(routing))
        healthy = sum(group.healthy for group in routing.groups)
        total = sum(group.total for group in routing.groups)
        entitle(self, subtitle=f"{healthy} of {total} healthy")

"""The targets of each target group by zone, with their health and load."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from model.elb.service import TargetView
from tui.views import TargetGroupView, ZoneView
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Kind, Row

COLUMNS = (
    Column("target", "target", 11),
    Column("state", "state", 11),
    Column("rate", "req/s", 7, "right"),
    Column("load", "load", 5, "right"),
    Column("time", "resp", 7, "right"),
    Column("reason", "reason", None),
)

GLYPHS = {"healthy": "●", "unhealthy": "✗", "initial": "○", "draining": "◌", "unused": "-"}
"""A shape for each state, so that nothing hangs on colour alone."""

KINDS: dict[str, Kind] = {
    "healthy": "healthy",
    "unhealthy": "unhealthy",
    "initial": "initial",
    "draining": "draining",
    "unused": "unused",
}


class TargetsPane(Vertical):
    """A table of targets, headed by zone."""

    BORDER_TITLE = "1 targets"
    ALLOW_MAXIMIZE = True

    groups: reactive[tuple[TargetGroupView, ...]] = reactive[tuple[TargetGroupView, ...]](())
    """Every target group; the table is drawn anew when one differs."""

    def compose(self) -> ComposeResult:
        yield LiveTable(COLUMNS, empty="no target is registered")

    @property
    def table(self) -> LiveTable:
        return self.query_one(LiveTable)

    @property
    def selected(self) -> str | None:
        """The instance under the cursor."""
        key = self.table.cursor_key
        return key.split("/", 1)[1].partition(":")[0] if key and "/i-" in key else None

    def watch_groups(self, groups: tuple[TargetGroupView, ...]) -> None:
        """Show the targets as they are now."""
        if not self.is_mounted:
            return
        self.table.rows = tuple(row for group in groups for row in _rows(group, len(groups) > 1))
        healthy = sum(group.healthy for group in groups)
        total = sum(group.total for group in groups)
        self.border_subtitle = f"{healthy} of {total} healthy"


def _rows(group: TargetGroupView, named: bool) -> list[Row]:
    rows = []
    for zone in group.zones:
        rows.append(Row(f"{group.id}/{zone.zone}", (_heading(group, zone, named),), heading=True))
        rows += [_row(group, target) for target in zone.targets]
    return rows


def _heading(group: TargetGroupView, zone: ZoneView, named: bool) -> str:
    healthy = sum(target.state == "healthy" for target in zone.targets)
    words = [f"{group.id} {zone.zone}" if named else zone.zone]
    words.append(f"{healthy}/{len(zone.targets)} healthy")
    if zone.dark:
        words.append("NETWORK DOWN")
    if not zone.in_dns:
        words.append("not in DNS")
    return "  ".join(words)


def _row(group: TargetGroupView, target: TargetView) -> Row:
    overloaded = target.utilisation > 1 or target.backlog >= 1
    load: Kind = "error" if overloaded else "warning" if target.utilisation > 0.8 else "text"
    return Row(
        f"{group.id}/{target.id}",
        (
            target.instance[:11],
            Cell(f"{GLYPHS[target.state]} {target.state}", KINDS[target.state]),
            f"{target.rate:.1f}",
            Cell(f"{target.utilisation:.0%}", load),
            seconds(target.response_time),
            Cell(_why(target), "muted"),
        ),
    )


def _why(target: TargetView) -> str:
    if target.reason:
        return target.reason.split(".", 1)[-1]
    return f"{target.backlog:.0f} waiting" if target.backlog >= 1 else ""


def seconds(value: float) -> str:
    """A response time in a few characters."""
    if value <= 0:
        return "-"
    return f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s"

"""The capacity pane: what each Auto Scaling group has, wants and did lately, and each service of
containers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.reactive import reactive

from model.autoscaling.activity import ActivityView
from model.ecs.views import ServiceView
from tui.log import short_id
from tui.panes.service_rows import service_rows
from tui.panes.table_pane import TablePane, Utc
from tui.views import CapacityView
from tui.widgets.rows import Cell, Column, Kind, Row
from tui.widgets.titles import entitle

STATUS: dict[str, tuple[str, Kind]] = {
    "Successful": ("✓ done", "success"),
    "InProgress": ("… going on", "initial"),
    "WaitingForELBConnectionDraining": ("… draining", "draining"),
    "MidLifecycleAction": ("… in hook", "initial"),
    "Cancelled": ("✗ cancelled", "warning"),
    "Failed": ("✗ failed", "error"),
}


class CapacityPane(TablePane):
    """Each group's capacity as a heading, its activities below, newest first."""

    BORDER_TITLE = "3 capacity"
    COLUMNS = (
        Column("time", "time", 5),
        Column("what", "activity", 12),
        Column("status", "status", 10),
        Column("cause", "cause", None),
    )
    EMPTY = "no Auto Scaling group"
    NEWEST_FIRST = True

    capacities: reactive[tuple[CapacityView, ...]] = reactive[tuple[CapacityView, ...]](())
    """Every group as it is now."""
    services: reactive[tuple[ServiceView, ...]] = reactive[tuple[ServiceView, ...]](())
    """Every service of containers."""

    def __init__(self, utc: Utc, *, id: str | None = None) -> None:
        super().__init__(utc, id=id)
        self._groups: dict[str, str] = {}
        """The group of each activity."""

    @property
    def selected(self) -> str | None:
        """The group of the activity under the cursor."""
        return self._groups.get(self.table.cursor_key or "")

    def watch_capacities(self, capacities: tuple[CapacityView, ...]) -> None:
        """Show the groups as they are now."""
        self._draw(capacities)

    def watch_services(self) -> None:
        """Show the services as they are now."""
        self._draw(self.capacities)

    def _draw(self, capacities: tuple[CapacityView, ...]) -> None:
        if not self.is_mounted:
            return
        rows: list[Row] = []
        self._groups = {one.id: view.group.id for view in capacities for one in view.activities}
        for view in capacities:
            rows.append(Row(view.group.id, (heading(view, self._utc),), heading=True))
            rows += [self._row(activity) for activity in view.activities]
        for service in self.services:
            rows += service_rows(service, self._utc)
        self.table.rows = tuple(rows)
        if capacities:
            group = capacities[0].group
            entitle(self, subtitle=f"{group.in_service} in service, {group.desired} desired")
        elif self.services:
            first = self.services[0]
            entitle(self, subtitle=f"{first.running} running, {first.desired} desired")

    def _row(self, activity: ActivityView) -> Row:
        text, kind = STATUS.get(activity.status, (activity.status, "text"))
        sign = "+" if activity.comes else "-"
        return Row(
            activity.id,
            (
                f"{self._utc(activity.start):%H:%M}",
                f"{sign} {short_id(activity.instance or '')}",
                Cell(text, kind),
                Cell(cause(activity.cause), "muted"),
            ),
        )


def heading(view: CapacityView, utc: Callable[[float], datetime]) -> str:
    """`WebGroup  min 1  desired 2  max 4  in service 2 (+1 pending)`, and which hooks instances
    wait for until when."""
    group = view.group
    words = [
        group.id,
        f"min {group.min}",
        f"desired {group.desired}",
        f"max {group.max}",
        f"in service {group.in_service}",
    ]
    if group.pending:
        words.append(f"+{group.pending} pending")
    if group.terminating:
        words.append(f"-{group.terminating} ending")
    if group.warming:
        words.append(f"{group.warming} warming")
    if group.standby:
        words.append(f"{group.standby} standby")
    if group.protected:
        words.append(f"{group.protected} protected")
    if group.warmed:
        words.append(f"{group.warmed} warm")
    words += waits(view, utc)
    if group.suspended:
        words.append(f"suspended: {' '.join(group.suspended)}")
    return "  ".join(words)


def waits(view: CapacityView, utc: Callable[[float], datetime]) -> list[str]:
    """`2 in hook Install until 09:41`, for each hook: until the first of them runs out."""
    deadlines: dict[str, list[float]] = {}
    for member in view.group.members:
        for wait in member.waiting:
            deadlines.setdefault(wait.hook, []).append(wait.deadline)
    return [
        f"{len(times)} in hook {hook} until {utc(min(times)):%H:%M}"
        for hook, times in deadlines.items()
    ]


def cause(text: str) -> str:
    """AWS's cause in a few words: its last reason but the choice of the instance."""
    if "ELB system health check failure" in text:
        return "ELB health check failed"
    if "launch failure" in text:
        return "its launch was abandoned"
    if "needing to be replaced" in text:
        return "replaces an unhealthy one"
    if "terminated or stopped" in text:
        return "was terminated or stopped"
    if "to balance instances" in text:
        return "balances the zones"
    if "warm pool capacity" in text:
        return "fits the warm pool"
    if "to standby" in text or "out of standby" in text:
        return "standby by request"
    if "was detached" in text or "was added" in text:
        return "by request"
    if "a forecast of" in text:
        return f"{_word_after('scaling policy ', text)}: {_change(text)}"
    if "executed policy" in text:
        return f"{_word_after('executed policy ', text)} by request: {_change(text)}"
    if "instance refresh" in text:
        return "by an instance refresh"
    if "monitor alarm" in text:
        return f"{_word_after('triggered policy ', text)}: {_change(text)}"
    if "a scheduled action" in text:
        return f"by schedule: {_change(text)}"
    if "a user request" in text:
        return f"by request: {_change(text)}"
    return "desired and actual differ"


def _word_after(phrase: str, text: str) -> str:
    return text.partition(phrase)[2].split(" ", 1)[0]


def _change(text: str) -> str:
    """`2 to 3` out of `changing the desired capacity from 2 to 3.`"""
    return text.partition("desired capacity from ")[2].partition(".")[0]

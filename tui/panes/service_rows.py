"""Services of containers as rows of the capacity pane: counts as a heading, tasks below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from model.ecs.views import ServiceView, TaskView
from tui.widgets.rows import Cell, Kind, Row

STATUS: dict[str, tuple[str, Kind]] = {
    "PROVISIONING": ("… placed", "initial"),
    "PENDING": ("… pending", "initial"),
    "ACTIVATING": ("… starting", "initial"),
    "RUNNING": ("● running", "success"),
    "DEACTIVATING": ("◌ draining", "draining"),
    "STOPPING": ("◌ stopping", "draining"),
    "DEPROVISIONING": ("◌ ending", "draining"),
}
"""A word and a shape for each state of a task."""


def service_rows(view: ServiceView, utc: Callable[[float], datetime]) -> Iterator[Row]:
    """The rows of a service; the youngest task comes first."""
    yield Row(view.id, (heading(view),), heading=True)
    for task in reversed(view.tasks):
        yield _row(task, utc)


def heading(view: ServiceView) -> str:
    """`Shop  desired 6  running 9 (+2 pending)  shop:2 IN_PROGRESS`."""
    words = [view.id, f"desired {view.desired}", f"running {view.running}"]
    if view.pending:
        words.append(f"+{view.pending} pending")
    primary = view.deployments[0]
    words.append(primary.definition)
    if primary.rollout != "COMPLETED":
        words.append(primary.rollout)
    if primary.failed:
        words.append(f"{primary.failed} failed")
    return "  ".join(words)


def _row(task: TaskView, utc: Callable[[float], datetime]) -> Row:
    text, kind = STATUS.get(task.status, (task.status, "text"))
    why = task.stopped_reason or f"{task.definition} {task.zone}"
    return Row(
        task.id,
        (f"{utc(task.created):%H:%M}", task.address, Cell(text, kind), Cell(why, "muted")),
    )

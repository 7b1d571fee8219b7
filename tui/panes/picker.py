"""The metric picker: namespaces, groups of dimensions, metrics, and a filter over all of them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Input

from model.cloudwatch.metrics import MetricKey
from tui.metric_tree import Place, branches, found_in, group_label, names_of
from tui.widgets.live_table import LiveTable
from tui.widgets.rows import Cell, Column, Row
from tui.widgets.titles import entitle

BRANCHES = (
    Column("mark", "", 3),
    Column("name", "name", None),
    Column("count", "metrics", 8, "right"),
)
METRICS = (
    Column("mark", "", 3),
    Column("metric", "metric", 30),
    Column("dimensions", "dimensions", None),
)
MOST = 2000
"""Metrics listed at once; a filter finds the others."""


class MetricPicker(Vertical):
    """A table that is gone into, with a line above it to type words into."""

    BORDER_TITLE = "3 all metrics"
    ALLOW_MAXIMIZE = True

    DEFAULT_CSS = """
    MetricPicker {
        & > Input { height: 1; border: none; padding: 0 1; background: $boost; }
        & > Input:focus { border: none; background: $panel; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "up", "Up", show=False, id="picker.up"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | enter | Go into a namespace or a group; graph a metric, or no more. |
    | backspace | One step up. |
    """

    keys: reactive[tuple[MetricKey, ...]] = reactive[tuple[MetricKey, ...]](())
    """All metrics there are."""
    chosen: reactive[frozenset[MetricKey]] = reactive[frozenset[MetricKey]](frozenset())
    """Those that are graphed."""
    place: reactive[Place] = reactive(Place())
    """What is listed."""

    class Toggled(Message):
        """A metric is to be graphed, or no more."""

        def __init__(self, key: MetricKey) -> None:
            super().__init__()
            self.key = key

    def compose(self) -> ComposeResult:
        yield Input(placeholder="/ filter: words of namespace, dimensions, name", compact=True)
        yield LiveTable(BRANCHES, empty="no metric has a datapoint yet")

    def on_mount(self) -> None:
        self._list()

    @property
    def table(self) -> LiveTable:
        return self.query_one(LiveTable)

    def watch_keys(self) -> None:
        self._list()

    def watch_chosen(self) -> None:
        self._list()

    def watch_place(self) -> None:
        self._list()

    @on(Input.Changed)
    def _filter(self) -> None:
        self._list()

    @on(Input.Submitted)
    def _to_table(self) -> None:
        self.table.focus()

    def start_filter(self) -> None:
        """Go to the line to type into."""
        self.query_one(Input).focus()

    def back(self) -> bool:
        """One step back within the picker; whether there was one."""
        typed = self.query_one(Input)
        if typed.has_focus:
            typed.value = ""
            self.table.focus()
            return True
        if typed.value:
            typed.value = ""
            return True
        if self.table.has_focus and self.place != Place():
            self.action_up()
            return True
        return False

    def action_up(self) -> None:
        """One step up, on to what was gone into."""
        before, self.place = self.place, self.place.up
        self.table.cursor_key = _key(before)

    @on(LiveTable.Selected)
    def _select(self, event: LiveTable.Selected) -> None:
        event.stop()
        found = self._inner.get(event.key)
        if isinstance(found, Place):
            self.place = found
            self.table.cursor_key = next(iter(self._inner), None)
        elif found is not None:
            self.post_message(self.Toggled(found))

    # -- what is listed -----------------------------------------------------------------------

    def _list(self) -> None:
        if not self.is_mounted:
            return
        text = self.query_one(Input).value
        self._inner: dict[str, Place | MetricKey] = {}
        if text.strip() or self.place.names is not None:
            self._list_metrics(text)
        else:
            self._list_branches()
        entitle(self, f"3 {self.place.label}")

    def _list_branches(self) -> None:
        rows = []
        for branch in branches(self.keys, self.place):
            name = _key(branch.place)
            self._inner[name] = branch.place
            within = any(branch.place.holds(key) for key in self.chosen)
            cells = (Cell("●" if within else "", "accent"), branch.label, str(branch.count))
            rows.append(Row(name, cells))
        self.table.columns = BRANCHES
        self.table.empty = "no metric has a datapoint yet"
        self.table.rows = tuple(rows)
        entitle(self, subtitle=f"{len(self.keys)} metrics  enter opens")

    def _list_metrics(self, text: str) -> None:
        found = found_in(self.keys, self.place, text)
        rows: list[Row] = []
        group = ""
        for key in found[:MOST]:
            label = f"{key.namespace} > {group_label(key.namespace, names_of(key))}"
            if label != group and self.place.names is None:
                rows.append(Row(label, (label,), heading=True))
            group = label
            name = _key(key)
            self._inner[name] = key
            picked = key in self.chosen
            mark = Cell("[x]" if picked else "[ ]", "accent" if picked else "muted")
            pairs = "  ".join(f"{name} {value}" for name, value in key.dimensions)
            rows.append(Row(name, (mark, key.name, Cell(pairs, "muted"))))
        self.table.columns = METRICS
        self.table.empty = "no metric has these words"
        self.table.rows = tuple(rows)
        more = f" (the first {MOST})" if len(found) > MOST else ""
        entitle(self, subtitle=f"{len(found)} metrics{more}  enter graphs")


def _key(thing: Place | MetricKey) -> str:
    """What a row is called."""
    if isinstance(thing, Place):
        return f"{thing.namespace}|{thing.names}"
    return f"{thing.namespace}|{thing.dimensions}|{thing.name}"

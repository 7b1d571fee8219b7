"""Questions about a line of a graph: its statistic, its period, its expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, OptionList

from model.cloudwatch.statistics import STATISTICS
from tui.screens.dialogs import Dialog
from tui.workbench import COMMON, Complaint, period_label, read_statistic


class StatisticDialog(Dialog[str | None]):
    """Asks for a statistic: one of a list, or any that is typed."""

    DEFAULT_CSS = """
    StatisticDialog OptionList { height: auto; max-height: 12; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, name: str, statistic: str) -> None:
        super().__init__()
        self._name = name
        self._statistic = statistic
        self._offered = (*STATISTICS, *COMMON)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Statistic of {self._name}"
            box.border_subtitle = "enter chooses, esc cancels"
            yield Input(placeholder="or type one: p99.9, tm95, TM(10%:90%), PR(:0.5)")
            yield Label("", classes="problem")
            options = OptionList(*self._offered)
            if self._statistic in self._offered:
                options.highlighted = self._offered.index(self._statistic)
            yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offered[event.option_index])

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(read_statistic(event.value))
        except ValueError as problem:
            self.query_one(".problem", Label).update(str(problem))

    def action_cancel(self) -> None:
        self.dismiss(None)


class PeriodDialog(Dialog[tuple[float | None] | None]):
    """Asks for a period; the answer's one item is None where it is to follow the range."""

    DEFAULT_CSS = """
    PeriodDialog OptionList { height: auto; max-height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(
        self, name: str, period: float | None, lengths: tuple[float, ...], automatic: float
    ) -> None:
        """`lengths` are those that make sense, `automatic` what the range would have."""
        super().__init__()
        self._name = name
        self._period = period
        self._offered: tuple[float | None, ...] = (None, *lengths)
        self._automatic = automatic

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Period of {self._name}"
            box.border_subtitle = "enter chooses, esc cancels"
            options = OptionList(*map(self._option, self._offered))
            options.highlighted = (
                self._offered.index(self._period) if self._period in self._offered else 0
            )
            yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _option(self, length: float | None) -> str:
        if length is None:
            return f"automatic: as the range has it, now {period_label(self._automatic)}"
        return period_label(length)

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        self.dismiss((self._offered[event.option_index],))

    def action_cancel(self) -> None:
        self.dismiss(None)


class ExpressionDialog(Dialog[str | None]):
    """Asks for an expression, and shows where it is wrong while it is typed."""

    DEFAULT_CSS = """
    ExpressionDialog {
        & > Vertical { width: 84; }
        & .text { margin-top: 1; }
        & .known { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(
        self,
        text: str,
        known: tuple[tuple[str, str], ...],
        check: Callable[[str], Complaint | None],
    ) -> None:
        """`known` are the ids that it may use, each with what it stands for."""
        super().__init__()
        self._text = text
        self._known = known
        self._check = check

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Metric math"
            box.border_subtitle = "enter graphs it, esc cancels"
            names = "   ".join(f"{name} {what}" for name, what in self._known)
            yield Label(names or "no metric is graphed yet", classes="known", markup=False)
            yield Input(
                self._text,
                placeholder="100 * m1 / m2, FILL(m1, 0), SUM(METRICS())",
                select_on_focus=False,
            )
            yield Label("", classes="text", markup=False)
            yield Label("", classes="problem", markup=False)
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Graph", id="graph", variant="primary")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _judge(self) -> None:
        text = self.query_one(Input).value
        self._show(self._check(text) if text.strip() else None, text)

    def _show(self, complaint: Complaint | None, text: str) -> None:
        """The expression with a mark under what is wrong, and a sentence."""
        where, words = "", ""
        if complaint is not None:
            words = str(complaint)
            if complaint.column is not None:
                before, after = 50, 24
                first = max(complaint.column - before, 0)
                where = text[first : complaint.column + after]
                where += "\n" + " " * (complaint.column - 1 - first) + "▲"
        self.query_one(".text", Label).update(where)
        self.query_one(".problem", Label).update(words)

    @on(Input.Submitted)
    @on(Button.Pressed, "#graph")
    def _graph(self) -> None:
        text = self.query_one(Input).value.strip()
        complaint = self._check(text) if text else Complaint("an expression, please")
        if complaint is None:
            self.dismiss(text)
        else:
            self._show(complaint, self.query_one(Input).value)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)

"""Questions about Auto Scaling groups: sizes, processes, an instance refresh, a step policy."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Checkbox, Input, Label, SelectionList

from model.actions import spelling
from model.autoscaling.group import PROCESSES
from model.autoscaling.refresh_moves import StartInstanceRefresh
from model.autoscaling.refresh_settings import RefreshPreferences
from model.autoscaling.views import GroupView
from model.fields import FieldError
from tui.screens.dialogs import Dialog


class FormDialog(Dialog[tuple[str, ...] | None]):
    """Asks for several values, each on a line with its name; what is wrong is said below them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    DEFAULT_CSS = """
    FormDialog {
        & .line { height: 1; align-horizontal: left; margin: 0; }
        & .line > Label { width: 26; color: $text-muted; }
        & .line > Input { width: 1fr; }
        & .problem { height: auto; }
    }
    """

    def __init__(self, title: str, fields: tuple[tuple[str, str], ...], button: str) -> None:
        """`fields` are names with the values that stand there at first."""
        super().__init__()
        self._heading = title
        self._fields = fields
        self._button = button

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._heading
            for name, value in self._fields:
                with Horizontal(classes="line"):
                    yield Label(name)
                    yield Input(value, select_on_focus=True, compact=True)
            yield from self.more()
            yield Label("", classes="problem", markup=False)
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button(self._button, id="set", variant="primary")

    def more(self) -> ComposeResult:
        """What else is asked."""
        yield from ()

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    def values(self) -> tuple[str, ...]:
        """What is typed."""
        return tuple(field.value.strip() for field in self.query(Input))

    def problem(self, values: tuple[str, ...]) -> str | None:
        """What is wrong with the values, if anything."""
        raise NotImplementedError

    @on(Input.Submitted)
    @on(Button.Pressed, "#set")
    def _set(self) -> None:
        values = self.values()
        problem = self.problem(values)
        if problem is None:
            self.dismiss(values)
        else:
            self.query_one(".problem", Label).update(problem)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)


class SizesDialog(FormDialog):
    """Asks for minimum, desired capacity and maximum."""

    def __init__(self, group: GroupView) -> None:
        fields = (
            ("MinSize", str(group.min)),
            ("DesiredCapacity", str(group.desired)),
            ("MaxSize", str(group.max)),
        )
        super().__init__(f"UpdateAutoScalingGroup {group.id}", fields, "Set")

    def problem(self, values: tuple[str, ...]) -> str | None:
        """The order of the three is AWS's to refuse."""
        if all(value.isdecimal() for value in values):
            return None
        return "whole numbers from 0 on, please"


class StepDialog(FormDialog):
    """Asks for a metric's value and the threshold that a step policy's steps begin at."""

    def __init__(self, policy: str, value: str, threshold: str) -> None:
        fields = (("MetricValue", value), ("BreachThreshold", threshold))
        super().__init__(f"ExecutePolicy {policy}", fields, "Execute")

    def problem(self, values: tuple[str, ...]) -> str | None:
        try:
            for value in values:
                float(value)
        except ValueError:
            return "numbers, please"
        return None


class RefreshDialog(FormDialog):
    """Asks how an instance refresh is to go about it; what is empty is as AWS has it."""

    NUMBERS = (
        "MinHealthyPercentage",
        "MaxHealthyPercentage",
        "InstanceWarmup",
        "CheckpointDelay",
        "BakeTime",
    )

    def __init__(self, group: str) -> None:
        fields = (*((name, "") for name in self.NUMBERS), ("CheckpointPercentages", ""))
        super().__init__(f"StartInstanceRefresh {group}", fields, "Start")
        self._group = group

    def more(self) -> ComposeResult:
        yield Checkbox("SkipMatching: leave what is up to date", compact=True)

    def values(self) -> tuple[str, ...]:
        return (*super().values(), "yes" if self.query_one(Checkbox).value else "")

    def problem(self, values: tuple[str, ...]) -> str | None:
        try:
            self.wanted(values)
        except FieldError as problem:
            return f"{spelling(problem.field)} {problem}"
        except ValueError as problem:
            return str(problem)
        return None

    def wanted(self, values: tuple[str, ...]) -> StartInstanceRefresh:
        """The call that these values make. Raises `ValueError` or `FieldError`."""
        *numbers, percentages, skip = values
        given = {}
        for name, text in zip(self.NUMBERS, numbers, strict=True):
            if text and not text.isdecimal():
                raise ValueError(f"{name}: a whole number, please")
            given[name] = int(text) if text else None
        parts = [part.strip() for part in percentages.split(",") if part.strip()]
        if not all(part.isdecimal() for part in parts):
            raise ValueError("CheckpointPercentages: whole numbers such as 20, 50, 100, please")
        least, most, warmup, delay, bake = (given[name] for name in self.NUMBERS)
        return StartInstanceRefresh(
            auto_scaling_group_name=self._group,
            preferences=RefreshPreferences(
                min_healthy_percentage=least,
                max_healthy_percentage=most,
                instance_warmup=warmup,
                checkpoint_delay=delay,
                bake_time=bake or 0,
                checkpoint_percentages=tuple(map(int, parts)),
                skip_matching=bool(skip),
            ),
        )


class ProcessesDialog(Dialog[tuple[str, ...] | None]):
    """Asks which processes of a group are to be suspended."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]
    DEFAULT_CSS = """
    ProcessesDialog SelectionList { height: auto; border: none; background: $surface; padding: 0; }
    """

    def __init__(self, group: GroupView) -> None:
        super().__init__()
        self._group = group

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Suspended processes of {self._group.id}"
            box.border_subtitle = "space marks, esc cancels"
            yield SelectionList[str](
                *((name, name, name in self._group.suspended) for name in PROCESSES)
            )
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Set", id="set", variant="primary")

    def on_mount(self) -> None:
        self.query_one(SelectionList).focus()

    @on(Button.Pressed, "#set")
    def _set(self) -> None:
        self.dismiss(tuple(self.query_one(SelectionList).selected))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)

"""Questions about Auto Scaling groups: sizes, processes, an instance refresh, a step policy."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, OptionList

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
        """`fields` are names with the values that stand there at first; one in brackets is what is
        taken where nothing is typed."""
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
                    unset = value.startswith("(")
                    yield Input(
                        "" if unset else value,
                        placeholder=value if unset else "",
                        select_on_focus=True,
                        compact=True,
                    )
            yield Label("", classes="problem", markup=False)
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button(self._button, id="set", variant="primary")

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

    FIELDS = (
        ("MinHealthyPercentage", "(90, or its policy's)"),
        ("MaxHealthyPercentage", "(100, or its policy's)"),
        ("InstanceWarmup", "(the group's, in seconds)"),
        ("CheckpointDelay", "(3600 seconds)"),
        ("BakeTime", "(0 seconds)"),
        ("CheckpointPercentages", "(none; or 20, 50, 100)"),
        ("SkipMatching", "(no; or yes)"),
    )

    def __init__(self, group: str) -> None:
        super().__init__(f"StartInstanceRefresh {group}", self.FIELDS, "Start")
        self._group = group

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
        for (name, _), text in zip(self.FIELDS, numbers, strict=False):
            if text and not text.isdecimal():
                raise ValueError(f"{name}: a whole number, please")
            given[name] = int(text) if text else None
        if skip.lower() not in ("", "no", "yes"):
            raise ValueError("SkipMatching: yes or no, please")
        parts = [part.strip() for part in percentages.split(",") if part.strip()]
        if not all(part.isdecimal() for part in parts):
            raise ValueError("CheckpointPercentages: whole numbers such as 20, 50, 100, please")
        least, most, warmup, delay, bake = given.values()
        return StartInstanceRefresh(
            auto_scaling_group_name=self._group,
            preferences=RefreshPreferences(
                min_healthy_percentage=least,
                max_healthy_percentage=most,
                instance_warmup=warmup,
                checkpoint_delay=delay,
                bake_time=bake or 0,
                checkpoint_percentages=tuple(map(int, parts)),
                skip_matching=skip.lower() == "yes",
            ),
        )


class ProcessesDialog(Dialog[tuple[str, ...] | None]):
    """Asks which processes of a group are to be suspended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        Binding("space", "mark", "Mark", priority=True),
    ]
    DEFAULT_CSS = """
    ProcessesDialog OptionList { height: auto; max-height: 9; }
    """

    def __init__(self, group: GroupView) -> None:
        super().__init__()
        self._group = group.id
        self._suspended = set(group.suspended)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Processes of {self._group}"
            box.border_subtitle = "space suspends or resumes, enter applies"
            yield OptionList(*map(self._line, PROCESSES), compact=True)
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Set", id="set", variant="primary")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _line(self, process: str) -> str:
        """Said in words: colours and ticks may not be seen."""
        return f"{process:<20}{'suspended' if process in self._suspended else 'runs'}"

    def action_mark(self) -> None:
        """Suspend the process under the cursor, or resume it."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            process = PROCESSES[options.highlighted]
            self._suspended ^= {process}
            options.replace_option_prompt_at_index(options.highlighted, self._line(process))

    @on(OptionList.OptionSelected)
    @on(Button.Pressed, "#set")
    def _set(self) -> None:
        self.dismiss(tuple(process for process in PROCESSES if process in self._suspended))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)

"""Questions about load balancers: whom to register, which attribute to change, what weights."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Label, OptionList, Select

from tui.screens.dialogs import Dialog


@frozen
class Choice:
    """One thing to choose, and what is asked about it."""

    id: str
    label: str
    values: tuple[tuple[str, str], ...] = ()
    """What it consists of (attributes, target groups), each with its present value."""


class ChoiceDialog(Dialog[str | None]):
    """Asks for one of several things."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, title: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._heading = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._heading
            box.border_subtitle = "enter chooses, esc cancels"
            yield OptionList(*(choice.label for choice in self._choices))

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._choices[event.option_index].id)

    def action_cancel(self) -> None:
        self.dismiss(None)


class AttributeDialog(Dialog[tuple[str, str, str] | None]):
    """Asks for a resource, one of its attributes, and the new value."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._choices = {choice.id: choice for choice in choices}
        self._chosen = choices[0].id

    def compose(self) -> ComposeResult:
        choice = self._choices[self._chosen]
        with Vertical() as box:
            box.border_title = "Change an attribute"
            names = [(item.label, item.id) for item in self._choices.values()]
            yield Select(names, value=self._chosen, allow_blank=False, id="resource")
            keys = [(key, key) for key, _ in choice.values]
            yield Select(keys, value=keys[0][0], allow_blank=False, id="key")
            yield Input(choice.values[0][1], select_on_focus=True)
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Change", id="change", variant="primary")

    @on(Select.Changed, "#resource")
    def _another_resource(self, event: Select.Changed) -> None:
        self._chosen = str(event.value)
        keys = [(key, key) for key, _ in self._choices[self._chosen].values]
        self.query_one("#key", Select).set_options(keys)

    @on(Select.Changed, "#key")
    def _another_key(self, event: Select.Changed) -> None:
        values = dict(self._choices[self._chosen].values)
        if event.value in values:
            self.query_one(Input).value = values[str(event.value)]

    @on(Input.Submitted)
    @on(Button.Pressed, "#change")
    def _change(self) -> None:
        key = self.query_one("#key", Select).value
        self.dismiss((self._chosen, str(key), self.query_one(Input).value.strip()))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)


class WeightsDialog(Dialog[tuple[int, ...] | None]):
    """Asks for the weights of a forward action's target groups."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, rule: Choice) -> None:
        super().__init__()
        self._rule = rule

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = f"Weights of {self._rule.label}"
            for name, weight in self._rule.values:
                yield Label(name)
                yield Input(weight, type="integer", select_on_focus=True)
            yield Label("", classes="problem")
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Set", id="set", variant="primary")

    def on_mount(self) -> None:
        self.query(Input).first().focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#set")
    def _set(self) -> None:
        texts = [item.value.strip() for item in self.query(Input)]
        if not all(text.isdecimal() and int(text) <= 999 for text in texts):
            problem = "whole numbers from 0 to 999, please"
            self.query_one(".problem", Label).update(problem)
            return
        self.dismiss(tuple(map(int, texts)))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)

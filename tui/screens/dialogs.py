"""Small questions in front of the live screen; escape always takes them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ScreenResultType
from textual.widgets import Button, Input, Label, OptionList

from model.autoscaling.views import GroupView
from tui.screens.sheet import Sheet
from tui.views import ZoneHealth


class Dialog(Sheet[ScreenResultType]):
    """A narrow sheet with a row of buttons, and a line for what is wrong with an answer."""

    DEFAULT_CSS = """
    Dialog {
        & > Vertical { width: 60; max-width: 95%; }
        & Horizontal { height: auto; align-horizontal: right; margin-top: 1; }
        & Button { margin-left: 2; }
        & .problem { color: $text-error; }
    }
    """


class DesiredCapacityDialog(Dialog[int | None]):
    """Asks how many instances a group should have."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, group: GroupView) -> None:
        super().__init__()
        self._group = group

    def compose(self) -> ComposeResult:
        group = self._group
        with Vertical() as box:
            box.border_title = "SetDesiredCapacity"
            limits = f"{group.id}: between {group.min} and {group.max}, now {group.desired}"
            yield Label(limits, markup=False)
            yield Input(str(group.desired), type="integer", select_on_focus=True)
            yield Label("", classes="problem")
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Set", id="set", variant="primary")

    def on_mount(self) -> None:
        """The number is what is asked for."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#set")
    def _set(self) -> None:
        text, group = self.query_one(Input).value.strip(), self._group
        if not text.lstrip("-").isdigit() or not group.min <= int(text) <= group.max:
            problem = f"a whole number from {group.min} to {group.max}, please"
            self.query_one(".problem", Label).update(problem)
            return
        self.dismiss(int(text))

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)


class ZoneDialog(Dialog[str | None]):
    """Asks for a zone; its last letter is enough of an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel"),
        *(Binding(letter, f"choose('{letter}')", show=False) for letter in "abcdef"),
    ]

    def __init__(
        self,
        zones: tuple[ZoneHealth, ...],
        chosen: str | None,
        title: str = "Cut the network of a zone, or restore it",
    ) -> None:
        super().__init__()
        self._heading = title
        self._zones = zones
        self._chosen = next((i for i, zone in enumerate(zones) if zone.zone == chosen), 0)

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._heading
            box.border_subtitle = "enter or the zone's letter, esc cancels"
            options = OptionList(*(self._option(zone) for zone in self._zones))
            options.highlighted = self._chosen
            yield options

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    @staticmethod
    def _option(zone: ZoneHealth) -> str:
        down = "  NETWORK DOWN" if zone.dark else ""
        away = "  SHIFTED AWAY" if zone.shifted else ""
        return f"{zone.zone}  {zone.healthy}/{zone.targets} targets healthy{down}{away}"

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._zones[event.option_index].zone)

    def action_choose(self, letter: str) -> None:
        for zone in self._zones:
            if zone.zone.endswith(letter):
                self.dismiss(zone.zone)

    def action_cancel(self) -> None:
        self.dismiss(None)


class SaveDialog(Dialog[str | None]):
    """Asks for a file name until a file of that name was written, or nobody wants it any more."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, default: str, save: Callable[[str], str | None]) -> None:
        """`save` writes a file of a name, and says what is wrong if it cannot."""
        super().__init__()
        self._default = default
        self._write = save

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Save the session as a scenario"
            yield Label("It plays to the same end: spillover play FILE")
            yield Input(self._default, select_on_focus=False)
            yield Label("", classes="problem")
            with Horizontal():
                yield Button("Cancel", id="cancel")
                yield Button("Save", id="save", variant="primary")

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(Button.Pressed, "#save")
    def _save(self) -> None:
        name = self.query_one(Input).value.strip()
        problem = self._write(name) if name else "a name, please"
        if problem is None:
            self.dismiss(name)
        else:
            self.query_one(".problem", Label).update(problem)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        self.dismiss(None)


Leaving = Literal["save", "leave", "stay"]


class QuitDialog(Dialog[Leaving]):
    """Asks what to do with an unsaved recording."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('stay')", "Stay"),
        Binding("s", "answer('save')", "Save"),
        Binding("q", "answer('leave')", "Leave"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "Leave?"
            yield Label("What you did is in no file yet.")
            with Horizontal():
                yield Button("Stay (esc)", id="stay")
                yield Button("Leave (q)", id="leave", variant="error")
                yield Button("Save (s)", id="save", variant="primary")

    def on_mount(self) -> None:
        self.query_one("#save").focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        if event.button.id in ("save", "leave", "stay"):
            self.dismiss(event.button.id)  # type: ignore[arg-type]

    def action_answer(self, answer: Leaving) -> None:
        self.dismiss(answer)

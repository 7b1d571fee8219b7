"""The strip at the top: the state of everything, readable in one second."""

from __future__ import annotations

import math
from typing import ClassVar

from attrs import frozen
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.views import HeaderView
from tui.widgets.drawn import Drawn


@frozen
class Clockwork:
    """How the session is being played."""

    speed: str
    paused: bool = False
    over: bool = False
    past: bool = False
    """What is played came before the scenario's start."""

    @property
    def state(self) -> str:
        """What the clock does, in a word."""
        if self.past:
            return "THE PAST"
        return "ENDED" if self.over else "PAUSED" if self.paused else "playing"


class HeaderPane(Drawn, Widget):
    """Scenario, date and time, speed and state; requests per second, availability, faults."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--name",
        "header--value",
        "header--label",
        "header--good",
        "header--bad",
        "header--loud",
    }

    DEFAULT_CSS = """
    HeaderPane {
        height: 2;
        padding: 0 1;
        background: $panel;
        & > .header--name { text-style: bold; }
        & > .header--label { color: $text-muted; }
        & > .header--good { color: $text-success; text-style: bold; }
        & > .header--bad { color: $text-error; text-style: bold; }
        & > .header--loud { color: $text-warning; text-style: bold reverse; }
    }
    """

    view: reactive[HeaderView | None] = reactive(None)
    """The state of the world; None until there is one."""
    clockwork: reactive[Clockwork] = reactive(Clockwork("60x"))
    """How it is being played."""

    def render(self) -> Text:
        """Two lines: what and when; how it fares."""
        view = self.view
        if view is None:
            return Text("loading …")
        width = self.content_size.width
        style = {
            name: self.get_component_rich_style(f"header--{name}")
            for name in ("name", "value", "label", "good", "bad", "loud")
        }
        clock = self.clockwork
        state = Text(f" {clock.state} ", style["loud" if clock.state != "playing" else "good"])
        right = Text.assemble((f"{clock.speed} ", style["value"]), state)
        share = min(max(view.elapsed / view.duration, 0.0), 1.0) if view.duration else 1.0
        when = f"{view.time} UTC  {share:4.0%}"
        first = _spread(Text(view.scenario, style["name"]), Text(when), right, width)
        good = view.availability is None or view.availability >= 99.9
        percent = "      -  " if view.availability is None else f"{view.availability:7.3f} %"
        second = Text.assemble(
            (f"{rate(view.rate):>7} req/s", style["value"]),
            ("  availability ", style["label"]),
            (percent, style["good" if good else "bad"]),
            ("  alarms ", style["label"]),
            (str(view.alarms), style["bad" if view.alarms else "value"]),
            ("  faults ", style["label"]),
            (_faults(view.faults), style["bad" if view.faults else "value"]),
        )
        second.truncate(width, overflow="ellipsis")
        return Text("\n").join([first, second])


def rate(value: float) -> str:
    """Requests per second in a few characters."""
    if math.isnan(value):
        return "-"
    if value >= 10_000:
        return f"{value / 1000:.1f} k"
    return f"{value:.1f}"


def _faults(names: tuple[str, ...]) -> str:
    short = [name.removeprefix("aws:").removeprefix("spillover:") for name in names]
    return ", ".join(short) or "none"


def _spread(left: Text, middle: Text, right: Text, width: int) -> Text:
    """Left, middle and right on one line; the name gives way first."""
    room = width - middle.cell_len - right.cell_len - 4
    left.truncate(max(room, 8), overflow="ellipsis")
    spare = max(width - left.cell_len - middle.cell_len - right.cell_len, 2)
    before = spare // 2
    return Text.assemble(left, " " * before, middle, " " * (spare - before), right)

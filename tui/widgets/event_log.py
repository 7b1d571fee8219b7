"""`EventLog`: what happened, line by line, following the newest unless the reader scrolled away."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from attrs import frozen
from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import clean, cut, fit, wrap
from tui.widgets.parts import Parts

LogKind = Literal[
    "info", "fault", "move", "scaling", "alarm", "health", "success", "warning", "error", "muted"
]
"""What a line tells of; each is the component class `event-log--<kind>`."""

LOG_KINDS: tuple[LogKind, ...] = get_args(LogKind)


@frozen
class LogLine:
    """A line of the log."""

    time_text: str
    kind: LogKind
    text: str


@frozen
class _Piece:
    """What one line of the terminal shows of a log line."""

    time_text: str
    kind: LogKind
    text: str


class EventLog(Parts, ScrollView, can_focus=True):
    """An append-only log, given as a whole immutable tuple each time.

    When only the tail grew, only the tail is taken in. A tuple that does not begin with the lines
    shown before (a rewind) is taken in anew.
    """

    ALLOW_MAXIMIZE = True

    PARTS: ClassVar[frozenset[str]] = frozenset(
        {
            *(f"event-log--{kind}" for kind in LOG_KINDS),
            "event-log--time",
            "event-log--news",
            "event-log--empty",
        }
    )
    """
    | Class | Description |
    | :- | :- |
    | `event-log--time` | The time before each line. |
    | `event-log--news` | The count of new lines, when not following. |
    | `event-log--empty` | The message of a log without lines. |
    | `event-log--<kind>` | Lines of each kind: `fault`, `scaling`, `alarm`... |
    """

    DEFAULT_CSS = """
    EventLog {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;

        & > .event-log--time { color: $text-muted; }
        & > .event-log--empty { color: $text-muted; }
        & > .event-log--muted { color: $text-muted; }
        & > .event-log--news { color: $text-accent; text-style: bold reverse; }
        & > .event-log--fault { color: $text-error; text-style: bold; }
        & > .event-log--error { color: $text-error; text-style: bold; }
        & > .event-log--alarm { color: $text-warning; }
        & > .event-log--warning { color: $text-warning; }
        & > .event-log--move { color: $text-primary; }
        & > .event-log--scaling { color: $text-success; }
        & > .event-log--success { color: $text-success; }
        & > .event-log--health { color: $text-accent; }

        &:focus > .event-log--time { color: $text-accent; }
        &:ansi > .event-log--muted { text-style: dim; }
        &:ansi > .event-log--time { text-style: dim; }
        &:focus:ansi > .event-log--time { text-style: not dim; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", show=False, id="log.up"),
        Binding("down", "scroll_down", "Down", show=False, id="log.down"),
        Binding("pageup", "page_up", "Page up", show=False, id="log.page-up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="log.page-down"),
        Binding("home", "scroll_home", "First", show=False, id="log.home"),
        Binding("end", "follow", "Follow", show=False, id="log.follow"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | up, down, pageup, pagedown, home | Scroll; away from the end, the log stays put. |
    | end | Back to the newest line, and follow. |
    """

    lines: reactive[tuple[LogLine, ...]] = reactive[tuple[LogLine, ...]](())
    """All lines, oldest first."""

    wrap: reactive[bool] = reactive(False)
    """Whether long lines go on in the next line; otherwise they end in an ellipsis."""

    following: var[bool] = var(True)
    """Whether the newest line is kept in view."""

    empty: reactive[str] = reactive("nothing has happened yet")
    """What a log without lines says."""

    def __init__(
        self,
        lines: tuple[LogLine, ...] = (),
        *,
        wrap: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        """Make a log of `lines`."""
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._taken: tuple[LogLine, ...] = ()
        self._pieces: list[_Piece] = []
        self._strips: dict[int, Strip] = {}
        self._width = -1
        self._laying_out = False
        self._read = 0
        """How many lines there were when the reader stopped following."""
        self.set_reactive(EventLog.lines, lines)
        self.set_reactive(EventLog.wrap, wrap)

    @property
    def news(self) -> int:
        """How many lines came since the reader scrolled away."""
        return 0 if self.following else max(len(self.lines) - self._read, 0)

    # Data

    def on_mount(self) -> None:
        """Take in the lines given at the start."""
        self._take()

    def on_resize(self) -> None:
        """Fill the new width; a follower still sees the newest line."""
        self._take()

    def watch_lines(self) -> None:
        """Take in what is new."""
        self._take()

    def watch_wrap(self) -> None:
        """Lay out again."""
        self._width = -1
        self._take()

    def _take(self) -> None:
        """Lay out the lines that were not yet: only the new ones, when the rest is as before."""
        width = self.scrollable_content_region.width
        known = len(self._taken)
        if width != self._width or self.lines[:known] != self._taken:
            self._width, known = width, 0
            self._pieces.clear()
            self._strips.clear()
            self._read = min(self._read, len(self.lines))
        for line in self.lines[known:]:
            self._pieces += self._lay_out(line, width)
        self._taken = self.lines
        # This may move the scroll offset, which is not the reader's doing.
        self._laying_out = True
        self.virtual_size = Size(0, len(self._pieces))
        if self.following:
            self._to_end()
        self._laying_out = False
        self.refresh()

    def _lay_out(self, line: LogLine, width: int) -> list[_Piece]:
        """The line, or when wrapping as many as it takes, indented under the text."""
        time = clean(line.time_text)
        room = width - cell_len(time) - 1
        text = clean(line.text)
        if not self.wrap or room < 8:
            return [_Piece(time, line.kind, text)]
        first, *rest = wrap(text, room)
        indent = " " * cell_len(time)
        return [_Piece(time, line.kind, first), *(_Piece(indent, line.kind, t) for t in rest)]

    # Drawing

    def notify_style_update(self) -> None:
        """Forget what was drawn: theme, focus or style sheet changed."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """A line of the log; the last one tells of news below."""
        width, height = self.scrollable_content_region.size
        if y == 0 and width != self._width:
            # The scroll bar came or went since the last layout.
            self.call_later(self._take)
        strip = self._strip(self.scroll_offset.y + y, width)
        if y == height - 1 and self.news:
            label = cut(f" ↓ {self.news} new ", width)
            style = self.get_component_rich_style("event-log--news")
            corner = Strip([Segment(label, style)], cell_len(label))
            strip = Strip.join([strip.crop(0, width - corner.cell_length), corner])
        return strip

    def _strip(self, index: int, width: int) -> Strip:
        if not self.lines and index == 0:
            style = self.get_component_rich_style("event-log--empty")
            return Strip([Segment(fit(self.empty, width), style)], width)
        if index >= len(self._pieces):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(index)
        if strip is None or strip.cell_length != width:
            piece = self._pieces[index]
            time = f"{piece.time_text} "
            body = fit(piece.text, max(width - cell_len(time), 0))
            strip = Strip(
                [
                    Segment(time, self.get_component_rich_style("event-log--time")),
                    Segment(body, self.get_component_rich_style(f"event-log--{piece.kind}")),
                ]
            ).adjust_cell_length(width)
            self._strips[index] = strip
        return strip

    # Scrolling

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls to the end follows again, whoever scrolls away does not."""
        super().watch_scroll_y(old_value, new_value)
        if not self._laying_out:
            self.following = new_value >= self.max_scroll_y

    def watch_following(self, following: bool) -> None:
        """Count news from here."""
        if not following:
            self._read = len(self.lines)
        self.refresh()

    def action_follow(self) -> None:
        """Back to the newest line."""
        self.following = True
        self._to_end()

    def action_scroll_up(self) -> None:
        """Up by a line."""
        self.scroll_relative(y=-1, animate=False)

    def action_scroll_down(self) -> None:
        """Down by a line."""
        self.scroll_relative(y=1, animate=False)

    def action_page_up(self) -> None:
        """Up by a page."""
        self.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Down by a page."""
        self.scroll_page_down(animate=False)

    def action_scroll_home(self) -> None:
        """To the oldest line."""
        self.scroll_to(y=0, animate=False)

    def on_click(self, event: events.Click) -> None:
        """A click on the count of news follows again."""
        offset = event.get_content_offset(self)
        width, height = self.scrollable_content_region.size
        label = cell_len(f" ↓ {self.news} new ")
        if offset is None or not self.news:
            return
        if offset.y == height - 1 and offset.x >= width - label:
            self.action_follow()

    def _to_end(self) -> None:
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

"""`LiveTable`: a table whose rows may all change many times a second, drawn line by line.

Textual's DataTable renders every visible cell again for one that changed. Here a frame costs the
visible rows that differ from those drawn before, however long the table is.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.widgets.cells import clean, fit
from tui.widgets.parts import Parts
from tui.widgets.rows import GAP, KINDS, Cell, Column, Kind, Row, column_widths

__all__ = ["Cell", "Column", "Kind", "LiveTable", "Row"]

POINTER = "▸"
"""Marks the row under the cursor, for when colours cannot."""


class LiveTable(Parts, ScrollView, can_focus=True):
    """Rows under a fixed header, with a cursor that stays on its row when rows move or vanish."""

    ALLOW_MAXIMIZE = True

    PARTS: ClassVar[frozenset[str]] = frozenset(
        {
            *(f"live-table--{kind}" for kind in KINDS),
            "live-table--header",
            "live-table--heading",
            "live-table--cursor",
            "live-table--empty",
        }
    )
    """
    | Class | Description |
    | :- | :- |
    | `live-table--header` | The line of column labels. |
    | `live-table--heading` | Rows that head a group. |
    | `live-table--cursor` | The row under the cursor; its colours win over the cells'. |
    | `live-table--empty` | The message of a table without rows. |
    | `live-table--<kind>` | Cells of each kind: `healthy`, `alarm`, `muted`... |
    """

    DEFAULT_CSS = """
    LiveTable {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;

        & > .live-table--header { color: $text-muted; text-style: bold; }
        & > .live-table--heading { color: $text-accent; text-style: bold; }
        & > .live-table--cursor { background: $block-cursor-blurred-background; }
        & > .live-table--empty { color: $text-muted; }
        & > .live-table--healthy { color: $text-success; }
        & > .live-table--ok { color: $text-success; }
        & > .live-table--success { color: $text-success; }
        & > .live-table--initial { color: $text-primary; }
        & > .live-table--accent { color: $text-accent; }
        & > .live-table--draining { color: $text-warning; }
        & > .live-table--warning { color: $text-warning; }
        & > .live-table--unhealthy { color: $text-error; text-style: bold; }
        & > .live-table--alarm { color: $text-error; text-style: bold; }
        & > .live-table--error { color: $text-error; text-style: bold; }
        & > .live-table--insufficient { color: $text-muted; }
        & > .live-table--unused { color: $text-muted; }
        & > .live-table--muted { color: $text-muted; }

        &:focus > .live-table--header { color: $text-accent; text-style: bold underline; }
        &:focus > .live-table--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
        &:focus:nocolor > .live-table--cursor { text-style: reverse; }
        &:ansi > .live-table--header { text-style: bold dim; }
        &:ansi > .live-table--muted { text-style: dim; }
        &:ansi > .live-table--unused { text-style: dim; }
        &:ansi > .live-table--insufficient { text-style: dim; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", "Up", show=False, id="table.up"),
        Binding("down", "cursor_down", "Down", show=False, id="table.down"),
        Binding("home", "cursor_home", "First", show=False, id="table.home"),
        Binding("end", "cursor_end", "Last", show=False, id="table.end"),
        Binding("pageup", "cursor_page_up", "Page up", show=False, id="table.page-up"),
        Binding("pagedown", "cursor_page_down", "Page down", show=False, id="table.page-down"),
        Binding("enter", "select", "Open", show=False, id="table.select"),
    ]
    """
    | Key | Description |
    | :- | :- |
    | up, down | Move the cursor by a row. |
    | home, end, pageup, pagedown | Move it further. |
    | enter | Select the row under the cursor. |
    """

    columns: reactive[tuple[Column, ...]] = reactive[tuple[Column, ...]](())
    """The columns, from the left."""

    rows: reactive[tuple[Row, ...]] = reactive[tuple[Row, ...]](())
    """All rows, in the order shown. Keys must differ."""

    cursor_key: reactive[str | None] = reactive[str | None](None)
    """The key of the row under the cursor; None while there is no row to be on."""

    empty: reactive[str] = reactive("nothing here yet")
    """What a table without rows says."""

    newest_first: var[bool] = var(False)
    """Whether rows come in at the top: a cursor on the first row then stays on the first row."""

    class Highlighted(Message):
        """The cursor came to another row, by a key, the mouse, or because its row vanished."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LiveTable:
            """The table."""
            return self.table

    class Selected(Message):
        """Enter or a double click on a row."""

        def __init__(self, table: LiveTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> LiveTable:
            """The table."""
            return self.table

    def __init__(
        self,
        columns: tuple[Column, ...] = (),
        rows: tuple[Row, ...] = (),
        *,
        empty: str = "nothing here yet",
        newest_first: bool = False,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        """Make a table of `columns` and `rows`; without rows it says `empty`."""
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._strips: LRUCache[tuple[Row, bool], Strip] = LRUCache(1024)
        self._drawn_width = -1
        self._index: dict[str, int] = {}
        self._cursor_index = 0
        self._seen = 1
        """Rows in view when last looked."""
        self._widths: list[int] = []
        self.set_reactive(LiveTable.columns, columns)
        self.set_reactive(LiveTable.rows, rows)
        self.set_reactive(LiveTable.empty, empty)
        self.set_reactive(LiveTable.newest_first, newest_first)

    def on_mount(self) -> None:
        """Take in the rows given at the start."""
        self._take_rows()

    def on_resize(self) -> None:
        """A cursor that was in view stays in view."""
        if self._cursor_in_view():
            self._show_cursor()
        self._seen = self._page

    # Data

    def watch_columns(self) -> None:
        """Lay out again."""
        self._forget()

    def watch_rows(self) -> None:
        """Keep the cursor on its row, or on the one that took the place of a vanished row."""
        self._take_rows()

    def watch_cursor_key(self, key: str | None) -> None:
        """Tell, and bring the row into view."""
        self._cursor_index = self._index.get(key, self._cursor_index) if key else 0
        if key in self._index:
            self._show_cursor()
            self.post_message(self.Highlighted(self, str(key)))

    def _take_rows(self) -> None:
        seen = self._cursor_in_view()
        on_first = self.newest_first and self.cursor_key == next(iter(self._index), None)
        self._index = {row.key: index for index, row in enumerate(self.rows) if not row.heading}
        self.virtual_size = Size(0, len(self.rows) + 1)
        if on_first:
            self.cursor_key = next(iter(self._index), None)
        if self.cursor_key in self._index:
            self._cursor_index = self._index[self.cursor_key]
            if seen:
                self._show_cursor()
        else:
            self.cursor_key = self._nearest(self._cursor_index)
        self.refresh()

    def _nearest(self, index: int) -> str | None:
        """The key of the selectable row at or after `index`, or else the last one before."""
        after = (row.key for row in self.rows[index:] if not row.heading)
        before = (row.key for row in reversed(self.rows[:index]) if not row.heading)
        return next(after, next(before, None))

    # Drawing

    def notify_style_update(self) -> None:
        """Forget what was drawn: theme, focus or style sheet changed."""
        super().notify_style_update()
        self._forget()

    def _forget(self) -> None:
        self._drawn_width = -1
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """The header on the first line, below it the rows at the scroll offset."""
        width = self.scrollable_content_region.width
        if width != self._drawn_width:
            self._forget()
            self._drawn_width = width
            self._widths = column_widths(self.columns, width)
        if y == 0:
            return self._header(width)
        index = self.scroll_offset.y + y - 1
        if index < len(self.rows):
            return self._strip(self.rows[index], width)
        if y == 1 and not self.rows:
            style = self.get_component_rich_style("live-table--empty")
            return Strip([Segment(fit(f"  {self.empty}", width), style)], width)
        return Strip.blank(width, self.rich_style)

    def _strip(self, row: Row, width: int) -> Strip:
        """A row, drawn if it was not before. Equal rows draw the same, so they are the key."""
        under = row.key == self.cursor_key and not row.heading
        strip = self._strips.get((row, under))
        if strip is None:
            strip = self._heading(row, width) if row.heading else self._row(row, width, under)
            self._strips[row, under] = strip
        return strip

    def _header(self, width: int) -> Strip:
        style = self.get_component_rich_style("live-table--header")
        texts = [
            " " * GAP + fit(column.label, cells, column.align)
            for column, cells in zip(self.columns, self._widths, strict=True)
            if cells
        ]
        return Strip([Segment(fit("".join(texts), width), style)], width)

    def _heading(self, row: Row, width: int) -> Strip:
        """The cells of a heading one after the other, each in its kind."""
        base = self.get_component_rich_style("live-table--heading")
        segments = [Segment(" ", base)]
        for cell in row.cells:
            text, kind = (cell, row.style) if isinstance(cell, str) else (cell.text, cell.kind)
            style = base if kind == "text" else self._style(kind)
            segments += [Segment(clean(text), style), Segment(" " * GAP, base)]
        return Strip(segments).adjust_cell_length(width, base)

    def _row(self, row: Row, width: int, under: bool) -> Strip:
        cursor = self.get_component_rich_style("live-table--cursor") if under else None
        # Without focus the cells keep their colours and only the background tells.
        over = cursor if self.has_focus or cursor is None else Style(bgcolor=cursor.bgcolor)
        segments: list[Segment] = []

        def add(text: str, kind: Kind) -> None:
            style = self._style(kind)
            segments.append(Segment(text, style + over if over else style))

        cells = (*row.cells, *[""] * (len(self.columns) - len(row.cells)))
        for column, cell, cell_width in zip(self.columns, cells, self._widths, strict=False):
            if cell_width:
                text, kind = (cell, row.style) if isinstance(cell, str) else (cell.text, cell.kind)
                # The mark says where the cursor is when colours cannot.
                add((POINTER if under and not segments else " ").ljust(GAP), "text")
                add(fit(clean(text), cell_width, column.align), kind)
        used = sum(segment.cell_length for segment in segments)
        add(" " * max(width - used, 0), "text")
        return Strip(segments).adjust_cell_length(width)

    def _style(self, kind: Kind) -> Style:
        return self.get_component_rich_style(f"live-table--{kind}")

    # Cursor

    def action_cursor_up(self) -> None:
        """Move to the row above."""
        self._move(-1)

    def action_cursor_down(self) -> None:
        """Move to the row below."""
        self._move(1)

    def action_cursor_home(self) -> None:
        """Move to the first row."""
        self._move(-len(self.rows))

    def action_cursor_end(self) -> None:
        """Move to the last row."""
        self._move(len(self.rows))

    def action_cursor_page_up(self) -> None:
        """Move up by what is seen."""
        self._move(-self._page)

    def action_cursor_page_down(self) -> None:
        """Move down by what is seen."""
        self._move(self._page)

    def action_select(self) -> None:
        """Select the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Selected(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row under the mouse; the second click selects it."""
        offset = event.get_content_offset(self)
        if offset is None or offset.y == 0:
            return
        index = self.scroll_offset.y + offset.y - 1
        if index < len(self.rows) and not self.rows[index].heading:
            self.cursor_key = self.rows[index].key
            if event.chain == 2:
                self.action_select()

    @property
    def _page(self) -> int:
        """How many rows are seen under the header."""
        return max(self.scrollable_content_region.height - 1, 1)

    def _move(self, rows: int) -> None:
        """Move by as many lines, on to a row that can be selected."""
        if not self._index:
            return
        target = min(max(self._cursor_index + rows, 0), len(self.rows) - 1)
        step = 1 if rows > 0 else -1
        while 0 <= target < len(self.rows) and self.rows[target].heading:
            target += step
        if 0 <= target < len(self.rows):
            self.cursor_key = self.rows[target].key
        else:
            # Only headings that way: the nearest row may be past the cursor, but not behind it.
            self.cursor_key = list(self._index)[-1 if rows > 0 else 0]
            self._show_cursor()

    def _cursor_in_view(self) -> bool:
        return 0 <= self._cursor_index - self.scroll_offset.y < self._seen

    def _show_cursor(self) -> None:
        """Scroll as little as shows the cursor, with the heading just above it."""
        if not self.size.height:
            return
        top = self._cursor_index
        while top > 0 and self.rows[top - 1].heading:
            top -= 1
        offset = self.scroll_offset.y
        wanted = max(offset, self._cursor_index - self._page + 1)
        wanted = min(wanted, top if self._cursor_index - top < self._page else self._cursor_index)
        if wanted != offset:
            self.scroll_to(y=wanted, animate=False, force=True)

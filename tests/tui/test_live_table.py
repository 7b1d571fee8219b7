"""The live table: lines, and a cursor that stays on its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.widgets.live_table import LiveTable
from tui.widgets.rows import GAP, Cell, Column, Row, column_widths

COLUMNS = (
    Column("id", "Target"),
    Column("state", "State", 9),
    Column("rps", "Req/s", 6, "right"),
)


def row(key: str, state: str = "healthy", rps: str = "12") -> Row:
    return Row(key, (key, Cell(state, "healthy" if state == "healthy" else "unhealthy"), rps))


ROWS = tuple(row(f"i-{n:02}") for n in range(30))


class Shell(App[None]):
    """A table alone on the screen, and what it said."""

    def __init__(self, rows: tuple[Row, ...] = ROWS) -> None:
        super().__init__()
        self.table = LiveTable(COLUMNS, rows)
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_live_table_highlighted(self, event: LiveTable.Highlighted) -> None:
        self.said.append(("highlighted", event.key))

    def on_live_table_selected(self, event: LiveTable.Selected) -> None:
        assert event.control is self.table
        self.said.append(("selected", event.key))

    def text(self) -> list[str]:
        return [self.table.render_line(y).text for y in range(self.table.size.height)]

    def pointer(self) -> list[str]:
        return [line.split()[1] for line in self.text() if line.startswith("▸")]


async def test_header_rows_and_cursor() -> None:
    app = Shell(ROWS[:3])
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        text = app.text()
        assert text[0].split() == ["Target", "State", "Req/s"]
        assert text[0].rstrip().endswith("Req/s")
        assert text[1].startswith("▸ i-00")
        assert text[1].rstrip().endswith("12")
        assert text[4].strip() == ""
        assert {cell_len(line) for line in text} == {40}
        assert app.said == [("highlighted", "i-00")]


async def test_keys() -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.press("down", "down", "up")
        assert app.table.cursor_key == "i-01"
        await pilot.press("pagedown")
        assert app.table.cursor_key == "i-11"
        assert app.pointer() == ["i-11"]
        await pilot.press("end", "enter")
        assert app.table.cursor_key == "i-29"
        assert app.text()[-1].startswith("▸ i-29")
        await pilot.press("home", "up")
        assert app.table.cursor_key == "i-00"
        assert app.text()[1].startswith("▸ i-00")
        assert ("selected", "i-29") in app.said


async def test_the_cursor_stays_on_its_row() -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.press("down", "down")
        app.table.rows = tuple(reversed(ROWS))
        await pilot.pause()
        assert app.table.cursor_key == "i-02"
        assert app.pointer() == ["i-02"]
        app.table.rows = tuple(row(each.key, "unhealthy") for each in ROWS)
        await pilot.pause()
        assert app.pointer() == ["i-02"]
        assert "unhealthy" in "".join(app.text())


async def test_a_vanished_row_leaves_the_cursor_to_its_successor() -> None:
    app = Shell(ROWS[:4])
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.press("down")
        app.table.rows = (ROWS[0], ROWS[2], ROWS[3])
        await pilot.pause()
        assert app.table.cursor_key == "i-02"
        assert app.said[-1] == ("highlighted", "i-02")
        app.table.rows = (ROWS[0],)
        await pilot.pause()
        assert app.table.cursor_key == "i-00"
        app.table.rows = ()
        await pilot.pause()
        assert app.table.cursor_key is None
        assert "nothing here yet" in app.text()[1]
        app.table.rows = ROWS
        await pilot.pause()
        assert app.table.cursor_key == "i-00"


async def test_headings_are_passed_over() -> None:
    rows = (
        Row("a", ("us-east-1a", Cell("2 healthy", "healthy")), heading=True),
        ROWS[0],
        Row("b", ("us-east-1b",), heading=True),
        ROWS[1],
    )
    app = Shell(rows)
    async with app.run_test(size=(40, 4)) as pilot:
        assert app.table.cursor_key == "i-00"
        assert app.text()[1].startswith(" us-east-1a  2 healthy")
        await pilot.press("down")
        assert app.table.cursor_key == "i-01"
        await pilot.press("down")
        assert app.table.cursor_key == "i-01"
        await pilot.press("up", "up")
        assert app.table.cursor_key == "i-00"
        assert app.text()[1].startswith(" us-east-1a")


async def test_the_mouse() -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.click(LiveTable, offset=(5, 4))
        assert app.table.cursor_key == "i-03"
        await pilot.click(LiveTable, offset=(5, 5), times=2)
        await pilot.pause()
        assert app.said[-1] == ("selected", "i-04")
        await pilot.click(LiveTable, offset=(5, 0))
        assert app.table.cursor_key == "i-04"


async def test_a_reader_who_scrolled_away_is_left_alone() -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.pause()
        app.table.scroll_to(y=15, animate=False)
        app.table.rows = (*ROWS, row("i-99"))
        await pilot.pause()
        assert app.table.scroll_offset.y == 15
        assert app.text()[1].split()[0] == "i-15"


async def test_equal_rows_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.pause()
        drawn: list[str] = []
        draw = app.table._row

        def counting(one: Row, width: int, under: bool) -> object:
            drawn.append(one.key)
            return draw(one, width, under)

        monkeypatch.setattr(app.table, "_row", counting)
        app.table.rows = (*ROWS[:3], row("i-03", "unhealthy"), *ROWS[4:])
        await pilot.pause()
        assert drawn == ["i-03"]


async def test_focus_is_seen_and_without_it_the_place_is_kept() -> None:
    app = Shell(ROWS[:3])
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        focused = next(iter(app.table.render_line(1))).style
        app.set_focus(None)
        await pilot.pause()
        assert next(iter(app.table.render_line(1))).style != focused
        assert app.pointer() == ["i-00"]


async def test_resize_keeps_the_cursor() -> None:
    app = Shell()
    async with app.run_test(size=(40, 11)) as pilot:
        await pilot.press("end")
        await pilot.resize_terminal(25, 6)
        await pilot.pause()
        assert app.pointer() == ["i-29"]
        assert {cell_len(line) for line in app.text()} <= {24, 25}


@given(
    st.lists(st.one_of(st.none(), st.integers(1, 20)), min_size=1, max_size=8), st.integers(0, 120)
)
def test_columns_fit(widths: list[int | None], width: int) -> None:
    columns = tuple(Column(str(n), "", each) for n, each in enumerate(widths))
    given_widths = column_widths(columns, width)
    shown = [cells for cells in given_widths if cells]
    assert sum(shown) + GAP * len(shown) <= width or not shown
    if None in widths and all(given_widths) and width >= 160:
        assert sum(shown) + GAP * len(shown) == width


async def test_without_colour_the_cursor_is_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shell(ROWS[:3])
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        style = next(iter(app.table.render_line(1))).style
        assert style is not None
        assert style.reverse

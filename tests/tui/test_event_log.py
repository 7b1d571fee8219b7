"""The event log: following, news, wrapping."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.widgets import cells, event_log
from tui.widgets.event_log import EventLog, LogLine

LINES = tuple(LogLine(f"12:{n:02}", "scaling", f"event {n}") for n in range(50))


class Shell(App[None]):
    """A log alone on the screen."""

    def __init__(self, lines: tuple[LogLine, ...] = LINES, wrap: bool = False) -> None:
        super().__init__()
        self.log_view = EventLog(lines, wrap=wrap)

    def compose(self) -> ComposeResult:
        yield self.log_view

    def text(self) -> list[str]:
        height = self.log_view.size.height
        return [self.log_view.render_line(y).text for y in range(height)]


async def test_it_follows_the_tail() -> None:
    app = Shell()
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        assert app.text()[-1].startswith("12:49 event 49")
        app.log_view.lines = (*LINES, LogLine("13:00", "fault", "zone lost"))
        await pilot.pause()
        assert app.text()[-1].startswith("13:00 zone lost")
        assert app.log_view.news == 0


async def test_a_reader_who_scrolled_up_is_told_of_news() -> None:
    app = Shell()
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        app.log_view.focus()
        await pilot.press("up", "up", "pageup")
        assert not app.log_view.following
        top = app.text()[0]
        more = tuple(LogLine("13:00", "info", f"more {n}") for n in range(3))
        app.log_view.lines = LINES + more
        await pilot.pause()
        assert app.text()[0] == top
        assert app.text()[-1].endswith(" ↓ 3 new ")
        assert len({cell_len(line) for line in app.text()}) == 1
        await pilot.press("end")
        assert app.log_view.following
        assert app.text()[-1].startswith("13:00 more 2")
        await pilot.press("home")
        assert app.text()[0].startswith("12:00")
        await pilot.press(*["pagedown"] * 20)
        assert app.log_view.following


async def test_a_click_on_the_news_follows() -> None:
    app = Shell()
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        app.log_view.scroll_to(y=0, animate=False)
        app.log_view.lines = (*LINES, LINES[0])
        await pilot.pause()
        assert app.log_view.news == 1
        await pilot.click(EventLog, offset=(25, 4))
        assert app.log_view.following


async def test_long_lines_are_cut_or_wrapped() -> None:
    long = (LogLine("12:00", "alarm", "one two three four five six seven"),)
    app = Shell(long)
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        assert app.text()[0] == "12:00 one two three…"
        app.log_view.wrap = True
        await pilot.pause()
        assert [line.rstrip() for line in app.text()[:3]] == [
            "12:00 one two three",
            "      four five six",
            "      seven",
        ]
        await pilot.resize_terminal(40, 5)
        await pilot.pause()
        assert app.text()[0].rstrip() == "12:00 one two three four five six seven"


async def test_only_the_new_tail_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Shell(wrap=True)
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        wrapped: list[str] = []

        def counting(text: str, width: int) -> list[str]:
            wrapped.append(text)
            return cells.wrap(text, width)

        monkeypatch.setattr(event_log, "wrap", counting)
        app.log_view.lines = (*LINES, LogLine("13:00", "info", "new"))
        await pilot.pause()
        assert wrapped == ["new"]
        app.log_view.lines = LINES[:10]
        await pilot.pause()
        assert app.text()[-1].startswith("12:09")


async def test_an_empty_log_says_so() -> None:
    app = Shell(())
    async with app.run_test(size=(30, 5)) as pilot:
        await pilot.pause()
        assert app.text()[0].startswith("nothing has happened yet")

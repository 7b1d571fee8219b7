"""The chart: its lines at every size, its cursor, and when it draws."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.charts import chart as chart_module
from tui.charts.chart import MetricChart
from tui.charts.drawing import draw
from tui.charts.raster import Glyphs
from tui.charts.views import ChartView, Mark, Series, Span, Threshold

MINUTE = 60.0
RAMP = Series(
    "web",
    tuple(MINUTE * n for n in range(60)),
    tuple(math.nan if 20 <= n < 30 else float(n) for n in range(60)),
)
FLAT = Series("batch", RAMP.times, (10.0,) * 60)
VIEW = ChartView(
    title="CPUUtilization",
    unit="Percent",
    epoch=datetime(2026, 11, 25, 12, 0),
    start=0.0,
    end=3600.0,
    series=(RAMP, FLAT),
    thresholds=(Threshold(50.0),),
    marks=(Mark(1200.0, "✗", "zone lost", "fault"),),
    spans=(
        Span(0.0, 1200.0, "OK"),
        Span(1200.0, 1800.0, "INSUFFICIENT_DATA"),
        Span(3300.0, 3600.0, "ALARM"),
    ),
)


def lines(view: ChartView | None, width: int, height: int, **options: object) -> list[str]:
    drawing = draw(view, width, height, **options)  # type: ignore[arg-type]
    return ["".join(run.text for run in line) for line in drawing.lines]


def test_a_whole_chart() -> None:
    text = lines(VIEW, 60, 15)
    assert text[0].startswith("CPUUtilization  ● web 59 %     ◆ batch 10 %")
    assert [row[:4] for row in text if "┤" in row] == ["60%┤", "40%┤", "20%┤", "  0┤"]
    dashed = next(row for row in text if "╌╌" in row)
    assert dashed.endswith(" > 50%")
    assert text[-3].startswith("   └")
    assert "✗" in text[-3]
    assert "12:15" in text[-2]
    assert set(text[-1]) == set(" ·?A")


def test_the_alarm_strip_shows_the_worst_of_each_column() -> None:
    brief = evolve(VIEW, spans=(Span(0.0, 3600.0, "OK"), Span(1000.0, 1001.0, "ALARM")))
    assert lines(brief, 60, 15)[-1].count("A") == 1


@pytest.mark.parametrize(
    ("value", "expected"), [(100.0, "> 100%"), (300.0, "▲ 300%"), (-300.0, "▼ -300%")]
)
def test_a_threshold_out_of_range(value: float, expected: str) -> None:
    view = evolve(VIEW, thresholds=(Threshold(value),))
    text = lines(view, 60, 15)
    assert any(expected in row for row in text)
    assert any("╌" in row for row in text) == (value == 100.0)


def test_a_flat_zero_makes_room_for_its_threshold() -> None:
    zero = Series("errors", RAMP.times, (0.0,) * 60)
    assert any("╌" in row for row in lines(evolve(VIEW, series=(zero,)), 60, 15))


def test_small_charts_show_less() -> None:
    assert lines(VIEW, 30, 1)[0].startswith("CPUUtil")
    assert "59 %" in lines(VIEW, 30, 1)[0]
    spark = lines(VIEW, 30, 3)
    assert len(spark) == 3
    assert not any("┤" in row or ":" in row for row in spark)
    assert any("┤" in row for row in lines(VIEW, 30, 4))
    assert not any("┤" in row for row in lines(VIEW, 19, 10))


def test_a_single_series_named_like_the_chart_is_not_named_twice() -> None:
    view = evolve(VIEW, series=(evolve(RAMP, label="CPUUtilization"),))
    assert lines(view, 40, 3)[0].rstrip() == "CPUUtilization  ● 59 %"


def test_series_left_out_of_the_legend_are_counted() -> None:
    many = tuple(evolve(FLAT, label=f"i-0123456789abcdef{n}") for n in range(9))
    row = lines(evolve(VIEW, series=many), 60, 10)[1]
    assert "+" in row
    assert cell_len(row) == 60


def test_no_datapoints() -> None:
    assert lines(None, 40, 7)[3].strip() == "no datapoints yet"
    text = lines(evolve(VIEW, series=(), thresholds=()), 40, 9)
    assert any("no datapoints yet" in row for row in text)
    assert not any("┤" in row for row in text)


def test_the_cursor_reads_values_and_marks() -> None:
    head, *body = lines(VIEW, 80, 15, cursor=1200.0)
    assert "web -" in head
    assert "batch 10 %" in head
    assert head.endswith("✗ zone lost  12:20")
    assert sum("│" in row[5:] for row in body) > 5
    assert lines(VIEW, 80, 15, cursor=9e9) == lines(VIEW, 80, 15)


def test_plain_ascii() -> None:
    text = "".join(lines(VIEW, 60, 15, glyphs=Glyphs.ASCII))
    assert text.isascii()


@settings(deadline=None)
@given(st.integers(1, 130), st.integers(1, 30), st.sampled_from(Glyphs), st.booleans())
def test_every_line_fills_its_width(width: int, height: int, glyphs: Glyphs, hair: bool) -> None:
    wide = evolve(VIEW, title="応答時間", series=(evolve(RAMP, label="日本"), FLAT))
    for view in (VIEW, wide, None, evolve(VIEW, series=())):
        text = lines(view, width, height, glyphs=glyphs, cursor=600.0 if hair else None)
        assert len(text) <= height
        assert {cell_len(row) for row in text} == {width}


@given(st.integers(1, 80), st.text("Requests per mnu", max_size=24), st.integers(1, 4))
def test_a_crowded_legend_fills_its_width(width: int, title: str, count: int) -> None:
    series = tuple(evolve(FLAT, label=f"series {n}", values=(13_200.0,) * 60) for n in range(count))
    view = evolve(VIEW, title=title, unit="Count", series=series)
    assert {cell_len(text) for text in lines(view, width, 5)} == {width}


def test_a_series_without_a_datapoint_in_the_newest_period_shows_none() -> None:
    old = Series("errors", (0.0,), (1760.0,))
    text = lines(evolve(VIEW, unit="Count", series=(FLAT, old)), 60, 9)[0]
    assert "errors -" in text


def test_series_must_have_a_value_for_each_time() -> None:
    with pytest.raises(ValueError, match="2 times but 1 values"):
        Series("a", (0.0, 60.0), (1.0,))


class Shell(App[None]):
    """A chart alone on the screen, and what it said."""

    CSS = "MetricChart { height: 1fr; }"

    def __init__(self, view: ChartView | None = VIEW) -> None:
        super().__init__()
        self.chart = MetricChart(view)
        self.moves: list[float | None] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_metric_chart_cursor_moved(self, event: MetricChart.CursorMoved) -> None:
        assert event.control is self.chart
        self.moves.append(event.at)

    def text(self) -> list[str]:
        return [self.chart.render_line(y).text for y in range(self.chart.size.height)]


async def test_the_cursor_moves_by_keys() -> None:
    app = Shell()
    async with app.run_test(size=(120, 20)) as pilot:
        app.chart.focus()
        await pilot.press("left")
        assert app.chart.cursor == 59 * MINUTE
        await pilot.press("left", "left", "right")
        assert app.chart.cursor == 58 * MINUTE
        assert app.text()[0].rstrip().endswith("12:58")
        await pilot.press("home")
        assert app.chart.cursor == 0.0
        await pilot.press("left")
        assert app.chart.cursor == 0.0
        await pilot.press("escape")
        assert app.chart.cursor is None
        await pilot.pause()
        assert app.moves[-1] is None
        assert app.chart.check_action("cursor_off", ()) is False


async def test_a_click_puts_the_cursor_there() -> None:
    app = Shell()
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.click(MetricChart, offset=(40, 8))
        assert app.chart.cursor is not None
        assert 1500 < app.chart.cursor < 2100


async def test_it_draws_only_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counting(*args: object) -> object:
        drawn.append(1)
        return draw(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(chart_module, "draw", counting)
    app = Shell()
    async with app.run_test(size=(60, 15)) as pilot:
        await pilot.pause()
        drawn.clear()
        app.chart.view = evolve(VIEW)
        app.chart.refresh()
        await pilot.pause()
        assert not drawn
        app.chart.view = evolve(VIEW, title="Other")
        await pilot.pause()
        assert len(drawn) == 1
        assert app.text()[0].startswith("Other")


async def test_resize_theme_and_focus_draw_again() -> None:
    app = Shell()
    async with app.run_test(size=(60, 15)) as pilot:
        app.set_focus(None)
        await pilot.pause()
        title = next(iter(app.chart.render_line(0))).style
        app.chart.focus()
        await pilot.pause()
        assert next(iter(app.chart.render_line(0))).style != title
        app.theme = "textual-light"
        await pilot.pause()
        light = next(iter(app.chart.render_line(1))).style
        app.theme = "ansi-dark"
        await pilot.pause()
        assert next(iter(app.chart.render_line(1))).style != light
        await pilot.resize_terminal(30, 6)
        await pilot.pause()
        assert {cell_len(row) for row in app.text()} == {30}


async def test_keys_without_data_do_nothing() -> None:
    app = Shell(None)
    async with app.run_test(size=(60, 15)) as pilot:
        app.chart.focus()
        await pilot.press("left", "home", "escape")
        assert app.moves == []
        assert any("no datapoints yet" in row for row in app.text())

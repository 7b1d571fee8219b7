"""Bands, stacked areas, numbers, state lanes and Markdown: what they draw, without an app."""

from __future__ import annotations

import math
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from tui.charts.drawing import draw
from tui.charts.lanes import Lane, LanesView, StateLanes
from tui.charts.legend import Line
from tui.charts.numbers import Number, bars, big_numbers, gauges, shares
from tui.charts.raster import Glyphs
from tui.charts.stacking import stack
from tui.charts.views import Band, ChartView, Series, Span
from tui.markdown import markdown

TIMES = tuple(60.0 * n for n in range(60))
EPOCH = datetime(2026, 11, 25, 12)


def view(**changes: object) -> ChartView:
    flat = Series("flat", TIMES, (50.0,) * 60)
    base = {"title": "A", "epoch": EPOCH, "start": 0.0, "end": 3600.0, "series": (flat,)}
    return ChartView(**(base | changes))  # type: ignore[arg-type]


def text(lines: tuple[Line, ...] | list[Line]) -> list[str]:
    return ["".join(run.text for run in line) for line in lines]


# Bands


def test_a_band_is_shaded_where_it_is_expected() -> None:
    band = Band(TIMES[30:], (20.0,) * 30, (80.0,) * 30)
    rows = text(draw(view(bands=(band,), high=100.0), 64, 14).lines)
    shaded = [row for row in rows if "░" in row]
    assert 5 <= len(shaded) <= 8
    assert all("░" not in row[:30] for row in rows)
    assert not any("░" in row for row in text(draw(view(high=100.0), 64, 14).lines))


def test_a_thin_band_is_still_seen_and_an_endless_one_reaches_the_edge() -> None:
    thin = Band(TIMES, (10.0,) * 60, (10.1,) * 60)
    assert any("░" in row for row in text(draw(view(bands=(thin,)), 64, 14).lines))
    above = Band.between(0.0, 3600.0, 60.0, math.inf)
    rows = text(draw(view(bands=(above,), high=100.0), 64, 14).lines)
    assert "░" in rows[1]
    assert "░" not in rows[-4]


def test_the_scale_holds_the_band() -> None:
    band = Band(TIMES, (0.0,) * 60, (500.0,) * 60)
    layout = draw(view(bands=(band,)), 64, 14).layout
    assert layout is not None
    assert layout.scale.high >= 500.0


@settings(max_examples=60)
@given(
    st.integers(1, 90),
    st.integers(1, 20),
    st.sampled_from(list(Glyphs)),
    st.lists(
        st.tuples(
            st.floats(-1e6, 1e6) | st.just(-math.inf),
            st.floats(-1e6, 1e6) | st.just(math.inf),
        ),
        max_size=6,
    ),
    st.booleans(),
)
def test_bands_of_any_kind_fill_exactly_the_size(
    width: int, height: int, glyphs: Glyphs, limits: list[tuple[float, float]], stacked: bool
) -> None:
    bands = tuple(Band.between(600.0 * n, 600.0 * n + 900, *pair) for n, pair in enumerate(limits))
    lines = draw(view(bands=bands, stacked=stacked), width, height, glyphs).lines
    assert [cell_len(row) for row in text(lines)] == [width] * min(height, len(lines))


# Stacks


def test_stacked_series_stand_on_each_other() -> None:
    one = Series("one", (0.0, 60.0, 120.0), (1.0, 2.0, math.nan))
    two = Series("two", (60.0, 120.0, 180.0), (10.0, 20.0, 30.0))
    stacked = stack(view(series=(one, two), stacked=True))
    assert stacked.series[0].values == (1.0, 2.0, 0.0, 0.0)
    assert stacked.series[1].values == (1.0, 12.0, 20.0, 30.0)
    plain = view(series=(one, two))
    assert stack(plain) is plain


def test_the_legend_of_a_stack_tells_each_series_own_value() -> None:
    one = Series("one", TIMES, (10.0,) * 60)
    two = Series("two", TIMES, (5.0,) * 60)
    rows = text(draw(view(series=(one, two), stacked=True), 64, 12).lines)
    assert "one 10" in rows[0]
    assert "two 5" in rows[0]
    assert "15" not in rows[0]


# Numbers

SOME = (Number("requests", 31_200.0, "Count"), Number("time", 0.25, "Seconds", (0.1, 0.2, 0.25)))


def test_numbers_stand_side_by_side_over_their_names() -> None:
    rows = text(big_numbers(SOME, 60, 3))
    assert "31.2 k" in rows[0]
    assert "250 ms" in rows[0]
    assert "requests" in rows[1]
    assert len(text(big_numbers(SOME, 20, 3))) > 3, "a narrow one has them below each other"
    assert "▁▆█" in text(big_numbers(SOME, 60, 3, sparkline=True))[1]


def test_bars_shares_and_gauges_have_their_values_beside_them() -> None:
    parts = (Number("a", 3.0), Number("b", 1.0), Number("nothing", None))
    rows = text(bars(parts, 40))
    assert rows[0].endswith("3")
    assert rows[0].count("█") > 2 * rows[1].count("█")
    assert rows[2].endswith("-")
    assert [row[-4:] for row in text(shares(parts, 40))] == [" 75%", " 25%", "  0%"]
    gauge = text(gauges((Number("cpu", 50.0, "Percent"),), 20, 0.0, 100.0))
    assert gauge[0].startswith("cpu")
    assert gauge[1] == "█" * 10 + "·" * 10
    assert gauge[2].split() == ["0", "%", "100", "%"]


@settings(max_examples=60)
@given(
    st.lists(
        st.builds(
            Number,
            label=st.text(max_size=30),
            value=st.none() | st.floats(-1e12, 1e12),
            history=st.lists(st.floats(-1e9, 1e9), max_size=5).map(tuple),
        ),
        max_size=7,
    ),
    st.integers(1, 80),
    st.integers(1, 12),
)
def test_numbers_of_any_kind_are_drawn(numbers: list[Number], width: int, height: int) -> None:
    for lines in (
        big_numbers(numbers, width, height, sparkline=True),
        bars(numbers, width),
        shares(numbers, width),
        gauges(numbers, width, 0.0, 1.0),
    ):
        for row in text(lines):
            assert "\n" not in row


# Lanes


async def test_lanes_show_each_alarm_over_the_same_time() -> None:
    lanes = LanesView(
        epoch=EPOCH,
        start=0.0,
        end=3600.0,
        lanes=(
            Lane("first", (Span(0.0, 1800.0, "OK"), Span(1800.0, 3600.0, "ALARM"))),
            Lane("second", (Span(1800.0, 1801.0, "ALARM"),)),
        ),
    )

    class Shown(App[None]):
        def compose(self) -> ComposeResult:
            yield StateLanes()

    async with Shown().run_test(size=(48, 5)) as pilot:
        widget = pilot.app.query_one(StateLanes)
        widget.view = lanes
        await pilot.pause()
        rows = [widget.render_line(y).text for y in range(5)]
    assert rows[0] == "first  " + "·" * 20 + "A" * 21
    assert rows[1].count("A") == 1
    assert "12:30" in rows[2]
    assert rows[3].strip() == ""


# Markdown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("# Web *tier*", "Web tier"),
        ("plain **bold** _it_ `code`", "plain bold it code"),
        ("- one\n* two\n1. three", "• one\n• two\n1. three"),
        ("[docs](https://example.com) ![x](y.png)", "docs x"),
        ("[button:primary:Go](https://example.com)", "Go"),
        ("[](https://example.com)", "https://example.com"),
        ("a\n---\nb", "a\n──────────\nb"),
        ("> quoted", "▎ quoted"),
        ("a | b | c\n--|--|--\nlong | **x** | y", "a     b  c\nlong  x  y"),
        ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
        ("[not markup] [red]x[/red]", "[not markup] [red]x[/red]"),
    ],
)
def test_markdown(source: str, shown: str) -> None:
    found = markdown(source, 10).plain
    assert [line.rstrip() for line in found.split("\n")] == shown.split("\n")


@given(st.text(max_size=200))
def test_any_text_is_some_markdown(source: str) -> None:
    markdown(source, 20)

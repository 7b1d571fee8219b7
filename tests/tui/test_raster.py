"""The raster: what is lit, what is not, and who owns it."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.charts.raster import Frame, Glyphs, draw_dots, rasterize
from tui.charts.views import Series

FRAME = Frame(start=0.0, end=100.0, bottom=0.0, top=8.0)

values = st.floats(-1e6, 1e6) | st.just(math.nan)
points = st.lists(st.tuples(st.integers(0, 100), values), max_size=60, unique_by=lambda p: p[0])


def line(*pairs: tuple[float, float], period: float = 100.0) -> Series:
    return Series("a", tuple(t for t, _ in pairs), tuple(v for _, v in pairs), period)


def text(*series: Series, glyphs: Glyphs = Glyphs.BRAILLE, rows: int = 2) -> list[str]:
    return ["".join(row) for row in rasterize(series, 10, rows, FRAME, glyphs).text]


def test_nothing_in_blank_out() -> None:
    for glyphs in Glyphs:
        assert text(glyphs=glyphs) == [" " * 10] * 2
        assert text(line(), glyphs=glyphs) == [" " * 10] * 2
    assert (rasterize([line()], 10, 2, FRAME).owner == -1).all()


def test_a_lone_point_is_a_dot() -> None:
    dots = draw_dots(line((50.0, 4.5)), 20, 8, FRAME)
    assert np.argwhere(dots).tolist() == [[3, 10]]


def test_a_gap_is_not_bridged() -> None:
    whole = line((0.0, 4.0), (50.0, 4.0), (100.0, 4.0))
    missing = line((0.0, 4.0), (25.0, 4.0), (50.0, math.nan), (75.0, 4.0), (100.0, 4.0), period=25)
    late = line((0.0, 4.0), (25.0, 4.0), (75.0, 4.0), (100.0, 4.0), period=25)
    assert draw_dots(whole, 20, 8, FRAME).any(axis=0).all()
    for series in (missing, late):
        assert np.flatnonzero(~draw_dots(series, 20, 8, FRAME).any(axis=0)).tolist() == list(
            range(6, 15)
        )


def test_steep_edges_have_no_holes_and_peaks_are_not_overdrawn() -> None:
    dots = draw_dots(line((0.0, 0.1), (50.0, 7.9), (100.0, 0.1)), 5, 80, FRAME)
    rows = [np.flatnonzero(column) for column in dots.T]
    for one, two in pairwise(rows):
        assert np.array_equal(one, np.arange(one[0], one[-1] + 1))
        assert one[0] <= two[-1] + 1
        assert two[0] <= one[-1] + 1
    valley = draw_dots(line((0.0, 7.9), (50.0, 4.0), (100.0, 7.9)), 3, 80, FRAME)
    assert np.flatnonzero(valley.any(axis=1)).max() == 40


def test_spikes_survive_thinning() -> None:
    quiet = [(float(t), 1.0) for t in range(100)]
    quiet[37] = (37.0, 7.5)
    dots = draw_dots(line(*quiet, period=1.0), 10, 8, FRAME)
    assert dots[0, 3]
    assert dots[:, 3].all() or dots[:7, 3].all()


def test_values_beyond_the_limits_ride_along_the_edge() -> None:
    dots = draw_dots(line((0.0, 100.0), (100.0, 100.0)), 20, 8, FRAME)
    assert dots[0].all()
    assert not dots[1:].any()


def test_a_line_from_outside_the_window_reaches_the_edge() -> None:
    dots = draw_dots(line((-50.0, 4.0), (50.0, 4.0), (150.0, 4.0)), 20, 8, FRAME)
    assert dots.any(axis=0).all()


def test_the_later_series_owns_a_shared_cell() -> None:
    flat, later = line((0.0, 4.5), (100.0, 4.5)), line((50.0, 5.0))
    raster = rasterize([flat, later], 10, 2, FRAME)
    assert raster.owner[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("glyphs", "expected"),
    [(Glyphs.BRAILLE, "⠤⠤"), (Glyphs.BLOCK, "▄▄"), (Glyphs.ASCII, "--")],
)
def test_glyphs(glyphs: Glyphs, expected: str) -> None:
    flat = line((0.0, 3.0), (100.0, 3.0))
    assert text(flat, glyphs=glyphs, rows=1)[0][:2] == expected


@given(points)
def test_every_finite_point_is_lit_and_no_other_lone_one(pairs: list[tuple[int, float]]) -> None:
    pairs.sort()
    series = line(*((float(t), v) for t, v in pairs), period=0.5)
    dots = draw_dots(series, 20, 8, FRAME)
    wanted = np.zeros_like(dots)
    for time, value in pairs:
        if math.isfinite(value):
            row = min(max(math.floor((8.0 - value) / 8.0 * 8), 0), 7)
            wanted[row, min(time // 5, 19)] = True
    assert np.array_equal(dots, wanted)


@given(points)
def test_joining_only_adds_dots(pairs: list[tuple[int, float]]) -> None:
    pairs.sort()
    lone = draw_dots(line(*((float(t), v) for t, v in pairs), period=0.5), 20, 8, FRAME)
    joined = draw_dots(line(*((float(t), v) for t, v in pairs), period=1.0), 20, 8, FRAME)
    assert (joined >= lone).all()


@given(points, st.integers(-20, 20))
def test_scaling_by_a_constant_changes_nothing(pairs: list[tuple[int, float]], power: int) -> None:
    pairs.sort()
    by = 2.0**power
    frame = Frame(0.0, 100.0, FRAME.bottom * by, FRAME.top * by)
    one = draw_dots(line(*((float(t), v) for t, v in pairs)), 20, 8, FRAME)
    two = draw_dots(line(*((float(t), v * by) for t, v in pairs)), 20, 8, frame)
    assert np.array_equal(one, two)

"""From datapoints to dots: a line chart as cells of dot bits, and which series owns each cell.

Every set of glyphs is a grid of dots in a cell and a table from dot patterns to characters, so that
braille, blocks and plain ASCII are drawn by the same few lines of numpy. Rules that matter:

- a line is split at gaps before anything is interpolated, so no gap is bridged;
- a lone point is a dot; neighbouring columns are joined, so a steep edge has no holes;
- when points outnumber dots a column keeps their least and greatest, so a spike survives;
- what lies above or below the limits rides along the edge, what lies outside the times is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from tui.charts.views import Series

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Dots = NDArray[np.bool_]


class Glyphs(Enum):
    """What a plot is drawn with: choose by what the terminal's font can show."""

    BRAILLE = "braille"
    BLOCK = "block"
    ASCII = "ascii"

    @property
    def weights(self) -> Ints:
        """The bit of each dot in a cell: an array of the dots down by the dots across."""
        return _WEIGHTS[self]

    @property
    def characters(self) -> NDArray[np.str_]:
        """The character of each pattern of bits; the first one is a space."""
        return _CHARACTERS[self]


_WEIGHTS = {
    Glyphs.BRAILLE: np.array([[1, 8], [2, 16], [4, 32], [64, 128]]),
    Glyphs.BLOCK: np.array([[1, 2], [4, 8]]),
    Glyphs.ASCII: np.array([[1], [2], [4]]),
}
_CHARACTERS = {
    Glyphs.BRAILLE: np.array([" ", *(chr(0x2800 + bits) for bits in range(1, 256))]),
    Glyphs.BLOCK: np.array(list(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")),
    Glyphs.ASCII: np.array(list(" '-'.|.|")),
}


@frozen
class Frame:
    """What part of the plane a raster shows: values at its four edges."""

    start: float
    end: float
    bottom: float
    top: float


@frozen(eq=False)
class Raster:
    """A drawn plot: for each cell its dot bits and the index of the series that owns it."""

    glyphs: Glyphs
    bits: NDArray[np.uint8] = field()
    owner: NDArray[np.int16] = field()
    """The later series wins where two meet; -1 where there are no dots."""

    @property
    def text(self) -> NDArray[np.str_]:
        """The character of each cell."""
        return self.glyphs.characters[self.bits]


def rasterize(
    series: Sequence[Series],
    columns: int,
    rows: int,
    frame: Frame,
    glyphs: Glyphs = Glyphs.BRAILLE,
    *,
    filled: bool = False,
) -> Raster:
    """Draw every series into one raster of `rows` by `columns` cells.

    `filled`: everything below a line is its area; the lines must come from the top down.
    """
    weights = glyphs.weights
    down, across = weights.shape
    bits = np.zeros((rows, columns), np.uint8)
    owner = np.full((rows, columns), -1, np.int16)
    if columns > 0 and rows > 0:
        for index, one in enumerate(series):
            dots = draw_dots(one, columns * across, rows * down, frame)
            if filled:
                dots |= _area(dots)
            cells = dots.reshape(rows, down, columns, across)
            drawn = np.einsum("rdca,da->rc", cells, weights).astype(np.uint8)
            bits |= drawn
            owner[drawn > 0] = index
    return Raster(glyphs, bits, owner)


def _area(dots: Dots) -> Dots:
    """Every fourth dot below a line: an area that lets the lines be seen."""
    height, width = dots.shape
    rows, columns = np.indices((height, width))
    below = np.maximum.accumulate(dots, axis=0)
    area: Dots = below & (rows % 2 == 0) & ((rows // 2 + columns) % 2 == 0)
    return area


def draw_dots(series: Series, width: int, height: int, frame: Frame) -> Dots:
    """Light the dots of one series in a grid of `height` by `width`."""
    times = np.asarray(series.times, np.float64)
    values = np.asarray(series.values, np.float64)
    known = np.isfinite(values)
    times, values = times[known], values[known]
    if series.steps:
        times, values = np.repeat(times, 2)[1:], np.repeat(values, 2)[:-1]
    if not times.size or frame.end <= frame.start or frame.top <= frame.bottom:
        return np.zeros((height, width), np.bool_)
    # A neighbour on either side of the window is kept: the line goes on to the edge.
    first = max(int(np.searchsorted(times, frame.start)) - 1, 0)
    last = int(np.searchsorted(times, frame.end, "right")) + 1
    times, values = times[first:last], values[first:last]

    x = (times - frame.start) / (frame.end - frame.start) * width
    y = (frame.top - values) / (frame.top - frame.bottom) * height
    # The right edge itself belongs to the last column.
    column = np.where(times == frame.end, width - 1, np.floor(x)).astype(np.int64)
    joined = np.diff(times) <= (np.inf if series.steps else series.period * 1.001)
    run = np.concatenate(([0], np.cumsum(~joined)))

    between = _interpolate(x, y, column, run, joined, width)
    inside = (column >= 0) & (column < width)
    samples = (
        np.concatenate((run[inside], between[0])),
        np.concatenate((column[inside], between[1])),
        np.concatenate((y[inside], between[2])),
    )
    return _light(*samples, width, height)


def _interpolate(
    x: Floats, y: Floats, column: Ints, run: Ints, joined: Dots, width: int
) -> tuple[Ints, Ints, Floats]:
    """Samples at the middle of each column that lies strictly between two joined points."""
    begin = np.maximum(column[:-1] + 1, 0)
    count = np.where(joined, np.minimum(column[1:], width) - begin, 0).clip(0)
    segment = np.repeat(np.arange(count.size), count)
    step = np.arange(segment.size) - np.repeat(np.cumsum(count) - count, count)
    where = begin[segment] + step
    share = (where + 0.5 - x[segment]) / (x[segment + 1] - x[segment])
    return run[segment], where, y[segment] + share * (y[segment + 1] - y[segment])


def _light(run: Ints, column: Ints, y: Floats, width: int, height: int) -> Dots:
    """Light each column of each run from its least to its greatest sample, joined to the next."""
    if not run.size:
        return np.zeros((height, width), np.bool_)
    row = np.clip(np.floor(y), 0, height - 1).astype(np.int64)
    order = np.lexsort((column, run))
    run, column, row = run[order], column[order], row[order]
    first = np.flatnonzero(np.concatenate(([True], (np.diff(run) != 0) | (np.diff(column) != 0))))
    run, column = run[first], column[first]
    upper = np.minimum.reduceat(row, first)
    lower = np.maximum.reduceat(row, first)

    # Two neighbours that do not touch meet half way across the hole between them.
    joined = run[1:] == run[:-1]
    falls = np.where(joined, upper[1:] - lower[:-1] - 1, 0).clip(0)
    rises = np.where(joined, upper[:-1] - lower[1:] - 1, 0).clip(0)
    up = upper - np.maximum(_after(falls - falls // 2), _before(rises // 2))
    down = lower + np.maximum(_before(falls // 2), _after(rises - rises // 2))

    edges = np.zeros((height + 1, width), np.int64)
    np.add.at(edges, (up, column), 1)
    np.add.at(edges, (down + 1, column), -1)
    lit: Dots = np.cumsum(edges[:height], axis=0) > 0
    return lit


def _before(steps: Ints) -> Ints:
    """What is between neighbours, given to the left one of each pair."""
    return np.append(steps, 0)


def _after(steps: Ints) -> Ints:
    """What is between neighbours, given to the right one of each pair."""
    return np.insert(steps, 0, 0)

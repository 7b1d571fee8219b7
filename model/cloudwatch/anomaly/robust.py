"""Statistics of arrays with gaps (NaN) that a few outliers do not move."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Bools = NDArray[np.bool_]

ONE_SIGMA = 0.6827
"""The share of a normal distribution within one standard deviation of its mean."""
NINE_TENTHS = 0.9
NINE_TENTHS_SIGMAS = 1.6449
"""The standard deviations within which that share of a normal distribution is."""
CLIPPED = 2.5
"""How many standard deviations from the median a value counts at most in a mean."""

SHORT = 2**15
"""Numbers of two bytes are sorted several times as fast (by radix)."""


def medians(values: Floats, axis: int = 0) -> Floats:
    """Medians along an axis, gaps left out; NaN where there is nothing but gaps.

    Sorting puts gaps last; numpy.nanmedian takes ten times as long.
    """
    table = values if axis == 0 else values.T
    ordered = np.sort(table, axis=0)
    last = np.maximum(np.add.reduce(table == table, axis=0) - 1, 0)
    column = np.arange(table.shape[1])
    middle = (ordered[last // 2, column] + ordered[(last + 1) // 2, column]) / 2
    return np.asarray(middle, dtype=np.float64)


def typical(errors: Floats, share: float = ONE_SIGMA, sigmas: float = 1.0) -> float:
    """The standard deviation of errors around zero, by the quantile that so many `sigmas` have in a
    normal distribution; 0 if there are none.

    The quantile of one sigma tells more than the median where most errors are the same.
    """
    known = np.abs(errors)
    known = known[known == known]
    if not known.size:
        return 0.0
    rank = round(share * (known.size - 1))
    known.partition(rank)
    return float(known[rank]) / sigmas


def scatter(errors: Floats) -> float:
    """The same where most errors may be none: the wider of two quantiles says how far they are."""
    return max(typical(errors), typical(errors, NINE_TENTHS, NINE_TENTHS_SIGMAS))


def cells(rows: Indices, columns: Indices, values: Floats, shape: tuple[int, int]) -> Floats:
    """A table of the medians of the values that fall into each cell; NaN where none does."""
    index = rows * shape[1] + columns
    size = shape[0] * shape[1]
    if size < SHORT:
        index = index.astype(np.int16)
    order = np.argsort(values)
    order = order[np.argsort(index[order], kind="stable")]
    index, values = index[order], values[order]
    edges = np.flatnonzero(index[1:] != index[:-1]) + 1
    bounds = np.concatenate(((0,), edges, (index.size,)))
    first, last = bounds[:-1], np.diff(bounds) - 1
    table = np.full(size, np.nan)
    table[index[first]] = (values[first + last // 2] + values[first + (last + 1) // 2]) / 2
    return table.reshape(shape)


def means(values: Floats) -> tuple[Floats, Floats]:
    """For each column, the mean of its rows and, for each row, the mean of the others.

    Rows that are far from the column's median count as less far. Columns without a value have
    mean 0, and so has the rest of a column that has only one: nothing is known of it.
    """
    middle = medians(values)
    off = values - middle
    reach = CLIPPED * typical(off)
    known = ~np.isnan(values)
    clipped = np.where(known, middle + np.minimum(np.maximum(off, -reach), reach), 0.0)
    counts = np.add.reduce(known, axis=0)
    total = np.add.reduce(clipped, axis=0)
    others = counts - known
    mean = total / np.maximum(counts, 1)
    rest = np.where(others > 0, (total - clipped) / np.maximum(others, 1), 0.0)
    return mean, rest


def trust(values: Floats, predicted: Floats) -> float:
    """How much of a prediction to believe, from 0 to 1: the slope of values over predictions."""
    known = ~np.isnan(values) & (predicted != 0.0)
    forecast = predicted[known]
    square = float(forecast @ forecast)
    if square == 0.0:
        return 0.0
    reach = 3.0 * max(typical(values), float(np.abs(forecast).max()))
    seen = np.clip(values[known], -reach, reach)
    return float(np.clip(seen @ forecast / square, 0.0, 1.0))

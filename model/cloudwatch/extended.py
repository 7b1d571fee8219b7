"""Statistics that need the samples themselves: percentiles, trimmed means and their kin.

Source: "CloudWatch statistics definitions" in the CloudWatch user guide. Bounds are percentages of
the samples or fixed values; of two fixed values the lower one is exclusive, the upper inclusive.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from attrs import evolve, frozen

from model.flow.buckets import Buckets
from model.flow.latency import EDGES, MIDDLES

STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")
"""The plain ones, which need no samples."""

EXAMPLES = "p99, tm99, TM(10%:90%) or PR(:0.5)"

TRIFLE = 1e-9
"""What a rank may be off by because percentages are binary fractions."""

Kind = Literal["p", "TM", "WM", "TC", "TS", "PR"]

_PERCENT = r"(?:100(?:\.0{1,10})?|\d{1,2}(?:\.\d{1,10})?)"
_NUMBER = r"(?:\d+(?:\.\d{1,10})?)"
_ONE = re.compile(rf"(p|tm|wm|tc|ts)({_PERCENT})")
_TWO = re.compile(r"(TM|WM|TC|TS|PR)\(\s*([^:\s]*)\s*:\s*([^:\s]*)\s*\)")


@frozen
class Extended:
    """An extended statistic, read from its name."""

    kind: Kind
    low: float | None
    """None: all samples down to the smallest."""
    high: float | None
    percent: bool
    """Whether the bounds are percentages of the samples; else they are values."""


@lru_cache(maxsize=256)
def read_extended(name: str) -> Extended:
    """The statistic of that name. Raises `ValueError` with what would be right."""
    if name == "IQM":
        return Extended("TM", 25.0, 75.0, percent=True)
    if found := _ONE.fullmatch(name):
        kind = "p" if found[1] == "p" else found[1].upper()
        return Extended(kind, None, float(found[2]), percent=True)  # type: ignore[arg-type]
    if found := _TWO.fullmatch(name):
        return _between(name, found[1], found[2], found[3])
    raise ValueError(_unread(name))


def _between(name: str, kind: str, low: str, high: str) -> Extended:
    bounds = [bound for bound in (low, high) if bound]
    if not bounds:
        raise ValueError(f"{name!r} needs a bound, as {kind}(:0.5) has")
    percents = [bound.endswith("%") for bound in bounds]
    if any(percents) and not all(percents):
        raise ValueError(f"the bounds of {name!r} must both be percentages, or both be values")
    if percents[0] and kind == "PR":
        raise ValueError(f"PR takes fixed values such as PR(:0.5), not percentages as in {name!r}")
    pattern = _PERCENT + "%" if percents[0] else _NUMBER
    for bound in bounds:
        if not re.fullmatch(pattern, bound):
            wanted = "a percentage from 0% to 100%" if percents[0] else "a number"
            raise ValueError(f"{bound!r} in {name!r} must be {wanted}, with 10 decimals at most")
    start, end = (float(bound.rstrip("%")) if bound else None for bound in (low, high))
    if start is not None and end is not None and start >= end:
        raise ValueError(f"the first bound of {name!r} must be below the second")
    return Extended(kind, start, end, percent=percents[0])  # type: ignore[arg-type]


def _unread(name: str) -> str:
    if re.fullmatch(r"(TM|WM|TC|TS)[\d.]+", name) or re.fullmatch(r"P[\d.]+", name):
        return f"must be in lower case ({name.lower()}), not {name!r}"
    if re.fullmatch(r"(tm|wm|tc|ts|pr)\(.*\)", name):
        return f"must be in upper case ({name.upper()}), not {name!r}"
    if re.fullmatch(r"(p|tm|wm|tc|ts)\d[\d.]*", name):
        return f"must have a percentage from 0 to 100, with 10 decimals at most, not {name!r}"
    return f"must be a statistic such as {EXAMPLES}, not {name!r}"


def is_statistic(name: str) -> bool:
    """Whether there is a statistic of that name, plain or extended."""
    return name in STATISTICS or is_extended(name)


def is_extended(name: str) -> bool:
    try:
        read_extended(name)
    except ValueError:
        return False
    return True


Distribution = Buckets | Mapping[float, float]


@frozen
class _Piece:
    """Samples of one value, or of one bucket (or a part of it) around that value."""

    value: float
    count: float
    low: float
    high: float


def _pieces(distribution: Distribution) -> list[_Piece]:
    """All samples, smallest first."""
    if isinstance(distribution, Buckets):
        indices, counts = distribution.indices.tolist(), distribution.counts.tolist()
        return [
            _Piece(float(MIDDLES[k]), count, float(EDGES[k]), float(EDGES[k + 1]))
            for k, count in zip(indices, counts, strict=True)
        ]
    return [_Piece(value, distribution[value], value, value) for value in sorted(distribution)]


_Parts = tuple[list[_Piece], list[_Piece]]


def _split_by_value(pieces: list[_Piece], bound: float) -> _Parts:
    """Those up to `bound`, and those above; a bucket is shared out in the logarithm."""
    under, over = [], []
    for piece in pieces:
        if piece.high <= bound:
            under.append(piece)
        elif piece.low >= bound:
            over.append(piece)
        else:
            share = math.log(bound / piece.low) / math.log(piece.high / piece.low)
            count = piece.count * share
            under.append(_Piece(math.sqrt(piece.low * bound), count, piece.low, bound))
            rest = piece.count - count
            over.append(_Piece(math.sqrt(bound * piece.high), rest, bound, piece.high))
    return under, over


def _split_by_rank(pieces: list[_Piece], rank: float) -> _Parts:
    """The `rank` smallest, and the others."""
    under, over, passed = [], [], 0.0
    for piece in pieces:
        count = min(max(rank - passed, 0.0), piece.count)
        passed += piece.count
        if count > 0:
            under.append(evolve(piece, count=count))
        if count < piece.count:
            over.append(evolve(piece, count=piece.count - count))
    return under, over


def _count(pieces: list[_Piece]) -> float:
    return sum(piece.count for piece in pieces)


def _sum(pieces: list[_Piece]) -> float:
    return sum(piece.value * piece.count for piece in pieces)


def extended(wanted: Extended, distribution: Distribution) -> float:
    """The value of an extended statistic other than a percentile; NaN: no sample is in its range.

    Of n samples the floor(n x low %) smallest go, and the floor(n x (100 - high) %) largest, so the
    largest that TM(:99%) keeps is p99.
    """
    pieces = _pieces(distribution)
    number = _count(pieces)
    low, high, under, over = wanted.low, wanted.high, list[_Piece](), list[_Piece]()
    if wanted.percent:
        # first the upper bound: the lower one does not change the ranks above it
        if high is not None:
            last = max(math.ceil(high / 100 * number - TRIFLE), 1)
            pieces, over = _split_by_rank(pieces, last)
        if low is not None:
            first = math.floor(low / 100 * number + TRIFLE)
            under, pieces = _split_by_rank(pieces, min(first, _count(pieces) - 1))
        low, high = pieces[0].value, pieces[-1].value
    else:
        if high is not None:
            pieces, over = _split_by_value(pieces, high)
        if low is not None:
            under, pieces = _split_by_value(pieces, low)
    match wanted.kind:
        case "TC":
            return _count(pieces)
        case "TS":
            return _sum(pieces)
        case "PR":
            return 100 * _count(pieces) / number
        case "WM":
            edges = (low or 0.0) * _count(under) + (high or 0.0) * _count(over)
            return (_sum(pieces) + edges) / number
    return _sum(pieces) / _count(pieces) if pieces else math.nan

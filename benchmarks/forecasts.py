"""How well predictive scaling forecasts loads, beside saying that all will be as before.

    .venv/bin/python -m benchmarks.forecasts [FILE...] [--seeds SEED...] [--every HOURS]

A file has lines `timestamp,value` (UTC), of any period up to an hour; what counts is the mean of
each hour. With no file, loads made up (`benchmarks/loads.py`) are measured. From every 24th hour
on, after a first week, a model sees the two weeks before at most and forecasts 48 hours. Its WAPE
(the sum of absolute errors, as a share of the sum of what came) stands beside those of the same
hour of the last day known and of the same hour a week earlier. What came out is in
docs/forecasts.md.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Column, Table

from benchmarks import loads
from model.autoscaling.predictive.forecast import HISTORY, HORIZON, forecast

WEEK = 7 * 24
Floats = NDArray[np.float64]


@frozen
class Score:
    """WAPE of ours, of the same hour yesterday and of the same hour a week ago."""

    ours: float
    yesterday: float
    week: float

    @property
    def ratios(self) -> tuple[float, float]:
        return (_share(self.ours, self.yesterday), _share(self.ours, self.week))


def _share(ours: float, theirs: float) -> float:
    if theirs > 0:
        return ours / theirs
    return 1.0 if ours == 0 else np.inf


def read(path: Path) -> loads.Load:
    """A file, by the hour."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [
            (datetime.fromisoformat(row["timestamp"]), float(row["value"]))
            for row in csv.DictReader(lines)
        ]
    moments = np.array(
        [(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() for at, _ in rows]
    )
    hours = (moments // 3600).astype(np.int64)
    first = int(hours.min())
    sums = np.bincount(hours - first, weights=[value for _, value in rows])
    counts = np.bincount(hours - first)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    times = 3600.0 * np.arange(first, first + means.size, dtype=np.float64)
    return loads.Load(path.stem, times, means.astype(np.float64))


def before(values: Floats, at: int, period: int) -> Floats:
    """The 48 hours from `at` on as they were so many hours before, or a multiple of it: the last
    time that is known."""
    found = np.full(HORIZON, np.nan)
    for hour in range(HORIZON):
        back = at + hour - period
        while back >= at or (back >= 0 and np.isnan(values[back])):
            back -= period
        if back >= 0:
            found[hour] = values[back]
    return found


def score(load: loads.Load, every: int = 24) -> Score | None:
    """Forecast again and again; None if the load is too short."""
    values, errors, came = load.values, np.zeros(3), 0.0
    for at in range(WEEK, values.size - HORIZON + 1, every):
        made = forecast(values[max(at - HISTORY, 0) : at], int(load.times[0] // 3600) + at)
        if made is None:
            continue
        truth = values[at : at + HORIZON]
        rivals = np.stack([made, before(values, at, 24), before(values, at, WEEK)])
        known = ~np.isnan(truth) & ~np.isnan(rivals).any(axis=0)
        errors += np.abs(rivals - truth)[:, known].sum(axis=1)
        came += float(np.abs(truth[known]).sum())
    return Score(*(errors / came)) if came > 0 else None


def table(found: Iterable[loads.Load], every: int) -> Table:
    """A line for each load, and the geometric means of the ratios."""
    lines = Table(
        Column("load", no_wrap=True),
        *("WAPE", "of yesterday", "of last week", "to yesterday", "to last week"),
    )
    ratios = []
    for load in found:
        one = score(load, every)
        if one is None:
            lines.add_row(load.name, "too short")
            continue
        ratios.append(one.ratios)
        shares = (f"{value:.1%}" for value in (one.ours, one.yesterday, one.week))
        lines.add_row(load.name, *shares, *(f"{ratio:.3f}" for ratio in one.ratios))
    finite = np.log(np.maximum([pair for pair in ratios if np.isfinite(pair).all()], 1e-9))
    if finite.size:
        means = np.exp(finite.mean(axis=0))
        name = f"geometric mean of {len(finite)}"
        lines.add_row(name, "", "", "", *(f"{mean:.3f}" for mean in means))
    return lines


def main() -> None:
    """Measure files or made-up loads."""
    parser = argparse.ArgumentParser(description="Measure the forecasts of predictive scaling.")
    parser.add_argument("files", nargs="*", type=Path, help="lines timestamp,value")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1], help="of made-up loads")
    parser.add_argument("--every", type=int, default=24, help="hours between forecasts")
    given = parser.parse_args()
    found = [read(path) for path in given.files]
    if not given.files:
        found = [load for seed in given.seeds for load in loads.loads(seed)]
    Console(width=110).print(table(found, given.every))


if __name__ == "__main__":
    main()

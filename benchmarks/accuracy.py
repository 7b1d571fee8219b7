"""How right the engine's response times are: its formulas beside the exact simulation.

Run it from the repository root: `.venv/bin/python -m benchmarks.accuracy`. The grid is read from
benchmarks/truth.json (see `benchmarks.truth`). It is cut in two halves like a chessboard. Formulas
are chosen by looking at the first half only, so that the second one tells how they do elsewhere.
`docs/accuracy.py` puts the tables into docs/accuracy.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from attrs import frozen
from rich.console import Console
from rich.table import Table

from benchmarks.exact import ROUTINGS, Case
from benchmarks.truth import (
    FILE,
    SERVERS,
    STATISTICS,
    TARGETS,
    UTILISATIONS,
    VARIATIONS,
    cases,
    name_of,
)
from model.flow import latency
from model.flow.capability import Answering, Capability
from model.flow.mixture import Mixture
from model.flow.station import Station
from model.flow.waiting import Discipline

SERVICE = 0.1
"""Mean service time that the engine is asked about, in seconds."""


@frozen
class Comparison:
    """One case: what is right, what the engine says (both in mean service times)."""

    case: Case
    right: tuple[float, ...]
    engine: tuple[float, ...]

    @property
    def errors(self) -> tuple[float, ...]:
        """Relative errors in percent."""
        return tuple(
            100 * (mine / true - 1) for mine, true in zip(self.engine, self.right, strict=True)
        )

    @property
    def worst(self) -> float:
        """The largest error of the four statistics, in percent."""
        return max(map(abs, self.errors))

    @property
    def half(self) -> int:
        """On which half of the chessboard it lies."""
        case = self.case
        place = (
            TARGETS.index(case.targets)
            + SERVERS.index(case.servers)
            + UTILISATIONS.index(case.utilisation)
            + VARIATIONS.index(case.variation)
        )
        return place % 2


def engine(case: Case) -> tuple[float, ...]:
    """What the engine makes of a case once it has come to rest."""
    can = Capability(
        Answering.SERVING,
        cpu_time=0.0,
        wait_time=SERVICE,
        variation=case.variation,
        workers=case.servers,
        vcpus=1000.0,
        backlog=10**6,
    )
    station, mixture, now = Station(can, idle_timeout=4000.0), Mixture(), 0.0
    rate = case.rate / case.targets / SERVICE
    for step in range(200):
        if step == 199:
            mixture.clear()
        station.step(now, 60.0, rate * 60.0, Discipline(case.routing), case.targets, mixture)
        now += 60.0
    histogram = mixture.histogram()
    percentiles = (latency.percentile(histogram, percent) for percent in (50, 90, 99))
    return tuple(value / SERVICE for value in (latency.mean(histogram), *percentiles))


def compare(wanted: Iterable[Case]) -> list[Comparison]:
    """The cases whose truth is known."""
    truth = json.loads(FILE.read_text(encoding="utf-8"))
    return [
        Comparison(case, tuple(truth[name_of(case)]), engine(case))
        for case in wanted
        if name_of(case) in truth
    ]


def worst_cases(found: Iterable[Comparison], most: int) -> Table:
    """The weak spots, worst first."""
    table = Table("weak spots", *(f"{name} %" for name in STATISTICS), title="Worst first")
    for item in sorted(found, key=lambda one: -one.worst)[:most]:
        table.add_row(name_of(item.case), *(f"{error:+.1f}" for error in item.errors))
    return table


def summary(found: list[Comparison]) -> Table:
    """For each half, routing and variation: the worst and the usual error of each statistic."""
    table = Table("half", "routing", "cv", "cases", *(f"{name} %" for name in STATISTICS))
    for half in (0, 1):
        for routing in ROUTINGS:
            for variation in VARIATIONS:
                part = [
                    item.errors
                    for item in found
                    if item.half == half
                    and item.case.routing == routing
                    and item.case.variation == variation
                ]
                if part:
                    absolute = np.abs(np.array(part))
                    cells = zip(absolute.max(axis=0), np.median(absolute, axis=0), strict=True)
                    table.add_row(
                        "chosen on" if half == 0 else "unseen",
                        routing,
                        f"{variation:g}",
                        str(len(part)),
                        *(f"{worst:.1f} ({usual:.1f})" for worst, usual in cells),
                    )
    return table


if __name__ == "__main__":
    console = Console(width=110)
    results = compare(cases())
    console.print(worst_cases(results, 20))
    console.print(summary(results))
    console.print("worst (median) absolute error in percent of each statistic")

"""Makes benchmarks/truth.json: exact response times over a grid of steady loads.

Run it from the repository root: `.venv/bin/python -m benchmarks.truth` (half an hour on two
cores). Cases that are the same thing under another name are simulated once: one target knows no
routing, and random routing does not care how many targets there are.
"""

from __future__ import annotations

import json
from itertools import product
from multiprocessing import Pool
from pathlib import Path

import numpy as np

from benchmarks.exact import Case, simulate

TARGETS = (1, 2, 10, 50)
SERVERS = (1, 2, 4, 16)
UTILISATIONS = (0.3, 0.5, 0.7, 0.85, 0.92)
VARIATIONS = (0.5, 1.0, 2.0)
FILE = Path(__file__).parent / "truth.json"
STATISTICS = ("mean", "p50", "p90", "p99")


def cases() -> list[Case]:
    """Every case that differs from all others."""
    kinds = [("random", 1)]
    kinds += [
        (name, n) for name in ("round_robin", "least_outstanding_requests") for n in TARGETS[1:]
    ]
    return [
        Case(targets, servers, utilisation, variation, routing)
        for (routing, targets), servers, utilisation, variation in product(
            kinds, SERVERS, UTILISATIONS, VARIATIONS
        )
    ]


def truth(case: Case) -> list[float]:
    """Mean, p50, p90 and p99 of the response time, in mean service times."""
    requests = 2_500_000 if case.utilisation > 0.8 else 1_000_000
    times = simulate(case, requests, seed=1)
    return [float(times.mean()), *map(float, np.percentile(times, (50, 90, 99)))]


def name_of(case: Case) -> str:
    """A case as a key of the file."""
    return (
        f"{case.routing} {case.targets}x{case.servers} "
        f"rho={case.utilisation:g} cv={case.variation:g}"
    )


def main() -> None:
    """Simulate every case and write the file."""
    wanted = cases()
    rows: dict[str, list[float]] = {}
    with Pool() as pool:
        for case, values in zip(wanted, pool.imap(truth, wanted), strict=True):
            rows[name_of(case)] = [round(value, 4) for value in values]
            FILE.write_text(text_of(rows), encoding="utf-8")


def text_of(rows: dict[str, list[float]]) -> str:
    """The file: a line for each case."""
    lines = (f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in rows.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()

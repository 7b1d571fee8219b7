"""The anomaly band beside the detectors that the Numenta Anomaly Benchmark keeps results of.

    .venv/bin/python -m benchmarks.anomaly_peers NAB FILE...

NAB is a copy of its repository; a FILE is named as below its `data`, such as
`realAWSCloudwatch/rds_cpu_utilization_e47b3b.csv`. For each detector: of the labelled anomalies,
how many it finds at the threshold that finds most of them with at most so many hours a week in
which there is a false alarm. All thresholds are chosen with hindsight, one for all files; the
band's are deviations, once for an alarm on one period, once on two in a row. What came out is in
docs/anomalies.md.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.anomalies import PROBATION, WEEK, Floats, Metric, in_a_row, read, walk
from model.clock import HOUR

REACHES = (1.5, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 20.0, 40.0)
"""Deviations tried."""
THRESHOLDS = 120
"""How many thresholds of another detector are tried."""
ALLOWED = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Hours a week with a false alarm."""


def by_band(metric: Metric) -> Floats:
    """The most deviations at which each point is out of the band, 0 if it is at none."""
    walked = walk(metric, reaches=REACHES)
    scores = np.zeros(metric.times.size)
    for reach, flags in sorted(walked.outside.items()):
        scores[flags] = reach
    return scores


def by_peer(results: Path, detector: str, file: str) -> Floats:
    """What another detector made of each point, from 0 to 1."""
    folder, name = file.split("/")
    with (results / detector / folder / f"{detector}_{name}").open(encoding="utf-8") as lines:
        scores = np.array([float(row["anomaly_score"]) for row in csv.DictReader(lines)])
    return np.where(np.isnan(scores), 0.0, scores)


def judge(metric: Metric, scores: Floats, threshold: float, needed: int) -> tuple[int, int]:
    """How many windows an alarm finds, and in how many hours it is on outside of all."""
    times = metric.times
    alarm = in_a_row(scores >= threshold, needed)
    alarm[: int(PROBATION * times.size)] = False
    windows = [(times >= start) & (times <= end) for start, _, end in metric.windows]
    found = sum(bool((alarm & window).any()) for window in windows)
    quiet = alarm & ~np.any(windows, axis=0) if windows else alarm
    return found, np.unique(times[quiet] // HOUR).size


def best(metrics: Sequence[Metric], scores: Sequence[Floats], needed: int) -> list[str]:
    """For each number of hours allowed, the most windows found."""
    every = np.concatenate(scores)
    tried = np.unique(every[every > 0.0])
    if tried.size > THRESHOLDS:
        shares = 1.0 - np.geomspace(1e-5, 0.2, THRESHOLDS)
        tried = np.unique(np.quantile(every, shares))
        tried = tried[tried > 0.0]
    weeks = sum((one.times[-1] - one.times[int(PROBATION * one.times.size)]) for one in metrics)
    outcomes = []
    for threshold in tried:
        pairs = [
            judge(one, own, threshold, needed) for one, own in zip(metrics, scores, strict=True)
        ]
        found, hours = np.sum(pairs, axis=0)
        outcomes.append((hours / (weeks / WEEK), int(found)))
    cells = []
    for allowed in ALLOWED:
        within = [found for hours, found in outcomes if hours <= allowed]
        cells.append(str(max(within)) if within else "-")
    return cells


def main() -> None:
    """Compare on some files."""
    parser = argparse.ArgumentParser(description="The band beside other detectors.")
    parser.add_argument("nab", type=Path, help="a copy of the benchmark's repository")
    parser.add_argument("files", nargs="+", help="folder/name.csv below its data")
    given = parser.parse_args()
    labels = json.loads((given.nab / "labels/combined_windows.json").read_text(encoding="utf-8"))
    metrics = [read(given.nab / "data" / file, labels) for file in given.files]
    labelled = sum(len(one.windows) for one in metrics)
    table = Table(
        "detector", *(f"{hours:g} h a week" for hours in ALLOWED), title=f"{labelled} labelled"
    )
    bands = [by_band(one) for one in metrics]
    for needed in (1, 2):
        table.add_row(f"band, {needed} of {needed}", *best(metrics, bands, needed))
    results = given.nab / "results"
    for folder in sorted(path.name for path in results.iterdir() if path.is_dir()):
        if folder not in ("null", "random"):
            scores = [by_peer(results, folder, file) for file in given.files]
            table.add_row(folder, *best(metrics, scores, 1))
    Console(width=100).print(table)


if __name__ == "__main__":
    main()

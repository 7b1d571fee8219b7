"""How well the anomaly detection band finds labelled anomalies, and how often it cries wolf.

    .venv/bin/python -m benchmarks.anomalies FILE... [--labels LABELS.json] [--zone ZONE]
    .venv/bin/python -m benchmarks.anomalies --incidents SEED...

A file has lines `timestamp,value` (UTC). Labels are JSON by the file's name (folders before it do
not count): moments, or windows [start, end]. A moment gets a window around it as the Numenta
Anomaly Benchmark has it: a tenth of the file, shared by its labels. The second form measures
made-up metrics with incidents (`benchmarks/incidents.py`). What came out is in docs/anomalies.md.

Each hour a model is trained on the two weeks before and judges the next hour; the first
`PROBATION` of a file is not judged. An alarm counts as found if it goes off (or is on) in a window,
and as false if it goes off outside of all.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Column, Table

from benchmarks import incidents
from model.cloudwatch.anomaly.detectors import RETRAINED
from model.cloudwatch.anomaly.fit import HISTORY, fit

PROBATION = 0.15
"""The share of a file that is only learned from, as in the Numenta Anomaly Benchmark."""
WINDOWS = 0.1
"""The share of a file that the windows around labelled moments take together."""
WEEK = 7 * 86_400.0
DEVIATIONS = (2.0, 3.0)
IN_A_ROW = (1, 3)
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@frozen
class Metric:
    """A metric to judge."""

    name: str
    times: Floats
    values: Floats
    windows: tuple[tuple[float, float, float], ...]
    """Of labelled anomalies: start, the moment from which it can be found, end (s)."""


@frozen
class Walk:
    """What a walk through a metric found."""

    first: int
    """Where judging began."""
    outside: dict[float, Bools]
    """By deviations: which points were out of the band."""
    train: float
    """Seconds of CPU a training took, at the median."""
    judge: float
    """Seconds to make a band for an hour, likewise."""


@frozen
class Score:
    """What an alarm made of it."""

    share: float
    """Of the points judged, those outside the band."""
    quiet: float
    """The same among points outside all windows."""
    alarms: float
    """A week."""
    false: float
    """A week."""
    found: int
    delays: tuple[float, ...]
    """From the anomaly's beginning to the alarm, s."""


def moment(text: str) -> float:
    """A timestamp as seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def read(path: Path, labels: dict[str, list[str | list[str]]]) -> Metric:
    """A file and its labels."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(moment(row["timestamp"]), float(row["value"])) for row in csv.DictReader(lines)]
    rows.sort()
    times, values = np.array(rows).T
    known = [marks for name, marks in labels.items() if Path(name).name == path.name]
    marks = known[0] if known else []
    return Metric(path.stem, times, values, windows(times, marks))


def windows(
    times: Floats, marks: Sequence[str | list[str]]
) -> tuple[tuple[float, float, float], ...]:
    """The windows of labels."""
    half = WINDOWS * float(times[-1] - times[0]) / max(len(marks), 1) / 2.0
    found = []
    for mark in marks:
        if isinstance(mark, str):
            at = moment(mark)
            found.append((at - half, at, at + half))
        else:
            start, end = map(moment, mark)
            found.append((start, start, end))
    return tuple(found)


def made_up(one: incidents.Series) -> Metric:
    """A metric made up; its incidents can be found until an hour after they end."""
    spans = [
        (one.times[incident.first], one.times[incident.last - 1] + 3600.0)
        for incident in one.incidents
    ]
    return Metric(
        one.name, one.times, one.values, tuple((float(a), float(a), float(b)) for a, b in spans)
    )


def walk(
    metric: Metric, zone: ZoneInfo | None = None, reaches: Sequence[float] = DEVIATIONS
) -> Walk:
    """Train each hour on what was before, and judge the hour after."""
    times, values = metric.times, metric.values
    period = float(np.median(np.diff(times)))
    first = int(PROBATION * times.size)
    outside = {deviations: np.zeros(times.size, dtype=bool) for deviations in reaches}
    trained, judged = [], []
    index = first
    while index < times.size:
        after = int(np.searchsorted(times, times[index] + RETRAINED - 1e-6))
        since = int(np.searchsorted(times, times[index] - HISTORY))
        begun = process_time()
        model = fit(times[since:index], values[since:index], period, zone=zone or UTC)
        trained.append(process_time() - begun)
        for deviations, flags in outside.items():
            begun = process_time()
            band = model.band(times[index:after], deviations)
            judged.append(process_time() - begun)
            flags[index:after] = band.outside(values[index:after])
        index = after
    return Walk(first, outside, float(np.median(trained)), float(np.median(judged)))


def in_a_row(flags: Bools, needed: int) -> Bools:
    """Where `needed` flags stand in a row, the last of them here."""
    alarm = flags.copy()
    for back in range(1, needed):
        alarm[back:] &= flags[:-back]
        alarm[:back] = False
    return alarm


def score(metric: Metric, walked: Walk, deviations: float, needed: int) -> Score:
    """What an alarm on `needed` of `needed` periods would have done."""
    times = metric.times
    flags = walked.outside[deviations]
    judged = np.arange(times.size) >= walked.first
    alarm = in_a_row(flags, needed)
    goes_off = alarm & ~np.append(False, alarm[:-1])
    inside = np.zeros(times.size, dtype=bool)
    found, delays = 0, []
    for start, begun, end in metric.windows:
        window = (times >= start) & (times <= end)
        inside |= window
        hits = times[window & alarm]
        if hits.size:
            found += 1
            delays.append(float(hits[0] - begun))
    weeks = float(times[-1] - times[walked.first]) / WEEK
    return Score(
        float(flags[judged].mean()),
        float(flags[judged & ~inside].mean()),
        float(goes_off.sum()) / weeks,
        float((goes_off & ~inside).sum()) / weeks,
        found,
        tuple(delays),
    )


def table(metrics: Sequence[Metric], zone: ZoneInfo | None) -> Table:
    """A line for each metric and each alarm, and one for all metrics together."""
    lines = Table(
        Column("metric", no_wrap=True),
        *("band", "of", "outside", "unlabelled", "alarms/week", "false/week", "found"),
        *("after", "train", "judge"),
    )
    scores: dict[tuple[float, int], list[Score]] = {}
    labelled = 0
    for metric in metrics:
        walked = walk(metric, zone)
        labelled += len(metric.windows)
        for deviations in DEVIATIONS:
            for needed in IN_A_ROW:
                one = score(metric, walked, deviations, needed)
                scores.setdefault((deviations, needed), []).append(one)
                cost = f"{1000 * walked.train:.1f} ms", f"{1000 * walked.judge:.2f} ms"
                lines.add_row(*_cells(metric.name, deviations, needed, one, metric.windows), *cost)
    for (deviations, needed), many in scores.items():
        whole = Score(
            share=float(np.mean([one.share for one in many])),
            quiet=float(np.mean([one.quiet for one in many])),
            alarms=float(np.mean([one.alarms for one in many])),
            false=float(np.mean([one.false for one in many])),
            found=sum(one.found for one in many),
            delays=tuple(delay for one in many for delay in one.delays),
        )
        lines.add_row(*_cells("all", deviations, needed, whole, range(labelled)))
    return lines


def _cells(
    name: str, deviations: float, needed: int, one: Score, labels: Sequence[object]
) -> tuple[str, ...]:
    after = f"{np.median(one.delays) / 60:.0f} min" if one.delays else ""
    return (
        *(name, f"{deviations:g}", f"{needed}/{needed}", f"{one.share:.2%}", f"{one.quiet:.2%}"),
        *(f"{one.alarms:.1f}", f"{one.false:.1f}", f"{one.found}/{len(labels)}", after),
    )


def main() -> None:
    """Measure files or made-up metrics."""
    parser = argparse.ArgumentParser(description="Measure the anomaly detection band.")
    parser.add_argument("files", nargs="*", type=Path, help="lines timestamp,value")
    parser.add_argument("--labels", type=Path, help="JSON: anomalies by file")
    parser.add_argument("--zone", type=ZoneInfo, help="time zone of the metric's days")
    parser.add_argument("--incidents", nargs="*", type=int, default=[], help="seeds")
    given = parser.parse_args()
    labels = json.loads(given.labels.read_text(encoding="utf-8")) if given.labels else {}
    metrics = [read(path, labels) for path in given.files]
    metrics += [made_up(one) for seed in given.incidents for one in incidents.series(seed)]
    if not metrics:
        parser.error("name a file, or --incidents with a seed")
    Console(width=140).print(table(metrics, given.zone))


if __name__ == "__main__":
    main()

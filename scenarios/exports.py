"""The files a run leaves: the report as JSON, JUnit XML or HTML, the metrics as CSV or Parquet."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from model.cloudwatch.statistics import Datapoint
from model.world import World
from scenarios.scenario import Scenario

METRIC_COLUMNS = (
    "timestamp",
    "namespace",
    "metric_name",
    "dimensions",
    "unit",
    "sample_count",
    "sum",
    "average",
    "minimum",
    "maximum",
    "p50",
    "p90",
    "p99",
)
STATISTICS = ("SampleCount", "Sum", "Average", "Minimum", "Maximum", "p50", "p90", "p99")

_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""

REPORT_FORMATS = (".json", ".xml", ".html")
METRIC_FORMATS = (".csv", ".parquet")


def report_text(scenario: Scenario, world: World, report: Mapping[str, Any], path: Path) -> str:
    """The report of a world that was played, in the format that the file's ending asks for."""
    if path.suffix == ".html":
        from scenarios.page.report import page

        return page(scenario, world, report)
    return junit(report) if path.suffix == ".xml" else json.dumps(report, indent=2) + "\n"


def junit(report: Mapping[str, Any]) -> str:
    """The expectations as JUnit XML, a test case each."""
    expectations = report["expectations"]
    name = _FORBIDDEN.sub(" ", report["scenario"])
    failures = sum(not item["passed"] for item in expectations)
    counts = {"tests": str(len(expectations)), "failures": str(failures), "errors": "0"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        {"name": name, "time": str(report["duration"]), **counts},
    )
    for item in expectations:
        case = ElementTree.SubElement(suite, "testcase", {"classname": name, "name": item["text"]})
        if not item["passed"]:
            message = f"observed {_observed(item['observed'])}"
            failure = ElementTree.SubElement(case, "failure", {"message": message})
            failure.text = f"expected {item['text']}, {message}"
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _observed(value: Any) -> str:
    return "no data" if value is None else str(value)


MetricRow = tuple[datetime, str, str, str, str, tuple[float | None, ...]]
"""The columns of `METRIC_COLUMNS`, the statistics together; None: the statistic has no value."""


def metric_rows(world: World) -> Iterator[MetricRow]:
    """Every datapoint since the start, a row for each metric and period."""
    epoch, metrics = world.schedule.epoch, world.cloudwatch.metrics
    known = sorted(metrics, key=lambda m: (m.key.namespace, m.key.name, m.key.dimensions))
    with metrics.at_hand():
        for metric in known:
            dimensions = ";".join(f"{name}={value}" for name, value in metric.key.dimensions)
            for start, point in metric.points.items():
                if start >= 0:
                    moment = epoch + timedelta(seconds=start)
                    place = (metric.key.namespace, metric.key.name, dimensions, metric.unit)
                    yield moment, *place, _values(point)


def _values(point: Datapoint) -> tuple[float | None, ...]:
    """Nine digits that matter: what lies beyond may differ from machine to machine."""
    values = (point.statistic(name) for name in STATISTICS)
    return tuple(None if math.isnan(value) else float(f"{value:.9g}") for value in values)


def metrics_csv(world: World) -> str:
    """`metric_rows` as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(METRIC_COLUMNS)
    for moment, *place, values in metric_rows(world):
        stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        written = ("" if value is None else f"{value:.9g}" for value in values)
        writer.writerow((stamp, *place, *written))
    return text.getvalue()


def metrics_content(world: World, path: Path) -> str | bytes:
    """The metrics in the format that the file's ending asks for."""
    if path.suffix == ".parquet":
        from scenarios.parquet import metrics_parquet

        return metrics_parquet(world)
    return metrics_csv(world)


def write(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all."""
    path = path.resolve()  # a link stays a link
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

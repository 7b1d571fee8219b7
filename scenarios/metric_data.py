"""What GetMetricData and ListMetrics answered, in the shapes of the AWS CLI, as CSV, as a table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import frozen

from model.clock import MINUTE
from model.cloudwatch.metrics import Metric, MetricKey
from model.cloudwatch.queries import MetricQuery
from model.cloudwatch.requests import QueryResult, get_metric_data
from model.world import World
from scenarios.metric_names import logical_values
from scenarios.mistakes import nearest


@frozen
class Answer:
    """What queries gave over a span of time (seconds since `epoch`)."""

    epoch: datetime
    start: float
    end: float
    results: tuple[QueryResult, ...]
    headings: tuple[str, ...]
    """What a person reads over each of them."""


def ask(world: World, queries: Sequence[MetricQuery], start: float, end: float) -> Answer:
    """GetMetricData, whose start is rounded down to a minute. Raises `QueryError`."""
    schedule = world.schedule
    start = schedule.boundary(MINUTE, start) - MINUTE
    cloudwatch, utc = world.cloudwatch, schedule.utc
    store, bands = cloudwatch.metrics, cloudwatch.bands
    results = get_metric_data(store, queries, start, end, utc=utc, bands=bands)
    headings = _headings(queries, results)
    return Answer(schedule.epoch, start, end, results, headings)


def _headings(queries: Sequence[MetricQuery], results: Sequence[QueryResult]) -> tuple[str, ...]:
    """A metric without a label is told from others of its name by its statistic."""
    by_id = {query.id: query for query in queries}
    found = []
    for result in results:
        query, label = by_id[result.id], result.label
        if query.metric_stat is not None and query.label is None:
            label = f"{label} {query.metric_stat.stat}"
        named = len(results) == 1 or label.split()[:1] == [result.id]
        found.append(label if named else f"{result.id} {label}")
    return tuple(found)


def missing(world: World, queries: Iterable[MetricQuery]) -> Iterator[tuple[str, str]]:
    """Queries for metrics that have no datapoint at all, and what may have been meant."""
    there = [metric.key for metric in metrics_in(world)]
    for query in queries:
        if query.metric_stat is not None and query.metric_stat.metric not in there:
            key = query.metric_stat.metric
            yield f"{query.id} ({_written(key, {})})", _meant(key, there, world)


def _meant(key: MetricKey, there: Sequence[MetricKey], world: World) -> str:
    alike = [other for other in there if other.namespace == key.namespace]
    if not alike:
        return nearest(key.namespace, {other.namespace for other in there})
    alike = [other for other in alike if other.name == key.name]
    if not alike:
        names = {other.name for other in there if other.namespace == key.namespace}
        return nearest(key.name, names)
    logical = logical_values(world.stack)
    return f"there is {_written(alike[0], logical)}"


def _written(key: MetricKey, logical: Mapping[tuple[str, str], str]) -> str:
    """A metric as a query names it."""
    pairs = (f"{n}={_word(logical.get((n, v), v))}" for n, v in key.dimensions)
    return " ".join((_word(key.namespace), _word(key.name), *pairs))


def data_json(answer: Answer) -> str:
    """As `aws cloudwatch get-metric-data` prints it: the newest datapoint first."""
    results = [
        {
            "Id": result.id,
            "Label": result.label,
            "Timestamps": [_cli_stamp(answer.epoch, time) for time in reversed(result.times)],
            "Values": [_tidy(value) for value in reversed(result.values)],
            "StatusCode": "Complete",
        }
        for result in answer.results
    ]
    return _json({"MetricDataResults": results, "Messages": []})


def data_csv(answer: Answer) -> str:
    """A row for each datapoint, result after result, oldest first."""
    rows = [
        (_stamp(answer.epoch, time), result.id, result.label, f"{value:.9g}")
        for result in answer.results
        for time, value in zip(result.times, result.values, strict=True)
    ]
    return _csv(("timestamp", "id", "label", "value"), rows)


def data_table(answer: Answer, width: int | None = None) -> str:
    """A row for each time, a column for each result; below each other where `width` (cells) is too
    small for them side by side."""
    results = list(zip(answer.headings, answer.results, strict=True))
    whole = _side_by_side(answer.epoch, results)
    if width is None or len(whole[0]) <= width or len(results) < 2:
        return "\n".join(whole) + "\n"
    blocks = ["\n".join(_side_by_side(answer.epoch, [one])) for one in results]
    return "\n\n".join(blocks) + "\n"


def _side_by_side(epoch: datetime, results: Sequence[tuple[str, QueryResult]]) -> list[str]:
    columns = [dict(zip(one.times, one.values, strict=True)) for _, one in results]
    times = sorted({time for column in columns for time in column})
    rows = [
        [
            _stamp(epoch, time),
            *(_number(column[time]) if time in column else "" for column in columns),
        ]
        for time in times
    ]
    lines = _aligned(["time (UTC)", *(heading for heading, _ in results)], rows, left=1)
    return lines if rows else [*lines, "no datapoints"]


# -- ListMetrics ------------------------------------------------------------------------------


def metrics_in(world: World, namespace: str | None = None) -> list[Metric]:
    """The metrics that have a datapoint, in order."""
    found = [m for m in world.cloudwatch.metrics if namespace in (None, m.key.namespace)]
    return sorted(found, key=lambda m: (m.key.namespace, m.key.name, m.key.dimensions))


def listing_json(metrics: Iterable[Metric]) -> str:
    """As `aws cloudwatch list-metrics` prints it."""
    listed = [
        {
            "Namespace": metric.key.namespace,
            "MetricName": metric.key.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in metric.key.dimensions],
        }
        for metric in metrics
    ]
    return _json({"Metrics": listed})


def listing_csv(metrics: Iterable[Metric]) -> str:
    """A row for each metric."""
    rows = [
        (
            metric.key.namespace,
            metric.key.name,
            ";".join(f"{name}={value}" for name, value in metric.key.dimensions),
            metric.unit,
        )
        for metric in metrics
    ]
    return _csv(("namespace", "metric_name", "dimensions", "unit"), rows)


def listing_table(metrics: Iterable[Metric], world: World) -> str:
    """The metrics as a query may name them, with logical ids."""
    logical = logical_values(world.stack)
    rows = [
        [
            _word(metric.key.namespace),
            _word(metric.key.name),
            " ".join(f"{n}={_word(logical.get((n, v), v))}" for n, v in metric.key.dimensions),
            metric.unit,
        ]
        for metric in metrics
    ]
    return "\n".join(_aligned(["namespace", "metric", "dimensions", "unit"], rows, left=4)) + "\n"


def _word(text: str) -> str:
    return f'"{text}"' if set(" ,=") & set(text) or not text else text


# -- helpers ----------------------------------------------------------------------------------


def _aligned(head: list[str], rows: Iterable[list[str]], *, left: int) -> list[str]:
    """Lines of columns, the first `left` of them aligned to the left."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _number(value: float) -> str:
    """A value for a person: nothing is lost of a count, a measurement keeps six digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}"
    return f"{value:.1f}" if abs(value) >= 1e6 else f"{value:.6g}"


def _tidy(value: float) -> float:
    """Nine digits that matter, the same on any machine."""
    return float(f"{value:.9g}")


def _stamp(epoch: datetime, time: float) -> str:
    return f"{epoch + timedelta(seconds=time):%Y-%m-%dT%H:%M:%SZ}"


def _cli_stamp(epoch: datetime, time: float) -> str:
    return f"{epoch + timedelta(seconds=time):%Y-%m-%dT%H:%M:%S+00:00}"


def _json(content: Any) -> str:
    return json.dumps(content, indent=4) + "\n"


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()

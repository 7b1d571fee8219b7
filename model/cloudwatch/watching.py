"""Alarms on metric math and on anomaly detection: what they can watch.

Sources: "Creating an alarm based on a metric math expression", "Create a CloudWatch alarm based on
anomaly detection"; API PutMetricAlarm, Metrics and ThresholdMetricId.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.clock import MINUTE
from model.cloudwatch.math.kinds import Kind
from model.cloudwatch.math.syntax import Call, calls
from model.cloudwatch.queries import (
    MetricQuery,
    QueryError,
    check_one_series,
    check_queries,
    check_series,
)

MOST_METRICS = 10
"""Metrics in an alarm on metric math ("CloudWatch service quotas")."""
MOST_QUERIES = 20
"""Metrics and expressions together."""
BAND = "ANOMALY_DETECTION_BAND"


def check_watched(queries: Sequence[MetricQuery], band: str | None = None) -> None:
    """Whether an alarm can watch these queries, of which `band` is the id of the one that gives the
    band it judges by, if it does. Raises `QueryError` for the first that is wrong."""
    kinds = check_queries(queries)
    metrics = [(i, q, q.metric_stat) for i, q in enumerate(queries) if q.metric_stat is not None]
    if not metrics:
        raise QueryError("an alarm needs at least one query with a MetricStat", 0)
    if len(metrics) > MOST_METRICS:
        problem = f"an alarm has {MOST_METRICS} metrics at most, not {len(metrics)}"
        raise QueryError(problem, metrics[MOST_METRICS][0])
    if len(queries) > MOST_QUERIES:
        problem = f"an alarm has {MOST_QUERIES} metrics and expressions at most, not {len(queries)}"
        raise QueryError(problem, MOST_QUERIES)
    _, first, stat = metrics[0]
    for index, query, other in metrics:
        if other.period != stat.period:
            problem = (
                f"all metrics of an alarm have one Period: {query.id} has {other.period:g}, "
                f"{first.id} {stat.period:g}"
            )
            raise QueryError(problem, index, "MetricStat")
    for index, query in enumerate(queries):
        _check_expression(index, query, stat.period)
    if band is None:
        check_one_series(queries)
    else:
        _check_band(queries, kinds, band)


def _check_band(queries: Sequence[MetricQuery], kinds: Mapping[str, Kind], band: str) -> None:
    """The metric and its band both return data, and nothing else does."""
    place = next((index for index, query in enumerate(queries) if query.id == band), None)
    if place is None:
        raise QueryError(f"ThresholdMetricId {band} is the Id of none of the Metrics", 0)
    query = queries[place]
    if query.expression is None or not _is_band(query):
        problem = f"ThresholdMetricId {band} must be an {BAND} expression"
        raise QueryError(problem, place, "Expression" if query.expression is not None else "")
    watched = [i for i, q in enumerate(queries) if q.return_data and i != place]
    if len(watched) != 1 or not query.return_data:
        problem = (
            "in an alarm on a band exactly the band and one other query must have ReturnData true"
        )
        wrong = place if not query.return_data else next(iter(watched[1:]), place)
        raise QueryError(problem, wrong, "" if wrong == place else "ReturnData")
    check_series(queries[watched[0]], kinds, watched[0])


def _is_band(query: MetricQuery) -> bool:
    return isinstance(query.tree, Call) and query.tree.function == BAND


def _check_expression(index: int, query: MetricQuery, period: float) -> None:
    """What an expression may not be in an alarm."""
    if query.expression is None:
        return
    called = calls(query.tree)
    if "SEARCH" in called:
        column = called["SEARCH"].column
        problem = f"column {column}: an alarm cannot be based on SEARCH; name its metrics"
        raise QueryError(problem, index, "Expression")
    if BAND in called:
        _check_learned(index, called[BAND], period)
    if query.period not in (None, period):
        problem = f"Period must be that of the metrics, {period:g}, not {query.period:g}"
        raise QueryError(problem, index, "Period")


def _check_learned(index: int, band: Call, period: float) -> None:
    """What anomaly detection cannot learn."""
    inside = calls(band.arguments[0])
    if "METRICS" in inside:
        column = inside["METRICS"].column
        problem = f"column {column}: {BAND} needs its metrics by their ids, not METRICS"
        raise QueryError(problem, index, "Expression")
    if period < MINUTE:
        problem = (
            f"column {band.column}: anomaly detection needs periods of 60 s or more, not {period:g}"
        )
        raise QueryError(problem, index, "Expression")

"""Alarms on metric math: how they read what they watch, and how AWS describes it.

Sources: "Creating an alarm based on a metric math expression"; API PutMetricAlarm, Metrics; the
sample event of a metric math alarm in "Alarm events and EventBridge".
"""

from __future__ import annotations

from collections.abc import Sequence

from model.cloudwatch.math.kinds import Kind
from model.cloudwatch.math.syntax import calls
from model.cloudwatch.queries import (
    MetricQuery,
    QueryError,
    check_queries,
)

MOST_METRICS = 10
"""Metrics in an alarm on metric math ("CloudWatch service quotas")."""
MOST_QUERIES = 20
"""Metrics and expressions together."""


def check_watched(queries: Sequence[MetricQuery]) -> None:
    """Whether an alarm can watch these queries. Raises `QueryError` for the first that is wrong."""
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
    watched = [index for index, query in enumerate(queries) if query.return_data]
    if len(watched) != 1:
        problem = f"exactly one query must have ReturnData true, not {len(watched)}"
        raise QueryError(problem, watched[1] if watched else 0, "ReturnData" if watched else "")
    for index, query in enumerate(queries):
        _check_expression(index, query, stat.period)
    (index,) = watched
    if kinds[queries[index].id] is Kind.ARRAY:
        problem = (
            "an alarm watches one time series, but the expression gives an array of them; SUM, "
            "MAX or FIRST makes one"
        )
        raise QueryError(problem, index, "Expression")


def _check_expression(index: int, query: MetricQuery, period: float) -> None:
    """What an expression may not be in an alarm."""
    if query.expression is None:
        return
    called = calls(query.tree)
    if "SEARCH" in called:
        column = called["SEARCH"].column
        problem = f"column {column}: an alarm cannot be based on SEARCH; name its metrics"
        raise QueryError(problem, index, "Expression")
    if "ANOMALY_DETECTION_BAND" in called:
        column = called["ANOMALY_DETECTION_BAND"].column
        problem = f"column {column}: anomaly detection is not simulated yet"
        raise QueryError(problem, index, "Expression")
    if query.period not in (None, period):
        problem = f"Period must be that of the metrics, {period:g}, not {query.period:g}"
        raise QueryError(problem, index, "Period")

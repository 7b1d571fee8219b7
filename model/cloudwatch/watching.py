"""Alarms on metric math: how they read what they watch, and how AWS describes it.

Sources: "Creating an alarm based on a metric math expression"; API PutMetricAlarm, Metrics; the
sample event of a metric math alarm in "Alarm events and EventBridge".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import define

from model.cloudwatch.alarms import MetricAlarm, Slot
from model.cloudwatch.math.kinds import Kind
from model.cloudwatch.math.series import Array, Series
from model.cloudwatch.math.syntax import calls
from model.cloudwatch.queries import (
    MetricQuery,
    MetricStat,
    QueryError,
    Request,
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


@define
class QueryReader:
    """Reads what an alarm on metric math watches."""

    request: Request
    alarm: MetricAlarm

    def values(self, end: float) -> Mapping[str, Series | Array]:
        """What every query comes to over the evaluation range, as of the full minute `end`."""
        return self.request.over(end - self.alarm.range * self.alarm.period, end)

    def slots(self, end: float) -> list[Slot]:
        """The evaluation range, newest first. Periods for which the expression has no value are
        missing."""
        alarm = self.alarm
        value = self.values(end)[alarm.watched.id]
        assert isinstance(value, Series)
        starts = [end - (age + 1) * alarm.period for age in range(alarm.range)]
        return [Slot(start, value.points.get(start)) for start in starts]


# -- in AWS's shapes ------------------------------------------------------------------------------


def event_query(query: MetricQuery) -> Mapping[str, Any]:
    """A query as the event bus is told."""
    made: dict[str, Any] = {}
    if query.expression is not None:
        made["expression"] = query.expression
    made["id"] = query.id
    if query.label is not None:
        made["label"] = query.label
    if query.metric_stat is not None:
        made["metricStat"] = _event_stat(query.metric_stat)
    if query.period is not None:
        made["period"] = int(query.period)
    return made | {"returnData": query.return_data}


def _event_stat(stat: MetricStat) -> Mapping[str, Any]:
    metric = {
        "namespace": stat.metric.namespace,
        "name": stat.metric.name,
        "dimensions": dict(stat.metric.dimensions),
    }
    made = {"metric": metric, "period": int(stat.period), "stat": stat.stat}
    return made | ({"unit": stat.unit} if stat.unit is not None else {})


def trigger_query(query: MetricQuery) -> Mapping[str, Any]:
    """A query as the subscribers of a topic are told."""
    made: dict[str, Any] = {"Id": query.id}
    if query.expression is not None:
        made["Expression"] = query.expression
    if query.metric_stat is not None:
        made["MetricStat"] = _trigger_stat(query.metric_stat)
    if query.label is not None:
        made["Label"] = query.label
    if query.period is not None:
        made["Period"] = int(query.period)
    return made | {"ReturnData": query.return_data}


def _trigger_stat(stat: MetricStat) -> Mapping[str, Any]:
    metric = {
        "Dimensions": [{"value": value, "name": name} for name, value in stat.metric.dimensions],
        "MetricName": stat.metric.name,
        "Namespace": stat.metric.namespace,
    }
    made = {"Metric": metric, "Period": int(stat.period), "Stat": stat.stat}
    return made | ({"Unit": stat.unit} if stat.unit is not None else {})

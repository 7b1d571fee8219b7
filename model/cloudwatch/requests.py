"""GetMetricData: metrics and metric math over a span of time.

Sources: API GetMetricData, API MetricDataQuery, API MetricStat.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from attrs import define, field, frozen

from model.clock import MINUTE
from model.cloudwatch.math.evaluate import Evaluator
from model.cloudwatch.math.search import MOST, Search
from model.cloudwatch.math.series import Array, Series, Span
from model.cloudwatch.math.syntax import MathError, Name, Node, replace, walk
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError, check_queries
from model.cloudwatch.subjects import Expression, Statistic, Subject
from model.quotas import quota_of

MOST_QUERIES = 500
"""Of one request."""

Clock = Callable[[float], datetime]
Bands = Callable[
    [Subject, float, Sequence[float], float], tuple[Iterable[float], Iterable[float]] | None
]
"""Anomaly detection: the lower and the upper limits of what is learned by a period (s), for the
periods that begin at some times, so many deviations from what is expected; None: not known yet."""


@frozen
class QueryResult:
    """One time series of an answer (MetricDataResult), oldest first."""

    id: str
    label: str
    period: float
    times: tuple[float, ...] = field(repr=False)
    """Starts of the periods that have a datapoint, seconds since start."""
    values: tuple[float, ...] = field(repr=False)


@define
class Request:
    """Queries that are put again and again, over one span after another.

    Raises `QueryError` where they are wrong.
    """

    store: MetricStore
    queries: tuple[MetricQuery, ...]
    utc: Clock
    bands: Bands | None = None
    """Anomaly detection, where there is any."""
    _order: tuple[str, ...] = field(init=False)
    """Their ids, what is needed before what needs it: so no chain of them overflows the stack."""

    def __attrs_post_init__(self) -> None:
        self._order = tuple(check_queries(self.queries))

    @property
    def period(self) -> float:
        """The shortest of the metrics' periods, else of the expressions', else a minute."""
        metrics = [q.metric_stat.period for q in self.queries if q.metric_stat is not None]
        return min(metrics or [q.period for q in self.queries if q.period] or [MINUTE])

    def over(
        self, start: float, end: float, metrics: Mapping[str, Series] | None = None
    ) -> Mapping[str, Series | Array]:
        """What every query comes to from `start`, a whole minute, until before `end`; `metrics` are
        those of the queries, by id in their order, if they were read already."""
        span = Span(start, end)
        read = self._read_all(span) if metrics is None else metrics
        evaluator, made = self._evaluator(span, read), dict[str, Series | Array]()
        for name in self._order:
            try:
                value = evaluator.by_id(name)
            except MathError as problem:
                index = [query.id for query in self.queries].index(name)
                raise QueryError(str(problem), index, "Expression", problem.column) from None
            assert isinstance(value, Series | tuple)
            made[name] = value
        return made

    def _read_all(self, span: Span) -> dict[str, Series]:
        return {
            query.id: series_of(query, _points(self.store, query.metric_stat, span))
            for query in self.queries
            if query.metric_stat is not None
        }

    def _evaluator(self, span: Span, metrics: Mapping[str, Series]) -> Evaluator:
        expressions = {q.id: q.tree for q in self.queries if q.expression is not None}
        return Evaluator(
            span=span,
            period=self.period,
            metrics=metrics,
            expressions=expressions,
            utc=self.utc,
            find=lambda search, stat, period: self._find(search, stat, period, span),
            band=None if self.bands is None else self._band,
        )

    def _find(self, search: Search, statistic: str, period: float, span: Span) -> Array:
        """All metrics that have data and that a search finds, in order of their first datapoint."""
        found = [metric.key for metric in self.store if search.finds(metric.key)][:MOST]
        return tuple(
            _series(self.store, MetricStat(key, period, statistic), span, _described(key))
            for key in found
        )

    def _band(
        self, node: Node, series: Series, deviations: float, span: Span
    ) -> tuple[Series, Series]:
        """The upper and the lower limits of what an expression (or a metric) gives."""
        assert self.bands is not None
        if series.period < MINUTE:
            problem = f"anomaly detection needs periods of a minute or more, not {series.period:g}"
            raise MathError(problem, node.column)
        times = span.times(series.period)
        found = self.bands(self.subject(node), series.period, times, deviations)
        made = Series(series.period, label=series.label)
        if found is None:
            return made, made
        lower, upper = (dict(zip(times, map(float, side), strict=True)) for side in found)
        return made.but(upper), made.but(lower)

    def subject(self, node: Node) -> Subject:
        """What an anomaly detector learns of an expression."""
        stats = {q.id: q.metric_stat for q in self.queries if q.metric_stat is not None}
        trees = {q.id: q.tree for q in self.queries if q.expression is not None}
        for name in self._order:
            if name in trees:
                trees[name] = replace(trees[name], trees)
        tree = replace(node, trees)
        named = sorted({part.id for part in walk(tree) if isinstance(part, Name)})
        metrics = tuple((name, Statistic(stats[name].metric, stats[name].stat)) for name in named)
        return metrics[0][1] if isinstance(tree, Name) else Expression(tree, metrics)


def series_of(query: MetricQuery, points: Mapping[float, float]) -> Series:
    """What a query for a metric gives, made of what was read of it, oldest first."""
    stat = query.metric_stat
    assert stat is not None
    label = stat.metric.name if query.label is None else query.label
    return Series(stat.period, points, label=label, quota=quota_of(stat.metric))


def _series(store: MetricStore, stat: MetricStat, span: Span, label: str = "") -> Series:
    points = _points(store, stat, span)
    return Series(stat.period, points, label=label, quota=quota_of(stat.metric))


def _points(store: MetricStore, stat: MetricStat, span: Span) -> dict[float, float]:
    metric = store.get(stat.metric)
    points: dict[float, float] = {}
    # no units are converted: a read that asks for another unit gets nothing
    if metric is not None and stat.unit in (None, metric.unit):
        for time in span.times(stat.period):
            point = metric.read(time, stat.period)
            value = math.nan if point is None else point.statistic(stat.stat)
            if math.isfinite(value):
                points[time] = value
    return points


def read_subject(
    store: MetricStore, subject: Subject, period: float, start: float, end: float, utc: Clock
) -> Series:
    """What an anomaly detector learns from, by periods (s) from `start` until before `end`."""
    span = Span(start, end)
    if isinstance(subject, Statistic):
        return _series(store, MetricStat(subject.metric, period, subject.stat), span)
    metrics = {
        name: _series(store, MetricStat(one.metric, period, one.stat), span)
        for name, one in subject.metrics
    }
    evaluator = Evaluator(
        span=span, period=period, metrics=metrics, expressions={}, utc=utc, find=_finds_nothing
    )
    value = evaluator.value(subject.tree)
    assert isinstance(value, Series)
    return value


def _finds_nothing(search: Search, statistic: str, period: float) -> Array:
    """What is learned names its metrics: a model of a search is refused."""
    return ()


def _described(key: MetricKey) -> str:
    """How a line of a search is told from the others."""
    return " ".join((*(value for _, value in key.dimensions), key.name))


def get_metric_data(
    store: MetricStore,
    queries: Sequence[MetricQuery],
    start: float,
    end: float,
    *,
    utc: Clock,
    bands: Bands | None = None,
) -> tuple[QueryResult, ...]:
    """GetMetricData: the queries whose `return_data` is true, in their order.

    Periods are aligned to `start`, which must be a whole minute. Raises `QueryError`.
    """
    if not 0 < len(queries) <= MOST_QUERIES:
        raise QueryError(f"give from 1 to {MOST_QUERIES} queries, not {len(queries)}", 0)
    values = Request(store, tuple(queries), utc, bands).over(start, end)
    wanted = [query for query in queries if query.return_data]
    return tuple(result for query in wanted for result in _results(query, values[query.id]))


def _results(query: MetricQuery, value: Series | Array) -> list[QueryResult]:
    """An array gives a result for each series, labelled `Expression-Label Metric-Label`."""
    label = query.id if query.label is None else query.label
    if isinstance(value, Series):
        found = [(value, value.label if query.expression is None else label)]
    else:
        found = [(series, f"{label} {series.label}".strip()) for series in value]
    return [
        QueryResult(query.id, name, s.period, tuple(s.points), tuple(s.points.values()))
        for s, name in found
    ]

"""GetMetricData: metrics and metric math over a span of time.

Sources: API GetMetricData, API MetricDataQuery, API MetricStat.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import NoReturn

from attrs import define, field, frozen

from model.clock import MINUTE
from model.cloudwatch.extended import is_statistic
from model.cloudwatch.math.evaluate import Band, Evaluator
from model.cloudwatch.math.kinds import Kind, Scope, kind_of
from model.cloudwatch.math.search import MOST, Search
from model.cloudwatch.math.series import Array, Series, Span
from model.cloudwatch.math.syntax import MathError, Name, Node, parse, walk
from model.cloudwatch.metrics import MetricKey, MetricStore
from model.quotas import quota_of

ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
MOST_QUERIES = 500
"""Of one request."""

Clock = Callable[[float], datetime]


@frozen
class MetricStat:
    """A statistic of a metric, a datapoint for each period (seconds)."""

    metric: MetricKey
    period: float
    stat: str
    unit: str | None = None


@frozen(kw_only=True, slots=False)
class MetricQuery:
    """One line of a request (MetricDataQuery): a metric or an expression."""

    id: str
    expression: str | None = None
    metric_stat: MetricStat | None = None
    label: str | None = None
    period: float | None = None
    return_data: bool = True

    @cached_property
    def tree(self) -> Node:
        """The expression, read. Raises `MathError`."""
        return parse(self.expression or "")


class QueryError(ValueError):
    """A request cannot be answered: which query is wrong, and in which field."""

    def __init__(self, problem: str, index: int, key: str = "") -> None:
        super().__init__(problem)
        self.index = index
        self.key = key


@frozen
class QueryResult:
    """One time series of an answer (MetricDataResult), oldest first."""

    id: str
    label: str
    period: float
    times: tuple[float, ...] = field(repr=False)
    """Starts of the periods that have a datapoint, seconds since start."""
    values: tuple[float, ...] = field(repr=False)


def check_queries(queries: Sequence[MetricQuery]) -> dict[str, Kind]:
    """What each query gives, by id, in an order in which none comes before one that it needs.

    Raises `QueryError` for the first that is wrong.
    """
    seen: dict[str, int] = {}
    for index, query in enumerate(queries):
        if not ID.fullmatch(query.id):
            problem = (
                "must begin with a lower-case letter and have letters, digits and underscores "
                f"only, not {query.id!r}"
            )
            raise QueryError(problem, index, "Id")
        if query.id in seen:
            raise QueryError(f"there is another query with the id {query.id}", index, "Id")
        seen[query.id] = index
        if (query.expression is None) == (query.metric_stat is None):
            raise QueryError("give exactly one of Expression and MetricStat", index)
        stat = query.metric_stat
        if stat is not None and not is_statistic(stat.stat):
            problem = f"must be a statistic such as Average, p99 or tm99, not {stat.stat!r}"
            raise QueryError(problem, index, "MetricStat")
    return _Checker({query.id: query for query in queries}, seen).kinds()


@define
class _Checker:
    """Finds what each query gives, in the order in which they need each other."""

    queries: dict[str, MetricQuery]
    places: dict[str, int]
    _known: dict[str, Kind] = field(factory=dict, init=False)

    def kinds(self) -> dict[str, Kind]:
        for name in self.queries:
            self._find(name)
        return self._known

    def _find(self, name: str) -> None:
        """Work off what a query needs before itself, without a stack of calls."""
        way = [name]
        while way:
            query = self.queries[way[-1]]
            needed = next((n for n in self._needs(query) if n not in self._known), None)
            if needed is not None and needed in way:
                circle = " -> ".join([*way[way.index(needed) :], needed])
                self._fail(query, f"the expression depends on itself: {circle}")
            if needed is not None:
                way.append(needed)
                continue
            way.pop()
            self._known[query.id] = self._kind(query)

    def _needs(self, query: MetricQuery) -> Iterator[str]:
        if query.expression is not None:
            for part in walk(self._tree(query)):
                if isinstance(part, Name) and part.id in self.queries:
                    yield part.id

    def _tree(self, query: MetricQuery) -> Node:
        try:
            return query.tree
        except MathError as problem:
            self._fail(query, str(problem))

    def _kind(self, query: MetricQuery) -> Kind:
        if query.expression is None:
            return Kind.TS
        metrics = {name for name, other in self.queries.items() if other.expression is None}
        try:
            kind = kind_of(query.tree, Scope(self._known, metrics, self.queries))
        except MathError as problem:
            self._fail(query, str(problem))
        if kind not in (Kind.TS, Kind.ARRAY):
            hint = "; TIME_SERIES makes a series of it" if kind is Kind.S else ""
            self._fail(query, f"the expression gives {kind}, not {Kind.TS}{hint}")
        return kind

    def _fail(self, query: MetricQuery, problem: str) -> NoReturn:
        raise QueryError(problem, self.places[query.id], "Expression")


@define
class Request:
    """Queries that are put again and again, over one span after another.

    Raises `QueryError` where they are wrong.
    """

    store: MetricStore
    queries: tuple[MetricQuery, ...]
    utc: Clock
    band: Band | None = None
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

    def over(self, start: float, end: float) -> Mapping[str, Series | Array]:
        """What every query comes to from `start`, a whole minute, until before `end`."""
        evaluator, made = self._evaluator(start, end), dict[str, Series | Array]()
        for name in self._order:
            try:
                value = evaluator.by_id(name)
            except MathError as problem:
                index = [query.id for query in self.queries].index(name)
                raise QueryError(str(problem), index, "Expression") from None
            assert isinstance(value, Series | tuple)
            made[name] = value
        return made

    def _evaluator(self, start: float, end: float) -> Evaluator:
        span = Span(start, end)
        metrics = {
            query.id: self._read(query.metric_stat, span, query.label)
            for query in self.queries
            if query.metric_stat is not None
        }
        expressions = {q.id: q.tree for q in self.queries if q.expression is not None}
        return Evaluator(
            span=span,
            period=self.period,
            metrics=metrics,
            expressions=expressions,
            utc=self.utc,
            find=lambda search, stat, period: self._find(search, stat, period, span),
            band=self.band,
        )

    def _read(self, stat: MetricStat, span: Span, label: str | None) -> Series:
        metric = self.store.get(stat.metric)
        points: dict[float, float] = {}
        # no units are converted: a read that asks for another unit gets nothing
        if metric is not None and stat.unit in (None, metric.unit):
            for time in span.times(stat.period):
                point = metric.read(time, stat.period)
                value = math.nan if point is None else point.statistic(stat.stat)
                if math.isfinite(value):
                    points[time] = value
        name = stat.metric.name if label is None else label
        return Series(stat.period, points, label=name, quota=quota_of(stat.metric))

    def _find(self, search: Search, statistic: str, period: float, span: Span) -> Array:
        """All metrics that have data and that a search finds, in order of their first datapoint."""
        found = [metric.key for metric in self.store if search.finds(metric.key)][:MOST]
        return tuple(
            self._read(MetricStat(key, period, statistic), span, _described(key)) for key in found
        )


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
    band: Band | None = None,
) -> tuple[QueryResult, ...]:
    """GetMetricData: the queries whose `return_data` is true, in their order.

    Periods are aligned to `start`, which must be a whole minute. Raises `QueryError`.
    """
    if not 0 < len(queries) <= MOST_QUERIES:
        raise QueryError(f"give from 1 to {MOST_QUERIES} queries, not {len(queries)}", 0)
    values = Request(store, tuple(queries), utc, band).over(start, end)
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

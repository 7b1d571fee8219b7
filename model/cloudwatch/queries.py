"""Queries: metrics and metric math, and whether a request of them makes sense.

Sources: API GetMetricData, API MetricDataQuery, API MetricStat.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NoReturn

from attrs import define, field, frozen

from model.cloudwatch.extended import is_statistic
from model.cloudwatch.math.kinds import Kind, Scope, kind_of
from model.cloudwatch.math.syntax import MathError, Name, Node, parse, walk
from model.cloudwatch.metrics import MetricKey

ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")


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
    """A request cannot be answered: which query is wrong, in which field, and at which character of
    an expression (from 1; 0: none)."""

    def __init__(self, problem: str, index: int, key: str = "", column: int = 0) -> None:
        super().__init__(problem)
        self.index = index
        self.key = key
        self.column = column


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


def check_one_series(queries: Sequence[MetricQuery]) -> None:
    """Whether these queries together give one time series: one of them returns data, and no array.

    Raises `QueryError` for the first that is wrong.
    """
    kinds = check_queries(queries)
    given = [index for index, query in enumerate(queries) if query.return_data]
    if len(given) != 1:
        problem = f"exactly one query must have ReturnData true, not {len(given)}"
        raise QueryError(problem, given[1] if given else 0, "ReturnData" if given else "")
    check_series(queries[given[0]], kinds, given[0])


def check_series(query: MetricQuery, kinds: Mapping[str, Kind], index: int) -> None:
    """Whether one of several queries gives a time series. Raises `QueryError`."""
    if kinds[query.id] is Kind.ARRAY:
        problem = (
            "one time series is wanted, but the expression gives an array of them; SUM, MAX or "
            "FIRST makes one"
        )
        raise QueryError(problem, index, "Expression")


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
            self._fail(query, str(problem), problem.column)

    def _kind(self, query: MetricQuery) -> Kind:
        if query.expression is None:
            return Kind.TS
        metrics = {name for name, other in self.queries.items() if other.expression is None}
        try:
            kind = kind_of(query.tree, Scope(self._known, metrics, self.queries))
        except MathError as problem:
            self._fail(query, str(problem), problem.column)
        if kind not in (Kind.TS, Kind.ARRAY):
            hint = "; TIME_SERIES makes a series of it" if kind is Kind.S else ""
            self._fail(query, f"the expression gives {kind}, not {Kind.TS}{hint}")
        return kind

    def _fail(self, query: MetricQuery, problem: str, column: int = 0) -> NoReturn:
        raise QueryError(problem, self.places[query.id], "Expression", column)

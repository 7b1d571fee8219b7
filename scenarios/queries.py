"""Metric queries as a person writes them on one line, or as a file in the form of the AWS CLI.

Three forms, each perhaps with an id before it (`m1=...`):

- `AWS/ApplicationELB RequestCount LoadBalancer=Shop Sum 5m`: namespace, metric, dimensions, then
  perhaps a statistic and a period;
- `Shop.TargetResponseTime.p99 5m`: a resource and its metric, as expectations name them;
- `SUM([m1, m2]) / 60`: metric math, SEARCH included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from attrs import evolve, field, frozen

from model.clock import MINUTE
from model.cloudwatch.extended import STATISTICS, is_statistic
from model.cloudwatch.math.syntax import MathError
from model.cloudwatch.metrics import PERIODS, MetricKey
from model.cloudwatch.queries import MetricQuery, MetricStat, QueryError, check_queries
from model.cloudwatch.requests import MOST_QUERIES
from model.cloudwatch.resources import MetricDataQuery
from model.world import World
from scenarios.document import Place, read
from scenarios.durations import parse_duration
from scenarios.expectations import ExpectationError, check_subject
from scenarios.judged import COUNTS, JUDGED, LEVELS, metrics_of
from scenarios.metric_names import dimension_of, dimension_value, key_of
from scenarios.mistakes import Mistake, ScenarioError, error, nearest
from scenarios.structure import Structurer

FORM = "write NAMESPACE METRIC NAME=VALUE ... STATISTIC PERIOD, RESOURCE.METRIC.STATISTIC, or math"

_ID = re.compile(r"\s*([A-Za-z_]\w*)\s*=(?!=)\s*")
_DOTTED = re.compile(r"([A-Za-z]\w*)\.([A-Za-z]\w*)(?:\.(.+))?")
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_PLAIN = re.compile(r"""[A-Za-z"'][^()\[\]{},+*<>^=]*""")
_PAIR = re.compile(r"""((?:[^=,"']|"[^"]*"|'[^']*')+)=((?:[^,"']|"[^"]*"|'[^']*')*)(?:,|$)""")


class QueryTextError(ValueError):
    """A line is no query: which line (counted from 0), and at which of its characters (from 1)."""

    def __init__(self, message: str, column: int = 1, hint: str = "", index: int = 0) -> None:
        super().__init__(message)
        self.column = column
        self.hint = hint
        self.index = index


@frozen
class _Word:
    """A word of a line, without its quotes, and where it begins (from 0)."""

    text: str
    start: int


@frozen
class _Line:
    """What was read of a line."""

    query: MetricQuery
    start: int = 0
    """Where its expression begins."""


@frozen
class QueryReader:
    """Reads lines about the metrics of one world; what names no period has `period` seconds."""

    world: World = field(repr=False)
    period: float | None = None

    def read(
        self, lines: Sequence[str], known: Sequence[MetricQuery] = ()
    ) -> tuple[MetricQuery, ...]:
        """What was `known`, and a query for each line. Raises `QueryTextError` for the first wrong.

        Metrics without an id are called m1, m2, ..., expressions e1, e2, ...
        """
        found: list[_Line] = []
        for index, text in enumerate(lines):
            try:
                found.append(self._line(text))
            except QueryTextError as problem:
                problem.index = index
                raise
        queries = _named([*known, *(line.query for line in found)])
        try:
            _check(queries)
        except QueryError as problem:
            index = problem.index - len(known)
            message = re.sub(r"^column \d+: ", "", str(problem))
            if problem.key == "Id":
                message = message.replace("must", "an id must", 1)
            column = found[index].start + max(problem.column, 1)
            raise QueryTextError(message, column, index=index) from None
        return queries

    def _line(self, text: str) -> _Line:
        given = _ID.match(text)
        name, start = (given[1], given.end()) if given else ("", 0)
        words = list(_words(text, start))
        if not words:
            raise QueryTextError("there is nothing to ask for", start + 1, FORM)
        dotted = _DOTTED.fullmatch(words[0].text)
        if dotted is not None and len(words) <= 2:
            return _Line(self._dotted(name, dotted, words))
        if _is_metric(text, words):
            return _Line(self._metric(name, words))
        expression = text[start:].rstrip()
        query = MetricQuery(id=name, expression=expression, period=self.period)
        try:
            _ = query.tree
        except MathError as problem:
            hint = FORM if re.fullmatch(r"[\w./-]*\w", expression) else ""
            raise QueryTextError(problem.problem, start + problem.column, hint) from None
        return _Line(query, start)

    # -- RESOURCE.METRIC.STATISTIC ------------------------------------------------------------

    def _dotted(self, name: str, dotted: re.Match[str], words: list[_Word]) -> MetricQuery:
        resource, metric, statistic = dotted.groups()
        start, resources = words[0].start, self.world.stack.resources
        if not isinstance(resources.get(resource), JUDGED):
            judged = [name for name, item in resources.items() if isinstance(item, JUDGED)]
            problem = f"there is no resource named {resource} that has metrics"
            raise QueryTextError(problem, start + 1, nearest(resource, judged))
        if metric in LEVELS:
            hint = "with MetricsCollection there are GroupInServiceInstances and others"
            problem = f"{metric} is no metric of CloudWatch but the group's capacity"
            if metric in COUNTS:
                hint = "with Container Insights there are RunningTaskCount and others"
                problem = f"{metric} is no metric of CloudWatch but a count of the service's"
            raise QueryTextError(problem, start + len(resource) + 2, hint)
        try:
            subject = check_subject(
                tuple(part for part in (resource, metric, statistic) if part), self.world.stack
            )
        except ExpectationError as problem:
            raise QueryTextError(str(problem), start + problem.column, problem.hint) from None
        period = self._period(words[1]) if len(words) > 1 else self.period or MINUTE
        stat = MetricStat(key_of(resource, metric, self.world), period, subject[2])
        return MetricQuery(id=name, metric_stat=stat)

    # -- NAMESPACE METRIC NAME=VALUE ... STATISTIC PERIOD -------------------------------------

    def _metric(self, name: str, words: list[_Word]) -> MetricQuery:
        namespace, metric, *rest = words
        dimensions: dict[str, str] = {}
        statistic, period = "", 0.0
        for word in rest:
            if "=" in word.text:
                self._dimensions(word, dimensions)
            elif not statistic and is_statistic(word.text):
                statistic = word.text
            elif not period and word.text[0].isdigit():
                period = self._period(word)
            else:
                self._misplaced(word, statistic)
        key = MetricKey.of(namespace.text, metric.text, dimensions)
        stat = MetricStat(key, period or self.period or MINUTE, statistic or self._usual(key))
        return MetricQuery(id=name, metric_stat=stat)

    def _dimensions(self, word: _Word, dimensions: dict[str, str]) -> None:
        """`NAME=VALUE`, several of them with commas, or the CLI's `Name=NAME,Value=VALUE`."""
        pairs, end = [], 0
        for pair in _PAIR.finditer(word.text):
            if pair.start() != end:
                break
            pairs.append((_unquoted(pair[1]), _unquoted(pair[2])))
            end = pair.end()
        if end != len(word.text):
            raise QueryTextError("a dimension is NAME=VALUE", word.start + end + 1)
        if [name for name, _ in pairs] == ["Name", "Value"]:
            pairs = [(pairs[0][1], pairs[1][1])]
        for name, value in pairs:
            if name in dimensions:
                problem = f"the dimension {name} is given twice"
                raise QueryTextError(problem, word.start + 1)
            dimensions[name] = dimension_value(self.world.stack, name, value)

    def _usual(self, key: MetricKey) -> str:
        """The statistic that is usual for a metric of the scenario's resources."""
        for resource in self.world.stack.resources.values():
            if dimension_of(resource) in key.dimensions:
                usual = (metrics_of(resource, self.world.stack) or {}).get(key.name)
                if usual:
                    return usual
        return "Average"

    def _period(self, word: _Word) -> float:
        try:
            return read_period(word.text)
        except ValueError as problem:
            raise QueryTextError(str(problem), word.start + 1) from None

    def _misplaced(self, word: _Word, statistic: str) -> NoReturn:
        if statistic and is_statistic(word.text):
            problem = f"there are two statistics, {statistic} and {word.text}"
            raise QueryTextError(problem, word.start + 1, "write a query for each")
        hint = nearest(word.text, [*STATISTICS, "p50", "p90", "p99", "tm99", "IQM"])
        problem = f"{word.text!r} is no dimension (NAME=VALUE), no statistic and no period"
        raise QueryTextError(problem, word.start + 1, hint)


def read_period(text: str) -> float:
    """Seconds. Raises `ValueError` where no datapoints can be so far apart."""
    seconds = parse_duration(text)
    if seconds not in PERIODS and (seconds <= 0 or seconds % MINUTE):
        listed = ", ".join(f"{period:g}" for period in PERIODS)
        raise ValueError(f"a period is {listed} or a multiple of 60 seconds, not {text}")
    return seconds


def _words(text: str, start: int) -> Iterator[_Word]:
    for found in _WORD.finditer(text, start):
        quoted = "=" not in found[0]
        yield _Word(_unquoted(found[0]) if quoted else found[0], found.start())


def _unquoted(text: str) -> str:
    return re.sub(r""""([^"]*)"|'([^']*)'""", lambda quoted: quoted[1] or quoted[2] or "", text)


def _is_metric(text: str, words: list[_Word]) -> bool:
    """Whether a line names a namespace and a metric: no expression has two names in a row."""
    if len(words) < 2 or words[1].text in ("AND", "OR"):
        return False
    raw = [found[0] for found in _WORD.finditer(text, words[0].start)][:2]
    return all(_PLAIN.fullmatch(word) for word in raw)


def _named(queries: list[MetricQuery]) -> tuple[MetricQuery, ...]:
    """Those without an id are given one."""
    taken = {query.id for query in queries}
    named = []
    for letter, query in ((("m" if q.metric_stat else "e"), q) for q in queries):
        if not query.id:
            free = (f"{letter}{number}" for number in range(1, len(queries) + 1))
            query = evolve(query, id=next(name for name in free if name not in taken))
            taken.add(query.id)
        named.append(query)
    return tuple(named)


def _check(queries: Sequence[MetricQuery]) -> None:
    if len(queries) > MOST_QUERIES:
        problem = f"give at most {MOST_QUERIES} queries, not {len(queries)}"
        raise QueryError(problem, MOST_QUERIES)
    check_queries(queries)


# -- files ------------------------------------------------------------------------------------


def read_query_file(path: Path, world: World) -> tuple[MetricQuery, ...]:
    """A file as `aws cloudwatch get-metric-data --metric-data-queries` takes it.

    It may also be that of `--cli-input-json`, whose times are not looked at. Raises
    `ScenarioError` with all that is wrong with it.
    """
    document = read(path)
    content, place = document.content, Place()
    if isinstance(content, dict) and "MetricDataQueries" in content:
        content, place = content["MetricDataQueries"], ("MetricDataQueries",)
    if not isinstance(content, list) or not content:
        raise error(document.mark(()), "this must be a list of queries (MetricDataQueries)")
    structurer, queries, mistakes = Structurer(document), list[MetricQuery](), list[Mistake]()
    for index, item in enumerate(content):
        made, wrong = structurer.structure(item, MetricDataQuery, (*place, index))
        mistakes += wrong
        if made is not None:
            queries.append(_by_logical_ids(made.read(), world))
    if mistakes:
        raise ScenarioError(mistakes)
    try:
        _check(queries)
    except QueryError as problem:
        where = (*place, problem.index, *([problem.key] if problem.key else []))
        raise error(document.mark(where), f"{problem.key} {problem}".strip()) from None
    return tuple(queries)


def _by_logical_ids(query: MetricQuery, world: World) -> MetricQuery:
    stat = query.metric_stat
    if stat is None:
        return query
    pairs = {
        name: dimension_value(world.stack, name, value) for name, value in stat.metric.dimensions
    }
    key = MetricKey.of(stat.metric.namespace, stat.metric.name, pairs)
    return evolve(query, metric_stat=evolve(stat, metric=key))

"""What an expression comes to over a span of time."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime

from attrs import define, evolve, field

from model.cloudwatch.math import functions
from model.cloudwatch.math.operators import negate, operate
from model.cloudwatch.math.search import Search, read_search
from model.cloudwatch.math.series import Array, Series, Span, Value
from model.cloudwatch.math.syntax import (
    Bracket,
    Call,
    MathError,
    Name,
    Negative,
    Node,
    Number,
    Operation,
    Text,
    Word,
)

Band = Callable[[Node, Series, float, Span], tuple[Series, Series]]
"""Gives the upper and the lower limit of what an expression comes to, so many standard deviations
from what is expected of it."""
Finder = Callable[[Search, str, float], Array]
"""Reads a statistic, by periods, of all metrics that a search finds."""

DEVIATIONS = 2.0
"""How wide a band is if nothing is said."""


@define
class Evaluator:
    """One request: its metrics as they were read, and its expressions, each computed once."""

    span: Span
    period: float
    """Of what has no period of its own (TIME_SERIES, SEARCH)."""
    metrics: Mapping[str, Series]
    """By id, in the order of the request."""
    expressions: Mapping[str, Node]
    """By id; they were checked, and none needs itself."""
    utc: Callable[[float], datetime]
    find: Finder
    band: Band | None = None
    _known: dict[str, Value] = field(factory=dict, init=False)

    def by_id(self, name: str) -> Value:
        """What a metric or an expression of the request comes to."""
        if name in self.metrics:
            return self.metrics[name]
        if name not in self._known:
            self._known[name] = self.value(self.expressions[name])
        return self._known[name]

    def value(self, node: Node) -> Value:
        """What a checked expression comes to."""
        match node:
            case Number():
                return node.value
            case Text():
                return node.value
            case Word():
                return node.word
            case Name():
                return self.by_id(node.id)
            case Negative():
                return negate(self.value(node.operand))
            case Operation():
                return operate(node.symbol, self.value(node.left), self.value(node.right))
            case Bracket():
                return self._array(node)
            case Call():
                return self._call(node, [self.value(argument) for argument in node.arguments])
        raise AssertionError(node)

    def _array(self, node: Bracket) -> Array:
        """Arrays within an array are put one after another."""
        made: list[Series] = []
        for item in node.items:
            value = self.value(item)
            assert isinstance(value, Series | tuple)
            made += [value] if isinstance(value, Series) else value
        return tuple(made)

    def _call(self, node: Call, values: list[Value]) -> Value:
        name, span = node.function, self.span
        if name in functions.POINTWISE:
            return _each(values[0], lambda series: series.map(functions.POINTWISE[name]))
        if name in functions.WHOLE:
            return _each(values[0], functions.WHOLE[name])
        match name, values:
            case "FILL", [of, filler]:
                return _each(of, lambda series: functions.fill(series, filler, span))
            case "IF", [condition, true, *rest]:
                return functions.choose(condition, true, rest[0] if rest else None)
            case "TIME_SERIES", [float(number)]:
                made = dict.fromkeys(span.times(self.period), number)
                return Series(self.period).but(made)
            case "PERIOD", [Series(period=period)]:
                return period
            case "SERVICE_QUOTA", [Series(quota=quota) as series]:
                made = {} if quota is None else dict.fromkeys(span.times(series.period), quota)
                return series.but(made)
            case "METRICS", texts:
                return self._metrics(*texts)
            case "SEARCH", [str(text), str(statistic), *periods]:
                return self._search(node, text, statistic, *periods)
            case "ANOMALY_DETECTION_BAND", [Series() as series, *deviations]:
                return self._band(node, series, *deviations)
        first = values[0]
        if name in functions.CALENDAR:
            assert isinstance(first, Series)
            return functions.stamp(name, first, span, self.utc)
        if name in functions.REDUCTIONS:
            assert isinstance(first, Series | tuple)
            return self._dated(functions.reduce(name, first, span))
        assert isinstance(first, tuple)
        return self._of_array(name, first, values[1:])

    def _of_array(self, name: str, array: Array, more: list[Value]) -> Value:
        match name, more:
            case "FIRST", []:
                return self._dated(functions.pick(array, 0))
            case "LAST", []:
                return self._dated(functions.pick(array, -1))
            case "METRIC_COUNT", []:
                return float(len(array))
            case "REMOVE_EMPTY", []:
                return tuple(series for series in array if series.points)
            case "SLICE", [float(start), *rest]:
                return functions.cut(array, start, next(iter(_numbers(rest)), None))
            case "SORT", [str(by), str(order), *rest]:
                limit = next(iter(_numbers(rest)), None)
                return functions.sort(array, by, order, limit, self.span)
        raise AssertionError(name)

    def _dated(self, value: Value) -> Value:
        """What came of an empty array has the period of the request."""
        if isinstance(value, Series) and math.isinf(value.period):
            return evolve(value, period=self.period)
        return value

    def _metrics(self, *texts: Value) -> Array:
        """METRICS(): those of the request, not the expressions."""
        part = str(texts[0]) if texts else ""
        return tuple(series for name, series in self.metrics.items() if part in name)

    def _search(self, node: Call, text: str, statistic: str, *periods: Value) -> Array:
        (period,) = _numbers(list(periods)) or [self.period]
        if period < 60 or period % 60:
            column = node.arguments[-1].column
            raise MathError(f"the period must be a multiple of 60, not {period:g}", column)
        return self.find(read_search(text, node.arguments[0].column), statistic, period)

    def _band(self, node: Call, series: Series, *deviations: Value) -> Array:
        if self.band is None:
            raise MathError("there is no anomaly detection to ask for a band", node.column)
        (number,) = _numbers(list(deviations)) or [DEVIATIONS]
        return self.band(node.arguments[0], series, number, self.span)


def _each(value: Value, function: Callable[[Series], Series]) -> Value:
    """A function of a series, on a series or on each of an array."""
    if isinstance(value, tuple):
        return tuple(function(series) for series in value)
    assert isinstance(value, Series)
    return function(value)


def _numbers(values: list[Value]) -> list[float]:
    return [value for value in values if isinstance(value, float)]

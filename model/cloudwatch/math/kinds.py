"""What goes together in an expression, found out before there are any data.

Source: "Using metric math": the tables of operators and functions, with S for a scalar number, TS
for a time series, TS[] for an array of time series; Using IF expressions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from attrs import frozen

from model.cloudwatch.extended import is_statistic
from model.cloudwatch.math.operators import ARITHMETIC
from model.cloudwatch.math.search import check_search
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
    suggest,
)


class Kind(StrEnum):
    S = "a number"
    TS = "a time series"
    ARRAY = "an array of time series"
    TEXT = "a text in quotes"


S, TS, ARRAY, TEXT = Kind.S, Kind.TS, Kind.ARRAY, Kind.TEXT
Wanted = Kind | tuple[str, ...]
"""A kind, or the words that may stand there."""


@frozen
class Form:
    """One way to call a function."""

    takes: tuple[Wanted, ...]
    gives: Kind


def _each(*more: Wanted) -> tuple[Form, ...]:
    """What is done to each series: series give a series, arrays an array."""
    return Form((TS, *more), TS), Form((ARRAY, *more), ARRAY)


_POINTWISE = _each()
_TOGETHER = (Form((TS,), S), Form((ARRAY,), TS))
_STAMP = (Form((TS,), TS),)
_FILLERS = ("REPEAT", "LINEAR")
_BY, _ORDER = ("AVG", "MIN", "MAX", "SUM"), ("ASC", "DESC")

FORMS: dict[str, tuple[Form, ...]] = {
    **dict.fromkeys(("ABS", "CEIL", "FLOOR", "LOG", "LOG10"), _POINTWISE),
    **dict.fromkeys(("DIFF", "DIFF_TIME", "RATE", "RUNNING_SUM"), _POINTWISE),
    **dict.fromkeys(("AVG", "DATAPOINT_COUNT", "MAX", "MIN", "STDDEV", "SUM"), _TOGETHER),
    **dict.fromkeys(("MINUTE", "HOUR", "DAY", "DATE", "MONTH", "YEAR", "EPOCH"), _STAMP),
    "ANOMALY_DETECTION_BAND": (Form((TS,), ARRAY), Form((TS, S), ARRAY)),
    "FILL": (*_each(S), *_each(TS), *_each(_FILLERS)),
    "FIRST": (Form((ARRAY,), TS),),
    "LAST": (Form((ARRAY,), TS),),
    "IF": (
        *(Form((TS, true), TS) for true in (TS, S)),
        *(Form((TS, true, false), TS) for true in (TS, S) for false in (TS, S)),
        Form((S, TS), TS),
        Form((S, TS, TS), TS),
    ),
    "METRIC_COUNT": (Form((ARRAY,), S),),
    "METRICS": (Form((), ARRAY), Form((TEXT,), ARRAY)),
    "PERIOD": (Form((TS,), S),),
    "REMOVE_EMPTY": (Form((ARRAY,), ARRAY),),
    "SEARCH": (Form((TEXT, TEXT), ARRAY), Form((TEXT, TEXT, S), ARRAY)),
    "SERVICE_QUOTA": (Form((TS,), TS),),
    "SLICE": (Form((ARRAY, S), ARRAY), Form((ARRAY, S, S), ARRAY)),
    "SORT": (Form((ARRAY, _BY, _ORDER), ARRAY), Form((ARRAY, _BY, _ORDER, S), ARRAY)),
    "TIME_SERIES": (Form((S,), TS),),
}
"""Every function, with all ways to call it."""

REFUSED = {
    "DB_PERF_INSIGHTS": "Performance Insights of databases is not simulated",
    "INSIGHT_RULE_METRIC": "Contributor Insights is not simulated",
    "LAMBDA": "data sources behind a Lambda function are not simulated",
}
"""Functions of AWS that ask for something that is not here."""


@frozen
class Scope:
    """What an expression may name."""

    kinds: Mapping[str, Kind]
    """Of the metrics and the other expressions, by id."""
    metrics: Collection[str]
    """Which of them are metrics."""
    ids: Collection[str]
    """All ids of the request, for hints."""


def kind_of(node: Node, scope: Scope) -> Kind:
    """What an expression gives. Raises `MathError` where something does not go together."""
    match node:
        case Number():
            return S
        case Text():
            return TEXT
        case Name(id=name, column=column):
            if name not in scope.kinds:
                hint = suggest(name, scope.ids)
                raise MathError(f"there is no metric or expression named {name}{hint}", column)
            return scope.kinds[name]
        case Word(word=word, column=column):
            if word in FORMS or word in REFUSED:
                raise MathError(f"{word} is a function: write {word}(...)", column)
            raise MathError(f"{word} is no id: ids begin with a lower-case letter", column)
        case Negative(operand=operand):
            kind = kind_of(operand, scope)
            if kind is TEXT:
                raise MathError("a text has no negative", node.column)
            return kind
        case Bracket(items=items):
            return _array(node, items, scope)
        case Operation():
            return _operation(node, scope)
        case Call():
            return _call(node, scope)
    raise AssertionError(node)


def _array(node: Node, items: tuple[Node, ...], scope: Scope) -> Kind:
    if not items:
        raise MathError("an array needs at least one time series", node.column)
    for item in items:
        kind = kind_of(item, scope)
        if kind not in (TS, ARRAY):
            raise MathError(f"an array holds time series, not {kind}", item.column)
    return ARRAY


def _operation(node: Operation, scope: Scope) -> Kind:
    left, right = kind_of(node.left, scope), kind_of(node.right, scope)
    symbol, kinds = node.symbol, {left, right}
    if TEXT in kinds:
        raise MathError(f"{symbol} is between numbers and time series, not texts", node.column)
    if ARRAY not in kinds:
        return TS if TS in kinds else S
    if symbol not in ARITHMETIC:
        raise MathError(
            f"{symbol} compares time series and numbers; an array is to be made one series first, "
            "as SUM or FIRST does",
            node.column,
        )
    if left is right:
        raise MathError(
            f"{symbol} does not go between two arrays; one of them is to be made one series first, "
            "as SUM does",
            node.column,
        )
    return ARRAY


def _call(node: Call, scope: Scope) -> Kind:
    name = node.function
    if name in REFUSED:
        raise MathError(f"{name}: {REFUSED[name]}", node.column)
    if name not in FORMS:
        if name.upper() in FORMS:
            raise MathError(f"functions are in upper case: {name.upper()}, not {name}", node.column)
        hint = suggest(name, FORMS)
        raise MathError(f"there is no function {name}{hint}", node.column)
    forms = FORMS[name]
    counts = sorted({len(form.takes) for form in forms})
    given = len(node.arguments)
    if given not in counts:
        raise MathError(f"{name} takes {_arguments(counts)}, not {given}", node.column)
    forms = tuple(form for form in forms if len(form.takes) == given)
    for place, argument in enumerate(node.arguments):
        kind = argument.word if isinstance(argument, Word) else kind_of(argument, scope)
        fitting = tuple(form for form in forms if _fits(kind, form.takes[place]))
        if not fitting:
            if isinstance(argument, Word) and all(isinstance(f.takes[place], Kind) for f in forms):
                kind_of(argument, scope)  # it says what is wrong with a word
            raise MathError(_misfit(name, place, argument, kind, forms), argument.column)
        forms = fitting
    _check_contents(node, scope)
    return forms[0].gives


def _fits(kind: Kind | str, wanted: Wanted) -> bool:
    return kind in wanted if isinstance(wanted, tuple) else kind is wanted


def _arguments(counts: list[int]) -> str:
    listed = " or ".join(map(str, counts)) if counts != [0, 1] else "0 or 1"
    return f"{listed} argument{'s' * (counts != [1])}"


def _misfit(
    name: str, place: int, argument: Node, kind: Kind | str, forms: tuple[Form, ...]
) -> str:
    wanted: dict[str, None] = {}
    for form in forms:
        take = form.takes[place]
        wanted |= dict.fromkeys(take if isinstance(take, tuple) else (str(take),))
    listed = " or ".join(wanted)
    ordinal = ("first", "second", "third", "fourth")[place]
    hint = suggest(kind, wanted) if isinstance(argument, Word) else ""
    return f"the {ordinal} argument of {name} is {listed}, not {kind}{hint}"


def _check_contents(node: Call, scope: Scope) -> None:
    """Arguments whose kind alone does not tell that they are right."""
    first = node.arguments[0] if node.arguments else node
    is_metric = isinstance(first, Name) and first.id in scope.metrics
    if node.function in ("PERIOD", "SERVICE_QUOTA") and not is_metric:
        # "Valid input is metrics, not the results of other expressions"
        problem = f"{node.function} takes a metric, not the result of an expression"
        raise MathError(problem, first.column)
    if node.function == "SEARCH":
        query, statistic = node.arguments[:2]
        if not isinstance(query, Text) or not isinstance(statistic, Text):
            raise AssertionError(node)
        check_search(query.value, query.column)
        if not is_statistic(statistic.value):
            problem = f"there is no statistic {statistic.value!r}; write 'Sum' or 'p99'"
            raise MathError(problem, statistic.column)

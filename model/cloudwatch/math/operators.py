"""Arithmetic, comparisons and logic between numbers, time series and arrays.

Source: "Using metric math", Basic arithmetic functions; Comparison and logical operators. Where one
of two series has no point, it counts as 0; where neither has, the result has none. A point that
would be divided by zero is dropped.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from model.cloudwatch.math.series import Series, Value, times_of

Function = Callable[[float, float], float]


def _divide(left: float, right: float) -> float:
    return left / right if right != 0 else math.nan


def _power(left: float, right: float) -> float:
    try:
        value = left**right
    except (OverflowError, ZeroDivisionError):
        return math.nan
    return value if isinstance(value, float) else math.nan  # no root of a negative number


def _truth(test: Callable[[float, float], bool]) -> Function:
    return lambda left, right: float(test(left, right))


ARITHMETIC: dict[str, Function] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "^": _power,
}
CONDITIONS: dict[str, Function] = {
    "==": _truth(operator.eq),
    "!=": _truth(operator.ne),
    "<": _truth(operator.lt),
    "<=": _truth(operator.le),
    ">": _truth(operator.gt),
    ">=": _truth(operator.ge),
    "AND": _truth(lambda left, right: left != 0 and right != 0),
    "OR": _truth(lambda left, right: left != 0 or right != 0),
}
"""What gives 1 (true) or 0 (false)."""
OPERATORS = ARITHMETIC | CONDITIONS


def operate(symbol: str, left: Value, right: Value) -> Value:
    """Two operands of kinds that go together."""
    function = OPERATORS[symbol]
    if isinstance(left, tuple):
        return tuple(_pair(function, series, right) for series in left)
    if isinstance(right, tuple):
        # the results keep the labels of the array's series
        return tuple(_pair(function, left, series, labelled=series) for series in right)
    if isinstance(left, Series) or isinstance(right, Series):
        return _pair(function, left, right)
    assert isinstance(left, float)
    assert isinstance(right, float)
    return _number(function, left, right)


def _number(function: Function, left: float, right: float) -> float:
    unknown = math.isnan(left) or math.isnan(right)
    return math.nan if unknown else function(left, right)


def _pair(
    function: Function, left: Value, right: Value, *, labelled: Series | None = None
) -> Series:
    """A series with another, or with a number."""
    both = [side for side in (left, right) if isinstance(side, Series)]
    model = labelled or both[0]
    if len(both) == 2:
        first, second = both
        made = {
            time: _number(function, first.points.get(time, 0.0), second.points.get(time, 0.0))
            for time in times_of(both)
        }
        period = min(first.period, second.period)
        return Series(period, label=model.label).but(made)
    if isinstance(left, float):
        return Series(model.period, label=model.label).but(
            {time: _number(function, left, value) for time, value in model.points.items()}
        )
    assert isinstance(right, float)
    return Series(model.period, label=model.label).but(
        {time: _number(function, value, right) for time, value in model.points.items()}
    )


def negate(value: Value) -> Value:
    """Unary minus."""
    if isinstance(value, tuple):
        return tuple(series.map(operator.neg) for series in value)
    if isinstance(value, Series):
        return value.map(operator.neg)
    assert isinstance(value, float)
    return -value

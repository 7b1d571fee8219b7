"""Series as AWS's tables draw them, and expressions over them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from model.cloudwatch.math.evaluate import Band, Evaluator
from model.cloudwatch.math.kinds import Kind, Scope, kind_of
from model.cloudwatch.math.series import Series, Span, Value
from model.cloudwatch.math.syntax import parse

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
Points = list[float | None]


def utc(time: float) -> datetime:
    return MONDAY + timedelta(seconds=time)


def make(points: Points, period: float = 60.0, label: str = "") -> Series:
    """A series of these values, None where there is no point."""
    found = {n * period: float(value) for n, value in enumerate(points) if value is not None}
    return Series(period, found, label=label)


def evaluate(
    text: str,
    *,
    band: Band | None = None,
    **metrics: Points | Series,
) -> Value:
    """What a checked expression comes to, over as many minutes as the longest metric has."""
    series = {
        name: points if isinstance(points, Series) else make(points, label=name)
        for name, points in metrics.items()
    }
    longest = max((len(p) for p in metrics.values() if isinstance(p, list)), default=5)
    tree = parse(text)
    kind_of(tree, Scope(dict.fromkeys(series, Kind.TS), series, series))
    return Evaluator(
        span=Span(0.0, 60.0 * longest),
        period=60.0,
        metrics=series,
        expressions={},
        utc=utc,
        find=_nothing,
        band=band,
    ).value(tree)


def _nothing(*_: object) -> tuple[Series, ...]:
    return ()


def drawn(series: Series, number: int) -> Points:
    """The values of a series, None where it has no point."""
    return [series.points.get(n * series.period) for n in range(number)]


def values(text: str, **metrics: Points) -> Points:
    """An expression that gives one series, drawn over as many minutes as its metrics have."""
    value = evaluate(text, band=None, **metrics)
    assert isinstance(value, Series), value
    return drawn(value, max(len(points) for points in metrics.values()))


def arrays(text: str, **metrics: Points) -> list[Points]:
    """An expression that gives an array."""
    value = evaluate(text, band=None, **metrics)
    assert isinstance(value, tuple)
    return [drawn(series, max(len(p) for p in metrics.values())) for series in value]

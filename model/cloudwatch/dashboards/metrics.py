"""The `metrics` array of a widget: one metric or expression a line, with its shorthand.

Each line is `[Namespace, MetricName, DimensionName, DimensionValue, ..., {options}]`, in which `.`
stands for what the line before has in the same place and `...` for as many of them as there is room
for, or `[{"expression": ...}]`. Source: "Metric Widget: Format for Each Metric in the Array".
"""

from __future__ import annotations

from typing import Any

from attrs import evolve

from model.cloudwatch.dashboards.body import Axis, GraphedMetric
from model.cloudwatch.dashboards.fields import Fields, Messages, kind
from model.cloudwatch.extended import EXAMPLES, is_statistic
from model.cloudwatch.metrics import MetricKey
from model.cloudwatch.queries import (
    ID,
    MetricQuery,
    MetricStat,
    QueryError,
    check_queries,
)
from model.resources import REGION

MOST = 500
"""Metrics and expressions of one widget."""


def statistic(fields: Fields, default: str) -> str:
    """The field `stat`."""
    name = fields.text("stat", default)
    if not is_statistic(name):
        fields.error("stat", f"must be a statistic such as Average, {EXAMPLES}, not {name!r}")
        return default
    return name


def period(fields: Fields, default: float | None) -> float | None:
    """The field `period`: 1, 5, 10, 30 or a multiple of 60 seconds."""
    value = fields.whole("period", 1)
    if value is None:
        return default
    if value % 60 and value not in (1, 5, 10, 30):
        fields.error("period", f"must be 1, 5, 10, 30 or a multiple of 60, not {value}")
        return default
    return float(value)


def read_metrics(widget: Fields, stat: str, length: float) -> tuple[GraphedMetric, ...]:
    """The lines of a widget's array; `stat` and `length` (the period) are what it says for all."""
    lines, before = list[tuple[str, GraphedMetric]](), list[str]()
    items = widget.items("metrics", 0, MOST)
    if items and all(isinstance(item, str) for _, item in items):
        widget.error("metrics", "must be an array of arrays, one for each metric")
        return ()
    for path, item in items:
        if not isinstance(item, list) or not item:
            widget.messages.error(path, f"must be an array, not {kind(item)}")
            continue
        *parts, last = item if isinstance(item[-1], dict) else (*item, {})
        options = Fields(last, path, widget.messages)
        if parts:
            before = _expand(parts, before, path, widget.messages)
        line = _line(before if parts else [], options, stat, length)
        if line is not None:
            lines.append((path, line))
    return _checked(_with_ids(lines), widget.messages)


def _expand(parts: list[Any], before: list[str], path: str, messages: Messages) -> list[str]:
    """A line with what it takes over from the one before written out."""
    if not all(isinstance(part, str) for part in parts):
        wrong = next(part for part in parts if not isinstance(part, str))
        messages.error(path, f"must be an array of text and one object at the end, not {wrong!r}")
        return []
    if "..." in parts:
        at = parts.index("...")
        tail = parts[at + 1 :]
        parts = [*parts[:at], *["."] * (len(before) - at - len(tail)), *tail]
    made: list[str] = []
    for index, part in enumerate(parts):
        # several dots stand for as many parts: a shorthand of the console's own
        for _ in range(len(part) if part and not part.strip(".") else 1):
            if part.startswith(".") and not part.strip("."):
                if len(made) >= len(before):
                    messages.error(
                        f"{path}/{index}", "stands for a part that the metric before does not have"
                    )
                    return []
                made.append(before[len(made)])
            else:
                made.append(part)
    if len(made) < 2 or len(made) % 2:
        messages.error(
            path,
            "must be a namespace, a metric's name, and for each dimension its name and its value, "
            f"not {len(made)} parts",
        )
        return []
    return made


def _line(parts: list[str], options: Fields, stat: str, length: float) -> GraphedMetric | None:
    expression = options.text("expression") if options.has("expression") else None
    name, label = options.text("id"), options.text("label")
    if name and not ID.fullmatch(name):
        options.error("id", f"must begin with a lower-case letter, as {name!r} does not")
    stat, own = statistic(options, stat), period(options, None)
    visible = options.boolean("visible", True)
    # older dashboards say {"yAxis": "right"}, the settings of an axis are an object
    side = options.get("yAxis")
    if side not in (None, "left", "right"):
        options.error("yAxis", f"must be left or right, not {kind(side)}")
    region = options.text("region", REGION)
    options.close("accountId", "color", "stack")
    if region != REGION:
        options.messages.warn(f"{options.path}/region", f"{region} is not simulated: left out")
        return None
    if expression is not None and expression.lstrip().upper().startswith("SELECT "):
        options.messages.warn(
            f"{options.path}/expression", "Metrics Insights is not simulated: left out"
        )
        return None
    query = MetricQuery(
        id=name, expression=expression, label=label or None, period=own, return_data=visible
    )
    if expression is None:
        if not parts:
            if not options.messages.found:
                options.messages.error(options.path, "needs a metric or an expression")
            return None
        pairs = dict(zip(parts[2::2], parts[3::2], strict=True))
        key = MetricKey.of(parts[0], parts[1], pairs)
        query = evolve(query, metric_stat=MetricStat(key, own or length, stat), period=None)
    elif parts:
        options.messages.error(options.path, "has a metric and an expression; give one of them")
        return None
    return GraphedMetric(query, right=side == "right")


def _with_ids(lines: list[tuple[str, GraphedMetric]]) -> list[tuple[str, GraphedMetric]]:
    """Every line with an id, as the console gives them: m1, m2, e1."""
    taken = {line.query.id for _, line in lines}
    made: list[tuple[str, GraphedMetric]] = []
    for path, line in lines:
        if not line.query.id:
            letter = "m" if line.query.expression is None else "e"
            name = next(n for k in range(1, MOST + 2) if (n := f"{letter}{k}") not in taken)
            taken.add(name)
            line = evolve(line, query=evolve(line.query, id=name))
        made.append((path, line))
    return made


def _checked(
    lines: list[tuple[str, GraphedMetric]], messages: Messages
) -> tuple[GraphedMetric, ...]:
    """The lines, if their expressions can be worked out."""
    if lines:
        try:
            check_queries([line.query for _, line in lines])
        except QueryError as problem:
            path = lines[problem.index][0]
            messages.error(path, str(problem))
    return tuple(line for _, line in lines)


def axis(fields: Fields) -> Axis:
    """One side of `yAxis`."""
    low, high = fields.number("min"), fields.number("max")
    if low is not None and high is not None and low >= high:
        fields.error("min", f"must be below max, but {low:g} is not below {high:g}")
        low = high = None
    made = Axis(low, high, fields.text("label"), fields.boolean("showUnits", True))
    fields.close()
    return made

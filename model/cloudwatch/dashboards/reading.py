"""From a DashboardBody, a text in JSON, to a dashboard, with everything that is wrong with it.

Sources: "Dashboard Body Structure and Syntax"; API PutDashboard; API DashboardValidationMessage.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from attrs import evolve, frozen

from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.dashboards import annotating
from model.cloudwatch.dashboards.body import (
    COLUMNS,
    PERIOD,
    RANGE,
    SUMMARIES,
    VIEWS,
    AlarmWidget,
    Box,
    DashboardBody,
    MetricWidget,
    OtherWidget,
    SortBy,
    TextWidget,
    Widget,
)
from model.cloudwatch.dashboards.fields import Fields, Messages, ValidationMessage, kind
from model.cloudwatch.dashboards.grid import HEIGHT, WIDTH, Wish, place
from model.cloudwatch.dashboards.metrics import axis, period, read_metrics, statistic
from model.cloudwatch.dashboards.times import moment, relative
from model.resources import REGION

MOST_WIDGETS = 500
"""Of a dashboard."""
MOST_METRICS = 2500
"""Of all its widgets ("CloudWatch service quotas")."""
MOST_ALARMS = 100
"""Of one alarm status widget."""

SORTS: tuple[SortBy, ...] = ("default", "stateUpdatedTimestamp", "timestamp")


@frozen
class Read:
    """A body as far as it can be used, and what is wrong with it."""

    body: DashboardBody
    messages: tuple[ValidationMessage, ...]

    @property
    def errors(self) -> tuple[ValidationMessage, ...]:
        """What has PutDashboard refuse it."""
        return tuple(message for message in self.messages if not message.warning)


def read_body(text: str) -> Read:
    """Read a body."""
    messages = Messages()
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError as problem:
        messages.error("", f"the body must be JSON: {_json_problem(problem)}")
        return Read(DashboardBody(), tuple(messages.found))
    except RecursionError:
        messages.error("", "the body is nested too deep")
        return Read(DashboardBody(), tuple(messages.found))
    fields = Fields(value, "", messages)
    body = _times(fields, DashboardBody(widgets=_widgets(fields)))
    inherit = fields.choice("periodOverride", ("auto", "inherit"), "auto") == "inherit"
    if fields.items("variables", 0, 25):
        messages.warn("/variables", "variables keep the values that the body has")
    fields.close()
    metrics = sum(len(w.metrics) for w in body.widgets if isinstance(w, MetricWidget))
    if metrics > MOST_METRICS:
        messages.error("/widgets", f"a dashboard has {MOST_METRICS} metrics at most, not {metrics}")
    return Read(evolve(body, inherit=inherit), tuple(messages.found))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _json_problem(problem: ValueError) -> str:
    if isinstance(problem, json.JSONDecodeError):
        return f"line {problem.lineno}, column {problem.colno}: {problem.msg}"
    return str(problem)


def _times(fields: Fields, body: DashboardBody) -> DashboardBody:
    start, end = fields.text("start"), fields.text("end")
    if end and not start:
        fields.error("end", "needs a start")
        return body
    if not start:
        return body
    span, first = relative(start), moment(start)
    if span is None and first is None:
        fields.error(
            "start", f"must be a range such as -PT3H or -P7D, or a time in ISO 8601, not {start!r}"
        )
        return body
    last = moment(end) if end else None
    if end and last is None:
        fields.error("end", f"must be a time such as 2026-11-25T09:00:00Z, not {end!r}")
    if span is not None:
        return evolve(body, range=span or RANGE)
    if last is not None and first is not None and first >= last:
        fields.error("start", "must be before end")
        return body
    return evolve(body, start=first, end=last)


def _widgets(fields: Fields) -> tuple[Widget, ...]:
    if not fields.has("widgets"):
        if not fields.messages.found:
            fields.messages.error(fields.path, "the body needs widgets")
        return ()
    made: list[Widget] = []
    wishes: list[Wish] = []
    for path, item in fields.items("widgets", 0, MOST_WIDGETS):
        outer = Fields(item, path, fields.messages)
        wishes.append(_wish(outer))
        name = outer.choice("type", tuple(_KINDS), "") if outer.has("type") else ""
        if not outer.values.get("type"):
            outer.messages.error(path, f"needs a type: {', '.join(_KINDS)}")
        if not outer.has("properties"):
            outer.messages.error(path, "needs properties")
        if name:
            made.append(_KINDS[name](outer.inside("properties")))
        else:
            made.append(OtherWidget(box=_NOWHERE, kind="unknown"))
        outer.close()
    boxes = place(wishes)
    return tuple(evolve(widget, box=box) for widget, box in zip(made, boxes, strict=True))


_NOWHERE = Box(0, 0, WIDTH, HEIGHT)


def _wish(fields: Fields) -> Wish:
    x, y = fields.whole("x", 0, COLUMNS - 1), fields.whole("y", 0)
    if fields.has("x") != fields.has("y"):
        fields.messages.error(fields.path, "needs x and y, or neither of them")
    width = fields.whole("width", 1, COLUMNS) or WIDTH
    height = fields.whole("height", 1, 1000) or HEIGHT
    if x is None or y is None:
        return Wish(None, None, width, height)
    if x + width > COLUMNS:
        fields.messages.warn(
            fields.path, f"reaches beyond the {COLUMNS} columns: x {x} and width {width}"
        )
    return Wish(x, y, width, height)


def _metric(fields: Fields) -> Widget:
    stat = statistic(fields, "Average")
    length = period(fields, PERIOD) or PERIOD
    view = fields.choice("view", VIEWS, "timeSeries")
    region = fields.text("region", REGION)
    sides = fields.inside("yAxis")
    left, right = axis(sides.inside("left")), axis(sides.inside("right"))
    sides.close()
    notes = fields.inside("annotations")
    alarm = annotating.alarm(notes)
    horizontal, vertical = annotating.horizontal(notes), annotating.vertical(notes)
    notes.close()
    metrics = read_metrics(fields, stat, length)
    if alarm is not None and fields.has("metrics"):
        fields.error("annotations", "cannot have an alarm beside metrics")
    if not fields.has("metrics") and not fields.has("annotations"):
        fields.messages.error(fields.path, "needs metrics, or annotations with an alarm")
    if view == "gauge" and None in (left.low, left.high):
        fields.messages.error(fields.path, "a gauge needs yAxis with left.min and left.max")
    if region != REGION:
        fields.messages.warn(f"{fields.path}/region", f"{region} is not simulated: no data")
        metrics = ()
    table = fields.inside("table")
    shown = [item for _, item in table.items("summaryColumns")]
    time_series = table.boolean("showTimeSeriesData", True)
    table.close("layout", "stickySummary")
    made = MetricWidget(
        box=_NOWHERE,
        title=fields.text("title"),
        view=view,
        stacked=fields.boolean("stacked", False),
        metrics=metrics,
        alarm=alarm,
        period=length,
        left=left,
        right=right,
        horizontal=horizontal,
        vertical=vertical,
        sparkline=fields.boolean("sparkline", False),
        summaries=tuple(s for s in SUMMARIES if not table.has("summaryColumns") or s in shown),
        time_series=time_series,
    )
    fields.close("accountId", "legend", "liveData", "setPeriodToTimeRange", "timezone", "trend")
    return made


def _text(fields: Fields) -> Widget:
    made = TextWidget(
        box=_NOWHERE,
        markdown=fields.text("markdown", required=True),
        transparent=fields.choice("background", ("solid", "transparent"), "solid") == "transparent",
    )
    fields.close()
    return made


def _alarm(fields: Fields) -> Widget:
    if not fields.has("alarms"):
        fields.messages.error(fields.path, "needs alarms")
    arns = []
    for path, arn in fields.items("alarms", 1, MOST_ALARMS):
        if isinstance(arn, str) and arn.startswith("arn:"):
            arns.append(arn)
        else:
            fields.messages.error(path, f"must be the ARN of an alarm, not {kind(arn)}")
    states = []
    for path, state in fields.items("states"):
        if state in tuple(AlarmState):
            states.append(AlarmState(state))
        else:
            known = ", ".join(AlarmState)
            fields.messages.error(path, f"must be one of {known}, not {kind(state)}")
    made = AlarmWidget(
        box=_NOWHERE,
        title=fields.text("title"),
        alarms=tuple(arns),
        sort_by=fields.choice("sortBy", SORTS, "default"),
        states=tuple(states),
    )
    fields.close()
    return made


def _other(name: str) -> Callable[[Fields], Widget]:
    def read(fields: Fields) -> Widget:
        return OtherWidget(box=_NOWHERE, kind=name, title=fields.text("title"))

    return read


_KINDS: dict[str, Callable[[Fields], Widget]] = {
    "metric": _metric,
    "text": _text,
    "alarm": _alarm,
    "log": _other("log"),
    "explorer": _other("explorer"),
    "custom": _other("custom"),
}
"""How the properties of each type of widget are read."""

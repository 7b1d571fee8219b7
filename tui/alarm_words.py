"""An alarm in words: what DescribeAlarms shows of it, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from model.cloudwatch.alarms import AlarmState, MetricAlarm
from model.cloudwatch.composites import CompositeAlarm
from model.world import World
from tui.views import actions_enabled
from tui.workbench import period_label

Line = tuple[str, str]
"""What is told, and how it is."""

MISSING = {
    "missing": "missing: with no data at all, INSUFFICIENT_DATA",
    "ignore": "ignore: the state is kept",
    "breaching": "breaching: treated as over the threshold",
    "notBreaching": "notBreaching: treated as within the threshold",
}


def describe(world: World, alarm_id: str) -> tuple[Line, ...]:
    """Everything about the configuration of an alarm."""
    composite = world.cloudwatch.composites.records.get(alarm_id)
    lines: list[Line] = []
    if composite is not None:
        lines += _composite(composite.alarm)
        arn = composite.alarm.arn
        actions = {state: composite.alarm.actions(state) for state in AlarmState}
    else:
        alarm = world.cloudwatch.alarms[alarm_id].alarm
        lines += _metric(alarm)
        arn = alarm.arn
        actions = {state: alarm.actions(state) for state in AlarmState}
    enabled = actions_enabled(world, alarm_id)
    lines.append(("actions", "enabled" if enabled else "DISABLED: states change, nothing is run"))
    for state, named in actions.items():
        for action in named:
            lines.append((f"on {state}", _action(world, action)))
    if not any(actions.values()):
        lines.append(("on any state", "no action"))
    lines.append(("ARN", arn))
    return tuple(lines)


def _metric(alarm: MetricAlarm) -> Iterator[Line]:
    yield "condition", alarm.sentence
    if alarm.owner is not None:
        yield "made by", f"scaling policy {alarm.owner}"
    if alarm.description:
        yield "description", alarm.description
    if alarm.metric is not None:
        yield "metric", f"{alarm.metric.namespace}  {alarm.metric.name}"
        for name, value in alarm.metric.dimensions:
            yield f"  {name}", value
        yield "statistic", alarm.statistic
    for query in alarm.queries:
        stat = query.metric_stat
        what = query.expression or ""
        if stat is not None:
            pairs = " ".join(value for _, value in stat.metric.dimensions)
            what = f"{stat.stat} of {stat.metric.namespace} {stat.metric.name} {pairs}"
        yield f"  {query.id}", " ".join(what.split()) + ("  (watched)" if query.return_data else "")
    yield "period", period_label(alarm.period)
    yield "datapoints", f"{alarm.needed} out of {alarm.evaluation_periods}"
    yield "missing data", MISSING[alarm.treat_missing_data.value]
    if alarm.ignore_low_samples:
        yield "few samples", "ignored: the state is kept"


def _composite(alarm: CompositeAlarm) -> Iterator[Line]:
    yield "rule", " ".join(alarm.alarm_rule.split())
    if alarm.alarm_description:
        yield "description", alarm.alarm_description
    if alarm.actions_suppressor is not None:
        yield "suppressor", alarm.actions_suppressor
        wait, extension = (
            alarm.actions_suppressor_wait_period,
            alarm.actions_suppressor_extension_period,
        )
        yield "  waits", f"{wait} s for it, {extension} s after it"


def _action(world: World, action: str) -> str:
    if action in world.sns.topics:
        return f"notify {action}"
    return f"scaling policy {action}"

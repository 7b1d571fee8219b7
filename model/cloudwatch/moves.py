"""What an operator does by the CloudWatch API."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Annotated, Any

from attrs import Attribute, field, frozen

from model.actions import Action, ActionError, move
from model.cloudwatch.alarms import AlarmState
from model.cloudwatch.data import MOST_DATA, MetricDatum
from model.fields import FieldError, length, refers_to

if TYPE_CHECKING:
    from model.world import World


def _reason_data(_: Any, attribute: Attribute[Any], value: str) -> None:
    try:
        data = json.loads(value or "{}")
    except ValueError:
        data = None
    values = data.get("recentDatapoints", []) if isinstance(data, dict) else None
    if not isinstance(values, list) or not all(map(_is_number, values)):
        example = '{"recentDatapoints": [90.0]}'
        raise FieldError(attribute, f"must be JSON such as {example}, not {value!r}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


AnyAlarm = Annotated[str, refers_to("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")]


@frozen(kw_only=True)
class SetAlarmState:
    alarm_name: AnyAlarm
    state_value: AlarmState
    state_reason: str = field(default="Set by hand", validator=length(0, 1023))
    state_reason_data: str = field(default="", validator=[length(0, 4000), _reason_data])
    """JSON, whose recentDatapoints are what a scaling policy goes by."""


@move("cloudwatch:SetAlarmState", SetAlarmState)
def set_alarm_state(world: World, action: Action) -> None:
    """Put an alarm into a state, with its actions, until its next evaluation."""
    wanted = action.parameters
    composites = world.cloudwatch.composites
    if wanted.alarm_name in composites.records:
        composite = composites.records[wanted.alarm_name]
        composites.set_state(composite, wanted.state_value, wanted.state_reason)
        return
    if wanted.alarm_name not in world.cloudwatch.alarms:
        raise ActionError(f"there is no alarm named {wanted.alarm_name}")
    world.cloudwatch.set_alarm_state(
        wanted.alarm_name, wanted.state_value, wanted.state_reason, wanted.state_reason_data
    )


def _namespace(_: Any, attribute: Attribute[Any], value: str) -> None:
    if value.startswith(("AWS/", ":")):
        raise FieldError(attribute, f"must not begin with AWS/ or a colon, as {value!r} does")


@frozen(kw_only=True)
class PutMetricData:
    namespace: str = field(validator=[length(1, 255), _namespace])
    metric_data: tuple[MetricDatum, ...] = field(validator=length(1, MOST_DATA))


@move("cloudwatch:PutMetricData", PutMetricData)
def put_metric_data(world: World, action: Action) -> None:
    """Report values of custom metrics, as of now."""
    wanted: PutMetricData = action.parameters
    for datum in wanted.metric_data:
        world.cloudwatch.put(
            datum.key(wanted.namespace),
            datum.unit,
            world.now,
            datum.point,
            float(datum.storage_resolution),
        )


@frozen(kw_only=True)
class AlarmNames:
    alarm_names: tuple[AnyAlarm, ...] = field(validator=length(1, 100))


@move("cloudwatch:EnableAlarmActions", AlarmNames)
def enable_alarm_actions(world: World, action: Action) -> None:
    """Have alarms run their actions again."""
    _enable(world, action, enabled=True)


@move("cloudwatch:DisableAlarmActions", AlarmNames)
def disable_alarm_actions(world: World, action: Action) -> None:
    """Keep alarms from running their actions; their states go on changing."""
    _enable(world, action, enabled=False)


def _enable(world: World, action: Action, *, enabled: bool) -> None:
    for name in _known(world, action.parameters):
        world.cloudwatch.enable_actions(name, enabled=enabled)


@move("cloudwatch:DeleteAlarms", AlarmNames)
def delete_alarms(world: World, action: Action) -> None:
    """Delete alarms; a composite alarm whose rule names one takes it to be without data."""
    for name in _known(world, action.parameters):
        world.cloudwatch.delete_alarm(name)


def _known(world: World, wanted: AlarmNames) -> tuple[str, ...]:
    """The alarms that names mean. Raises `ActionError` if one is not there."""
    known = {*world.cloudwatch.alarms, *world.cloudwatch.composites.records}
    for name in wanted.alarm_names:
        if name not in known:
            raise ActionError(f"there is no alarm named {name}", "ResourceNotFound")
    return wanted.alarm_names

"""What an operator does by the CloudWatch API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from attrs import field, frozen

from model.actions import Action, ActionError, move
from model.cloudwatch.alarms import AlarmState
from model.fields import length, refers_to

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class SetAlarmState:
    alarm_name: Annotated[str, refers_to("AWS::CloudWatch::Alarm")]
    state_value: AlarmState
    state_reason: str = field(default="Set by hand", validator=length(0, 1023))
    state_reason_data: str = field(default="", validator=length(0, 4000))


@move("cloudwatch:SetAlarmState", SetAlarmState)
def set_alarm_state(world: World, action: Action) -> None:
    """Put an alarm into a state, with its actions, until its next evaluation."""
    wanted = action.parameters
    if wanted.alarm_name not in world.cloudwatch.alarms:
        raise ActionError(f"there is no alarm named {wanted.alarm_name}")
    world.cloudwatch.set_alarm_state(
        wanted.alarm_name, wanted.state_value, wanted.state_reason, wanted.state_reason_data
    )

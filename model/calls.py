"""Calls of AWS's APIs, and faults: whoever makes them, they are carried out here.

Operators and timelines make them at their own moments; functions, rules and alarms make them of
themselves, under names of their own in the record of calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.actions import REGISTER, Action, ActionError, api_call
from model.events.delivery import DeliveryError
from model.resources import ACCOUNT

if TYPE_CHECKING:
    from model.world import World

RULES = "AWSEventsActions/events"
ALARMS = "AWSServiceRoleForCloudWatchEvents/events"
"""Sessions in which calls are made."""


class Calls:
    """Carries out what is asked of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.refusal: ActionError | None = None
        """Why the last action of an operator or a timeline was refused, if it was."""

    def act(self, action: Action) -> None:
        """An operator, a timeline or a fault does something now; it is recorded."""
        world = self._world
        world.applied.append((world.now, action))
        self.refusal = self.carry_out(action)

    def carry_out(self, action: Action, caller: str = "") -> ActionError | None:
        """Do it now, and tell the bus who called; what is returned is why it was refused."""
        world, kind = self._world, REGISTER[action.name]
        refusal = None
        try:
            kind.handler(world, action)
        except ActionError as error:
            refusal = error
        if not kind.is_fault:
            world.bus.publish(*api_call(action, refusal, caller))
        elif refusal is not None:
            world.faults.fail(action, refusal)
        return refusal

    def for_function(self, action: Action, function: str) -> ActionError | None:
        """A function that an event invoked does something, in a session of its role."""
        return self.carry_out(action, _caller(f"{function}/{function}"))

    def for_rule(self, name: str, instance: str) -> None:
        """A rule whose target is a call of the EC2 API makes it."""
        self._of_ec2(name, instance, RULES)

    def for_alarm(self, done: str, instance: str) -> None:
        """An alarm acts on the instance that its metric is about. Recovering one looks as a reboot
        does from within; it is nobody's call of the API."""
        if done != "recover":
            self._of_ec2(f"ec2:{done.capitalize()}Instances", instance, ALARMS)
            return
        ec2 = self._world.ec2
        name = ec2.id_of(instance)
        if name not in ec2.instances:
            message = f"The instance ID '{name}' does not exist"
            raise DeliveryError("InvalidInstanceID.NotFound", message)
        ec2.reboot_instances(name)

    def _of_ec2(self, name: str, instance: str, session: str) -> None:
        """A service makes a call of the EC2 API. Raises `DeliveryError` if it is refused."""
        parameters = REGISTER[name].parameters(instance_ids=(instance,))
        refusal = self.carry_out(Action(name=name, parameters=parameters), _caller(session))
        if refusal is not None:
            raise DeliveryError(refusal.code, str(refusal))


def _caller(session: str) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{session}"

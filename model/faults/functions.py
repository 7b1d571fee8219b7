"""Faults of AWS FIS on Lambda functions ("AWS FIS Actions reference: AWS Lambda actions")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import Attribute, field, frozen

from model.actions import Action, fault
from model.ec2.effects import Effect
from model.faults.active import ActiveFault
from model.fields import FieldError, between

if TYPE_CHECKING:
    from model.world import World

FUNCTIONS = frozenset({"Functions"})
"""What faults of functions can be aimed at."""


@frozen(kw_only=True)
class AddDelay:
    """Parameters of `aws:lambda:invocation-add-delay`."""

    startup_delay_milliseconds: int = field(default=2000, validator=between(0, 900_000))
    invocation_percentage: int = field(default=100)

    @invocation_percentage.validator
    def _all(self, attribute: Attribute[int], value: int) -> None:
        if value != 100:
            message = f"a delay of only a part ({value} %) is not simulated; leave it at 100"
            raise FieldError(attribute, message)


@frozen(kw_only=True)
class InvocationError:
    """Parameters of `aws:lambda:invocation-error`."""

    prevent_execution: bool
    """Whether the function's own code is not run at all."""
    invocation_percentage: int = field(default=100, validator=between(1, 100))


@fault("aws:lambda:invocation-add-delay", AddDelay, targets=FUNCTIONS)
def add_delay(world: World, action: Action) -> None:
    """Have functions start late; the delay counts towards their time-out."""
    _begin(world, action, Effect(latency=action.parameters.startup_delay_milliseconds / 1000))


@fault("aws:lambda:invocation-error", InvocationError, targets=FUNCTIONS)
def invocation_error(world: World, action: Action) -> None:
    """Have a share of the invocations fail."""
    _begin(world, action, Effect(error_rate=action.parameters.invocation_percentage / 100))


def _begin(world: World, action: Action, effect: Effect) -> None:
    name = world.faults.name(action)
    world.faults.begin(ActiveFault(id=name, action=action, began=world.now, effect=effect))

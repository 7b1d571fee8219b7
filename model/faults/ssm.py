"""Faults that AWS FIS injects by running an SSM document on instances (`aws:ssm:send-command`).

Of AWS's own documents, these three are simulated; `documentParameters` are theirs. FIS chooses the
instances when the action begins: those that come later are spared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field, frozen

from model.actions import Action, ActionError, fault
from model.ec2.effects import Effect
from model.ec2.instances import Instance
from model.faults.active import ActiveFault
from model.faults.instances import INSTANCES

if TYPE_CHECKING:
    from model.world import World

DOCUMENTS = ("AWSFIS-Run-CPU-Stress", "AWSFIS-Run-Network-Latency", "AWSFIS-Run-Kill-Process")


def _short(arn: str) -> str:
    """The document's name: `arn:aws:ssm:us-east-1::document/NAME` is NAME."""
    return arn.rsplit("/", 1)[-1]


def _known(_: object, __: object, value: str) -> None:
    if _short(value) not in DOCUMENTS:
        raise ValueError(f"{_short(value)} is not simulated; these are: {', '.join(DOCUMENTS)}")


def _mapping(value: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    try:
        parsed = json.loads(value) if value else {}
    except json.JSONDecodeError as error:
        raise ValueError(f"documentParameters are not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ValueError('documentParameters are a JSON object, such as {"LoadPercent": 90}')
    return parsed


@frozen(kw_only=True)
class SendCommand:
    """Parameters of the action."""

    document_arn: str = field(validator=_known)
    """The ARN or the name of the document."""
    document_parameters: Any = field(factory=dict, converter=_mapping)
    """The document's parameters: a mapping, or JSON text as FIS takes it."""

    @document_parameters.validator
    def _numbers(self, _: object, value: Mapping[str, Any]) -> None:
        if not 0 <= number(value, "LoadPercent", 0.0) <= 100:
            raise ValueError("LoadPercent must be from 0 to 100")
        for name in ("DelayMilliseconds", "DurationSeconds"):
            if number(value, name, 0.0) < 0:
                raise ValueError(f"{name} must be at least 0")


def number(parameters: Mapping[str, Any], name: str, default: float) -> float:
    """A document parameter that must be a number, also written as text."""
    try:
        return float(parameters.get(name, default))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be a number, not {parameters[name]!r}") from error


@define(eq=False, kw_only=True)
class Command(ActiveFault):
    """A document at work on the instances it was sent to."""

    def launched(self, world: World, instance: Instance) -> None:
        """Only the instances chosen at the beginning run the document."""


@define(eq=False, kw_only=True)
class KilledProcess(Command):
    """A service that was killed; whoever watches over it starts it when the fault ends."""

    def touch(self, world: World, instance: Instance) -> None:
        self.touched.append(instance)
        world.ec2.stop_service(instance, self.concerned(instance))

    def finish(self, world: World) -> None:
        for instance in self.touched:
            killed_again = {
                name
                for other in world.faults.active.values()
                if isinstance(other, KilledProcess) and instance in other.touched
                for name in other.concerned(instance)
            }
            down = set(self.concerned(instance)) - instance.listening - killed_again
            if down:
                world.ec2.start_service(instance, down)


@fault("aws:ssm:send-command", SendCommand, targets=INSTANCES)
def send_command(world: World, action: Action) -> None:
    """Run AWSFIS-Run-CPU-Stress, -Network-Latency or -Kill-Process on instances."""
    parameters: SendCommand = action.parameters
    given = parameters.document_parameters
    name = world.faults.name(action)
    if action.duration is None and "DurationSeconds" in given:
        action = evolve(action, duration=number(given, "DurationSeconds", 0.0))
    match _short(parameters.document_arn):
        case "AWSFIS-Run-CPU-Stress":
            effect = Effect(cpu_burnt=number(given, "LoadPercent", 100.0) / 100)
        case "AWSFIS-Run-Network-Latency":
            effect = Effect(latency=number(given, "DelayMilliseconds", 200.0) / 1000)
        case "AWSFIS-Run-Kill-Process":
            killed = KilledProcess(id=name, action=action, began=world.now)
            world.faults.begin(killed)
            return
        case unknown:
            raise ActionError(f"the document {unknown} is not simulated")
    world.faults.begin(Command(id=name, action=action, began=world.now, effect=effect))

"""Faults of the world outside: more (or fewer) clients than planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from model.actions import Action, ActionError, fault
from model.ec2.instances import Instance
from model.faults.active import ActiveFault
from model.fields import above, at_least
from model.traffic.sender import Sender

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class TrafficSpike:
    """Parameters of `spillover:traffic-spike`."""

    requests_per_second: float = field(validator=above(0))
    """How much comes on top of each source's own rate."""
    source: str | None = None
    """The name of one source under `traffic:`; all of them if none is named."""


@frozen(kw_only=True)
class TrafficFactor:
    """Parameters of `spillover:traffic-factor`."""

    factor: float = field(validator=at_least(0))
    """What each source's own rate is multiplied by."""
    source: str | None = None
    """The name of one source under `traffic:`; all of them if none is named."""


@define(eq=False, kw_only=True)
class ChangedTraffic(ActiveFault):
    """Sources that send more or fewer requests than by themselves."""

    senders: list[Sender] = field(factory=list)

    def begin(self, world: World) -> None:
        parameters: Any = self.action.parameters
        self.senders = [
            sender for sender in world.senders if parameters.source in (None, sender.source.name)
        ]
        if not self.senders:
            raise ActionError(f"there is no traffic named {parameters.source}")
        for sender in self.senders:
            if isinstance(parameters, TrafficSpike):
                sender.extra[self.id] = parameters.requests_per_second
            else:
                sender.factors[self.id] = parameters.factor

    def launched(self, world: World, instance: Instance) -> None:
        """It is aimed at sources, not at instances."""

    def finish(self, world: World) -> None:
        for sender in self.senders:
            sender.extra.pop(self.id, None)
            sender.factors.pop(self.id, None)


@fault("spillover:traffic-spike", TrafficSpike, targets=set())
def traffic_spike(world: World, action: Action) -> None:
    """Send so many more requests per second while it lasts."""
    _begin(world, action)


@fault("spillover:traffic-factor", TrafficFactor, targets=set())
def traffic_factor(world: World, action: Action) -> None:
    """Multiply the traffic by a factor while it lasts."""
    _begin(world, action)


def _begin(world: World, action: Action) -> None:
    name = world.faults.name(action)
    world.faults.begin(ChangedTraffic(id=name, action=action, began=world.now))

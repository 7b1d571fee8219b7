"""Faults of the world outside: more (or fewer) clients than planned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from model.actions import Action, ActionError, fault
from model.ec2.instances import Instance
from model.elb.inflow import Inflow
from model.faults.active import ActiveFault
from model.fields import above, at_least

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

    inflows: list[Inflow] = field(factory=list)

    def begin(self, world: World) -> None:
        parameters: Any = self.action.parameters
        self.inflows = [
            inflow
            for balancer in world.elb.balancers.values()
            for inflow in balancer.inflows
            if parameters.source in (None, inflow.source.name)
        ]
        if not self.inflows:
            raise ActionError(f"there is no traffic named {parameters.source}")
        for inflow in self.inflows:
            if isinstance(parameters, TrafficSpike):
                inflow.extra[self.id] = parameters.requests_per_second
            else:
                inflow.factors[self.id] = parameters.factor

    def launched(self, world: World, instance: Instance) -> None:
        """It is aimed at sources, not at instances."""

    def finish(self, world: World) -> None:
        for inflow in self.inflows:
            inflow.extra.pop(self.id, None)
            inflow.factors.pop(self.id, None)


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

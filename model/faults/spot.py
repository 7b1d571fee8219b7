"""Faults of Spot instances: EC2 takes some back, or the market changes.

Source: AWS FIS Actions reference (`aws:ec2:send-spot-instance-interruptions`). FIS has nothing for
prices and spare capacity, hence `spillover:spot-market`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from model.actions import Action, ActionError, fault
from model.ec2.instances import Instance
from model.ec2.spot import NOTICE_SECONDS, PoolTerms
from model.faults.active import ActiveFault, select
from model.faults.instances import INSTANCES
from model.fields import above, at_least, between

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class SpotInterruptions:
    """Parameters of the action of FIS."""

    duration_before_interruption: float = field(
        default=NOTICE_SECONDS, validator=between(120, 900), metadata={"duration": True}
    )
    """Seconds from the rebalance recommendation until the instance is interrupted: the notice comes
    two minutes before that."""


@frozen(kw_only=True)
class SpotChange:
    """Parameters of `spillover:spot-market`; what is not given stays as it is."""

    types: tuple[str, ...] = ()
    """Names of instance types, `*` for anything; none: all types."""
    price: float | None = field(default=None, validator=above(0))
    """Share of the On-Demand price."""
    interruptions_per_hour: float | None = field(default=None, validator=between(0, 60))
    capacity: int | None = field(default=None, validator=at_least(0))


@define(eq=False, kw_only=True)
class ChangedMarket(ActiveFault):
    """Pools are different while the fault lasts."""

    def begin(self, world: World) -> None:
        wanted: SpotChange = self.action.parameters
        change = PoolTerms(
            types=wanted.types,
            zones=self.action.targets.zones,
            price=wanted.price,
            interruptions_per_hour=wanted.interruptions_per_hour,
            capacity=wanted.capacity,
        )
        world.ec2.spot.change(self.id, change)

    def finish(self, world: World) -> None:
        world.ec2.spot.change(self.id, None)

    def launched(self, world: World, instance: Instance) -> None:
        """It is aimed at pools, not at instances."""


@fault(
    "aws:ec2:send-spot-instance-interruptions", SpotInterruptions, targets=INSTANCES, lasts=False
)
def send_spot_instance_interruptions(world: World, action: Action) -> None:
    """Interrupt Spot instances: a rebalance recommendation, notice two minutes ahead, the end."""
    name = world.faults.name(action)
    chosen = select(world, action, name, lambda instance: instance.spot)
    if not chosen:
        raise ActionError(f"{action.name} finds no Spot instance among its targets")
    world.faults.note(action, name, chosen)
    lead = action.parameters.duration_before_interruption - NOTICE_SECONDS
    for instance in chosen:
        world.ec2.spot.interrupt(instance.id, lead)


@fault("spillover:spot-market", SpotChange, targets={"zones"})
def spot_market(world: World, action: Action) -> None:
    """Change the price, the spare capacity or the risk of Spot pools in some zones."""
    name = world.faults.name(action)
    world.faults.begin(ChangedMarket(id=name, action=action, began=world.now))

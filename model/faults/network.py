"""The network fault of AWS FIS: subnets or a whole zone lose their connectivity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field, frozen

from model.actions import Action, fault
from model.ec2.effects import Effect
from model.ec2.resources import Subnet
from model.faults.active import ActiveFault
from model.faults.health import tell_health
from model.fields import not_simulated, one_of

if TYPE_CHECKING:
    from model.world import World


@frozen(kw_only=True)
class DisruptConnectivity:
    """Parameters of the action."""

    scope: str = field(
        default="all",
        validator=[
            not_simulated(**dict.fromkeys(("availability-zone", "vpc"), "only all traffic is cut")),
            one_of("all"),
        ],
    )
    """What is cut: everything."""


@define(eq=False, kw_only=True)
class DarkNetwork(ActiveFault):
    """Instances there are unreachable, and so are the load balancers' nodes there."""

    def begin(self, world: World) -> None:
        super().begin(world)
        for zone in self.action.targets.zones:
            world.autoscaling.impaired[zone] = world.autoscaling.impaired.get(zone, 0) + 1
            tell_health(world, self.id, zone, self.began, closed=False)
        self._set_nodes(world)

    def finish(self, world: World) -> None:
        super().finish(world)
        for zone in self.action.targets.zones:
            world.autoscaling.impaired[zone] -= 1
            tell_health(world, self.id, zone, self.began, closed=True)
        self._set_nodes(world, without=self)

    def _set_nodes(self, world: World, without: ActiveFault | None = None) -> None:
        others = [
            fault
            for fault in (*world.faults.active.values(), self)
            if isinstance(fault, DarkNetwork) and fault is not without
        ]
        for balancer in world.elb.balancers.values():
            for node in balancer.nodes.values():
                dark = any(fault.holds(world, node.zone, node.subnet) for fault in others)
                balancer.set_dark(node.zone, dark)

    def holds(self, world: World, zone: str, subnet: str) -> bool:
        """Whether a subnet lies in the dark."""
        targets = self.action.targets
        place = world.stack.resources[subnet]
        assert isinstance(place, Subnet)
        return (not targets.zones or zone in targets.zones) and (
            not targets.subnets or place.logical_id in targets.subnets
        )


@fault("aws:network:disrupt-connectivity", DisruptConnectivity, targets={"zones", "Subnets"})
def disrupt_connectivity(world: World, action: Action) -> None:
    """Cut the network of subnets, or of a zone with all its subnets and balancer nodes."""
    name = world.faults.name(action)
    whole_zone = bool(action.targets.zones)
    effect = Effect(unreachable=True, host_impaired=whole_zone)
    world.faults.begin(DarkNetwork(id=name, action=action, began=world.now, effect=effect))

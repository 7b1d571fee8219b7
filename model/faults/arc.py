"""The fault of AWS FIS on zonal shifts: an autoshift, as AWS starts one when a zone seems ill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import define, field

from model.actions import Action, ActionError, fault
from model.ec2.instances import Instance
from model.elb import zonal_shift
from model.elb.zonal_shift import ZonalShift
from model.faults.active import ActiveFault

if TYPE_CHECKING:
    from model.world import World


@define(eq=False, kw_only=True)
class Autoshift(ActiveFault):
    """Traffic is led away from a zone, at every load balancer that takes part."""

    shifts: dict[str, ZonalShift] = field(factory=dict)
    """Those that it began, by load balancer."""

    def begin(self, world: World) -> None:
        (zone, *more) = self.action.targets.zones
        if more:
            raise ActionError("an autoshift leads traffic away from one zone")
        for balancer in world.elb.balancers.values():
            open_to_it = balancer.resource.zonal_shift and zone in balancer.nodes
            if open_to_it and balancer.id not in world.elb.shifts:
                zonal_shift.begin(world, balancer.id, zone, None)
                self.shifts[balancer.id] = world.elb.shifts[balancer.id]
                zonal_shift.tell(world, balancer.id, "FIS Experiment Autoshift In Progress", zone)
        if not self.shifts:
            raise ActionError(
                f"no load balancer takes part in zonal shifts away from {zone}: "
                "zonal_shift.config.enabled is false"
            )

    def launched(self, world: World, instance: Instance) -> None:
        """It is aimed at load balancers, not at instances."""

    def finish(self, world: World) -> None:
        for balancer, own in self.shifts.items():
            if world.elb.shifts.get(balancer) is own:
                zonal_shift.end(world, balancer)
                zonal_shift.tell(world, balancer, "FIS Experiment Autoshift Completed", own.zone)


@fault("aws:arc:start-zonal-autoshift", targets={"zones"})
def start_zonal_autoshift(world: World, action: Action) -> None:
    """Lead the traffic of all load balancers that take part away from a zone."""
    name = world.faults.name(action)
    world.faults.begin(Autoshift(id=name, action=action, began=world.now))

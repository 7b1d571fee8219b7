"""Zonal shift: traffic is led away from a zone for a time.

Source: "Zonal shift for your Application Load Balancer". The zone's addresses leave DNS, and with
cross-zone load balancing no node sends new requests to targets there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from attrs import Attribute, define, field, frozen

from model.actions import Action, ActionError, move
from model.clock import HOUR, MINUTE, Event, Phase
from model.fields import FieldError, refers_to
from model.resources import ZONES

if TYPE_CHECKING:
    from model.world import World

LONGEST = 72 * HOUR
"""Seconds that a shift lasts at most; it can be started again."""


@define(eq=False)
class ZonalShift:
    """One shift at work."""

    zone: str
    ending: Event | None = None
    """When it ends by itself."""


def zone_of(name: str) -> str:
    """A zone by its name, or by an id such as use1-az1 (that of the zone `a`: which is which
    differs from account to account)."""
    found = re.fullmatch(r"use1-az([1-6])", name)
    return ZONES[int(found[1]) - 1] if found else name


@frozen(kw_only=True)
class StartZonalShift:
    resource_identifier: Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::LoadBalancer")]
    away_from: str = field()
    expires_in: str = field()
    comment: str = ""

    @away_from.validator
    def _zone(self, attribute: Attribute[str], value: str) -> None:
        if zone_of(value) not in ZONES:
            raise FieldError(attribute, f"must be a zone such as us-east-1a, not {value!r}")

    @expires_in.validator
    def _expiry(self, attribute: Attribute[str], value: str) -> None:
        if not 0 < self.seconds <= LONGEST:
            raise FieldError(attribute, f"must be from 1m to 72h, such as 20m or 2h: {value!r}")

    @property
    def seconds(self) -> float:
        """How long it lasts; 0: the text means nothing."""
        found = re.fullmatch(r"([1-9][0-9]{0,5})([mh])", self.expires_in)
        return float(found[1]) * (MINUTE if found[2] == "m" else HOUR) if found else 0.0


@frozen(kw_only=True)
class CancelZonalShift:
    resource_identifier: Annotated[str, refers_to("AWS::ElasticLoadBalancingV2::LoadBalancer")]


@move("arc-zonal-shift:StartZonalShift", StartZonalShift)
def start_zonal_shift(world: World, action: Action) -> None:
    """Lead a load balancer's traffic away from a zone."""
    wanted: StartZonalShift = action.parameters
    zone = zone_of(wanted.away_from)
    begin(world, wanted.resource_identifier, zone, wanted.seconds)
    tell(world, wanted.resource_identifier, "Manual Shift Started", zone)


@move("arc-zonal-shift:CancelZonalShift", CancelZonalShift)
def cancel_zonal_shift(world: World, action: Action) -> None:
    """Let a load balancer's traffic return to the zone that it was led away from."""
    balancer = action.parameters.resource_identifier
    if balancer not in world.elb.shifts:
        raise ActionError(f"no zonal shift of {balancer} is active", "ResourceNotFoundException")
    zone = world.elb.shifts[balancer].zone
    end(world, balancer)
    tell(world, balancer, "Manual Shift Canceled", zone)


def begin(world: World, balancer: str, zone: str, seconds: float | None) -> None:
    """Start a shift; None: it is ended by somebody else."""
    state = world.elb.balancers[balancer]
    if not state.resource.zonal_shift:
        raise ActionError(
            f"{balancer} does not take part in zonal shifts: zonal_shift.config.enabled is false"
        )
    if balancer in world.elb.shifts:
        raise ActionError(f"a zonal shift of {balancer} is active already", "ConflictException")
    if zone not in state.nodes:
        raise ActionError(f"{balancer} is not enabled in {zone}")
    shift = world.elb.shifts[balancer] = ZonalShift(zone)
    if seconds is not None:
        shift.ending = world.schedule.after(seconds, Phase.CHANGE, end, world, balancer)
    state.shift(zone, away=True)


def end(world: World, balancer: str) -> None:
    """Let traffic return."""
    shift = world.elb.shifts.pop(balancer)
    if shift.ending is not None:
        shift.ending.cancel()
    world.elb.balancers[balancer].shift(shift.zone, away=False)


def tell(world: World, balancer: str, detail_type: str, zone: str) -> None:
    """Tell that traffic is led away from a zone, or returns ("Using zonal autoshift with Amazon
    EventBridge"); the zone is named by its id, as ARC has it."""
    arns = (world.stack.resources[balancer].identity.ref,)
    metadata = {"awayFrom": f"use1-az{ZONES.index(zone) + 1}", "notes": ""}
    detail = {"version": "0.0.1", "data": "", "metadata": metadata}
    world.bus.publish("aws.arc-zonal-shift", detail_type, arns, detail)

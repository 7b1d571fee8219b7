"""What a load balancer is used for minute by minute, in capacity units (see `units.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import add

from attrs import define, field, frozen

from model.clock import HOUR, MINUTE
from model.elb.load_balancer import LoadBalancerState
from model.elb.routing import Route
from model.elb.tallies import Settlement
from model.elb.units import (
    BYTES_AN_HOUR,
    FUNCTION_BYTES_AN_HOUR,
    NETWORK_UNITS,
    capacity_units,
    demand,
)
from model.traffic.source import Source


@frozen(eq=False)
class Use:
    """What a load balancer was used for in a minute."""

    new: float
    """Connections that clients opened."""
    active: float
    """Connections open at a time, between clients and nodes and between nodes and targets."""
    bytes: float
    shares: Mapping[str, float]
    """How all of that falls to the nodes, by zone."""
    dimensions: tuple[float, ...]
    """Capacity units of new connections, of active ones, of bytes and of rule evaluations."""
    reserved: float = 0.0
    """Capacity units that are reserved: paid for even if they are not used."""
    function_bytes: float = 0.0
    """Those of `bytes` that Lambda functions were sent or answered."""
    flows: Mapping[str, float] = field(factory=dict)
    """Flows that came to a Network Load Balancer, by the listener's protocol."""

    @property
    def units(self) -> float:
        """The capacity units that are used: those of the dimension used most."""
        return max(self.dimensions)


@define(eq=False)
class Meter:
    """Measures the use of one load balancer minute by minute."""

    balancer: LoadBalancerState
    _sources: list[float] = field(factory=list)
    """The last reading of what each source sent."""
    _zones: dict[str, float] = field(factory=dict)
    """The last reading of what reached the node of each zone."""
    _hour: int = 0
    _units: list[float] = field(factory=lambda: [0.0] * 4)
    """The capacity units of each dimension in this hour, summed over minutes."""
    _reserved: float = 0.0
    """The same of the reserved ones."""
    processed: float = 0.0
    """Bytes since the scenario's start."""
    _paid: float = 0.0
    """LCU-minutes of the hours before."""

    def read(self, start: float, requests: Settlement) -> Use:
        """What the minute from `start` brought, in which these requests were counted."""
        balancer, matched = self.balancer, requests.matched
        new_ones = len(balancer.inflows) - len(self._sources)
        before = [*self._sources, *[0.0] * new_ones]
        self._sources = [inflow.reached for inflow in balancer.inflows]
        rates = [
            (inflow.source, inflow.clients(start, start + MINUTE), (inflow.reached - then) / MINUTE)
            for inflow, then in zip(balancer.inflows, before, strict=True)
        ]
        new, active, volume = demand(rates, balancer.idle_timeout, balancer.keep_alive)
        if balancer.resource.kind == "network":
            return self._read_flows(start, matched, volume)
        invoked = self._invoked(rates, requests) if balancer.invokes else 0.0
        paid = float(sum([route.paid_rules * number for route, number in matched.items()]))
        dear = invoked * (BYTES_AN_HOUR / FUNCTION_BYTES_AN_HOUR - 1)
        units = capacity_units(new, active, volume + dear, paid / MINUTE)
        reserved = balancer.growth.reserved
        self._count(start, units, reserved)
        if start >= 0.0:
            self.processed += volume * MINUTE
        inside = active + balancer.in_flight
        brought = new * MINUTE, inside, volume * MINUTE
        return Use(*brought, self._shares(), units, reserved, function_bytes=invoked * MINUTE)

    def _invoked(self, rates: Iterable[tuple[Source, float, float]], requests: Settlement) -> float:
        """Bytes per second that Lambda functions are sent or answer."""
        ran = _ran(self.balancer, requests)
        return sum(
            rate
            * (source.request_size + source.response_size)
            * self.balancer.invoked_share(inflow, ran)
            for inflow, (source, _, rate) in zip(self.balancer.inflows, rates, strict=True)
        )

    def _read_flows(self, start: float, matched: Mapping[Route, int], volume: float) -> Use:
        """The same of a Network Load Balancer; units of several protocols add up."""
        protocols = {item.logical_id: item.protocol for item in self.balancer.listeners.values()}
        flows: dict[str, float] = {}
        for route, number in matched.items():
            protocol = protocols[route.listener]
            flows[protocol] = flows.get(protocol, 0.0) + number
        active = self.balancer.in_flight + self.balancer.beyond()
        new = float(sum(flows.values()))
        opened = held = 0.0
        for protocol, came in flows.items():
            per_second, at_a_time = NETWORK_UNITS[protocol]
            opened += came / MINUTE / per_second
            held += active * came / new / at_a_time
        units = opened, held, volume * HOUR / BYTES_AN_HOUR, 0.0
        self._count(start, units, 0.0)
        return Use(new, active, volume * MINUTE, self._shares(), units, flows=flows)

    def _shares(self) -> dict[str, float]:
        """How what came since the last reading falls to the zones."""
        reached = self.balancer.reached
        before, self._zones = self._zones, dict(reached)
        came = {zone: amount - before.get(zone, 0.0) for zone, amount in reached.items()}
        whole = sum(came.values())
        return {zone: amount / whole for zone, amount in came.items()} if whole > 0 else {}

    def _count(
        self, start: float, units: tuple[float, float, float, float], reserved: float
    ) -> None:
        if start < 0.0:
            return  # what was before the scenario is not billed
        if start // HOUR != self._hour:
            self._paid += self._due()
            self._hour, self._units = int(start // HOUR), [0.0] * 4
            self._reserved = 0.0
        self._reserved += reserved
        self._units = list(map(add, self._units, units))

    def unit_hours(self) -> float:
        """The LCU-hours to pay: of each hour those of the dimension that was used most."""
        return (self._paid + self._due()) * MINUTE / HOUR

    def _due(self) -> float:
        """LCU-minutes of this hour: what is reserved, or more if more is used."""
        return max(*self._units, self._reserved)


def _ran(balancer: LoadBalancerState, requests: Settlement) -> dict[str, float]:
    """The share of the requests to each target group with a Lambda function that it ran for: the
    others were throttled."""
    shares = {}
    for name, group in balancer.groups.items():
        if group.resource.invokes:
            outcomes = requests.tally(name).outcomes
            shares[name] = 1 - outcomes["refused"] / max(sum(outcomes.values()), 1)
    return shares
